// What one client or address may have, and how it is told that it has it: by an answer, always.
import { strict as assert } from 'node:assert';
import http from 'node:http';
import test from 'node:test';
import WebSocket from 'ws';
import { admin, connect, fetchHttp, HttpClient, WsClient } from '../lib/api.mjs';
import { metrics } from '../lib/metrics.mjs';
import { IS_REFERENCE, withServer } from '../lib/server.mjs';
import { until, within } from '../lib/wait.mjs';

const own = { skip: IS_REFERENCE && 'a limit of our own' };
const OTHER = '127.0.0.2'; // another address of this machine

function ping(client, transaction) {
	client.sendRaw(JSON.stringify({ janus: 'ping', transaction }));
}

function answersOf(client, n) {
	return Promise.all(Array.from({ length: n }, (_, i) => client.inbox.take(`answer ${i}`, () => true, 20000)));
}

test('over WebSocket what is over the allowance gets an error, and each request its answer', own,
	() => withServer({ conf: { core: { general: { requests_per_second: 5 } } } }, async (server) => {
		const greedy = await WsClient.connect(server.wsUrl), modest = await WsClient.connect(server.wsUrl);
		for (let i = 0; i < 300; i++)
			ping(greedy, `t${i}`);
		const answers = await answersOf(greedy, 300);
		assert.equal(new Set(answers.map((a) => a.transaction)).size, 300);
		const refused = answers.filter((a) => a.janus === 'error');
		assert.ok(refused.length > 100 && refused.length <= 250, `${refused.length} refused`);
		for (const { error } of refused) {
			assert.equal(error.code, 490);
			assert.match(error.reason, /more than 5 a second \(general\.requests_per_second\)/);
		}
		for (let i = 0; i < 20; i++)
			assert.equal((await modest.request({ janus: 'ping' })).janus, 'pong');
		const lines = server.log.split('\n').filter((l) => l.includes('option=general.requests_per_second'));
		assert.equal(lines.length, 1);
		assert.match(lines[0], /address=127\.0\.0\.1/);
		await greedy.close();
		await modest.close();
	}));

test('long messages of many requests take no more of an address than others', own,
	() => withServer({}, async (server) => {
		const greedy = await WsClient.connect(server.wsUrl), modest = await WsClient.connect(server.wsUrl);
		const many = `{"janus":"ping","transaction":"m","x":"${'x'.repeat(16300)}"}`.repeat(64);
		let isOver = false;
		for (let i = 0; i < 40; i++)
			greedy.sendRaw(many);
		async function askMeanwhile() {
			while (!isOver)
				assert.equal((await modest.request({ janus: 'ping' }, 20000)).error?.reason, undefined);
		}
		await Promise.all([askMeanwhile(), answersOf(greedy, 40 * 64).finally(() => { isOver = true; })]);
		await greedy.close();
		await modest.close();
	}));

test('over HTTP it gets 503 with Retry-After, by address', own,
	() => withServer({ conf: { core: { general: { requests_per_second: 5 } } } }, async (server) => {
		const post = (agent) => fetchHttp(server.apiUrl, { method: 'POST', agent,
			body: { janus: 'ping', transaction: 'p' } });
		const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
		const answers = await Promise.all(Array.from({ length: 200 }, () => post(agent)));
		const busy = answers.filter((a) => a.status === 503);
		assert.ok(busy.length > 50, `${busy.length} of 200`);
		assert.ok(answers.every((a) => [200, 503].includes(a.status)));
		assert.ok(busy.every((a) => a.headers['retry-after'] === '1' && a.json.error.code === 490
			&& a.headers['access-control-allow-origin']));
		agent.destroy();
		const other = new http.Agent({ localAddress: OTHER });
		assert.equal((await post(other)).json.janus, 'pong');
		// A long poll counts, and is answered too.
		assert.ok([404, 503].includes((await fetchHttp(`${server.apiUrl}/1`)).status));
	}));

test('an allowance of 0 is none', own,
	() => withServer({ conf: { core: { general: { requests_per_second: 0 } } } }, async (server) => {
		const client = await WsClient.connect(server.wsUrl);
		for (let i = 0; i < 5000; i++)
			ping(client, `t${i}`);
		const answers = await answersOf(client, 5000);
		assert.ok(answers.every((a) => a.janus === 'pong'));
		await client.close();
	}));

test('an address has so many sessions, over whatever it comes', own, () => withServer({
	conf: { core: { general: { max_sessions_per_address: 3 } } } }, async (server) => {
	const ws = await WsClient.connect(server.wsUrl), web = new HttpClient(server.apiUrl, { polls: false });
	const first = await ws.createSession();
	await web.createSession();
	const mesh = new WebSocket(`${server.httpUrl.replace('http', 'ws')}/mesh`);
	await within(5000, 'open /mesh', new Promise((resolve) => mesh.once('open', resolve)));
	await until('the session of /mesh', async () => (await admin(server, { janus: 'list_sessions' }))
		.sessions.length === 3);
	for (const client of [ws, web]) {
		const { error } = await client.request({ janus: 'create' });
		assert.equal(error.code, 472);
		assert.match(error.reason, /general\.max_sessions_per_address/);
	}
	const refused = new WebSocket(`${server.httpUrl.replace('http', 'ws')}/mesh`);
	const [said, code] = await within(5000, 'refusal at /mesh', new Promise((resolve) => {
		let text;
		refused.on('message', (m) => { text = String(m); }).on('close', (c) => resolve([text, c]));
	}));
	assert.match(said, /max_sessions_per_address/);
	assert.equal(code, 1013);
	const elsewhere = await WsClient.connect(server.wsUrl, { localAddress: OTHER });
	await elsewhere.createSession();
	assert.equal(server.log.split('\n').filter((l) => l.includes('max_sessions_per_address')).length, 1);
	assert.match(server.log, /address=127\.0\.0\.1 option=general\.max_sessions_per_address limit=3.*web\.trusted_proxies/);
	await first.destroy();
	await ws.createSession();
	mesh.terminate();
	await ws.close();
	await elsewhere.close();
	await web.close();
}));

