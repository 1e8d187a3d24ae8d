// The mesh: the guide's protocol on a bare WebSocket, and the same by the session API.
import { strict as assert } from 'node:assert';
import { createHmac } from 'node:crypto';
import test from 'node:test';
import { connect } from '../lib/api.mjs';
import { Plain } from '../lib/plain.mjs';
import { release, takePorts } from '../lib/ports.mjs';
import { IS_REFERENCE, withServer } from '../lib/server.mjs';
import { until, within } from '../lib/wait.mjs';

const options = { skip: IS_REFERENCE && 'a plugin of our own' };
const OFFER = { type: 'offer', sdp: 'v=0\r\n' };

const url = (server, query = '') => `ws://127.0.0.1:${server.ports.http}/mesh${query}`;

async function join(server, peer_id, room_id = 'room', extra = {}) {
	const peer = await Plain.connect(url(server));
	peer.say({ type: 'join', peer_id, room_id, ...extra });
	peer.found = (await peer.hear('room_peers')).peers;
	return peer;
}

test('peers of a room find each other, and what they say arrives', options, () => withServer({},
	async (server) => {
		const ann = await join(server, 'ann');
		assert.deepEqual(ann.found, []);
		const bob = await join(server, 'bob');
		assert.deepEqual(bob.found, ['ann']);
		assert.deepEqual(await ann.hear('peer_joined'), { type: 'peer_joined', peer_id: 'bob' });
		bob.say({ type: 'offer', target: 'ann', offer: OFFER });
		assert.deepEqual(await ann.hear('offer'), { type: 'offer', offer: OFFER, from: 'bob' });
		const answer = { type: 'answer', sdp: 'v=0\r\n' };
		ann.say({ type: 'answer', target: 'bob', answer });
		assert.deepEqual(await bob.hear('answer'), { type: 'answer', answer, from: 'ann' });
		const candidate = { candidate: 'candidate:1', sdpMid: '0', sdpMLineIndex: 0 };
		ann.say({ type: 'ice_candidate', target: 'bob', candidate });
		assert.deepEqual(await bob.hear('ice_candidate'),
			{ type: 'ice_candidate', candidate, from: 'ann' });
		await bob.close();
		assert.deepEqual(await ann.hear('peer_left'), { type: 'peer_left', peer_id: 'bob' });
		await ann.close();
	}));

test('a mistake is answered, and changes nothing', options, () => withServer({
	conf: { 'plugin.mesh': { general: { max_message: 2000 } } },
}, async (server) => {
	const elsewhere = await join(server, 'eve', 'other');
	const ann = await Plain.connect(url(server));
	assert.equal(await ann.refused({ type: 'offer', target: 'bob', offer: OFFER }), 400);
	assert.equal(await ann.refused({ type: 'join', room_id: 'room' }), 400);
	assert.equal(await ann.refused({ type: 'join', peer_id: [], room_id: 'room' }), 400);
	assert.equal(await ann.refused({ type: 'join', peer_id: '', room_id: 'room' }), 400);
	for (const [field, value] of [['peer_id', 'x'.repeat(129)], ['room_id', 'x'.repeat(129)], ['pin', 'x'.repeat(257)],
		['pin', 1234], ['token', 7], ['token', null]]) {
		ann.say({ type: 'join', peer_id: 'ann', room_id: 'room', [field]: value });
		const { code, reason } = await ann.hear('error');
		assert.equal(code, 400);
		assert.ok(reason.includes(field), reason);
	}
	ann.say({ type: 'join', peer_id: 'ann', room_id: 'room' });
	await ann.hear('room_peers');
	const bob = await join(server, 'bob');
	await ann.hear('peer_joined');
	assert.equal(await ann.refused({ type: 'join', peer_id: 'ann', room_id: 'other' }), 400);
	assert.equal(await ann.refused({ type: 'offer', target: 'nobody', offer: OFFER }), 404);
	assert.equal(await ann.refused({ type: 'offer', target: 'eve', offer: OFFER }), 403);
	assert.equal(await ann.refused({ type: 'offer', target: 'bob' }), 400);
	assert.equal(await ann.refused({ type: 'wink' }), 400);
	assert.equal(await ann.refused({}), 400);
	assert.equal(await ann.refused(['type', 'join']), 400);
	ann.sayRaw('{"type":');
	assert.equal((await ann.hear('error')).code, 400);
	ann.sayRaw('{}{}');
	assert.equal((await ann.hear('error')).code, 400);
	const offer = { type: 'offer', sdp: 'x'.repeat(2000) };
	assert.equal(await ann.refused({ type: 'offer', target: 'bob', offer }), 413);
	ann.say({ type: 'offer', target: 'bob', offer: OFFER });
	assert.equal((await bob.hear('offer')).from, 'ann'); /* the first that bob hears */
	await Promise.all([ann, bob, elsewhere].map((p) => p.close()));
}));

