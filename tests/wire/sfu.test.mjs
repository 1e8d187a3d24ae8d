// The video room's other face, plain messages at /sfu: who comes and goes, and what is refused. What takes media is in
// sfu-media.test.mjs.
import { strict as assert } from 'node:assert';
import fs from 'node:fs';
import test from 'node:test';
import { connect } from '../lib/api.mjs';
import { createRoom } from '../lib/calls.mjs';
import { Guest } from '../lib/guest.mjs';
import { IS_REFERENCE, withServer } from '../lib/server.mjs';
import { until, within } from '../lib/wait.mjs';
import { signToken } from './resign.mjs';

const options = { skip: IS_REFERENCE && 'a face of our own' };
const PLUGIN = 'janus.plugin.videoroom';
const SDP = fs.readFileSync(new URL('../unit/data/jsep/chrome-publish.offer', import.meta.url), 'utf8');
const SOUND = 'b347e879-e02d-48e8-9db6-6ed2a34a7a23';
const PICTURE = '1a0dab95-c5ec-440e-ac96-d0a93b293abd';

const offer = (sdp = SDP) => ({ type: 'offer', offer: { type: 'offer', sdp } });
const sfu = (properties) => ({ conf: { 'plugin.videoroom': { sfu: properties } } });
const closeAll = (...all) => Promise.all(all.map((one) => one.close()));

async function roomsOf(server) {
	const client = await connect(server, 'ws');
	const handle = await (await client.createSession()).attach(PLUGIN);
	const { list } = await handle.message({ request: 'list' });
	await client.close();
	return list;
}

test('participants find each other, leave, and come back', options, () => withServer({},
	async (server) => {
		const ann = await Guest.join(server, 'ann');
		assert.deepEqual(ann.found.participants, []);
		assert.equal(ann.found.room_id, 'lobby');
		assert.equal(ann.found.participant_id, 'ann');
		const bob = await Guest.join(server, 'bob', 'lobby', { display: 'Bob B.' });
		assert.deepEqual(bob.found.participants, [{ participant_id: 'ann', display: 'ann' }]);
		assert.deepEqual(await ann.hear('participant_joined'),
			{ type: 'participant_joined', participant_id: 'bob', display: 'Bob B.' });
		const left = { type: 'participant_left', participant_id: 'bob' };
		for (let i = 0; i < 3; i++) {
			bob.say({ type: 'leave_room' });
			assert.deepEqual(await bob.hear('room_left'),
				{ type: 'room_left', room_id: 'lobby', reason: 'left' });
			assert.deepEqual(await ann.hear('participant_left'), left);
			await bob.join('bob');
			assert.equal((await ann.hear('participant_joined')).display, 'bob');
		}
		await bob.close();
		assert.deepEqual(await ann.hear('participant_left'), left);
		await ann.close();
	}));

test('a room that joining has made goes with the last who is in it', options, () => withServer({},
	async (server) => {
		const ann = await Guest.join(server, 'ann', 'lobby');
		const bob = await Guest.join(server, 'bob', 77);
		const made = await roomsOf(server);
		const lobby = made.find((r) => r.room === ann.found.room);
		assert.equal(lobby.description, 'lobby');
		assert.equal(lobby.max_publishers, 16);
		assert.equal(made.find((r) => r.room === 77).num_participants, 1);
		await ann.close();
		bob.say({ type: 'leave_room' });
		await bob.hear('room_left');
		assert.equal(await bob.refused({ type: 'publish_track', track_id: '0', track_type: 'audio' }), 400);
		await until('end of the rooms', async () => (await roomsOf(server)).length === 0);
		await bob.join('bob', 77);
		await bob.close();
	}));

test('whoever has not joined can do nothing else', options, () => withServer({}, async (server) => {
	const ann = await Guest.connect(server);
	for (const message of [{ type: 'leave_room' }, { type: 'publish_track', track_id: 'x', track_type: 'audio' },
		{ type: 'unpublish_track', track_id: 'x' }, offer(), { type: 'answer', answer: { type: 'answer', sdp: SDP } },
		{ type: 'subscribe_track', publisher_id: 'bob', track_id: '0' },
		{ type: 'unsubscribe_track', publisher_id: 'bob', track_id: '0' },
		{ type: 'ice_candidate', candidate: { candidate: '', sdpMid: '0' } }])
		assert.equal(await ann.refused(message), 400, JSON.stringify(message));
	await ann.join('ann');
	await ann.close();
}));

