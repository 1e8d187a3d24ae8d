// Who connects and says nothing, or half of something, is sent away, also where nothing else happens; meanwhile the
// server rests.
import { strict as assert } from 'node:assert';
import fs from 'node:fs';
import net from 'node:net';
import test from 'node:test';
import { release, takePorts } from '../lib/ports.mjs';
import { withServer } from '../lib/server.mjs';
import { within } from '../lib/wait.mjs';

const PATIENCE_MS = 30000; // 20 s for a head, and a little for the end
const EACH = 20;
const BUSY_MS = 500;
const WORDS = ['', 'GET /he', 'POST /janus HTTP/1.1\r\nHost: h\r\nContent-Le', '\r\n', '\x16\x03\x01\x02\x00\x01'];

function busyMs(server) {
	const fields = fs.readFileSync(`/proc/${server.pid}/stat`, 'utf8').split(') ')[1].split(' ');
	return (Number(fields[11]) + Number(fields[12])) * 10;
}

function sentAway(port, words) {
	return new Promise((resolve) => {
		const socket = net.connect(port, '127.0.0.1', () => socket.write(Buffer.from(words, 'latin1')));
		socket.on('data', () => {}).on('error', () => {}).on('close', resolve);
	});
}

test('who says too little is sent away', { timeout: 60000 }, async () => {
	const secure = await takePorts(1);
	await withServer({ conf: { core: { web: { secure_port: secure } } } }, async (server) => {
		const descriptors = () => fs.readdirSync(`/proc/${server.pid}/fd`).length;
		const [before, busy] = [descriptors(), busyMs(server)];
		const ports = [secure, server.ports.http, server.wsPort, server.ports.adminHttp, server.ports.adminWs];
		const all = ports.flatMap((port) => WORDS.flatMap((words) => Array.from({ length: EACH }, () => sentAway(port, words))));
		await within(PATIENCE_MS, 'end of all connections', Promise.all(all));
		assert.ok(descriptors() <= before, `${descriptors()} descriptors where there were ${before}`);
		assert.ok(busyMs(server) - busy < BUSY_MS, `${busyMs(server) - busy} ms of a processor`);
	}).finally(() => release(secure));
});
