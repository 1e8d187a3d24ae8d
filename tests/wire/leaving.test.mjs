// What the others in a room see when a client goes, by its way of going, and who gets its place.
import { strict as assert } from 'node:assert';
import test, { after, before } from 'node:test';
import { connect } from '../lib/api.mjs';
import { createRoom } from '../lib/calls.mjs';
import { Guest } from '../lib/guest.mjs';
import { Plain } from '../lib/plain.mjs';
import { IS_REFERENCE, startServer } from '../lib/server.mjs';
import { until } from '../lib/wait.mjs';

const options = { skip: IS_REFERENCE && 'our own way to end a visit' };
const ROOM = 'janus.plugin.videoroom';
const MESH = 'janus.plugin.mesh';
let server;

before(async () => {
	server = await startServer({ conf: { core: { general: { reclaim_session_timeout: 60 } } } });
});
after(() => server?.stop());

/** A watcher in a new room. */
async function watched() {
	const client = await connect(server, 'ws');
	const session = await client.createSession();
	const room = await createRoom(session);
	const watcher = await session.attach(ROOM);
	await watcher.message({ request: 'join', ptype: 'publisher', room });
	return { client, room, watcher };
}

async function visitor(room, id) {
	const client = await connect(server, 'ws');
	const session = await client.createSession();
	const handle = await session.attach(ROOM);
	const joined = await handle.message({ request: 'join', ptype: 'publisher', room, id });
	assert.equal(joined.videoroom, 'joined', JSON.stringify(joined));
	return { client, session, handle };
}

/** The session over a new connection. */
async function claim(session) {
	const client = await connect(server, 'ws');
	assert.equal((await client.request({ janus: 'claim', session_id: session.id })).janus, 'success');
	session.client = client;
	return client;
}

async function closeWith(client, code) {
	client.socket.close(...(code ? [code] : []));
	await client.closed;
}

/** When the server has noticed it: the session has no owner. */
function noticed(session) {
	const lines = () => server.log.split('\n');
	return until('end of the connection', async () => lines()
		.findLast((line) => line.includes(session.id) && /claimed|owner gone/.test(line))?.includes('owner gone'));
}

test('who closes politely leaves at once; the session is claimed, and its handle joins again', options, async () => {
	const { client, room, watcher } = await watched();
	for (const code of [1000, 1001, undefined]) {
		const { client: old, session, handle } = await visitor(room, 7);
		await closeWith(old, code);
		await watcher.notice('leaving', (d) => d.leaving === 7, 2000);
		const { participants } = await watcher.message({ request: 'listparticipants', room });
		assert.equal(participants.length, 1);
		const again = await claim(session);
		const joined = await handle.message({ request: 'join', ptype: 'publisher', room, id: 7 });
		assert.equal(joined.videoroom, 'joined', JSON.stringify(joined));
		await session.destroy();
		await watcher.notice('leaving', (d) => d.leaving === 7);
		await again.close();
	}
	await client.close();
});

test('who loses the line, or closes to come back, is where it was', options, async () => {
	const { client, room, watcher } = await watched();
	for (const end of [(c) => c.terminate(), (c) => closeWith(c, 4000)]) {
		const { client: old, session, handle } = await visitor(room, 7);
		await end(old);
		await noticed(session);
		const { participants } = await watcher.message({ request: 'listparticipants', room });
		assert.deepEqual(participants.map((p) => p.id).includes(7), true);
		const again = await claim(session);
		assert.equal((await handle.message({ request: 'configure', display: 'Seven' })).configured, 'ok');
		await session.destroy();
		await watcher.notice('leaving', (d) => d.leaving === 7);
		await again.close();
	}
	await client.close();
});

test('the connection that claimed a session keeps it when the old one is closed politely', options, async () => {
	const { client, room, watcher } = await watched();
	const { client: old, session, handle } = await visitor(room, 7);
	const again = await claim(session);
	await closeWith(old, 1000);
	assert.equal((await handle.message({ request: 'configure', display: 'Seven' })).configured, 'ok');
	const { participants } = await watcher.message({ request: 'listparticipants', room });
	assert.equal(participants.length, 2);
	await Promise.all([again, client].map((c) => c.close()));
});

test('a newcomer gets the place of a holder whose connection is gone, and of no other', options, async () => {
	const { client, room, watcher } = await watched();
	const { client: old, session } = await visitor(room, 7);
	const late = await connect(server, 'ws');
	const handle = await (await late.createSession()).attach(ROOM);
	const join = { request: 'join', ptype: 'publisher', room, id: 7 };
	assert.equal((await handle.message(join)).error_code, 436);
	old.terminate();
	await noticed(session);
	assert.equal((await handle.message(join)).videoroom, 'joined');
	await watcher.notice('leaving', (d) => d.leaving === 7);
	/* and from /sfu */
	late.terminate();
	await noticed(handle.session);
	const guest = await Guest.join(server, '7', String(room));
	await watcher.notice('leaving', (d) => d.leaving === 7);
	assert.equal((await watcher.message({ request: 'listparticipants', room })).participants.length, 2);
	await Promise.all([guest, client].map((c) => c.close()));
});

test('in a mesh room it is the same', options, async () => {
	const watcher = await Plain.connect(`ws://127.0.0.1:${server.ports.http}/mesh`);
	watcher.say({ type: 'join', peer_id: 'watcher', room_id: 'room' });
	await watcher.hear('room_peers');
	const join = { request: 'join', peer_id: 'ann', room_id: 'room' };
	const peer = async () => {
		const client = await connect(server, 'ws');
		const session = await client.createSession();
		const handle = await session.attach(MESH);
		assert.equal((await handle.message(join)).type, 'room_peers');
		assert.equal((await watcher.hear('peer_joined')).peer_id, 'ann');
		return { client, session, handle };
	};
	const polite = await peer();
	await closeWith(polite.client, 1001);
	assert.equal((await watcher.hear('peer_left')).peer_id, 'ann');
	const again = await claim(polite.session);
	assert.equal((await polite.handle.message(join)).type, 'room_peers');
	assert.equal((await watcher.hear('peer_joined')).peer_id, 'ann');
	again.terminate();
	await noticed(polite.session);
	const late = await Plain.connect(`ws://127.0.0.1:${server.ports.http}/mesh`);
	late.say({ type: 'join', peer_id: 'ann', room_id: 'room' });
	assert.deepEqual((await late.hear('room_peers')).peers, ['watcher']);
	assert.equal((await watcher.hear('peer_left')).peer_id, 'ann');
	assert.equal((await watcher.hear('peer_joined')).peer_id, 'ann');
	await Promise.all([late, watcher].map((c) => c.close()));
});