test('a mistake is answered, and changes nothing', options, () => withServer(sfu({ max_message: 20000 }),
	async (server) => {
		const ann = await Guest.connect(server);
		for (const [code, message] of [[400, { type: 'wink' }], [400, {}], [400, ['type']], [400, { type: 7 }],
			[400, { type: 'join_room', room_id: 'lobby' }], [400, { type: 'join_room', participant_id: 'ann' }],
			[400, { type: 'join_room', room_id: [], participant_id: 'ann' }],
			[400, { type: 'join_room', room_id: 'lobby', participant_id: '' }],
			[400, { type: 'join_room', room_id: 'lobby', participant_id: 'x'.repeat(129) }],
			[400, { type: 'join_room', room_id: 'lobby', participant_id: 'ann', pin: 7 }],
			[400, { type: 'join_room', room_id: 'lobby', participant_id: 'ann', pin: 'x'.repeat(257) }],
			[400, { type: 'join_room', room_id: 'lobby', participant_id: 'ann', token: 'x'.repeat(4097) }],
			[400, { type: 'join_room', room_id: 'lobby', participant_id: 'ann', display: 'x'.repeat(1025) }],
			[413, { type: 'join_room', room_id: 'lobby', participant_id: 'ann', pad: 'x'.repeat(20000) }]])
			assert.equal(await ann.refused(message), code, JSON.stringify(message).slice(0, 200));
		ann.plain.sayRaw('{"type":');
		assert.equal((await ann.hear('error')).code, 400);
		ann.plain.sayRaw('{}{}');
		assert.equal((await ann.hear('error')).code, 400);
		assert.equal((await roomsOf(server)).length, 0);
		await ann.join('ann');
		const bob = await Guest.join(server, 'bob');
		await ann.hear('participant_joined');
		for (const [code, message] of [[400, { type: 'join_room', room_id: 'other', participant_id: 'ann' }],
			[400, { type: 'publish_track', track_id: 'x' }],
			[400, { type: 'publish_track', track_id: 'x', track_type: 'smell' }],
			[400, { type: 'publish_track', track_type: 'audio' }],
			[404, { type: 'unpublish_track', track_id: 'x' }],
			[404, { type: 'subscribe_track', publisher_id: 'eve', track_id: '0' }],
			[404, { type: 'subscribe_track', publisher_id: 'bob', track_id: '0' }],
			[404, { type: 'unsubscribe_track', publisher_id: 'bob', track_id: '0' }],
			[400, { type: 'subscribe_track', publisher_id: 'bob' }],
			[409, { type: 'answer', answer: { type: 'answer', sdp: SDP } }],
			[400, { type: 'ice_candidate' }], [400, { type: 'ice_candidate', candidate: 'text' }],
			[400, { type: 'ice_candidate', candidate: null, connection: 'sideways' }],
			[409, { type: 'ice_candidate', candidate: null, connection: 'subscribe' }]])
			assert.equal(await ann.refused(message), code, JSON.stringify(message));
		await closeAll(ann, bob);
	}));

