// Unix sockets: both types, who may connect, what is left behind, and clients that mean no good.
import { strict as assert } from 'node:assert';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import test from 'node:test';
import Janode from 'janode';
import EchoTestPlugin from 'janode/plugins/echotest';
import { WsClient } from '../lib/api.mjs';
import { BIN, IS_REFERENCE, printFile, startServer, withServer } from '../lib/server.mjs';
import { UnixProgram } from '../lib/unix.mjs';
import { until } from '../lib/wait.mjs';

const options = { skip: IS_REFERENCE && 'options of our own', timeout: 90000 };
const TYPES = ['SOCK_SEQPACKET', 'SOCK_DGRAM'];
const PING = JSON.stringify({ janus: 'ping', transaction: 'p' });

/** Paths are relative to the server's folder, where it runs. */
function conf({ type = 'SOCK_SEQPACKET', core = {}, ...general } = {}) {
	return { core: { general: core }, 'transport.pfunix': {
		general: { enabled: true, path: 'api', type, ...general },
		admin: { admin_enabled: true, admin_path: 'admin', admin_type: type } } };
}

/** @p body gets the server, a program with sockets, and the socket's path. */
function withProgram(settings, body) {
	return withServer({ conf: conf(settings) }, async (server) => {
		const program = new UnixProgram(server.folder);
		try {
			await body(server, program, path.join(server.folder, 'api'));
		} finally {
			await program.kill();
		}
	});
}

function ask(program, name, request) {
	return program.request(name, { transaction: 't', ...request });
}

async function adminOf(server, request) {
	const client = await WsClient.connect(server.adminWsUrl, { protocol: 'janus-admin-protocol' });
	const answer = await client.request({ admin_secret: 'adminpwd', ...request });
	await client.close();
	return answer;
}

async function sessions(server) {
	return (await adminOf(server, { janus: 'list_sessions' })).sessions;
}

function noSessions(server) {
	return until('the end of all sessions', async () => (await sessions(server)).length === 0);
}

for (const type of TYPES) {
	test(`a session from creation to its end over ${type}`, options, () => withProgram({ type }, async (server, program, api) => {
		const name = await program.open(api, type);
		const { data: { id } } = await ask(program, name, { janus: 'create' });
		const handle = await ask(program, name, { janus: 'attach', session_id: id, plugin: 'janus.plugin.echotest' });
		assert.equal((await ask(program, name, { janus: 'message', session_id: id, handle_id: handle.data.id,
			body: { audio: true } })).janus, 'ack');
		assert.equal((await program.read(name)).plugindata.data.result, 'ok');
		assert.deepEqual(await sessions(server), [id]);
		assert.equal((await ask(program, name, { janus: 'destroy', session_id: id })).janus, 'success');
		assert.deepEqual(await sessions(server), []);
	}));

	test(`packets that are no request get their errors over ${type}`, options, () => withProgram({ type }, async (server, program, api) => {
		const name = await program.open(api, type);
		const code = async (text) => (await program.request(name, text)).error?.code;
		assert.equal(await code('junk'), 454);
		assert.equal(await code(''), 454);
		assert.equal(await code('\0'), 454);
		assert.equal(await code('[]'), 456);
		assert.equal(await code(`${PING} ${PING}`), 454);
		assert.equal(await code('[['.repeat(5000)), 454);
		assert.equal(await code(`${PING} \n`), undefined);
		assert.equal(await program.read(name, 100), null);
	}));

	test(`a packet may have 256 KiB over ${type}, and no more than a message`, options,
		() => withProgram({ type, core: { max_message_size: 300000 } }, async (server, program, api) => {
			const name = await program.open(api, type);
			await program.must('pad', name, PING, 262144);
			assert.equal((await program.read(name)).janus, 'pong');
			await program.must('pad', name, PING, 300001);
			assert.deepEqual((await program.read(name)).error, { code: 454,
				reason: 'Invalid Janus API request - a packet of 300001 bytes, more than 300000' });
		}));
}

test('a client that never reads is dropped, and its sessions end', options,
	() => withProgram({ core: { requests_per_second: 0 } }, async (server, program, api) => {
		const [deaf, other] = [await program.open(api), await program.open(api)];
		assert.equal((await ask(program, deaf, { janus: 'create' })).janus, 'success');
		const request = JSON.stringify({ janus: 'info', transaction: 'x'.repeat(1000) });
		for (let i = 0; i < 50 && !server.log.includes('more than 8 MiB wait for it'); i++) {
			await program.must('repeat', deaf, request, 500);
			assert.equal((await ask(program, other, { janus: 'ping' })).janus, 'pong');
		}
		await noSessions(server);
		assert.match(server.log, /WARN. pfunix.\d+.: client dropped why="it does not read, and more than 8 MiB wait for it"/);
	}));

