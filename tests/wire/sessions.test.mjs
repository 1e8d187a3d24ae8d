// The life of sessions: owners, claims, long polls, timeouts, and what a room hears of it.
import { strict as assert } from 'node:assert';
import test, { after, before } from 'node:test';
import { admin, connect, fetchHttp, HttpClient } from '../lib/api.mjs';
import { createRoom } from '../lib/calls.mjs';
import { IS_REFERENCE, startServer, withServer } from '../lib/server.mjs';
import { until, within } from '../lib/wait.mjs';
import { signToken } from './resign.mjs';

const ECHO = 'janus.plugin.echotest';
const unlessReference = { skip: IS_REFERENCE && 'a quirk of the reference' };
let server;
let quick;

before(async () => {
	server = await startServer();
	quick = await startServer({ conf: { core: { general: { session_timeout: 2,
		reclaim_session_timeout: 3, opaqueid_in_api: true } } } });
});
after(async () => {
	await server?.stop();
	await quick?.stop();
});

function poll(at, session, query = '', options = {}) {
	return fetchHttp(`${at.apiUrl}/${session.id}${query}`, options);
}

test('a session expires when nothing is asked, and says so', async () => {
	for (const transport of ['ws', 'http']) {
		const client = await connect(quick, transport);
		const started = Date.now();
		const session = await client.createSession();
		await client.event('timeout', (m) => m.janus === 'timeout' && m.session_id === session.id, 8000);
		const lived = (Date.now() - started) / 1000;
		assert.ok(lived > 1.5 && (IS_REFERENCE || lived < 4.5), `lived ${lived} s`);
		const answer = await session.request({ janus: 'keepalive' });
		assert.equal(answer.error.code, 458);
		await client.close();
	}
});

test('requests keep a session, also failing ones; the Admin API does not', async () => {
	const client = await connect(quick, 'ws');
	const session = await client.createSession();
	const end = Date.now() + 4500;
	while (Date.now() < end)
		assert.equal((await session.request({ janus: 'nosuch' })).error.code, 453);
	await until('expiry although watched', async () => {
		const { sessions } = await admin(quick, { janus: 'list_sessions' });
		await admin(quick, { janus: 'list_handles', session_id: session.id });
		return !sessions.includes(session.id);
	}, { ms: 9000, every: 200 });
	await client.close();
});

test('opaque ids appear in answers and events where configured', async () => {
	const client = await connect(quick, 'ws');
	const session = await client.createSession();
	const handle = await session.attach('janus.plugin.videoroom', { opaque_id: 'op-1' });
	const answer = await handle.request({ janus: 'message', body: { request: 'exists', room: 1 } });
	assert.equal(answer.opaque_id, 'op-1');
	await handle.detach();
	assert.equal((await handle.core('detached')).opaque_id, 'op-1');
	await client.close();
});

test('a lost session is claimed over another connection within its time', async () => {
	const first = await connect(quick, 'ws');
	const session = await first.createSession();
	const handle = await session.attach(ECHO);
	first.terminate();
	const second = await connect(quick, 'ws');
	const claim = await second.request({ janus: 'claim', session_id: session.id });
	assert.equal(claim.janus, 'success');
	const sent = await second.request({ janus: 'message', session_id: session.id,
		handle_id: handle.id, body: { audio: true }, transaction: 'after-claim' });
	assert.equal(sent.janus, 'ack');
	await second.event('event', (m) => m.transaction === 'after-claim');
	await second.close();
});

test('a lost session that nobody claims is gone', async () => {
	const first = await connect(quick, 'ws');
	const session = await first.createSession();
	first.terminate();
	await until('end of the session', async () => !(await admin(quick, { janus: 'list_sessions' }))
		.sessions.includes(session.id), { ms: 9000, every: 100 });
	const second = await connect(quick, 'ws');
	const claim = await second.request({ janus: 'claim', session_id: session.id });
	assert.equal(claim.error.code, 458);
	await second.close();
});

