// Clients take all descriptors, on all ports: the server rests, says so once, goes on serving those who are there with
// files, too, and takes new ones when others have gone.
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import test from 'node:test';
import { fetchHttp, WsClient } from '../lib/api.mjs';
import { release, takePorts } from '../lib/ports.mjs';
import { withServer } from '../lib/server.mjs';
import { sleep, until } from '../lib/wait.mjs';

const LIMIT = 256;
const MORE = 80; // connections to each port
const BUSY_MS = 150; // of a processor, in a second of rest

function descriptors(server) {
	return fs.readdirSync(`/proc/${server.pid}/fd`).length;
}

function busyMs(server) {
	const fields = fs.readFileSync(`/proc/${server.pid}/stat`, 'utf8').split(') ')[1].split(' ');
	return (Number(fields[11]) + Number(fields[12])) * 10;
}

function count(text, part) {
	return text.split(part).length - 1;
}

async function rests(server) {
	const before = busyMs(server);
	await sleep(1000);
	assert.ok(busyMs(server) - before < BUSY_MS, `${busyMs(server) - before} ms of a processor in a second`);
}

async function shortage(server, ports) {
	const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
	const there = await WsClient.connect(server.wsUrl);
	const page = () => fetchHttp(`${server.httpUrl}/cardea.js`, { agent });
	assert.equal((await page()).status, 200);
	const taken = ports.flatMap((port) => Array.from({ length: MORE }, () => net.connect(port, '127.0.0.1').on('error', () => {})));
	await until('word of the shortage', () => server.log.includes('no more connections can be accepted'));
	await rests(server);
	assert.ok(descriptors(server) < LIMIT, 'some descriptors are left for files');
	assert.equal((await page()).status, 200, 'who is there gets files');
	assert.equal((await there.request({ janus: 'ping' })).janus, 'pong');
	assert.equal(count(server.log, 'no more connections can be accepted'), 1);
	taken.forEach((socket) => socket.destroy());
	for (const port of ports.slice(0, 2))
		assert.ok((await fetchHttp(`http://127.0.0.1:${port}/health`)).status);
	await there.close();
	agent.destroy();
}

test('no descriptors are left', { timeout: 60000 }, async () => {
	const secure = await takePorts(1);
	await withServer({ conf: { core: { web: { secure_port: secure } } } }, async (server) => {
		const { http: plain, adminHttp, adminWs } = server.ports;
		const before = descriptors(server);
		execFileSync('prlimit', ['--pid', server.pid, `--nofile=${LIMIT}:`]);
		for (let i = 0; i < 3; i++)
			await shortage(server, [plain, adminHttp, server.wsPort, adminWs, secure]);
		await until('descriptors back', () => descriptors(server) <= before, { ms: 10000 });
		await rests(server);
		const lines = count(server.log, 'no more connections') + count(server.log, 'accepted again');
		assert.ok(lines <= 3, `${lines} lines of log`);
	}).finally(() => release(secure));
});

/** Connect from an address to all ports, and wait until the server has closed @p over of the connections. */
async function crowd(ports, localAddress, each, over) {
	let closed = 0;
	const all = ports.flatMap((port) => Array.from({ length: each }, () => {
		const socket = net.connect({ port, host: '127.0.0.1', localAddress });
		return socket.on('error', () => {}).on('close', () => { closed++; });
	}));
	await until(() => `end of ${over} connections, but of ${closed}`, () => closed >= over);
	assert.equal(closed, over);
	return all;
}

test('an address has its share of the connections', { timeout: 60000 },
	() => withServer({ conf: { core: { web: { max_connections_per_address: 30, trusted_proxies: '127.0.0.9' } } } }, async (server) => {
		const ports = [server.ports.http, server.wsPort], before = descriptors(server);
		for (let i = 0; i < 3; i++) {
			const taken = await crowd(ports, '127.0.0.2', 20, 10);
			const others = await crowd(ports, '127.0.0.3', 5, 0);
			const proxys = await crowd(ports, '127.0.0.9', 40, 0);
			const agent = new http.Agent({ localAddress: '127.0.0.3' });
			assert.equal((await fetchHttp(`${server.httpUrl}/health`, { agent })).status, 200);
			[...taken, ...others, ...proxys].forEach((socket) => socket.destroy());
			await until('end of all', () => descriptors(server) <= before);
		}
		assert.equal(count(server.log, 'an address has all the connections'), 1);
		assert.ok(server.log.includes('option=web.max_connections_per_address limit=30'));
	}));