test('an offer carries what was published, by the name of the track or by its mid', options,
	() => withServer({}, async (server) => {
		const ann = await Guest.join(server, 'ann');
		assert.equal(await ann.refused({ type: 'offer' }), 400);
		assert.equal(await ann.refused({ type: 'offer', offer: 'text' }), 400);
		assert.equal(await ann.refused({ type: 'offer', offer: { type: 'answer', sdp: SDP } }), 400);
		assert.equal(await ann.refused({ type: 'offer', offer: { type: 'offer' } }), 400);
		assert.equal(await ann.refused(offer('v=0\r\n')), 400);
		assert.equal(await ann.refused(offer('no description')), 400);
		assert.equal(await ann.refused({ type: 'answer', answer: { type: 'answer', sdp: SDP } }), 409);
		ann.say({ type: 'publish_track', track_id: 'lost', track_type: 'audio' });
		assert.equal(await ann.refused({ type: 'publish_track', track_id: 'lost', track_type: 'audio' }), 409);
		assert.equal(await ann.refused(offer()), 404);
		ann.say({ type: 'unpublish_track', track_id: 'lost' });
		ann.say({ type: 'publish_track', track_id: SOUND, track_type: 'video' });
		assert.equal(await ann.refused(offer()), 400);
		ann.say({ type: 'unpublish_track', track_id: SOUND });
		ann.say({ type: 'publish_track', track_id: SOUND, track_type: 'audio' });
		ann.say(offer());
		const { answer: first } = await ann.hear('answer');
		assert.equal(first.type, 'answer');
		assert.deepEqual(first.sdp.match(/a=(recvonly|inactive|sendrecv|sendonly)/g), ['a=recvonly', 'a=inactive', 'a=inactive']);
		ann.say({ type: 'publish_track', track_id: '1', track_type: 'video' });
		ann.say(offer());
		const { answer: both } = await ann.hear('answer');
		assert.equal(both.sdp.match(/a=recvonly/g).length, 2);
		assert.equal(await ann.refused({ type: 'ice_candidate', candidate: { candidate: 'x' } }), 400);
		ann.say({ type: 'ice_candidate', candidate: { candidate: 'candidate:1 1 udp 1 192.0.2.1 9 typ host', sdpMid: '0' } });
		ann.say({ type: 'ice_candidate', candidate: null, connection: 'publish' });
		/* said no more by the offer: no more published */
		ann.say(offer(SDP.replaceAll('a=sendonly', 'a=inactive')));
		await ann.hear('answer');
		assert.equal(await ann.refused({ type: 'unpublish_track', track_id: SOUND }), 404);
		assert.equal(await ann.refused(offer(SDP.slice(0, SDP.indexOf('m=video')))), 400);
		ann.say({ type: 'publish_track', track_id: PICTURE, track_type: 'video' });
		ann.say(offer());
		await ann.hear('answer');
		await ann.close();
	}));

test('a track without a codec of the room is refused by name', options,
	() => withServer(sfu({ videocodec: 'h265' }), async (server) => {
		const ann = await Guest.join(server, 'ann');
		ann.say({ type: 'publish_track', track_id: PICTURE, track_type: 'video' });
		ann.say(offer());
		await ann.hear('answer');
		const error = await ann.hear('error');
		assert.equal(error.code, 400);
		assert.match(error.reason, new RegExp(PICTURE));
		await ann.close();
	}));

test('a place that is taken is kept by who answers, and lost by who does not', options, () => withServer({},
	async (server) => {
		const watcher = await Guest.join(server, 'watcher');
		const old = await Guest.join(server, 'ann');
		await watcher.hear('participant_joined');
		const late = await Guest.connect(server);
		const ask = { type: 'join_room', room_id: 'lobby', participant_id: 'ann' };
		assert.equal(await late.refused(ask), 409);
		assert.equal(await late.refused(ask), 409);
		old.plain.freeze();
		assert.equal(await late.refused(ask), 409);
		assert.equal((await watcher.hear('participant_left')).participant_id, 'ann');
		await late.join('ann');
		assert.equal((await watcher.hear('participant_joined')).participant_id, 'ann');
		old.plain.terminate();
		await closeAll(watcher, late);
	}));

test('rooms of the configuration keep their rules', options, () => withServer({
	conf: { 'plugin.videoroom': { sfu: { create_rooms: false }, 'room-5': { pin: 'secret', publishers: 1 } } },
}, async (server) => {
	const ann = await Guest.connect(server);
	const ask = { type: 'join_room', room_id: '5', participant_id: 'ann' };
	assert.equal(await ann.refused({ ...ask, room_id: 'lobby' }), 404);
	assert.equal(await ann.refused({ ...ask, room_id: 6 }), 404);
	assert.equal(await ann.refused(ask), 401);
	assert.equal(await ann.refused({ ...ask, pin: 'guess' }), 401);
	await ann.join('ann', 5, { pin: 'secret' });
	const bob = await Guest.join(server, 'bob', '5', { pin: 'secret' });
	ann.say({ type: 'publish_track', track_id: SOUND, track_type: 'audio' });
	ann.say(offer());
	await ann.hear('participant_joined');
	await ann.hear('answer');
	bob.say({ type: 'publish_track', track_id: SOUND, track_type: 'audio' });
	assert.equal(await bob.refused(offer()), 503);
	await closeAll(ann, bob);
}));

test('who comes first may give the room a pin', options, () => withServer({}, async (server) => {
	const ann = await Guest.join(server, 'ann', 'lobby', { pin: 'mine' });
	const bob = await Guest.connect(server);
	assert.equal(await bob.refused({ type: 'join_room', room_id: 'lobby', participant_id: 'bob' }), 401);
	await bob.join('bob', 'lobby', { pin: 'mine' });
	await closeAll(ann, bob);
}));