test('without a time for reclaiming, the owner takes its sessions along', async () => {
	const first = await connect(server, 'ws');
	const sessions = [await first.createSession(), await first.createSession()];
	await first.close();
	await until('end of both sessions', async () => {
		const left = (await admin(server, { janus: 'list_sessions' })).sessions;
		return !sessions.some((s) => left.includes(s.id));
	});
});

test('a claim moves a session from HTTP to WebSocket with its events', async () => {
	const web = new HttpClient(server.apiUrl, { polls: false });
	const session = await web.createSession();
	const handle = await session.attach(ECHO);
	const ws = await connect(server, 'ws');
	assert.equal((await ws.request({ janus: 'claim', session_id: session.id })).janus, 'success');
	assert.equal((await poll(server, session)).status, 404);
	await session.request({ janus: 'message', handle_id: handle.id, body: { audio: true },
		transaction: 'moved' });
	await ws.event('event', (m) => m.transaction === 'moved');
	await ws.close();
	await web.close();
});

test('a claim moves a session from WebSocket to HTTP with its events', async () => {
	const ws = await connect(server, 'ws');
	const session = await ws.createSession();
	const handle = await session.attach(ECHO);
	const web = new HttpClient(server.apiUrl, { polls: false });
	assert.equal((await poll(server, session)).status, 404);
	assert.equal((await web.request({ janus: 'claim', session_id: session.id })).janus, 'success');
	await handle.request({ janus: 'message', body: { audio: true }, transaction: 'moved' });
	const answer = await poll(server, session);
	assert.equal(answer.json.transaction, 'moved');
	await ws.close();
	assert.equal((await web.request({ janus: 'keepalive', session_id: session.id })).janus, 'ack');
	await web.close();
});

test('a poll gives one object, or as many as asked for', async () => {
	const web = new HttpClient(server.apiUrl, { polls: false });
	const session = await web.createSession();
	const handle = await session.attach(ECHO);
	for (let i = 0; i < 6; i++)
		await handle.request({ janus: 'message', body: { audio: true } });
	const count = async (query) => {
		const { json } = await poll(server, session, query);
		return Array.isArray(json) ? json.length : 'one';
	};
	assert.equal(await count(''), 'one');
	assert.equal(await count('?maxev=1'), 'one');
	assert.equal(await count('?maxev=0'), 'one');
	assert.equal(await count('?maxev=garbage&rid=123'), 'one');
	const rest = await count('?maxev=5');
	assert.ok(rest === 1 || rest === 2, String(rest));
	await session.destroy();
	assert.equal((await poll(server, session)).status, 404);
	await web.close();
});

test('an event is kept when the poll that waited was dropped', unlessReference, async () => {
	const web = new HttpClient(server.apiUrl, { polls: false });
	const session = await web.createSession();
	const handle = await session.attach(ECHO);
	const dropped = new AbortController();
	const waiting = poll(server, session, '', { signal: dropped.signal }).catch((e) => e.name);
	// The poll has reached the server when a later request of ours has been answered.
	await session.request({ janus: 'keepalive' });
	dropped.abort();
	assert.equal(await waiting, 'AbortError');
	await handle.request({ janus: 'message', body: { audio: true }, transaction: 'kept' });
	assert.equal((await poll(server, session)).json.transaction, 'kept');
	await web.close();
});

test('one event ends all polls of a session', async () => {
	const web = new HttpClient(server.apiUrl, { polls: false });
	const session = await web.createSession();
	const handle = await session.attach(ECHO);
	const polls = [poll(server, session, '?maxev=5'), poll(server, session, '?maxev=5')];
	await session.request({ janus: 'keepalive' });
	await handle.request({ janus: 'message', body: { audio: true } });
	const kinds = (await Promise.all(polls)).map((a) => a.json[0].janus).sort();
	assert.deepEqual(kinds, ['event', 'keepalive']);
	await web.close();
});

