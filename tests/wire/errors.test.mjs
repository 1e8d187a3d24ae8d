// What is answered to what cannot be: ids that no session has, texts whose quotation is cut within a character,
// bytes that belong into no header. TEST_SERVER=janus shows what clients are used to.
import { strict as assert } from 'node:assert';
import net from 'node:net';
import test, { after, before } from 'node:test';
import { admin, connect, fetchHttp, WsClient } from '../lib/api.mjs';
import { Plain } from '../lib/plain.mjs';
import { IS_REFERENCE, startServer, withServer } from '../lib/server.mjs';
import { until, within } from '../lib/wait.mjs';

const ECHO = 'janus.plugin.echotest';
const ROOM = 'janus.plugin.videoroom';
const unlessReference = { skip: IS_REFERENCE && 'not so there' };
const BEYOND = ['9223372036854775808', '10000000000000000000', '18446744073709551615'];
let server;

before(async () => { server = await startServer(); });
after(() => server?.stop());

const post = (url, body) => fetchHttp(url, { method: 'POST', body });
const asks = (janus) => ({ janus, transaction: 't', admin_secret: 'adminpwd' });

test('a session id beyond 2^63 in a path is no session', async () => {
	for (const id of BEYOND) {
		const { status, json } = await post(`${server.apiUrl}/${id}`, asks('keepalive'));
		assert.equal(status, 200);
		assert.deepEqual(json.error, { code: 458, reason: `No such session ${id}` });
		assert.equal((await fetchHttp(`${server.apiUrl}/${id}?maxev=1`)).status, 404);
		const told = await post(`${server.adminUrl}/${id}`, asks('list_handles'));
		assert.equal(told.json.error.code, 458);
	}
});

test('a handle id beyond 2^63 in a path is no handle', async () => {
	const client = await connect(server, 'http');
	const session = await client.createSession();
	for (const id of BEYOND) {
		const { json } = await post(`${server.apiUrl}/${session.id}/${id}`, { ...asks('message'), body: {} });
		assert.deepEqual(json.error, { code: 459, reason: `No such handle ${id} in session ${session.id}` });
	}
	await client.close();
});

test('a path may name a session with a sign, and none by a word', async () => {
	const error = async (part) => (await post(`${server.apiUrl}/${part}`, asks('keepalive'))).json.error;
	assert.deepEqual(await error('-1'), { code: 458, reason: `No such session ${BEYOND[2]}` });
	assert.deepEqual(await error('+17'), { code: 458, reason: 'No such session 17' });
	for (const part of ['x', '0', '-', '+'])
		assert.equal((await error(part)).code, 457, part);
});

test('a number beyond 2^63 in a message is no JSON', async () => {
	const client = await WsClient.connect(server.wsUrl);
	for (const id of BEYOND) {
		for (const name of ['session_id', 'handle_id']) {
			const text = `{"janus":"keepalive","transaction":"t","${name}":${id}}`;
			client.sendRaw(text);
			assert.equal((await client.inbox.take('error')).error.code, 454);
			const { json } = await fetchHttp(server.apiUrl, { method: 'POST', body: text });
			assert.equal(json.error.code, 454);
			assert.equal((await fetchHttp(server.adminUrl, { method: 'POST', body: text })).json.error.code, 454);
		}
	}
	await client.close();
});

test('a negative id and one that is no integer', async () => {
	const client = await WsClient.connect(server.wsUrl);
	const session = await client.createSession();
	const code = async (more) => (await client.request({ janus: 'keepalive', ...more })).error.code;
	assert.equal(await code({ session_id: -1 }), 458);
	assert.equal(await code({ session_id: 1e300 }), 457);
	assert.equal(await code({ session_id: session.id, handle_id: -1 }), 459);
	assert.equal(await code({ session_id: session.id, handle_id: 1e300 }), 459);
	await client.close();
});

const NO_STRING = [null, true, 0, 1.5, [], {}];
const NO_OBJECT = [null, true, 0, 1.5, 'x', [], [{}]];
const NO_NUMBER = [true, 1.5, 'x', [], {}];

test('a field of the wrong type has the same code at every door', async () => {
	for (const transport of ['ws', 'http']) {
		const client = await connect(server, transport);
		const session = await client.createSession();
		const { id: handle_id } = await session.attach(ECHO);
		const wrong = async (values, field, base, code, reason) => {
			for (const value of values) {
				const { error } = await client.request({ session_id: session.id, ...base, [field]: value });
				assert.deepEqual(error, { code, reason }, `${transport}: ${field} = ${JSON.stringify(value)}`);
			}
		};
		const type = (field, what) => `Invalid element type (${field} should be ${what})`;
		const attach = { janus: 'attach', plugin: ECHO };
		await wrong(NO_STRING, 'plugin', attach, 467, type('plugin', 'a string'));
		await wrong(NO_STRING, 'opaque_id', attach, 467, type('opaque_id', 'a string'));
		await wrong([...NO_NUMBER, null, -1], 'loop_index', attach, 467, type('loop_index', 'a positive integer'));
		const message = { janus: 'message', handle_id, body: {} };
		await wrong(NO_OBJECT, 'body', message, 467, type('body', 'an object'));
		await wrong(NO_OBJECT, 'jsep', message, 455, 'Invalid jsep object');
		await wrong(NO_NUMBER, 'handle_id', message, 459, 'Handle not found');
		await wrong(NO_NUMBER, 'session_id', { janus: 'attach' }, 457, "Unhandled request 'attach' at this path");
		const jsep = (more) => ({ ...message, jsep: { type: 'offer', sdp: 'v=0', ...more } });
		for (const value of NO_STRING)
			for (const field of ['type', 'sdp'])
				await wrong([jsep({ [field]: value }).jsep], 'jsep', message, 467,
					`JSEP error: invalid element type (${field} should be a string)`);
		for (const value of [null, 0, 'true', [], {}])
			await wrong([jsep({ trickle: value }).jsep], 'jsep', message, 467,
				'JSEP error: invalid element type (trickle should be a boolean)');
		await wrong(['nosuch'], 'janus', {}, 453, "Unknown request 'nosuch'");
		await client.close();
	}
});