test('a peer that never reads is dropped, and the others find a socket made anew', options,
	() => withProgram({ type: 'SOCK_DGRAM', core: { requests_per_second: 0 } }, async (server, program, api) => {
		const deaf = await program.open(api, 'SOCK_DGRAM');
		const other = await program.open(api, 'SOCK_DGRAM');
		assert.equal((await ask(program, deaf, { janus: 'create' })).janus, 'success');
		assert.equal((await ask(program, other, { janus: 'ping' })).janus, 'pong');
		await program.must('repeat', deaf, JSON.stringify({ janus: 'info', transaction: 'x'.repeat(1000) }), 1500);
		await program.must('send', other, PING);
		await until('its end', () => server.log.includes('client dropped why="it does not read, and holds up all others"'));
		await noSessions(server);
		assert.deepEqual(await program.ask('send', other, PING), { error: 'ConnectionRefusedError' });
		const late = await program.open(api, 'SOCK_DGRAM');
		assert.equal((await ask(program, late, { janus: 'ping' })).janus, 'pong');
	}));

test('a client with many requests waiting is not read, and gets all its answers', options,
	() => withProgram({ core: { requests_per_second: 0 } }, async (server, program, api) => {
		const name = await program.open(api);
		const [sent] = await program.must('repeat', name, PING, 5000);
		const [read, , how] = await program.must('drain', name, 1000);
		assert.deepEqual([read, how], [sent, 'silence']);
		assert.ok(sent > 1000, sent);
	}));

test('who asks too often is told so', options,
	() => withProgram({ core: { requests_per_second: 5 } }, async (server, program, api) => {
		const name = await program.open(api);
		const [sent] = await program.must('repeat', name, PING, 300);
		const codes = [];
		for (let i = 0; i < sent; i++)
			codes.push((await program.read(name)).error?.code);
		assert.ok(codes.includes(490) && codes.includes(undefined), codes.join());
	}));

test('the sessions of a killed program end at once', options, () => withProgram({}, async (server, program, api) => {
	const victim = new UnixProgram(server.folder);
	const name = await victim.open(api);
	await ask(victim, name, { janus: 'create' });
	await victim.must('repeat', name, PING, 100);
	assert.equal((await sessions(server)).length, 1);
	await victim.kill();
	await noSessions(server);
	const mine = await program.open(api);
	assert.equal((await ask(program, mine, { janus: 'ping' })).janus, 'pong');
}));

test('a peer that has vanished is noticed when something is to be sent to it', options,
	() => withProgram({ type: 'SOCK_DGRAM', core: { session_timeout: 1 } }, async (server, program, api) => {
		const name = await program.open(api, 'SOCK_DGRAM');
		await ask(program, name, { janus: 'create' });
		await program.must('close', name);
		await until('its end', () => /client dropped why="Connection refused"/.test(server.log));
		await noSessions(server);
	}));

test('there are at most max_clients', options, () => withProgram({ max_clients: 20 }, async (server, program, api) => {
	assert.equal(await program.must('open_many', 'SOCK_SEQPACKET', api, 50, PING), 20);
	assert.match(server.log, /no more clients most=20 admin=0/);
	const { response } = await adminOf(server, { janus: 'query_transport', transport: 'janus.transport.pfunix',
		request: { request: 'connections' } });
	assert.deepEqual(response, { result: 200, connections: 20 });
	await program.must('close', 'many 0');
	await until('room for another', async () => (await program.must('open_many', 'SOCK_SEQPACKET', api, 1, PING)) === 1);
}));

test('thousands connect, and go', options, () => withProgram({ max_clients: 3000 }, async (server, program, api) => {
	const crowd = new UnixProgram(server.folder);
	const n = await crowd.must('open_many', 'SOCK_SEQPACKET', api, 900, PING);
	assert.equal(n, 900);
	await crowd.kill();
	for (let i = 0; i < 3; i++) {
		const more = new UnixProgram(server.folder);
		assert.equal(await more.must('open_many', 'SOCK_SEQPACKET', api, 900, PING), 900);
		await more.kill();
	}
	const name = await program.open(api);
	assert.equal((await ask(program, name, { janus: 'ping' })).janus, 'pong');
}));

