// The Admin API on a real server: stored tokens at every door, the log, look-ups that block nobody.
import { strict as assert } from 'node:assert';
import dgram from 'node:dgram';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { admin, connect, fetchHttp, WsClient } from '../lib/api.mjs';
import { Plain } from '../lib/plain.mjs';
import { IS_REFERENCE, withServer } from '../lib/server.mjs';
import { until, within } from '../lib/wait.mjs';

const options = { skip: IS_REFERENCE && 'limits and files of our own' };
const ECHO = 'janus.plugin.echotest';
const ROOM = 'janus.plugin.videoroom';
const MESH = 'janus.plugin.mesh';
const tokens = (more = {}) => ({ conf: { core: { general: { token_auth: true, ...more } } } });

async function ask(server, request) {
	const answer = await admin(server, request);
	assert.equal(answer.janus, 'success', JSON.stringify(answer));
	return answer;
}

async function refused(server, request, code, reason) {
	const { error } = await admin(server, request);
	assert.equal(error?.code, code, JSON.stringify(error));
	if (reason)
		assert.match(error.reason, reason);
}

/* ---- stored tokens ---- */

for (const transport of ['ws', 'http'])
	test(`stored tokens open the API over ${transport}, until they are removed`,
		() => withServer(tokens(), async (server) => {
			const client = await connect(server, transport);
			const denied = async (request) => assert.equal((await client.request(request)).error.code, 403);
			await denied({ janus: 'create' });
			await denied({ janus: 'create', token: 'a1' });
			await ask(server, { janus: 'add_token', token: 'a1', plugins: [ECHO] });
			const session = await client.createSession({ token: 'a1' });
			const handle = await session.attach(ECHO);
			assert.equal((await session.request({ janus: 'attach', plugin: ROOM })).error.code, 405);
			assert.equal((await handle.message({ audio: true })).result, 'ok'); // over HTTP by ?token=
			await ask(server, { janus: 'allow_token', token: 'a1', plugins: [ROOM] });
			await session.attach(ROOM);
			await ask(server, { janus: 'remove_token', token: 'a1' });
			await denied({ janus: 'keepalive', session_id: session.id, token: 'a1' });
			const poll = await fetchHttp(`${server.apiUrl}/${session.id}?token=a1`);
			assert.equal(poll.status, 403);
			await client.close();
		}));

const doors = tokens();
doors.conf['plugin.mesh'] = { general: { tokens: true } };
doors.conf['plugin.videoroom'] = { sfu: { tokens: true } };

test('stored tokens open what signed ones do beside the API', options, () => withServer(doors, async (server) => {
	await ask(server, { janus: 'add_token', token: 'mesh', plugins: [MESH] });
	await ask(server, { janus: 'add_token', token: 'room', plugins: [ROOM] });
	const turn = (init, query = '') => fetch(`${server.httpUrl}/turn${query}`, init);
	const bearer = (token) => turn({ headers: { Authorization: `Bearer ${token}` } });
	assert.equal((await turn()).status, 401);
	assert.equal((await bearer('nobody')).status, 403);
	assert.equal((await bearer('mesh')).status, 200);
	assert.equal((await turn({}, '?token=mesh')).status, 200);
	const url = (door, token) => `ws://127.0.0.1:${server.ports.http}/${door}?token=${token}`;
	for (const [door, token, other] of [['mesh', 'mesh', 'room'], ['sfu', 'room', 'mesh']]) {
		for (const wrong of ['nobody', other]) {
			const guest = await Plain.connect(url(door, wrong));
			assert.equal((await guest.hear('error')).code, 403);
			assert.equal(await within(5000, 'close', guest.closed), 1008);
		}
		const guest = await Plain.connect(url(door, token));
		const join = door === 'mesh' ? { type: 'join', peer_id: 'ann', room_id: 'hall' }
			: { type: 'join_room', participant_id: 'ann', room_id: 'hall' };
		assert.equal(await guest.refused(join), 401);
		assert.equal(await guest.refused({ ...join, token: other }), 401);
		guest.say({ ...join, token });
		assert.notEqual((await guest.inbox.take('answer')).type, 'error');
		await guest.close();
	}
}));

async function withStateDir(body) {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cardea-tokens-'));
	try {
		await body(folder, path.join(folder, 'tokens.json'));
	} finally {
		fs.rmSync(folder, { recursive: true });
	}
}

const listed = async (server) => (await ask(server, { janus: 'list_tokens' })).data.tokens;