test('where an admin key is needed to make rooms, joining makes none', options, () => withServer({
	conf: { 'plugin.videoroom': { general: { admin_key: 'key' } } },
}, async (server) => {
	const ann = await Guest.connect(server);
	assert.equal(await ann.refused({ type: 'join_room', room_id: 'lobby', participant_id: 'ann' }), 404);
	await ann.close();
}));

test('joining may take a token for the room', options, () => withServer({
	conf: { core: { general: { token_auth: true, token_auth_secret: 's3' } },
		'plugin.videoroom': { sfu: { tokens: true } } },
}, async (server) => {
	const ann = await Guest.connect(server,
		`?token=${encodeURIComponent(signToken('s3', 'janus', [PLUGIN]))}`);
	const ask = { type: 'join_room', room_id: 'lobby', participant_id: 'ann' };
	assert.equal(await ann.refused(ask), 401);
	assert.equal(await ann.refused({ ...ask, token: signToken('s3', PLUGIN, ['room=hall']) }), 401);
	assert.equal(await ann.refused({ ...ask, token: signToken('s4', PLUGIN, ['room=lobby']) }), 401);
	await ann.join('ann', 'lobby', { token: signToken('s3', PLUGIN, ['room=lobby']) });
	await ann.close();
}));

test('no token will do where signed tokens are off', options, () => withServer(sfu({ tokens: true }),
	async (server) => {
		const ann = await Guest.connect(server);
		assert.equal(await ann.refused({ type: 'join_room', room_id: 'lobby', participant_id: 'ann',
			token: signToken('s3', PLUGIN, ['room=lobby']) }), 401);
		await ann.close();
	}));

test('who says too much is closed, and the others do not notice', options,
	() => withServer(sfu({ messages_per_second: 20 }), async (server) => {
		const ann = await Guest.join(server, 'ann');
		const bob = await Guest.join(server, 'bob');
		await ann.hear('participant_joined');
		for (let i = 0; i < 1000; i++)
			bob.say({ type: 'wink' });
		assert.equal(await within(5000, 'close of the flooder', bob.plain.closed), 1008);
		assert.equal((await ann.hear('participant_left')).participant_id, 'bob');
		await ann.close();
	}));

test('the session API meets /sfu in one room, and rules it', options, () => withServer({}, async (server) => {
	const client = await connect(server, 'ws');
	const session = await client.createSession();
	const room = await createRoom(session, { notify_joining: true });
	const handle = await session.attach(PLUGIN);
	await handle.message({ request: 'join', ptype: 'publisher', room, id: 7, display: 'Seven' });
	const ann = await Guest.join(server, 'ann', room);
	assert.equal(ann.found.room, room);
	assert.deepEqual(ann.found.participants, [{ participant_id: '7', display: 'Seven' }]);
	const { joining } = await handle.notice('joining', (d) => d.joining);
	assert.deepEqual(joining, { id: ann.found.feed, display: 'ann' });
	const { participants } = await handle.message({ request: 'listparticipants', room });
	assert.deepEqual(participants.find((p) => p.id === joining.id), { ...joining, publisher: false });

	/* an id in use is in use on both sides; digits are an id */
	const late = await Guest.connect(server);
	assert.equal(await late.refused({ type: 'join_room', room_id: room, participant_id: 7 }), 409);
	await late.join('8', room);
	assert.equal(late.found.feed, 8);
	assert.equal((await ann.hear('participant_joined')).participant_id, '8');
	const other = await session.attach(PLUGIN);
	const taken = await other.message({ request: 'join', ptype: 'publisher', room, id: 8 });
	assert.equal(taken.error_code, 436);
	await other.message({ request: 'join', ptype: 'publisher', room, id: 9 });
	assert.deepEqual(await ann.hear('participant_joined'), { type: 'participant_joined', participant_id: '9' });
	await other.detach();
	assert.equal((await ann.hear('participant_left')).participant_id, '9');

	await handle.message({ request: 'kick', room, id: 8 });
	for (const type of ['participant_joined', 'participant_left'])
		assert.equal((await late.hear(type)).participant_id, '9');
	assert.deepEqual(await late.hear('room_left'), { type: 'room_left', room_id: String(room), reason: 'kicked' });
	assert.equal((await ann.hear('participant_left')).participant_id, '8');
	await late.join('8', room);
	await ann.hear('participant_joined');
	await handle.message({ request: 'destroy', room });
	for (const guest of [ann, late])
		assert.equal((await guest.hear('room_left')).reason, 'destroyed');
	await ann.join('ann', 'lobby');
	await closeAll(ann, late, client);
}));