test('of peers without a session the oldest makes room for a new one', options,
	() => withProgram({ type: 'SOCK_DGRAM', max_clients: 3 }, async (server, program, api) => {
		const names = [];
		for (let i = 0; i < 3; i++) {
			names.push(await program.open(api, 'SOCK_DGRAM'));
			assert.equal((await ask(program, names[i], { janus: 'create' })).janus, 'success');
		}
		const late = await program.open(api, 'SOCK_DGRAM');
		assert.equal((await ask(program, late, { janus: 'ping' })).error.reason, 'There are too many clients');
		const [id] = await sessions(server);
		for (const name of names)
			await ask(program, name, { janus: 'destroy', session_id: id });
		assert.equal((await ask(program, late, { janus: 'ping' })).janus, 'pong');
	}));

test('the socket has the mode of the configuration', options, () => withProgram({ mode: '0622' }, (server, program, api) => {
	assert.equal(fs.statSync(api).mode & 0o777, 0o622);
	assert.equal(fs.statSync(path.join(server.folder, 'admin')).mode & 0o777, 0o600);
}));

test('a server that was killed while busy starts again at its path', options, async (t) => {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cardea-unix-'));
	t.after(() => fs.rmSync(folder, { recursive: true }));
	const api = path.join(folder, 'api');
	const program = new UnixProgram(folder);
	for (const type of TYPES) {
		const first = await startServer({ conf: conf({ type, path: api }) });
		const name = await program.open(api, type);
		await program.must('repeat', name, PING, 200);
		first.child.kill('SIGKILL');
		await first.exited;
		first.giveBack();
		assert.ok(fs.existsSync(api));
		const second = await startServer({ conf: conf({ type, path: api }) });
		const again = await program.open(api, type);
		assert.equal((await ask(program, again, { janus: 'ping' })).janus, 'pong');
		await second.stop();
		assert.ok(!fs.existsSync(api));
	}
	await program.kill();
});

test('a file that another has put in our place is left to it', options, async (t) => {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cardea-unix-'));
	t.after(() => fs.rmSync(folder, { recursive: true }));
	const api = path.join(folder, 'api');
	await withServer({ conf: conf({ path: api }) }, () => {
		fs.unlinkSync(api);
		fs.writeFileSync(api, 'theirs');
	});
	assert.equal(fs.readFileSync(api, 'utf8'), 'theirs');
});

test('what is wrong with a path is said with file and line', options, async (t) => {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cardea-unix-'));
	t.after(() => fs.rmSync(folder, { recursive: true }));
	const check = (general) => {
		fs.writeFileSync(path.join(folder, 'cardea.jcfg'), printFile({ general: { state_dir: folder },
			web: { port: 0, secure_port: 0 } }));
		fs.writeFileSync(path.join(folder, 'cardea.transport.pfunix.jcfg'),
			`general: {\nenabled = true\n${Object.entries(general).map(([k, v]) => `${k} = "${v}"\n`).join('')}}\n`);
		return spawnSync(BIN, ['--config', folder, '--check'], { encoding: 'utf8', cwd: folder }).stdout;
	};
	const says = (general, line, option, text) => assert.match(check(general),
		new RegExp(`error: \\S*pfunix.jcfg:${line}: '${option}' in section 'general': [^\n]*${text}`));
	fs.writeFileSync(path.join(folder, 'file'), '');
	says({}, 2, 'enabled', 'path must say where the socket is to be');
	says({ path: 'x'.repeat(108) }, 3, 'path', 'a path of a socket has at most 107 bytes');
	says({ path: 'file' }, 3, 'path', 'no socket at file: there is something that is no socket, which is left alone');
	says({ path: 'no/where' }, 3, 'path', 'no socket at no/where: No such file or directory');
	says({ path: 'api', mode: '0999' }, 4, 'mode', 'permissions are an octal number up to 0777');
	assert.doesNotMatch(check({ path: 'x'.repeat(107) }), /error: \S*pfunix/);
	assert.ok(!fs.existsSync(path.join(folder, 'x'.repeat(107))));
	const server = await startServer({ conf: conf({ path: path.join(folder, 'taken') }) });
	says({ path: 'taken' }, 3, 'path', 'no socket at taken: another program serves a socket there');
	await server.stop();
});

test('without a secret the Admin API serves whoever may connect', options,
	() => withProgram({ core: { admin_secret: '' } }, async (server, program) => {
		const name = await program.open(path.join(server.folder, 'admin'));
		assert.deepEqual((await ask(program, name, { janus: 'list_sessions' })).sessions, []);
	}));

test('janode over its unix transport', options, () => withServer({ conf: conf({ type: 'SOCK_DGRAM' }) }, async (server) => {
	const connection = await Janode.connect({ is_admin: false, address: { url: `file://${path.join(server.folder, 'api')}` } });
	assert.equal((await connection.getInfo()).janus, 'server_info');
	const session = await connection.create();
	const handle = await session.attach(EchoTestPlugin);
	await handle.detach();
	await session.destroy();
	await connection.close();
}));
