// Thousands of requests at once from one client, or one address: each is answered, and nobody else
// is refused anything or waits long.
import { strict as assert } from 'node:assert';
import net from 'node:net';
import test from 'node:test';
import tls from 'node:tls';
import { admin, fetchHttp, WsClient } from '../lib/api.mjs';
import { metrics } from '../lib/metrics.mjs';
import { isSanitized, withServer } from '../lib/server.mjs';
import { until, within } from '../lib/wait.mjs';

const SCALE = isSanitized() ? 10 : 1;
const FLOODER = '127.0.0.2';
// Of others while a flood goes on. Client and server share the machine, and the client is a busy
// Node process: where the server served the flood first, it would be seconds.
const PATIENCE_MS = 1000 * SCALE;

/** A masked text frame; the mask is zeros. */
function frame(text) {
	const body = Buffer.from(text);
	const head = body.length < 126 ? Buffer.from([0x81, 0x80 | body.length])
		: Buffer.from([0x81, 0xfe, body.length >> 8, body.length & 255]);
	return Buffer.concat([head, Buffer.alloc(4), body]);
}

/** A WebSocket as bare as can be, which writes frames in bulk and counts the answers. */
class Flooder {
	static async open(server, { reads = true, tlsPort } = {}) {
		const f = new Flooder();
		f.closed = false;
		f.words = { '"transaction":"flood"': { seen: 0, tail: '' }, '"janus":"error"': { seen: 0, tail: '' } };
		f.socket = tlsPort ? tls.connect({ port: tlsPort, host: '127.0.0.1', rejectUnauthorized: false })
			: net.connect({ port: server.wsPort, host: '127.0.0.1', localAddress: FLOODER });
		f.socket.setEncoding('latin1').on('error', () => {}).on('close', () => { f.closed = true; });
		const shaken = new Promise((resolve) => f.socket.once('data', resolve));
		f.socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
			+ 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n'
			+ 'Sec-WebSocket-Protocol: janus-protocol\r\n\r\n');
		assert.match(await within(5000, 'handshake', shaken), /^HTTP\/1.1 101 /);
		if (reads)
			f.socket.on('data', (text) => f.count(text));
		else
			f.socket.pause();
		return f;
	}

	get answered() { return this.words['"transaction":"flood"'].seen; }
	get refused() { return this.words['"janus":"error"'].seen; }

	/** A word that is cut in two is seen with the second piece: less than all of it is kept. */
	count(text) {
		for (const [word, w] of Object.entries(this.words)) {
			const all = w.tail + text;
			w.seen += all.split(word).length - 1;
			w.tail = all.slice(1 - word.length);
		}
	}

	send(n, what = 'ping') {
		this.socket.write(Buffer.concat(Array(n).fill(frame(`{"janus":"${what}","transaction":"flood"}`))));
	}
}

/** Ask for as long as @p others takes. @return the longest wait in ms */
async function askMeanwhile(server, others) {
	const client = await WsClient.connect(server.wsUrl);
	let over = false, longest = 0, asked = 0;
	others.finally(() => { over = true; }).catch(() => {});
	while (!over || asked < 10) {
		const began = performance.now();
		const answer = await client.request({ janus: 'ping' }, 10000 * SCALE);
		assert.equal(answer.janus, 'pong', JSON.stringify(answer));
		longest = Math.max(longest, performance.now() - began);
		asked++;
	}
	await client.close();
	await others;
	return longest;
}

// `info` costs the control thread far more than the web thread, so that requests pile up between them.
test('one connection sends 40,000 requests: all are answered, and so are others at once',
	() => withServer({}, async (server) => {
		const f = await Flooder.open(server), n = 40000 / SCALE;
		f.send(n, 'info');
		const wait = await askMeanwhile(server, until(() => `answers to all: ${f.answered}`,
			() => f.answered === n, { ms: 120000 }));
		assert.equal(f.refused, 0);
		assert.ok(wait < PATIENCE_MS, `others waited ${wait} ms`);
		const m = await metrics(server);
		assert.ok(m.cardea_control_clients_held_total > 0);
		assert.equal(m.cardea_control_requests_refused_total, 0);
		f.socket.destroy();
	}));