test('a room is recorded by who has its secret, and all hear of it', options, () => withServer({}, async (server) => {
	const client = await connect(server, 'ws');
	const session = await client.createSession();
	const room = await createRoom(session, { secret: 'open' });
	const api = await session.attach(PLUGIN);
	const joined = await api.message({ request: 'join', ptype: 'publisher', room });
	assert.equal(joined.recording, undefined);
	const ann = await Guest.join(server, 'ann', room);
	for (const [more, code] of [[{}, 400], [{ on: 'yes' }, 400], [{ on: true }, 401],
		[{ on: true, secret: 'shut' }, 401], [{ on: true, secret: 5 }, 400]]) {
		ann.say({ type: 'record_room', ...more });
		assert.equal((await ann.hear('error')).code, code, JSON.stringify(more));
	}
	for (const on of [true, false]) {
		ann.say({ type: 'record_room', on, secret: 'open' });
		assert.deepEqual(await ann.hear('recording'), { type: 'recording', on });
		assert.deepEqual(await api.notice('recording', (d) => d.recording === on),
			{ videoroom: 'event', room, recording: on });
	}
	await api.message({ request: 'enable_recording', room, secret: 'open', record: true });
	assert.deepEqual(await ann.hear('recording'), { type: 'recording', on: true });
	const bob = await Guest.join(server, 'bob', room);
	assert.deepEqual(await bob.hear('recording'), { type: 'recording', on: true });
	const late = await session.attach(PLUGIN);
	assert.equal((await late.message({ request: 'join', ptype: 'publisher', room })).recording, true);
	await closeAll(ann, bob, client);
}));

test('where ids are strings, both faces have the same', options, () => withServer({
	conf: { 'plugin.videoroom': { general: { string_ids: true } } },
}, async (server) => {
	const ann = await Guest.join(server, 'Ann of 7 \u20ac "rooms"', 'the lobby');
	assert.equal(ann.found.room, 'the lobby');
	assert.equal(ann.found.feed, ann.id);
	const client = await connect(server, 'ws');
	const handle = await (await client.createSession()).attach(PLUGIN);
	await handle.message({ request: 'join', ptype: 'publisher', room: 'the lobby', id: 'bob' });
	assert.equal((await ann.hear('participant_joined')).participant_id, 'bob');
	const { participants } = await handle.message({ request: 'listparticipants', room: 'the lobby' });
	assert.deepEqual(participants.map((p) => p.id).sort(), [ann.id, 'bob']);
	await closeAll(ann, client);
}));

test('where the API asks for a secret, so does the address', options, () => withServer({
	conf: { core: { general: { api_secret: 'sesame' } } },
}, async (server) => {
	const stranger = await Guest.connect(server);
	assert.equal((await stranger.hear('error')).code, 403);
	assert.equal(await within(5000, 'close', stranger.plain.closed), 1008);
	const friend = await Guest.connect(server, '?apisecret=sesame');
	await friend.join('ann');
	await friend.close();
}));

/** The same numbers in every run. */
function generator(seed) {
	let state = seed;
	return (n) => {
		state = (state * 1103515245 + 12345) % 2147483648;
		return Math.floor(state / 65536) % n;
	};
}

function anything(random) {
	const pick = (list) => list[random(list.length)];
	const track = () => pick(['0', '1', SOUND, PICTURE, 'z', 5]);
	const who = () => pick(['ann', 'bob', '7', 8, 'x y', '', null]);
	const sdp = () => pick([SDP, SDP, SDP.replaceAll('sendonly', 'inactive'), SDP.slice(0, random(SDP.length))]);
	return pick([
		() => ({ type: 'join_room', room_id: pick(['lobby', 7, 'x']), participant_id: who(), pin: pick(['a', undefined]) }),
		() => ({ type: 'join_room', room_id: 'lobby', participant_id: who() }),
		() => ({ type: 'publish_track', track_id: track(), track_type: pick(['audio', 'video']) }),
		() => ({ type: 'unpublish_track', track_id: track() }),
		() => offer(sdp()),
		() => ({ type: 'answer', answer: { type: 'answer', sdp: sdp() } }),
		() => ({ type: 'subscribe_track', publisher_id: who(), track_id: track() }),
		() => ({ type: 'unsubscribe_track', publisher_id: who(), track_id: track() }),
		() => ({ type: 'ice_candidate', candidate: pick([null, {}, { candidate: 'x', sdpMid: '0' }]),
			connection: pick(['publish', 'subscribe', undefined]) }),
		() => ({ type: pick(['leave_room', 'wink', 'wave', 'nod']) }),
	])();
}

