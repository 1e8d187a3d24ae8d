// What the video room shows of its rooms to whom, and what it takes of whom.
import { strict as assert } from 'node:assert';
import test from 'node:test';
import { connect } from '../lib/api.mjs';
import { createRoom } from '../lib/calls.mjs';
import { handmade, handmadeAnswer } from '../lib/handmade.mjs';
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

test('a participant who wants 0 gets an id of its own', () => withServer({}, async (server) => {
	const client = await connect(server, 'ws');
	const session = await client.createSession();
	const room = await createRoom(session);
	const ids = new Set([0]);
	for (let n = 1; n <= 3; n++) {
		const guest = await session.attach(PLUGIN);
		ids.add((await guest.message({ request: 'join', ptype: 'publisher', room, id: 0 })).id);
		assert.equal(ids.size, n + 1);
	}
	await client.close();
}));

test('who publishes nothing has no m-line to configure', () => withServer({}, async (server) => {
	const client = await connect(server, 'ws');
	const session = await client.createSession();
	const room = await createRoom(session);
	const guest = await session.attach(PLUGIN);
	await guest.message({ request: 'join', ptype: 'publisher', room });
	for (const said of [{ mid: '0', send: false }, { streams: [{ mid: '0', send: false }] }])
		assert.equal((await guest.message({ request: 'configure', ...said })).error_code, 428);
	assert.equal((await guest.message({ request: 'configure', audio: false })).configured, 'ok');
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

const AV = [{ kind: 'audio' }, { kind: 'video' }];
const ownOptions = { skip: IS_REFERENCE && 'differs from the captured version' };

/** Join and publish, without media. @return the handle */
async function publisher(session, room, id, jsep = {}) {
	const handle = await session.attach(PLUGIN);
	await handle.message({ request: 'join', ptype: 'publisher', room, id });
	const { configured } = await handle.message({ request: 'publish' },
		{ type: 'offer', sdp: handmade(AV), ...jsep });
	assert.equal(configured, 'ok');
	return handle;
}

/** Run @p body with a session and an empty room. */
const withRoom = (properties, body) => withServer({}, async (server) => {
	const client = await connect(server, 'ws');
	const session = await client.createSession();
	await body(session, await createRoom(session, properties));
	await client.close();
});

test('offers say what is encrypted end to end, and nothing else is mixed with it', ownOptions,
	() => withRoom({}, async (session, room) => {
		await publisher(session, room, 1, { e2ee: true });
		await publisher(session, room, 2);
		const join = { request: 'join', ptype: 'subscriber', room };
		const viewer = await session.attach(PLUGIN);
		const mixed = { ...join, streams: [{ feed: 1 }, { feed: 2 }] };
		assert.equal((await viewer.message(mixed)).error_code, 438);
		const attached = await viewer.message({ ...join, streams: [{ feed: 1 }] });
		assert.equal(attached.jsep.e2ee, true);
		await viewer.message({ request: 'start' }, { type: 'answer', sdp: handmadeAnswer(attached.jsep.sdp), e2ee: true });
		const streams = [{ feed: 2, mid: '0', sub_mid: '0' }];
		for (const body of [{ request: 'subscribe', streams }, { request: 'switch', streams },
			{ request: 'update', subscribe: streams, unsubscribe: [{ feed: 1 }] }])
			assert.equal((await viewer.message(body)).error_code, 438);
		const again = await viewer.message({ request: 'subscribe', streams: [{ feed: 1, mid: '0' }] });
		assert.equal(again.jsep.e2ee, true);
		assert.deepEqual(again.streams.map((s) => s.feed_id), [1, 1, 1]);

		const plain = await session.attach(PLUGIN);
		const offered = await plain.message({ ...join, feed: 2 });
		assert.equal(offered.jsep.e2ee, undefined);
		await plain.message({ request: 'start' }, { type: 'answer', sdp: handmadeAnswer(offered.jsep.sdp) });
		assert.equal((await plain.message({ request: 'switch', feed: 1 })).error_code, 438);
	}));

test('a room that asks for encryption says so to who receives', ownOptions,
	() => withRoom({ require_e2ee: true }, async (session, room) => {
		const plain = await session.attach(PLUGIN);
		await plain.message({ request: 'join', ptype: 'publisher', room, id: 2 });
		const refused = await plain.message({ request: 'publish', display: 'x' }, { type: 'offer', sdp: handmade(AV) });
		assert.equal(refused.error_code, 433);
		await publisher(session, room, 1, { e2ee: true });
		const viewer = await session.attach(PLUGIN);
		const { jsep } = await viewer.message({ request: 'join', ptype: 'subscriber', room, streams: [{ feed: 1 }] });
		assert.equal(jsep.e2ee, true);
	}));

test('who receives makes no offers, whatever request they come with', ownOptions,
	() => withRoom({}, async (session, room) => {
		await publisher(session, room, 1);
		const viewer = await session.attach(PLUGIN);
		const { jsep } = await viewer.message({ request: 'join', ptype: 'subscriber', room, streams: [{ feed: 1 }] });
		const offer = { type: 'offer', sdp: handmade(AV), e2ee: true };
		for (const request of ['configure', 'start', 'pause', 'leave'])
			assert.equal((await viewer.message({ request }, offer)).error_code, 431, request);
		for (const request of ['subscribe', 'unsubscribe'])
			assert.equal((await viewer.message({ request, streams: [{ feed: 1 }] }, offer)).error_code, 431, request);
		/* nothing has changed: the offer of the server's waits for its answer still */
		const answer = { type: 'answer', sdp: handmadeAnswer(jsep.sdp) };
		assert.equal((await viewer.message({ request: 'configure' }, answer)).configured, 'ok');
		const { jsep: next, ...rest } = await viewer.message({ request: 'configure', update: true });
		assert.deepEqual(rest, { videoroom: 'event', room, configured: 'ok' });
		assert.equal(next.e2ee, undefined);
	}));

test('an answer is read before it is asked who waits for one', () => withServer({}, async (server) => {
	const client = await connect(server, 'ws');
	const session = await client.createSession();
	const handle = await session.attach('janus.plugin.echotest');
	const answer = (sdp) => handle.request({ janus: 'message', body: { audio: true }, jsep: { type: 'answer', sdp } });
	for (const sdp of ['', 'hello', 'v=0\r\n'])
		assert.equal((await answer(sdp)).error.code, 465, sdp);
	assert.equal((await answer(handmade(AV, { setup: 'active' }))).error.code, 469);
	await client.close();
}));

test('mute fields with an offer are checked with its m-lines', ownOptions,
	() => withRoom({}, async (session, room) => {
		const handle = await publisher(session, room, 1);
		const offer = { type: 'offer', sdp: handmade([...AV, { kind: 'video' }], { version: 2 }) };
		const unknown = await handle.message({ request: 'configure', mid: '7', send: false }, offer);
		assert.equal(unknown.error_code, 428);
		const known = await handle.message({ request: 'configure', streams: [{ mid: '2', send: false }] }, offer);
		assert.equal(known.configured, 'ok');
		assert.equal(known.streams.length, 3);
	}));

test('of two bad fields of configure the one that comes first in the table is named', ownOptions,
	() => withRoom({}, async (session, room) => {
		const handle = await publisher(session, room, 1);
		const offer = { type: 'offer', sdp: handmade(AV, { version: 2 }) };
		const refused = async (who, fields, jsep) =>
			(await who.message({ request: 'configure', ...fields }, jsep)).error;
		assert.match(await refused(handle, { mid: '8', streams: [{ mid: '9' }] }), /'8'/);
		assert.match(await refused(handle, { mid: '8', audiocodec: 'pcmu' }, offer), /audiocodec/);
		assert.match(await refused(handle, { mid: '8', bitrate: 'much' }), /bitrate/);
		const viewer = await session.attach(PLUGIN);
		await viewer.message({ request: 'join', ptype: 'subscriber', room, streams: [{ feed: 1 }] });
		assert.match(await refused(viewer, { mid: '8', substream: 7 }), /'8'/);
		assert.match(await refused(viewer, { streams: [{ mid: '8', substream: 7 }] }), /'8'/);
	}));

test('edit changes what it names, and an empty text nothing', ownOptions,
	() => withRoom({ secret: 'boss', description: 'Old', publishers: 5 }, async (session, room) => {
		const handle = await session.attach(PLUGIN);
		const edit = { request: 'edit', room, secret: 'boss' };
		const before = (await listed(handle)).get(room);
		await handle.message({ ...edit, new_description: '', new_pin: '', new_secret: '' });
		assert.deepEqual((await listed(handle)).get(room), before);
		await handle.message({ ...edit, new_description: 'New', new_pin: '1', new_publishers: 7, new_bitrate: 1000,
			new_fir_freq: 9, new_require_pvtid: true, new_rec_dir: 'weekly', new_lock_record: true, new_secret: 'chief',
			new_audiocodec: 'pcmu', new_opus_fec: false });
		assert.deepEqual((await listed(handle)).get(room), { ...before, description: 'New', pin_required: true,
			max_publishers: 7, bitrate: 64000, fir_freq: 9, require_pvtid: true, rec_dir: 'weekly', lock_record: true });
		assert.equal((await handle.message(edit)).error_code, 433);
	}));
