// HTTP and WebSocket clients as people have them, each with whole sessions: straight, and through nginx and HAProxy with
// TLS and a path before ours, configured as conf/ shows.
import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import path from 'node:path';
import test, { after, before } from 'node:test';
import tls from 'node:tls';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { fetchHttp, newTransaction, WsClient } from '../lib/api.mjs';
import { makeCertificate, startProxy } from '../lib/proxies.mjs';
import { startServer } from '../lib/server.mjs';

const PYTHON = process.env.PYTHON_BIN ?? '/usr/bin/python3';
const run = promisify(execFile);
const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const proxies = [];
let server;
let folder;
let certificate;
let bases;

before(async () => {
	server = await startServer({ conf: { core: { web: { ip: '127.0.0.1', trusted_proxies: '127.0.0.1' } },
		'transport.http': { general: { acl: '127.,::1', acl_forwarded: true } } } });
	folder = makeCertificate();
	certificate = path.join(folder, 'cert.pem');
	for (const name of ['nginx', 'haproxy'])
		proxies.push(await startProxy(name, folder, server));
	bases = [server.apiUrl, ...proxies.map((p) => `${p.url}/janus`)];
});
after(async () => {
	for (const proxy of proxies)
		await proxy.end();
	await server?.stop();
	fs.rmSync(folder, { recursive: true, force: true });
});

/** @param ask (method, url, body) gives the answer's JSON */
async function session(base, ask) {
	const success = async (url, request) => {
		const answer = await ask('POST', url, JSON.stringify({ transaction: newTransaction(), ...request }));
		assert.ok(['success', 'ack'].includes(answer.janus), JSON.stringify(answer));
		return answer.data?.id;
	};
	const at = `${base}/${await success(base, { janus: 'create' })}`;
	const handle = `${at}/${await success(at, { janus: 'attach', plugin: 'janus.plugin.echotest' })}`;
	await success(handle, { janus: 'message', body: { audio: true } });
	const event = await ask('GET', at);
	assert.equal(event.plugindata?.data.result, 'ok', JSON.stringify(event));
	await success(at, { janus: 'destroy' });
}

/** The same session over each way. */
function everywhere(name, ask) {
	test(name, { timeout: 60000 }, async () => {
		for (const base of bases)
			await session(base, ask);
	});
}

// ---- curl ----

function curl(version, ...fields) {
	return async (method, url, body) => {
		const headers = ['Content-Type: application/json', ...fields].flatMap((field) => ['-H', field]);
		const data = body ? ['--data-binary', body, ...headers] : [];
		const { stdout } = await run('curl', ['-sS', '--max-time', '20', '--cacert', certificate, '-X', method, ...data, version,
			url]);
		return JSON.parse(stdout);
	};
}

everywhere('curl', curl('--http2')); // also as h2c, which is not spoken
everywhere('curl, with Expect: 100-continue', curl('--http1.1', 'Expect: 100-continue'));
everywhere('curl, in chunks', curl('--http1.1', 'Transfer-Encoding: chunked'));
everywhere('curl, HTTP/1.0', curl('--http1.0'));

// ---- Node.js ----

function node(headers, agents) {
	return (method, url, body) => new Promise((resolve, reject) => {
		const isTls = url.startsWith('https');
		const request = (isTls ? https : http).request(url, { method, headers, ca: fs.readFileSync(certificate),
			agent: agents?.[Number(isTls)] }, (answer) => {
			let text = '';
			answer.setEncoding('utf8').on('data', (piece) => { text += piece; })
				.on('end', () => resolve(JSON.parse(text))).on('error', reject);
		}).on('error', reject);
		if (body) { // without a length: in chunks
			request.write(body.slice(0, 7));
			request.write(body.slice(7));
		}
		request.end();
	});
}

const agents = [new http.Agent({ keepAlive: true }), new https.Agent({ keepAlive: true })];
everywhere('Node\'s http.request, without a length', node({}));
everywhere('Node\'s http.request, on one connection', node({}, agents));
after(() => agents.forEach((agent) => agent.destroy()));

// It takes no certificate of ours.
test('Node\'s fetch', { timeout: 60000 }, () => session(server.apiUrl,
	async (method, url, body) => (await fetch(url, { method, body })).json()));

// ---- as PHP's file_get_contents(): HTTP/1.0, and what comes until the end ----

function php(...lines) {
	return (method, url, body = '') => new Promise((resolve, reject) => {
		const { hostname, port, host, pathname, protocol } = new URL(url);
		const options = { host: hostname, port, ca: fs.readFileSync(certificate) };
		const socket = protocol === 'https:' ? tls.connect(options) : net.connect(options);
		let text = '';
		socket.setTimeout(20000, () => socket.destroy(new Error('time-out')));
		socket.setEncoding('utf8').on('data', (piece) => { text += piece; }).on('error', reject)
			.on('end', () => resolve(JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4))));
		const head = [`${method} ${pathname} HTTP/1.0`, `Host: ${host}`, ...lines,
			...(body ? [`Content-Length: ${body.length}`, 'Content-Type: application/x-www-form-urlencoded'] : [])];
		socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
	});
}

everywhere('PHP, with Connection: close', php('Connection: close'));
everywhere('PHP, without', php());

// ---- who it is ----

test('proxies lead to the pages without a slash, too', async () => {
	const ca = fs.readFileSync(certificate);
	for (const { url } of proxies) {
		const { status, headers } = await fetchHttp(url, { ca });
		assert.equal(status, 301, url);
		assert.equal(new URL(headers.location, url).pathname, '/meet/');
	}
});

test('proxies say who it is, whatever the client says', { timeout: 60000 }, async () => {
	const headers = { 'X-Forwarded-For': '192.0.2.1' };
	const ca = fs.readFileSync(certificate);
	const statuses = await Promise.all(bases.map((base) => fetchHttp(`${base}/info`, { headers, ca })
		.then((answer) => answer.status, () => 'refused')));
	assert.ok(statuses[0] === 'refused' || statuses[0] === 403, `${statuses[0]} straight`);
	assert.deepEqual(statuses.slice(1), [200, 200]);
});

// ---- WebSockets ----

test('WebSocket of Node', { timeout: 60000 }, async () => {
	for (const base of bases)
		for (const perMessageDeflate of [false, true]) {
			const client = await WsClient.connect(base.replace('http', 'ws'), { ca: fs.readFileSync(certificate), perMessageDeflate });
			const session = await client.createSession();
			const handle = await session.attach('janus.plugin.echotest');
			assert.equal((await handle.message({ audio: true })).result, 'ok');
			await session.destroy();
			await client.close();
		}
});

// ---- in other languages ----

test('Python: http.client, urllib, aiohttp', { timeout: 60000 }, async () => {
	assert.equal((await run(PYTHON, [here('sessions.py'), certificate, ...bases])).stdout, 'right\n');
});

test('Java: HttpClient and WebSocket', { timeout: 120000 }, async () => {
	assert.equal((await run('java', [here('Session.java'), ...bases])).stdout, 'right\n');
});