test('any JSON value is passed on, in messages of up to 1 MiB', options, () => withServer({}, async (server) => {
	const [ann, bob] = [await join(server, 'ann'), await join(server, 'bob')];
	await ann.hear('peer_joined');
	const values = ['text', 7, 1.5, true, false, null, [], [1, ['\u00e9']], {}, { a: null }, 'x'.repeat(500000)];
	for (const value of values) {
		bob.say({ type: 'offer', target: 'ann', offer: value });
		assert.deepEqual(await ann.hear('offer'), { type: 'offer', offer: value, from: 'bob' });
		ann.say({ type: 'answer', target: 'bob', answer: value });
		assert.deepEqual(await bob.hear('answer'), { type: 'answer', answer: value, from: 'ann' });
		bob.say({ type: 'ice_candidate', target: 'ann', candidate: value });
		assert.deepEqual(await ann.hear('ice_candidate'), { type: 'ice_candidate', candidate: value, from: 'bob' });
	}
	const large = { type: 'offer', target: 'ann', offer: '' };
	large.offer = 'x'.repeat(1048576 - JSON.stringify(large).length);
	bob.say(large);
	assert.equal((await ann.hear('offer')).offer, large.offer);
	await Promise.all([ann, bob].map((p) => p.close()));
}));

test('an error arrives wherever its text was cut', options, () => withServer({}, async (server) => {
	const ann = await Plain.connect(url(server));
	for (let n = 0; n < 4; n++) {
		ann.say({ type: `${'x'.repeat(n)}${'\u{1f600}'.repeat(60)}` });
		const { code, reason } = await ann.hear('error');
		assert.equal(code, 400);
		assert.match(reason, /^Unknown message 'x*\u{1f600}+/u);
	}
	for (const text of ['["\\\u00e9"]', '{"type":"\u00e9', '\u00e9'.repeat(300), '"\u00e9\\q']) {
		ann.sayRaw(text);
		assert.equal((await ann.hear('error')).code, 400);
	}
	const id = '\u{1f600}'.repeat(32);
	ann.say({ type: 'join', peer_id: id, room_id: id });
	await ann.hear('room_peers');
	for (const target of [id.slice(2), `y${id.slice(2)}`])
		assert.equal(await ann.refused({ type: 'offer', target, offer: 1 }), 404);
	await ann.close();
}));

test('a dead holder is replaced in time, however often newcomers ask', options, () => withServer({}, async (server) => {
	const watcher = await join(server, 'watcher');
	const dead = await join(server, 'ann');
	dead.freeze();
	let found = null;
	for (let asked = 0; !found; asked++) {
		assert.ok(asked < 40, 'never replaced');
		const late = await Plain.connect(url(server));
		late.say({ type: 'join', peer_id: 'ann', room_id: 'room' });
		found = await late.hear('room_peers', 300).catch(() => null);
		await late.close();
	}
	assert.deepEqual(found.peers, ['watcher']);
	dead.terminate();
	await watcher.close();
}));

test('a place that is taken is kept by who answers, and lost by who does not', options,
	() => withServer({}, async (server) => {
		const watcher = await join(server, 'watcher');
		const old = await join(server, 'ann');
		await watcher.hear('peer_joined');
		const late = await Plain.connect(url(server));
		assert.equal(await late.refused({ type: 'join', peer_id: 'ann', room_id: 'room' }), 409);
		old.freeze();
		late.say({ type: 'join', peer_id: 'ann', room_id: 'room' });
		assert.deepEqual((await late.hear('room_peers', 5000)).peers, ['watcher']);
		assert.deepEqual(await watcher.hear('peer_left'), { type: 'peer_left', peer_id: 'ann' });
		assert.deepEqual(await watcher.hear('peer_joined'), { type: 'peer_joined', peer_id: 'ann' });
		old.terminate();
		/* a reload: the old page is gone without a word, and the new one comes at once */
		late.terminate();
		const again = await join(server, 'ann');
		await watcher.hear('peer_left');
		await watcher.hear('peer_joined');
		await Promise.all([watcher, again].map((p) => p.close()));
	}));

test('who waits for a place and goes leaves nothing behind', options, () => withServer({},
	async (server) => {
		const watcher = await join(server, 'watcher');
		const old = await join(server, 'ann');
		await watcher.hear('peer_joined');
		const late = await Plain.connect(url(server));
		old.freeze();
		late.say({ type: 'join', peer_id: 'ann', room_id: 'room' });
		assert.equal(await late.refused({ type: 'join', peer_id: 'ann', room_id: 'room' }), 400);
		const third = await Plain.connect(url(server));
		assert.equal(await third.refused({ type: 'join', peer_id: 'ann', room_id: 'room' }), 409);
		await late.close();
		assert.equal((await watcher.hear('peer_left')).peer_id, 'ann');
		third.say({ type: 'join', peer_id: 'ann', room_id: 'room' });
		assert.deepEqual((await third.hear('room_peers')).peers, ['watcher']);
		old.terminate();
		await Promise.all([watcher, third].map((p) => p.close()));
	}));

test('two hundred who join at once all know each other', options, () => withServer({},
	async (server) => {
		const ids = Array.from({ length: 200 }, (_, i) => `peer${i}`);
		const peers = await Promise.all(ids.map((id) => join(server, id)));
		const known = peers.map((p) => new Set(p.found));
		await Promise.all(peers.map(async (p, i) => {
			while (known[i].size < ids.length - 1)
				known[i].add((await p.hear('peer_joined', 20000)).peer_id);
		}));
		peers.forEach((p, i) => assert.equal(known[i].has(ids[i]), false));
		await Promise.all(peers.map((p) => p.close()));
	}));

test('who says too much is closed, and the others do not notice', options, () => withServer({
	conf: { 'plugin.mesh': { general: { messages_per_second: 20 } } },
}, async (server) => {
	const ann = await join(server, 'ann');
	const bob = await join(server, 'bob');
	await ann.hear('peer_joined');
	for (let i = 0; i < 1000; i++)
		bob.say({ type: 'wink' });
	assert.equal(await within(5000, 'close of the flooder', bob.closed), 1008);
	/* whatever came before it was closed has its answer: as many as were allowed, then as many again */
	const codes = bob.inbox.messages.map((m) => m.code);
	assert.ok(codes.filter((code) => code === 400).length >= 99, String(codes));
	assert.ok(codes.filter((code) => code === 429).length >= 101, String(codes));
	assert.ok(bob.inbox.messages.some((m) => /More than 20 messages a second/.test(m.reason)));
	assert.equal((await ann.hear('peer_left')).peer_id, 'bob');
	await ann.close();
}));

test('who is told to slow down and does is heard again', options, () => withServer({
	conf: { 'plugin.mesh': { general: { messages_per_second: 20 } } },
}, async (server) => {
	const ann = await join(server, 'ann');
	const said = 150;
	for (let i = 0; i < said; i++)
		ann.say({ type: 'wink' });
	const codes = new Set();
	for (let i = 0; i < said; i++)
		codes.add((await ann.hear('error')).code);
	assert.deepEqual([...codes].sort(), [400, 429]);
	await until('a message that is read', async () => await ann.refused({ type: 'wink' }) === 400, { every: 200 });
	await ann.close();
}));

test('a room may have a pin', options, () => withServer({
	conf: { 'plugin.mesh': { 'room-closed': { pin: 'secret' } } },
}, async (server) => {
	const ann = await Plain.connect(url(server));
	const ask = { type: 'join', peer_id: 'ann', room_id: 'closed' };
	assert.equal(await ann.refused(ask), 401);
	assert.equal(await ann.refused({ ...ask, pin: 'guess' }), 401);
	ann.say({ ...ask, pin: 'secret' });
	await ann.hear('room_peers');
	const owner = await join(server, 'first', 'new', { pin: 'mine' });
	const guest = await Plain.connect(url(server));
	assert.equal(await guest.refused({ type: 'join', peer_id: 'g', room_id: 'new' }), 401);
	await Promise.all([ann, owner, guest].map((p) => p.close()));
}));

test('rooms are as many and as large as allowed, and go when they are empty', options, () => withServer({
	conf: { 'plugin.mesh': { general: { max_rooms: 1, max_peers: 2 } } },
}, async (server) => {
	const [ann, bob] = [await join(server, 'ann', 'first', { pin: 'rose' }), await join(server, 'bob', 'first', { pin: 'rose' })];
	await ann.hear('peer_joined');
	const eve = await Plain.connect(url(server));
	assert.equal(await eve.refused({ type: 'join', peer_id: 'eve', room_id: 'first', pin: 'rose' }), 503);
	assert.equal(await eve.refused({ type: 'join', peer_id: 'eve', room_id: 'second' }), 503);
	await bob.close();
	await ann.hear('peer_left');
	ann.say({ type: 'leave' });
	assert.equal(await ann.refused({ type: 'leave' }), 400);
	eve.say({ type: 'join', peer_id: 'eve', room_id: 'second' });
	await eve.hear('room_peers');
	eve.say({ type: 'leave' });
	eve.say({ type: 'join', peer_id: 'eve', room_id: 'first', pin: '' }); /* the old pin went along */
	await eve.hear('room_peers');
	ann.say({ type: 'join', peer_id: 'ann', room_id: 'first' });
	assert.deepEqual((await ann.hear('room_peers')).peers, ['eve']);
	await Promise.all([ann, eve].map((p) => p.close()));
}));

test('where the API asks for a secret, so does the address', options, () => withServer({
	conf: { core: { general: { api_secret: 'sesame' } } },
}, async (server) => {
	const stranger = await Plain.connect(url(server));
	assert.equal((await stranger.hear('error')).code, 403);
	assert.equal(await within(5000, 'close', stranger.closed), 1008);
	const friend = await Plain.connect(url(server, '?apisecret=sesame'));
	friend.say({ type: 'join', peer_id: 'ann', room_id: 'room' });
	await friend.hear('room_peers');
	await friend.close();
}));

test('a peer is told the ICE servers, with credentials of its own', options, () => withServer({
	conf: { core: { ice_servers: { stun: ['stun:a'], turn: ['turn:b'], turn_secret: 'hush' } } },
}, async (server) => {
	const ann = await join(server, 'ann');
	const { iceServers, ...rest } = await ann.hear('ice_servers');
	assert.deepEqual(rest, { type: 'ice_servers' });
	assert.deepEqual(iceServers[0], { urls: ['stun:a'] });
	const { urls, username, credential } = iceServers[1];
	assert.deepEqual(urls, ['turn:b']);
	assert.match(username, /^\d+:ann$/);
	assert.equal(credential, createHmac('sha1', 'hush').update(username).digest('base64'));
	const client = await connect(server, 'ws');
	const handle = await (await client.createSession()).attach('janus.plugin.mesh');
	await handle.message({ request: 'join', peer_id: 'bob', room_id: 'room' });
	const told = await handle.notice('the ICE servers', (d) => d.type === 'ice_servers');
	assert.equal(told.mesh, 'event');
	assert.match(told.iceServers[1].username, /^\d+:bob$/);
	assert.deepEqual(await ann.hear('peer_joined'), { type: 'peer_joined', peer_id: 'bob' });
	await ann.close();
	await client.close();
}));

test('a port of its own serves any path', options, async () => {
	const port = await takePorts(1);
	await withServer({ conf: { 'plugin.mesh': { general: { port } } } }, async (server) => {
		for (const path of ['', '/', '/anything/at?all']) {
			const peer = await Plain.connect(`ws://127.0.0.1:${port}${path}`);
			peer.say({ type: 'join', peer_id: `at${path}`, room_id: 'room' });
			await peer.hear('room_peers');
			await peer.close();
		}
		const shared = await join(server, 'here');
		await shared.close();
	});
	release(port);
});

test('the session API leads into the same rooms', options, () => withServer({}, async (server) => {
	const ann = await join(server, 'ann');
	const client = await connect(server, 'ws');
	const session = await client.createSession();
	const handle = await session.attach('janus.plugin.mesh');
	const joined = await handle.message({ request: 'join', peer_id: 7, room_id: 'room' });
	assert.deepEqual(joined, { mesh: 'event', type: 'room_peers', peers: ['ann'] });
	assert.equal((await ann.hear('peer_joined')).peer_id, '7');
	ann.say({ type: 'offer', target: 7, offer: OFFER });
	const heard = await handle.notice('the offer', (d) => d.type === 'offer');
	assert.deepEqual(heard, { mesh: 'event', type: 'offer', offer: OFFER, from: 'ann' });
	assert.deepEqual(await handle.message({ request: 'offer', target: 'ann', offer: OFFER }),
		{ mesh: 'success' });
	assert.deepEqual(await ann.hear('offer'), { type: 'offer', offer: OFFER, from: '7' });
	const wrong = await handle.message({ request: 'offer', target: 'bob', offer: OFFER });
	assert.equal(wrong.error_code, 404);
	const taken = await Plain.connect(url(server));
	assert.equal(await taken.refused({ type: 'join', peer_id: '7', room_id: 'room' }), 409);
	await handle.detach();
	assert.equal((await ann.hear('peer_left')).peer_id, '7');
	await Promise.all([ann, taken].map((p) => p.close()));
	await client.close();
}));
