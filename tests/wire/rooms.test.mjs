// What the video room shows of its rooms to whom.
import { strict as assert } from 'node:assert';
import test from 'node:test';
import { connect } from '../lib/api.mjs';
import { createRoom } from '../lib/calls.mjs';
import { IS_REFERENCE, withServer } from '../lib/server.mjs';

const PLUGIN = 'janus.plugin.videoroom';

async function listed(handle, extra = {}) {
	const { list } = await handle.message({ request: 'list', ...extra });
	return new Map(list.map((r) => [r.room, r]));
}

test('the list counts the participants of each room as they come and go', () => withServer({},
	async (server) => {
		const client = await connect(server, 'ws');
		const session = await client.createSession();
		const busy = await createRoom(session, { description: 'Busy \u20ac "room"\n' });
		const empty = await createRoom(session);
		const asking = await session.attach(PLUGIN);
		const before = (await listed(asking)).get(busy);
		assert.equal(before.num_participants, 0);
		assert.equal(before.description, 'Busy \u20ac "room"\n');
		const guests = [];
		for (let n = 1; n <= 2; n++) {
			guests.push(await session.attach(PLUGIN));
			await guests.at(-1).message({ request: 'join', ptype: 'publisher', room: busy });
			const now = await listed(asking);
			assert.deepEqual(now.get(busy), { ...before, num_participants: n });
			assert.equal(now.get(empty).num_participants, 0);
		}
		await guests[0].message({ request: 'leave' });
		assert.equal((await listed(asking)).get(busy).num_participants, 1);
		await guests[1].detach();
		assert.deepEqual((await listed(asking)).get(busy), before);
		await asking.message({ request: 'destroy', room: busy });
		assert.equal((await listed(asking)).has(busy), false);
		await client.close();
	}));

test('a private room is listed for the admin key alone', {
	skip: IS_REFERENCE && 'a configuration of our own',
}, () => withServer({ conf: { 'plugin.videoroom': { general: { admin_key: 'key' } } } },
	async (server) => {
		const client = await connect(server, 'ws');
		const session = await client.createSession();
		const room = await createRoom(session, { is_private: true, admin_key: 'key' });
		const handle = await session.attach(PLUGIN);
		assert.equal((await listed(handle)).has(room), false);
		assert.equal((await listed(handle, { admin_key: 'key' })).get(room).is_private, true);
		assert.equal((await listed(handle)).has(room), false);
		const refused = await handle.message({ request: 'list', admin_key: 'wrong' });
		assert.equal(refused.error_code, 433);
		await client.close();
	}));