test('a handle id that is no integer does not make a request one on a handle', async () => {
	const client = await WsClient.connect(server.wsUrl);
	for (const handle_id of [...NO_NUMBER, null, 0])
		assert.equal((await client.request({ janus: 'ping', handle_id })).janus, 'pong');
	assert.deepEqual((await client.request({ janus: 'ping', handle_id: 5 })).error,
		{ code: 458, reason: 'Session not found' });
	await client.close();
});

test('transaction and request are named where they are wrong, without an echo', async () => {
	const client = await WsClient.connect(server.wsUrl);
	for (const value of NO_STRING)
		for (const field of ['transaction', 'janus']) {
			client.sendRaw(JSON.stringify({ janus: 'ping', transaction: 't', [field]: value }));
			assert.deepEqual(await client.inbox.take('error'), { janus: 'error',
				error: { code: 467, reason: `Invalid element type (${field} should be a string)` } });
		}
	await client.close();
});

/** Names of up to 125 bytes. Wherever they are cut, one of them is so within a character. */
const longNames = ['é', '€', '😀'].flatMap((c) => [0, 1, 2, 3].map((pad) => 'x'.repeat(pad)
	+ c.repeat(Math.floor(122 / Buffer.byteLength(c)))));

/** The longest part of @p name that a reason quotes: whole characters, and most of what fits. */
function assertQuotes(reason, name) {
	const quoted = /'([^']*)'/.exec(reason)?.[1] ?? '';
	assert.ok(Buffer.byteLength(quoted) > 96 && name.startsWith(quoted), `${reason} does not quote ${name}`);
}

test('a name that is cut within a character is quoted up to it', unlessReference, async () => {
	for (const transport of ['ws', 'http']) {
		const client = await connect(server, transport);
		const session = await client.createSession();
		const echo = await session.attach(ECHO), room = await session.attach(ROOM);
		for (const name of longNames) {
			const { error } = await client.request({ janus: name });
			assert.equal(error.code, 457);
			assertQuotes(error.reason, name);
			const unknown = await session.request({ janus: name });
			assert.equal(unknown.error.code, 453);
			assertQuotes(unknown.error.reason, name);
			const plugin = await session.request({ janus: 'attach', plugin: name });
			assert.equal(plugin.error.code, 460);
			assertQuotes(plugin.error.reason, name);
			const { error_code, error: words } = await room.message({ request: name });
			assert.equal(error_code, 423);
			assertQuotes(words, name);
			const jsep = await echo.request({ janus: 'message', body: {}, jsep: { type: name, sdp: 'v=0' } });
			assert.equal(jsep.error.code, 464);
			assertQuotes(jsep.error.reason, name);
			const bad = await echo.request({ janus: 'message', body: {}, jsep: { type: 'offer', sdp: `v=0\r\n${name}` } });
			assert.equal(bad.error.code, 465);
		}
		await client.close();
	}
});

test('the Admin API quotes like the other one', unlessReference, async () => {
	for (const name of longNames) {
		const { error } = await admin(server, { janus: name });
		assert.equal(error.code, 457);
		assertQuotes(error.reason, name);
		const inner = await admin(server, { janus: 'message_plugin', plugin: ROOM, request: { request: name } });
		assert.equal(inner.response.error_code, 423);
		assertQuotes(inner.response.error, name);
		const query = await admin(server, { janus: 'query_transport', transport: 'janus.transport.http',
			request: { request: name } });
		assertQuotes(query.response.error, name);
	}
});

test('the plain protocols quote like the API', unlessReference, async () => {
	for (const path of ['/mesh', '/sfu']) {
		const client = await Plain.connect(server.httpUrl.replace('http', 'ws') + path);
		for (const name of longNames) {
			client.say({ type: name });
			const { code, reason } = await client.hear('error');
			assert.equal(code, 400);
			assert.ok(!reason.includes('�'), reason);
		}
		client.sayRaw('["\\é"]');
		const { reason } = await client.hear('error');
		assert.ok(reason.length > 10, reason);
		await client.close();
	}
});