test('stored tokens are lost at a restart, unless they are to be kept', options,
	() => withStateDir(async (state_dir, file) => {
		await withServer(tokens({ state_dir }),
			(server) => ask(server, { janus: 'add_token', token: 'lost' }));
		await withServer(tokens({ state_dir, token_store: true }), async (server) => {
			assert.deepEqual(await listed(server), []);
			await ask(server, { janus: 'add_token', token: 'kept ä', plugins: [ECHO] });
			await ask(server, { janus: 'add_token', token: 'gone', plugins: [ECHO] });
			await ask(server, { janus: 'remove_token', token: 'gone' });
		});
		assert.equal(fs.statSync(file).mode & 0o777, 0o600);
		await withServer(tokens({ state_dir, token_store: true }), async (server) => {
			assert.deepEqual(await listed(server), [{ token: 'kept ä', allowed_plugins: [ECHO] }]);
			const client = await connect(server, 'ws');
			await client.createSession({ token: 'kept ä' });
			await client.close();
		});
	}));

test('tokens are kept also when the server is killed', options, () => withStateDir(async (state_dir, file) => {
	const kept = tokens({ state_dir, token_store: true });
	await assert.rejects(withServer(kept, async (server) => {
		await ask(server, { janus: 'add_token', token: 'kept' });
		await until('the file', () => fs.existsSync(file) && fs.readFileSync(file, 'utf8').includes('"kept"'));
		process.kill(server.pid, 'SIGKILL');
		await server.exited;
	}));
	await withServer(kept, async (server) => assert.equal((await listed(server))[0].token, 'kept'));
}));

test('a broken file of tokens is named in the log and left alone', options,
	() => withStateDir(async (state_dir, file) => {
		fs.writeFileSync(file, '{"version":1,"tokens":[{"token":"a"');
		await withServer(tokens({ state_dir, token_store: true }), async (server) => {
			await until('a word about the file', () => server.log.split('\n').some(
				(l) => l.includes('ERROR] tokens: the file is broken') && l.includes(file)));
			await ask(server, { janus: 'add_token', token: 'b' });
		});
		assert.equal(fs.readFileSync(file, 'utf8'), '{"version":1,"tokens":[{"token":"a"');
	}));

/* ---- the log ---- */

test('lines look as the Admin API says', options, () => withServer({}, async (server) => {
	const line = async (text, level) => {
		await ask(server, { janus: 'custom_logline', line: text, level });
		const [word] = text.split('\n');
		await until(word, () => server.log.includes(word));
		return server.log.split('\n').find((l) => l.includes(word));
	};
	assert.match(await line('plain one'), /^\[INFO\] admin: custom line line="plain one"$/);
	await ask(server, { janus: 'set_log_timestamps', timestamps: true });
	assert.match(await line('timed one'), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6} \[INFO\]/);
	await ask(server, { janus: 'set_log_timestamps', timestamps: false });
	await ask(server, { janus: 'set_log_colors', colors: true });
	assert.ok((await line('red one', 2)).startsWith('\x1b[1;31m[ERROR]\x1b[0m'));
	await ask(server, { janus: 'set_log_colors', colors: false });
	assert.match(await line('forged\n[INFO] core: ended', 3), /^\[WARN\] admin: custom line line="forged \[INFO\]/);
	const { status } = await ask(server, { janus: 'get_status' });
	assert.equal(status.log_timestamps, false);
	assert.equal(status.log_colors, false);
	assert.equal(status.log_rotate_sig, 1);
}));

test('what is set is shown', options, () => withServer({}, async (server) => {
	await ask(server, { janus: 'set_min_nack_queue', min_nack_queue: 5000 });
	await ask(server, { janus: 'set_no_media_timer', no_media_timer: 7 });
	await ask(server, { janus: 'set_slowlink_threshold', slowlink_threshold: 3 });
	await ask(server, { janus: 'set_nack_optimizations', nack_optimizations: true });
	const { status } = await ask(server, { janus: 'get_status' });
	assert.equal(status.min_nack_queue, 1000);
	assert.equal(status.no_media_timer, 7);
	assert.equal(status.slowlink_threshold, 3);
	assert.equal(status['nack-optimizations'], true);
	const info = await admin(server, { janus: 'info' });
	assert.equal(info['min-nack-queue'], 1000);
}));

/* ---- the network ---- */

const MAGIC = 0x2112a442;

/** A STUN server that has seen everybody at 203.0.113.9:4321. @param says what to answer to a request, or null */
async function withStun(says, body) {
	const socket = dgram.createSocket('udp4');
	socket.on('message', (request, from) => {
		const answer = says(request, from);
		if (answer)
			socket.send(answer, from.port, from.address);
	});
	socket.bind(0, '127.0.0.1');
	await once(socket, 'listening');
	try {
		await body(socket.address().port);
	} finally {
		socket.close();
	}
}

function stunAnswer(request, attributes) {
	const head = Buffer.alloc(20);
	head.writeUInt16BE(0x0101, 0);
	head.writeUInt16BE(attributes.length, 2);
	request.copy(head, 4, 4, 20);
	return Buffer.concat([head, attributes]);
}