test('an error arrives wherever its text was cut', options, () => withServer({}, async (server) => {
	const ann = await Guest.connect(server);
	for (let n = 0; n < 4; n++)
		assert.equal(await ann.refused({ type: `${'x'.repeat(n)}${'\u{1f600}'.repeat(60)}` }), 400);
	const name = '\u{1f600}'.repeat(32);
	await ann.join(name, name);
	for (let n = 0; n < 4; n++) {
		const track_id = `${'x'.repeat(n)}${'\u{1f600}'.repeat(31)}`;
		assert.equal(await ann.refused({ type: 'subscribe_track', publisher_id: name, track_id }), 404);
		const type = `${'x'.repeat(n)}${'\u{1f600}'.repeat(9)}`;
		assert.equal(await ann.refused({ type: 'offer', offer: { type, sdp: SDP } }), 400);
	}
	await ann.close();
}));

test('a dead holder is replaced in time, however often newcomers ask', options, () => withServer({}, async (server) => {
	const watcher = await Guest.join(server, 'watcher');
	const dead = await Guest.join(server, 'ann');
	dead.plain.freeze();
	const late = await Guest.connect(server);
	const join = { type: 'join_room', room_id: 'lobby', participant_id: 'ann' };
	await until('the place', async () => {
		late.say(join);
		const answer = await late.plain.inbox.take('answer', () => true);
		assert.ok(answer.type === 'room_joined' || answer.code === 409, JSON.stringify(answer));
		return answer.type === 'room_joined';
	}, { ms: 12000, every: 200 });
	assert.equal((await watcher.hear('participant_joined')).participant_id, 'ann');
	assert.equal((await watcher.hear('participant_left')).participant_id, 'ann');
	dead.plain.terminate();
	await closeAll(watcher, late);
}));

test('a room takes no more participants than it may have', options, () => withServer(sfu({ max_participants: 2 }),
	async (server) => {
		const ann = await Guest.join(server, 'ann');
		const bob = await Guest.join(server, 'bob');
		await ann.hear('participant_joined');
		const carl = await Guest.connect(server);
		assert.equal(await carl.refused({ type: 'join_room', room_id: 'lobby', participant_id: 'carl' }), 503);
		await bob.close();
		await ann.hear('participant_left');
		await carl.join('carl');
		await closeAll(ann, carl);
	}));

test('who says too much is told, and closed when it goes on', options, () => withServer(sfu({ messages_per_second: 20 }),
	async (server) => {
		const ann = await Guest.connect(server);
		for (let i = 0; i < 1000; i++)
			ann.say({ type: 'wink' });
		assert.equal(await within(5000, 'close of the flooder', ann.plain.closed), 1008);
		const codes = ann.plain.inbox.messages.map((m) => m.code);
		assert.ok(codes.filter((code) => code === 400).length >= 100, String(codes));
		assert.ok(codes.filter((code) => code === 429).length >= 101, String(codes));
	}));

test('whatever is said, in whatever order, leaves nothing behind', options,
	() => withServer(sfu({ messages_per_second: 100000 }), async (server) => {
		const random = generator(20261124);
		const client = await connect(server, 'ws');
		const handle = await (await client.createSession()).attach(PLUGIN);
		const guests = await Promise.all(Array.from({ length: 5 }, () => Guest.connect(server)));
		for (let n = 0; n < 3000; n++) {
			const i = random(guests.length);
			guests[i].say(anything(random));
			if (random(100) === 0) {
				guests[i].plain.terminate();
				guests[i] = await Guest.connect(server);
			}
			if (random(50) !== 0)
				continue;
			for (const { room } of (await handle.message({ request: 'list' })).list) {
				const { participants = [] } = await handle.message({ request: 'listparticipants', room });
				if (participants.length)
					await handle.message({ request: 'kick', room, id: participants[random(participants.length)].id });
			}
		}
		await closeAll(...guests);
		await until('end of the rooms', async () => !(await handle.message({ request: 'list' })).list.length);
		await client.close();
	}));
