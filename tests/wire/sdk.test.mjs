// What the SDK lends to plugins, by a plugin of the tests' own (modules/sdk.c) that lends it on.
import { strict as assert } from 'node:assert';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { connect, fetchHttp } from '../lib/api.mjs';
import { BIN, IS_REFERENCE, startServer, withServer } from '../lib/server.mjs';
import { handmade } from '../lib/handmade.mjs';
import { until } from '../lib/wait.mjs';

const options = { skip: IS_REFERENCE && 'a feature of our own', timeout: 60000 };

function conf(general = {}) {
	return { core: { general: { plugins_folder: path.join(path.dirname(BIN), 'tests/modules'), ...general } } };
}

async function attach(server) {
	const client = await connect(server, 'ws');
	const session = await client.createSession();
	return session.attach('cardea.plugin.sdk');
}

function ask(handle, request, fields = {}) {
	return handle.message({ request, ...fields });
}

async function figure(server, name) {
	const { text } = await fetchHttp(`${server.httpUrl}/metrics`);
	return text.match(new RegExp(`^${name} (\\d+)$`, 'm'))?.[1];
}

test('a hook that holds all others up is named', options, () => withServer({ conf: conf() }, async (server) => {
	const handle = await attach(server);
	await ask(handle, 'hold', { ms: 50 });
	await ask(handle, 'hold', { ms: 200 });
	await until('the line', () => server.log.includes('a plugin held all others up'));
	assert.match(server.log, /WARN.*a plugin held all others up plugin=sdk hook=message took_ms=2\d\d/);
	assert.equal(server.log.match(/held all others up plugin/g).length, 1);
	assert.equal(await figure(server, 'cardea_control_long_hooks_total'), '1');
}));

test('jobs run on the pool, and timers on the control thread', options, () => withServer({ conf: conf() }, async (server) => {
	const handle = await attach(server);
	const slow = ask(handle, 'work', { ms: 300 });
	assert.deepEqual(await ask(handle, 'timer', { ms: 1 }), { timer: true });
	assert.deepEqual(await slow, { run: true, cancelled: false });
	await ask(handle, 'leave_timers', { n: 50 });
}));

test('a plugin has its share of the pool', options, () => withServer({ conf: conf() }, async (server) => {
	const handle = await attach(server);
	const answers = await Promise.all(Array.from({ length: 17 }, () => ask(handle, 'work', { ms: 100 })));
	assert.equal(answers.filter((a) => a.full).length, 1);
	assert.equal(answers.filter((a) => a.run && !a.cancelled).length, 16);
}));

test('a job that runs when the server ends is waited for', options, async () => {
	const server = await startServer({ conf: conf() });
	const handle = await attach(server);
	ask(handle, 'work', { ms: 500 }).catch(() => {});
	await ask(handle, 'hold', { ms: 0 });
	await server.stop();
});

test('figures of plugins are shown', options, () => withServer({ conf: conf() }, async (server) => {
	const handle = await attach(server);
	assert.deepEqual(await ask(handle, 'metric', { name: 'things_total', add: 3 }), { there: true });
	await ask(handle, 'metric', { name: 'things_total', add: 4 });
	await ask(handle, 'metric', { name: 'size_bytes', set: 12 });
	assert.equal(await figure(server, 'cardea_sdk_things_total'), '7');
	assert.equal(await figure(server, 'cardea_sdk_size_bytes'), '12');
	for (const name of ['', 'Ab', 'a b', 'x\ny 1', 'x'.repeat(61)])
		assert.deepEqual(await ask(handle, 'metric', { name, add: 1 }), { there: false }, name);
	for (let i = 0; i < 62; i++)
		assert.deepEqual(await ask(handle, 'metric', { name: `n${i}`, add: 1 }), { there: true });
	assert.deepEqual(await ask(handle, 'metric', { name: 'one_more', add: 1 }), { there: false });
}));

test('the store outlives the server, also when it is killed', options, async (t) => {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cardea-store-'));
	t.after(() => fs.rmSync(folder, { recursive: true }));
	const start = () => startServer({ conf: conf({ state_dir: folder }) });
	let server = await start();
	let handle = await attach(server);
	await ask(handle, 'store_set', { key: 'a', value: { b: [1, 2, 'ü'] } });
	assert.deepEqual(await ask(handle, 'store_saved'), { saved: true });
	server.child.kill('SIGKILL');
	await server.exited;
	server.giveBack();

	server = await start();
	handle = await attach(server);
	assert.deepEqual(await ask(handle, 'store_get', { key: 'a' }), { value: { b: [1, 2, 'ü'] } });
	await ask(handle, 'store_set', { key: 'a', value: null });
	await ask(handle, 'store_set', { key: 'c', value: 'last' });
	await server.stop();

	server = await start();
	handle = await attach(server);
	assert.deepEqual(await ask(handle, 'store_all'), { values: { c: 'last' } });
	await server.stop();

	fs.writeFileSync(path.join(folder, 'store/sdk.json'), '{"version":1,"values":');
	server = await start();
	handle = await attach(server);
	assert.deepEqual(await ask(handle, 'store_get', { key: 'c' }), { value: null });
	await ask(handle, 'store_set', { key: 'c', value: 'new' });
	assert.deepEqual(await ask(handle, 'store_saved'), { saved: false });
	await until('word of it', () => server.log.includes('the file is broken'));
	assert.match(server.log, /the file is broken: left as it is, and nothing is kept plugin=sdk file=\S*store\/sdk.json/);
	await server.stop();
	assert.equal(fs.readFileSync(path.join(folder, 'store/sdk.json'), 'utf8'), '{"version":1,"values":');
});

