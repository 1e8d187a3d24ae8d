// Who comes into a video room, by whichever door, and what those hear who do not.
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import test from 'node:test';
import { connect } from '../lib/api.mjs';
import { createRoom } from '../lib/calls.mjs';
import { Guest } from '../lib/guest.mjs';
import { handmade } from '../lib/handmade.mjs';
import { IS_REFERENCE, withServer } from '../lib/server.mjs';
import { signToken } from './resign.mjs';

const PLUGIN = 'janus.plugin.videoroom';
const AV = [{ kind: 'audio' }, { kind: 'video' }];
const own = { skip: IS_REFERENCE && 'a rule of our own' };

/** Run @p body with a server and a session. */
const withSession = (conf, body) => withServer({ conf }, async (server) => {
	const client = await connect(server, 'ws');
	await body(server, await client.createSession());
	await client.close();
});

/** Say @p body on a new handle. @return the answer's data */
async function ask(session, body, jsep) {
	return (await session.attach(PLUGIN)).message(body, jsep);
}

const joinAs = (ptype, room, more) => ({ request: 'join', ptype, room, ...more });

async function refused(session, body, code, jsep) {
	const answer = await ask(session, body, jsep);
	assert.equal(answer.error_code, code, JSON.stringify([body, answer]));
	return answer.error;
}

test('a room made with a list of tokens lets in who has one', () => withSession({}, async (_, session) => {
	const room = await createRoom(session, { allowed: ['one', 'two'], secret: 's' });
	assert.equal(await refused(session, joinAs('publisher', room), 433), 'Unauthorized (not in the allowed list)');
	await refused(session, joinAs('publisher', room, { token: 'on' }), 433);
	await refused(session, { ...joinAs('publisher', room, { token: 'three' }), request: 'joinandconfigure' }, 433,
		{ type: 'offer', sdp: handmade(AV) });
	assert.equal((await ask(session, joinAs('publisher', room, { token: 'two' }))).videoroom, 'joined');

	const manage = { request: 'allowed', room, secret: 's' };
	const added = await ask(session, { ...manage, action: 'add', allowed: ['three'] });
	assert.deepEqual(added.allowed.toSorted(), ['one', 'three', 'two']);
	const kept = await ask(session, { ...manage, action: 'remove', allowed: ['two', 'none'] });
	assert.deepEqual(kept.allowed.toSorted(), ['one', 'three']);
	await refused(session, joinAs('publisher', room, { token: 'two' }), 433);
	assert.equal((await ask(session, joinAs('publisher', room, { token: 'three' }))).videoroom, 'joined');
	assert.deepEqual(await ask(session, { ...manage, action: 'disable' }), { videoroom: 'success', room });
	assert.equal((await ask(session, joinAs('publisher', room))).videoroom, 'joined');
	await refused(session, { ...manage, action: 'frob' }, 430);
	if (!IS_REFERENCE) // there it adds nothing
		await refused(session, { ...manage, action: 'add' }, 429);
	await refused(session, { request: 'allowed', room, action: 'enable' }, 429);
	await refused(session, { ...manage, secret: 'x', action: 'enable' }, 433);
}));

const TOKENS = { core: { general: { token_auth: true, token_auth_secret: 's3' } } };
const forCore = () => signToken('s3', 'janus', [PLUGIN]);
const forRoom = (room, secret = 's3') => signToken(secret, PLUGIN, [`room=${room}`]);

test('a room with signed tokens lets in who has one for it, to take part or to watch', own,
	() => withServer({ conf: TOKENS }, async (server) => {
		const client = await connect(server, 'ws');
		const session = await client.createSession({ token: forCore() });
		const room = await createRoom(session, { signed_tokens: true });
		for (const ptype of ['publisher', 'subscriber'])
			for (const token of ['', 'x', forRoom(room + 1), forRoom(room, 's4'), forCore()])
				await refused(session, joinAs(ptype, room, { token, feed: 1 }), 433);
		assert.equal(await refused(session, joinAs('publisher', room), 433), 'Unauthorized (wrong token)');
		const ann = await session.attach(PLUGIN);
		assert.equal((await ann.message(joinAs('publisher', room, { id: 1, token: forRoom(room) }))).videoroom, 'joined');
		await ann.message({ request: 'publish' }, { type: 'offer', sdp: handmade(AV) });
		assert.equal((await ask(session, joinAs('subscriber', room, { feed: 1, token: forRoom(room) }))).videoroom, 'attached');

		const guest = await Guest.connect(server, `?token=${encodeURIComponent(forCore())}`);
		const said = { type: 'join_room', room_id: room, participant_id: 7 };
		assert.equal(await guest.refused(said), 401);
		assert.equal(await guest.refused({ ...said, token: forRoom(room + 1) }), 401);
		await guest.join(7, room, { token: forRoom(room) });
		await guest.close();
		await client.close();
	}));