test('of two polls the newer gets the event, and destroy ends one at once', unlessReference, async () => {
	const web = new HttpClient(server.apiUrl, { polls: false });
	const session = await web.createSession();
	const handle = await session.attach(ECHO);
	const waiting = (n) => until(`${n} waiting polls`, async () => (await admin(server, { janus: 'query_transport',
		transport: 'janus.transport.http', request: { request: 'connections' } })).response.connections.http === n);
	const older = poll(server, session);
	await waiting(1);
	const newer = poll(server, session);
	await waiting(2);
	await handle.request({ janus: 'message', body: { audio: true } });
	assert.equal((await older).json.janus, 'keepalive');
	assert.equal((await newer).json.janus, 'event');
	const last = poll(server, session);
	await waiting(1);
	await session.destroy();
	assert.equal((await within(2000, 'end of the poll', last)).json.janus, 'keepalive');
	await web.close();
});

async function stayAndVanish(vanishing) {
	const stayer = await connect(quick, 'ws');
	const session = await stayer.createSession();
	const keepalive = setInterval(() => session.request({ janus: 'keepalive' }), 500);
	try {
		const room = await createRoom(session);
		const ann = await session.attach('janus.plugin.videoroom');
		await ann.message({ request: 'join', ptype: 'publisher', room, display: 'Ann' });
		const guest = vanishing === 'ws' ? await connect(quick, 'ws')
			: new HttpClient(quick.apiUrl, { polls: false });
		const theirs = await guest.createSession();
		const ben = await theirs.attach('janus.plugin.videoroom');
		if (vanishing === 'ws') {
			const joined = await ben.message({ request: 'join', ptype: 'publisher', room, id: 7 });
			assert.equal(joined.id, 7);
			guest.terminate();
		} else {
			await ben.request({ janus: 'message', body: { request: 'join', ptype: 'publisher', room,
				id: 7 } });
			await guest.close();
		}
		await ann.notice('leaving of the vanished', (d) => d.leaving === 7, 12000);
		const list = await ann.message({ request: 'listparticipants', room });
		assert.equal(list.participants.length, 1);
	} finally {
		clearInterval(keepalive);
		await stayer.close();
	}
}

test('a room hears of a client that vanished: WebSocket', () => stayAndVanish('ws'));
test('a room hears of a client that vanished: HTTP', () => stayAndVanish('http'));

test('the API secret is asked of requests and polls', () => withServer({
	conf: { core: { general: { api_secret: 'janusrocks' } } } }, async (locked) => {
	for (const transport of ['ws', 'http']) {
		const client = await connect(locked, transport);
		assert.equal((await client.request({ janus: 'create' })).error.code, 403);
		assert.equal((await client.request({ janus: 'create', apisecret: 'no' })).error.code, 403);
		assert.equal((await client.request({ janus: 'ping' })).janus, 'pong');
		const session = await client.createSession({ apisecret: 'janusrocks' });
		const handle = await session.attach(ECHO);
		assert.equal((await handle.message({ audio: true })).result, 'ok');
		assert.equal((await poll(locked, session)).status, 403);
		await client.close();
	}
}));

test('signed tokens open what they name, until they expire', () => withServer({
	conf: { core: { general: { token_auth: true, token_auth_secret: 's3' } } } }, async (locked) => {
	const client = await connect(locked, 'ws');
	const refused = async (token) => assert.equal((await client.request({ janus: 'create', token }))
		.error.code, 403);
	await refused(signToken('other', 'janus', [ECHO]));
	await refused(signToken('s3', 'janus', [ECHO], -1));
	await refused(signToken('s3', 'janus.plugin.videoroom', [ECHO]));
	await refused(`${signToken('s3', 'janus', [ECHO])}:x`);
	const session = await client.createSession({ token: signToken('s3', 'janus', [ECHO]) });
	await session.attach(ECHO);
	const room = await session.request({ janus: 'attach', plugin: 'janus.plugin.videoroom' });
	assert.equal(room.error.code, 405);
	await client.close();
}));

test('a plugin answers to both its names with the one it was attached by', unlessReference, async () => {
	const client = await connect(server, 'ws');
	const session = await client.createSession();
	for (const plugin of ['janus.plugin.videoroom', 'cardea.plugin.videoroom']) {
		const handle = await session.attach(plugin);
		const answer = await handle.request({ janus: 'message', body: { request: 'exists', room: 1 } });
		assert.equal(answer.plugindata.plugin, plugin);
	}
	await client.close();
});