test('the store has bounds', options, () => withServer({ conf: conf() }, async (server) => {
	const handle = await attach(server);
	const error = async (fields) => (await ask(handle, 'store_set', fields)).error;
	assert.equal(await error({ key: '', value: 1 }), 'A key is text of 1 to 256 bytes');
	assert.equal(await error({ key: 'k'.repeat(257), value: 1 }), 'A key is text of 1 to 256 bytes');
	assert.equal(await error({ key: 'big', value: 'x'.repeat(65536) }), 'The value of \'big\' has more than 65536 bytes');
	assert.equal(await error({ key: 'k', copies: 10000, value: 1 }), undefined);
	assert.equal(await error({ key: 'k', copies: 10000, value: 2 }), undefined);
	assert.equal(await error({ key: 'one more', value: 1 }), 'There are 10000 keys');
	assert.equal(await error({ key: 'k', copies: 255, value: 'x'.repeat(65000) }), undefined);
	assert.equal(await error({ key: 'k', copies: 300, value: 'x'.repeat(65000) }), 'All values have 16777216 bytes');
}));

test('HTTP paths go to their plugin', options, () => withServer({ conf: conf() }, async (server) => {
	const url = `${server.httpUrl}/sdk`;
	const said = await fetchHttp(`${url}/a%20b?x=%31`, { method: 'POST', body: 'ü\0!',
		headers: { 'Content-Type': 'text/x', Authorization: 'Bearer t' } });
	assert.deepEqual(said.json, { method: 'POST', path: '/a b', query: 'x=%31', ip: '127.0.0.1',
		authorization: 'Bearer t', content_type: 'text/x', body: 'ü\0!', secure: false });
	assert.equal((await fetchHttp(url)).json.path, '');
	const late = await fetchHttp(`${url}/later`);
	assert.deepEqual([late.status, late.text, late.headers['x-late']], [200, 'late', 'yes']);
	const refused = await fetchHttp(url, { method: 'DELETE' });
	assert.deepEqual([refused.status, refused.headers.allow], [405, 'GET, POST']);
	const preflight = await fetchHttp(url, { method: 'OPTIONS', headers: { Origin: 'https://page.example',
		'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'authorization' } });
	assert.deepEqual([preflight.status, preflight.headers['access-control-allow-methods'],
		preflight.headers['access-control-allow-headers'], preflight.headers['access-control-allow-origin']],
	[204, 'GET, POST', 'authorization', 'https://page.example']);
	assert.equal((await fetchHttp(`${url}/never`)).status, 504);
	const gone = await fetchHttp(`${url}/gone`);
	assert.equal(gone.json.gone, 4); // two, the late one, and the one that was never answered
}));

test('a client that leaves an HTTP path is told to its plugin', options, () => withServer({ conf: conf() }, async (server) => {
	const url = `${server.httpUrl}/sdk`;
	const leave = new AbortController();
	const left = fetchHttp(`${url}/never`, { signal: leave.signal }).catch(() => {});
	await fetchHttp(url);
	leave.abort();
	await left;
	await until('word of both', async () => (await fetchHttp(`${url}/gone`)).json.gone >= 2);
}));

test('a call may come by an HTTP path, and ends with the plugin\'s word', options, () => withServer({ conf: conf() }, async (server) => {
	const url = `${server.httpUrl}/sdk/call`;
	const offer = handmade([{ kind: 'audio', direction: 'sendrecv' }, { kind: 'video', direction: 'sendrecv' }]);
	const made = await fetchHttp(url, { method: 'POST', body: offer, headers: { 'Content-Type': 'application/sdp' } });
	assert.equal(made.status, 201, made.text);
	assert.equal(made.headers.location, '/sdk/call/1');
	assert.match(made.text, /^v=0\r\n[^]*m=audio 9 UDP\/TLS\/RTP\/SAVPF 111[^]*m=video 9/);
	assert.equal(await figure(server, 'cardea_control_sessions'), '1');
	const bad = await fetchHttp(url, { method: 'POST', body: 'v=0' });
	assert.equal(bad.status, 400, bad.text);
	await until('its end', async () => await figure(server, 'cardea_control_sessions') === '1');
}));

test('calls by HTTP paths count for their address', options, () => withServer({ conf: conf({ max_sessions: 2 }) }, async (server) => {
	const post = () => fetchHttp(`${server.httpUrl}/sdk/call`, { method: 'POST', body: handmade([{ kind: 'audio' }]) });
	assert.equal((await post()).status, 201);
	assert.equal((await post()).status, 201);
	const third = await post();
	assert.deepEqual([third.status, third.text], [503, 'Currently not accepting new sessions (there are 2)']);
}));