test('over TLS as well', () => withServer({ conf: (ports) => ({ core: { web: { secure_port: ports.udp } } }) },
	async (server) => { // that number is free as a TCP port
		const f = await Flooder.open(server, { tlsPort: server.ports.udp }), n = 100000 / SCALE;
		f.send(n);
		await until(() => `answers to all: ${f.answered}`, () => f.answered === n, { ms: 120000 });
		assert.ok((await metrics(server)).cardea_control_clients_held_total > 0);
		f.socket.destroy();
	}));

test('300 connections of one address send 60,000: all are answered, others are not refused',
	() => withServer({}, async (server) => {
		const all = [];
		for (let i = 0; i < 300; i++)
			all.push(await Flooder.open(server));
		const each = 200 / SCALE, sum = () => all.reduce((n, f) => n + f.answered, 0);
		all.forEach((f) => f.send(each));
		const wait = await askMeanwhile(server, until(() => `answers to all: ${sum()}`,
			() => sum() === 300 * each, { ms: 120000 }));
		assert.ok(wait < PATIENCE_MS, `others waited ${wait} ms`);
		all.forEach((f) => f.socket.destroy());
	}));

test('100 HTTP connections send 100 requests each without waiting: all are answered, and others at once',
	() => withServer({}, async (server) => {
		const body = '{"janus":"info","transaction":"flood"}', each = 100 / SCALE;
		const text = `POST /janus HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`.repeat(each);
		let answered = 0;
		const sockets = Array.from({ length: 100 }, () => {
			const socket = net.connect({ port: server.ports.http, host: '127.0.0.1', localAddress: FLOODER });
			let tail = '';
			socket.setEncoding('latin1').on('error', () => {}).on('data', (got) => {
				const all = tail + got;
				answered += all.split('"transaction":"flood"').length - 1;
				tail = all.slice(1 - '"transaction":"flood"'.length);
			});
			socket.write(text);
			return socket;
		});
		const wait = await askMeanwhile(server, until(() => `answers to all: ${answered}`,
			() => answered === 100 * each, { ms: 120000 }));
		assert.ok(wait < PATIENCE_MS, `others waited ${wait} ms`);
		sockets.forEach((socket) => socket.destroy());
	}));

test('a client that asks and does not read is read no more, and costs no memory; then all are answered',
	() => withServer({}, async (server) => {
		const f = await Flooder.open(server, { reads: false });
		const before = server.rssKib();
		let sent = 0;
		const wait = await askMeanwhile(server, until('that it is read no more', () => {
			f.send(10000);
			sent += 10000;
			return f.socket.writableLength > 8 << 20;
		}, { ms: 60000 }));
		assert.ok(wait < PATIENCE_MS, `others waited ${wait} ms`);
		if (SCALE === 1)
			assert.ok(server.rssKib() - before < 64 << 10, `grown by ${server.rssKib() - before} KiB`);
		f.socket.on('data', (text) => f.count(text)).resume();
		await until(() => `answers to all ${sent}: ${f.answered}`, () => f.answered === sent, { ms: 120000 });
		f.socket.destroy();
	}));

test('4,000 sessions of one connection are made, listed and ended without holding anybody up',
	() => withServer({ conf: { core: { general: { max_sessions: 4000, reclaim_session_timeout: 0 } } } },
		async (server) => {
			const n = 4000, owner = await WsClient.connect(server.wsUrl);
			const made = askMeanwhile(server, Promise.all(Array.from({ length: n }, () => owner.request(
				{ janus: 'create' }, 60000)))
				.then((answers) => assert.ok(answers.every((a) => a.janus === 'success'))));
			assert.ok(await made < PATIENCE_MS);
			const { sessions } = await admin(server, { janus: 'list_sessions' });
			assert.equal(sessions.length, n);
			assert.equal((await metrics(server)).cardea_control_sessions, n);
			assert.equal((await fetchHttp(`${server.httpUrl}/health`)).status, 200);
			owner.terminate();
			const wait = await askMeanwhile(server, until('the end of all sessions', async () => (await metrics(server))
				.cardea_control_sessions === 0, { ms: 30000 }));
			assert.ok(wait < PATIENCE_MS, `others waited ${wait} ms`);
		}));