function mapped(xored) {
	const a = Buffer.alloc(12);
	a.writeUInt16BE(xored ? 0x0020 : 0x0001, 0);
	a.writeUInt16BE(8, 2);
	a.writeUInt16BE(1, 4);
	a.writeUInt16BE(xored ? 4321 ^ (MAGIC >>> 16) : 4321, 6);
	const ip = Buffer.from([203, 0, 113, 9]).readUInt32BE(0);
	a.writeUInt32BE((xored ? ip ^ MAGIC : ip) >>> 0, 8);
	return a;
}

for (const xored of [true, false])
	test(`a STUN server is asked (${xored ? 'XOR-' : ''}MAPPED-ADDRESS)`, () => withServer({},
		(server) => withStun((q) => stunAnswer(q, mapped(xored)), async (port) => {
			const answer = await ask(server, { janus: 'test_stun', address: '127.0.0.1', port });
			assert.equal(answer.public_ip, '203.0.113.9');
			assert.equal(answer.public_port, 4321);
			assert.ok(Number.isInteger(answer.elapsed) && answer.elapsed >= 0);
		})));

test('a STUN server is asked from the local port that was named', options, () => withServer({}, async (server) => {
	let from;
	const free = dgram.createSocket('udp4').bind(0, '127.0.0.1');
	await once(free, 'listening');
	const localport = free.address().port;
	await withStun((q, f) => { from = f.port; return stunAnswer(q, mapped(true)); }, async (port) => {
		await refused(server, { janus: 'test_stun', address: '127.0.0.1', port, localport }, 490); // taken
		free.close();
		await ask(server, { janus: 'test_stun', address: '127.0.0.1', port, localport });
		assert.equal(from, localport);
	});
}));

test('answers to others, and bad ones, are no answers', options, () => withServer({}, async (server) => {
	const other = (q) => { const a = Buffer.from(q); a[10] ^= 1; return stunAnswer(a, mapped(true)); };
	for (const says of [other, () => Buffer.from('hello'), (q) => stunAnswer(q, Buffer.alloc(0)), () => null])
		await withStun(says, (port) => refused(server, { janus: 'test_stun', address: '127.0.0.1', port },
			490, /^STUN request failed$/));
	let lost = 2; // UDP may lose some: they are repeated
	await withStun((q) => (lost-- > 0 ? null : stunAnswer(q, mapped(true))),
		(port) => ask(server, { janus: 'test_stun', address: '127.0.0.1', port }));
}));

test('look-ups hold up nobody, and only some run at a time', options, () => withServer({}, async (server) => {
	const client = await WsClient.connect(server.adminWsUrl, { protocol: 'janus-admin-protocol' });
	await withStun(() => null, async (port) => {
		const common = { admin_secret: 'adminpwd' };
		for (const transaction of ['s1', 's2', 's3'])
			client.send({ ...common, janus: 'test_stun', address: '127.0.0.1', port, transaction });
		client.send({ ...common, janus: 'list_sessions', transaction: 'quick' });
		const order = [];
		for (let i = 0; i < 4; i++) {
			const answer = await client.inbox.take('answer');
			order.push(answer.transaction);
			if (answer.transaction === 's3')
				assert.match(answer.error.reason, /Too many look-ups/);
		}
		assert.deepEqual(order.slice(0, 2), ['s3', 'quick']);
		assert.deepEqual(order.slice(2).sort(), ['s1', 's2']);
	});
	await client.close();
}));

test('addresses are resolved', () => withServer({}, async (server) => {
	assert.equal((await ask(server, { janus: 'resolve_address', address: '192.0.2.7' })).ip, '192.0.2.7');
	assert.equal((await ask(server, { janus: 'resolve_address', address: '::1' })).ip, '::1');
	assert.ok(['127.0.0.1', '::1'].includes(
		(await ask(server, { janus: 'resolve_address', address: 'localhost' })).ip));
	await refused(server, { janus: 'resolve_address', address: 'no such.name' }, 490, /^Could not resolve address$/);
	await refused(server, { janus: 'resolve_address' }, 456);
	await refused(server, { janus: 'test_stun', address: '127.0.0.1' }, 456);
	await refused(server, { janus: 'test_stun', address: '127.0.0.1', port: 'x' }, 467);
}));

test('a server that ends does not wait for those who look up', options, async () => {
	await withStun(() => null, (port) => withServer({}, async (server) => {
		const client = await WsClient.connect(server.adminWsUrl, { protocol: 'janus-admin-protocol' });
		client.send({ janus: 'test_stun', address: '127.0.0.1', port, transaction: 's', admin_secret: 'adminpwd' });
		client.send({ janus: 'ping', transaction: 'p' });
		await client.inbox.take('pong', (m) => m.janus === 'pong');
		client.terminate();
	}));
});