test('the commands of docs/admin.md make tokens that open a room', own,
	() => withServer({ conf: TOKENS }, async (server) => {
		const text = fs.readFileSync(new URL('../../docs/admin.md', import.meta.url), 'utf8');
		const commands = /^ {4}sign\(\)[^]*?\n\n/m.exec(text)[0].replace('the-token_auth_secret', 's3');
		const [forApi, forOne] = execFileSync('sh', ['-c', commands], { encoding: 'utf8' }).trim().split('\n');
		const client = await connect(server, 'ws');
		const session = await client.createSession({ token: forApi });
		await createRoom(session, { room: 1234, signed_tokens: true });
		assert.equal((await ask(session, joinAs('publisher', 1234, { token: forOne }))).videoroom, 'joined');
		await session.attach('janus.plugin.echotest');
		await client.close();
	}));

test('the rules of a room hold at /sfu, before it is told who is in', own, () => withSession({},
	async (server, session) => {
		const room = await createRoom(session, { pin: 'rose', allowed: ['tok'] });
		assert.equal((await ask(session, joinAs('publisher', room, { id: 1, pin: 'rose', token: 'tok' }))).videoroom, 'joined');
		const eve = await Guest.connect(server);
		const said = { type: 'join_room', room_id: room, participant_id: 1 };
		for (const more of [{}, { pin: 'x' }, { pin: 'rose' }, { pin: 'rose', token: 'x' }, { token: 'tok' }])
			assert.equal(await eve.refused({ ...said, ...more }), 401, JSON.stringify(more));
		assert.equal(await eve.refused({ ...said, pin: 'rose', token: 'tok' }), 409);
		await eve.close();
	}));

test('a stranger is told nothing of who is in a room with a pin', own, () => withSession({}, async (_, session) => {
	const room = await createRoom(session, { pin: 'rose', secret: 's' });
	const ann = await session.attach(PLUGIN);
	await ann.message(joinAs('publisher', room, { id: 1, pin: 'rose' }));
	await refused(session, joinAs('publisher', room, { id: 1 }), 429);
	await refused(session, joinAs('publisher', room, { id: 1, pin: 'x' }), 433);
	await refused(session, joinAs('subscriber', room, { feed: 77 }), 429);
	const list = { request: 'listparticipants', room };
	await refused(session, list, 429);
	await refused(session, { ...list, pin: 'x' }, 433);
	for (const [asks, body] of [[ann, list], [await session.attach(PLUGIN), { ...list, pin: 'rose' }],
		[await session.attach(PLUGIN), { ...list, secret: 's' }]])
		assert.deepEqual((await asks.message(body)).participants.map((p) => p.id), [1]);
}));

test('what a handle may do is judged before its fields', () => withSession({}, async (_, session) => {
	const room = await createRoom(session);
	for (const request of ['subscribe', 'unsubscribe', 'switch', 'publish', 'configure'])
		await refused(session, { request, streams: [{ feed: 'x' }] }, 424);
	const ann = await session.attach(PLUGIN);
	await ann.message(joinAs('publisher', room));
	for (const body of [{ request: 'subscribe' }, { request: 'switch', streams: [{ feed: 1 }] }])
		assert.equal((await ann.message(body)).error_code, 423);
}));

test('a list of more streams than there can be m-lines is refused', own, () => withSession({}, async (_, session) => {
	const room = await createRoom(session);
	const ann = await session.attach(PLUGIN);
	await ann.message(joinAs('publisher', room, { id: 1 }));
	const many = Array.from({ length: 100 }, (_v, i) => AV[i % 2]);
	assert.equal((await ann.message({ request: 'publish' }, { type: 'offer', sdp: handmade(many) })).configured, 'ok');
	const feeds = (n) => joinAs('subscriber', room, { streams: Array.from({ length: n }, () => ({ feed: 1 })) });
	for (const n of [3, 1000, 30000])
		await refused(session, feeds(n), 430);
	assert.equal((await ask(session, feeds(2))).streams.length, 200);
}));

test('there are only so many rooms, and what is said of them has a length', own, () => withSession({
	'plugin.videoroom': { general: { max_rooms: 3 } } }, async (server, session) => {
	assert.match(await refused(session, { request: 'create', description: 'x'.repeat(1025) }, 430), /description .*1024 bytes/);
	let n = 0;
	for (; n < 5; n++) {
		const { error, error_code } = await ask(session, { request: 'create', description: 'x'.repeat(1024) });
		if (!error)
			continue;
		assert.equal(error_code, 499);
		assert.match(error, /general\.max_rooms/);
		break;
	}
	const { list } = await ask(session, { request: 'list' });
	assert.equal(list.length, 3);
	assert.equal(n, list.filter((r) => r.description.length === 1024).length);
	const guest = await Guest.connect(server);
	assert.equal(await guest.refused({ type: 'join_room', room_id: 'new', participant_id: 'ann' }), 503);
	await guest.close();
}));