test('behind a declared proxy the forwarded address counts, half of the sessions by default', own, () => withServer({
	conf: { core: { general: { max_sessions: 5 }, web: { trusted_proxies: '127.0.0.1' } } } }, async (server) => {
	const from = (ip) => WsClient.connect(server.wsUrl, { headers: { 'X-Forwarded-For': ip } });
	const post = (ip, body) => fetchHttp(server.apiUrl, { method: 'POST', body: { transaction: 't', ...body },
		headers: { 'X-Forwarded-For': ip } });
	const one = await from('192.0.2.1'), other = await from('2001:db8::1');
	await one.createSession();
	await one.createSession();
	assert.equal((await post('192.0.2.1', { janus: 'create' })).json.janus, 'success');
	for (const { error } of [await one.request({ janus: 'create' }),
		(await post('192.0.2.1', { janus: 'create' })).json]) {
		assert.equal(error.code, 472);
		assert.match(error.reason, /3 \(general\.max_sessions_per_address\)/);
	}
	await other.createSession();
	await other.createSession();
	const { error } = await other.request({ janus: 'create' });
	assert.equal(error.reason, 'Currently not accepting new sessions (there are 5)');
	await one.close();
	await other.close();
}));

test('an address makes half of the rooms that there may be', own, () => withServer({ conf: {
	core: { web: { trusted_proxies: '127.0.0.1' } }, 'plugin.videoroom': { general: { max_rooms: 6 } } } }, async (server) => {
	const from = async (ip) => {
		const client = await WsClient.connect(server.wsUrl, { headers: { 'X-Forwarded-For': ip } });
		const handle = await (await client.createSession()).attach('janus.plugin.videoroom');
		return async (body) => (await handle.request({ janus: 'message', body })).plugindata.data;
	};
	const [one, same, other] = await Promise.all(['192.0.2.1', '192.0.2.1', '2001:db8::1'].map(from));
	const made = [await one({ request: 'create' }), await one({ request: 'create' }), await same({ request: 'create', permanent: true })];
	for (const ask of [one, same]) {
		const { error_code, error } = await ask({ request: 'create' });
		assert.equal(error_code, 499);
		assert.match(error, /3 rooms already \(half of general\.max_rooms\)/);
	}
	assert.equal((await other({ request: 'create' })).videoroom, 'created');
	assert.equal((await other({ request: 'destroy', room: made[2].room })).videoroom, 'destroyed');
	assert.equal((await one({ request: 'create' })).videoroom, 'created', 'those that are gone do not count');
}));

test('what clients choose for a name has a length, of which they are told', own,
	() => withServer({}, async (server) => {
		for (const transport of ['ws', 'http']) {
			const client = await connect(server, transport);
			const session = await client.createSession();
			const { error } = await session.request({ janus: 'attach', plugin: 'janus.plugin.echotest',
				opaque_id: 'x'.repeat(100000) });
			assert.deepEqual(error, { code: 467,
				reason: 'Invalid element type (opaque_id should be a string of at most 1024 bytes)' });
			await client.close();
		}
		const client = await WsClient.connect(server.wsUrl);
		ping(client, 'x'.repeat(100000));
		assert.deepEqual(await client.inbox.take('an error'), { janus: 'error', error: { code: 467,
			reason: 'Invalid element type (transaction should be a string of at most 1024 bytes)' } });
		client.sendRaw(`{"janus":"ping","transaction":"many","x":[${'0,'.repeat(65536)}0]}`);
		const { error } = await client.inbox.take('an error');
		assert.equal(error.code, 454);
		assert.match(error.reason, /more than 65536 values/);
		await client.close();
	}));

test('of many long polls of one session the oldest are answered at once', own,
	() => withServer({}, async (server) => {
		const client = new HttpClient(server.apiUrl, { polls: false });
		const { id } = await client.createSession();
		const agent = new http.Agent({ keepAlive: true });
		const waiting = new Set();
		const polls = [];
		for (let i = 0; i < 20; i++) {
			waiting.add(i);
			polls.push(fetchHttp(`${server.apiUrl}/${id}`, { agent }).then((a) => {
				waiting.delete(i);
				return a;
			}));
			await until(`poll ${i} at the server`, async () => (await admin(server, { janus: 'query_transport',
				transport: 'janus.transport.http', request: { request: 'connections' } }))
				.response.connections.http >= waiting.size);
		}
		await until('16 of them', () => waiting.size === 16);
		assert.equal((await polls[0]).json.janus, 'keepalive');
		await client.request({ janus: 'destroy', session_id: id });
		await Promise.all(polls);
		await client.close();
		agent.destroy();
		assert.equal((await metrics(server)).cardea_control_sessions, 0);
	}));