test('text that cannot be parsed is told so, whatever it is', unlessReference, async () => {
	for (const bad of ['["\\é"]', '{"janus":"\\€"}', '{"a":😀}', `{"${'é'.repeat(300)}" 1}`, '{"a":"\u0001é"}']) {
		const client = await WsClient.connect(server.wsUrl);
		client.sendRaw(bad);
		const { error } = await client.inbox.take('error');
		assert.equal(error.code, 454, bad);
		assert.ok(error.reason.length > 10, bad);
		for (const url of [server.apiUrl, server.adminUrl]) {
			const { json } = await fetchHttp(url, { method: 'POST', body: bad });
			assert.equal(json?.error?.code, 454, bad);
			assert.ok(json.error.reason.length > 10, bad);
		}
		await client.close();
	}
});

/** One request as it is, byte by byte. @return the head of the answer, "" where there is none */
function head(text) {
	return within(5000, 'an answer', new Promise((resolve, reject) => {
		const socket = net.connect(server.ports.http, '127.0.0.1');
		let got = '';
		socket.setEncoding('latin1').on('data', (d) => { got += d; }).on('error', reject)
			.on('close', () => resolve(got.split('\r\n\r\n')[0]));
		socket.write(Buffer.from(text, 'latin1'));
	}));
}

const preflight = (lines, path = '/janus') => head(`OPTIONS ${path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n`
	+ `${lines.map((l) => `${l}\r\n`).join('')}\r\n`);

test('a preflight is allowed what it asks for', async () => {
	const answer = await preflight(['Access-Control-Request-Method: POST',
		'Access-Control-Request-Headers: content-type, x-own']);
	assert.match(answer, /^HTTP\/1.1 200/);
	assert.match(answer, /\r\naccess-control-allow-methods: POST(\r\n|$)/i);
	assert.match(answer, /\r\naccess-control-allow-headers: content-type, x-own(\r\n|$)/i);
});

test('no byte that has no place in a header is echoed', unlessReference, async () => {
	const bytes = Array.from({ length: 256 }, (_, i) => i).filter((i) => i < 32 || i >= 127);
	for (const byte of bytes) {
		const value = `x${String.fromCharCode(byte)}y`;
		for (const name of ['Method', 'Headers']) {
			const answer = await preflight([`Access-Control-Request-${name}: ${value}`]);
			assert.ok(!/allow-(methods|headers)/i.test(answer), `${byte}: ${answer}`);
			assert.match(answer, /^HTTP\/1.1 (200|400)/);
		}
	}
	for (const value of ['a: b', 'x"y', '(x)', 'a;b'])
		assert.ok(!/allow-headers/i.test(await preflight([`Access-Control-Request-Headers: ${value}`])), value);
});

test('a preflight that asks for too much is refused, not cut', unlessReference, async () => {
	const list = (n) => Array.from({ length: n }, (_, i) => `x-${i}`).join(',');
	assert.match(await preflight([`Access-Control-Request-Headers: ${list(300)}`]), /,x-299(\r\n|$)/);
	assert.match(await preflight([`Access-Control-Request-Headers: ${list(600)}`]), /^HTTP\/1.1 431/);
});

test('a redirection names the session and nothing of the request', async () => {
	for (const path of ['/janus/123/456%0d%0aX-Bad:1', '/janus/123/456%00', '/janus/0123/x']) {
		const answer = await head(`GET ${path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`);
		assert.ok(!/x-bad/i.test(answer), answer);
		assert.ok(!/location/i.test(answer) || /\r\nlocation: \/janus\/0?123(\r\n|$)/i.test(answer), answer);
	}
});

test('info names its commit and its libraries', unlessReference, async () => {
	const { json: info } = await fetchHttp(`${server.apiUrl}/info`);
	assert.match(info['commit-hash'], /^([0-9a-f]{40}(-changed)?|unknown)$/);
	for (const name of ['glib2', 'jansson', 'libnice', 'libsrtp', 'usrsctp', 'libcurl', 'crypto', 'libwebsockets',
		'libuv', 'llhttp', 'wslay', 'libconfig'])
		assert.match(info.dependencies[name], /\d+\.\d+/, name);
});

test('candidates_timeout = 0 means the default', () => withServer({
	conf: { core: { general: { candidates_timeout: 0 } } } }, async (own) => {
	const { json: info } = await fetchHttp(`${own.apiUrl}/info`);
	assert.equal(info['candidates-timeout'], 45);
}));

test('what a client says forges no line of the log', unlessReference, () => withServer({
	conf: { 'plugin.videoroom': { general: { string_ids: true } }, core: { general: { debug_colors: false } } } },
async (own) => {
	const client = await connect(own, 'ws');
	const room = await (await client.createSession()).attach(ROOM);
	const name = 'a\u001b[2J\r\n[ERROR] core: forged\u009b1m\u202eé';
	assert.equal((await room.message({ request: 'create', room: name })).room, name);
	await client.close();
	await until('the line', () => own.log.includes('room created'));
	assert.match(own.log, /room created room="a\\x1b\[2J {2}\[ERROR\] core: forged\\xc2\\x9b1m\\xe2\\x80\\xaeé"\n/);
}));
