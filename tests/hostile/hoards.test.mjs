// Many who send most of a long message, and no end of it: what the server keeps for them is bounded, half of it for an
// address, and whoever says little, or comes from elsewhere, is served.
import { strict as assert } from 'node:assert';
import net from 'node:net';
import test from 'node:test';
import WebSocket from 'ws';
import { WsClient } from '../lib/api.mjs';
import { metrics } from '../lib/metrics.mjs';
import { isSanitized, withServer } from '../lib/server.mjs';
import { until, within } from '../lib/wait.mjs';

const MIB = 1024 * 1024, EACH = 150, ADDRESS_MIB = 128, ALL_MIB = 256;
const PIECE = Buffer.alloc(MIB - 100, 'x');

/** A connection from @p from that sends @p head and most of a message. */
function hoarder(port, from, head) {
	const socket = net.connect({ port, host: '127.0.0.1', localAddress: from });
	socket.heard = Buffer.alloc(0);
	socket.on('data', (d) => { socket.heard = Buffer.concat([socket.heard, d]); }).on('error', () => {});
	socket.write(head);
	socket.sent = new Promise((resolve) => { socket.write(PIECE, resolve); socket.once('close', resolve); });
	return socket;
}

const POST = `POST /janus HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${MIB}\r\n\r\n`;
const UPGRADE = 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
	+ 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'
	+ 'Sec-WebSocket-Protocol: janus-protocol\r\n\r\n';
/** The head of a masked frame that is not the last of its message. */
const FRAME = Buffer.from([0x01, 0xff, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0]);

const crowd = (port, from, head) => Array.from({ length: EACH }, () => hoarder(port, from, head));
const kept = async (server) => (await metrics(server)).cardea_web_kept_bytes / MIB;

function longPing(server, from) {
	return new Promise((resolve, reject) => {
		const ws = new WebSocket(server.wsUrl, 'janus-protocol', { localAddress: from });
		ws.on('open', () => ws.send(`{"janus":"ping","transaction":"t","x":"${'x'.repeat(MIB / 2)}"}`));
		ws.on('message', (data) => { ws.close(); resolve(JSON.parse(data).janus); });
		ws.on('error', reject).on('close', (code) => resolve(code));
	});
}

test('unfinished messages are kept within bounds', { timeout: 120000 }, () => withServer({}, async (server) => {
	const rss = server.rssKib();
	const posts = crowd(server.ports.http, '127.0.0.2', POST);
	await Promise.all(posts.map((s) => s.sent));
	await until('refusals of one address', () => posts.some((s) => s.heard.includes('HTTP/1.1 503')));
	assert.ok(await kept(server) <= ADDRESS_MIB);
	assert.equal(await within(10000, 'answer to another address', longPing(server, '127.0.0.3')), 'pong');

	const frames = crowd(server.wsPort, '127.0.0.3', Buffer.concat([Buffer.from(UPGRADE), FRAME]));
	await Promise.all(frames.map((s) => s.sent));
	const later = Buffer.from([0x88, 0x02, 1013 >> 8, 1013 & 255]);
	await until('closes with 1013', () => frames.some((s) => s.heard.includes(later)));
	assert.ok(await kept(server) <= ALL_MIB);
	if (!isSanitized())
		assert.ok(server.rssKib() - rss < 2 * ALL_MIB * 1024, `${server.rssKib() - rss} KiB more`);

	const little = await WsClient.connect(server.wsUrl);
	assert.equal((await little.request({ janus: 'ping' })).janus, 'pong');
	little.terminate();
	[...posts, ...frames].forEach((s) => s.destroy());
	await until('end of what is kept', async () => await kept(server) === 0);
	assert.equal(await within(10000, 'answer to a long message', longPing(server, '127.0.0.2')), 'pong');
	assert.ok(server.log.includes('too much is kept'));
}));
