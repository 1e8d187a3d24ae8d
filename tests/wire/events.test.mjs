// Event handlers: what is told, in which order, and that whoever listens holds up nobody.
import { strict as assert } from 'node:assert';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { admin, connect, fetchHttp } from '../lib/api.mjs';
import { withBrowser } from '../lib/browser.mjs';
import { callEcho, createRoom, Participant } from '../lib/calls.mjs';
import { Peers } from '../lib/media.mjs';
import { BIN, IS_REFERENCE, startServer, withServer } from '../lib/server.mjs';
import { until } from '../lib/wait.mjs';

const options = { skip: IS_REFERENCE && 'a handler of our own', timeout: 60000 };

/** Run @p body with a server whose events go to a file. @return what it has at the end, as objects */
async function listened(body, { general = {}, core = {}, more = {} } = {}) {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cardea-events-'));
	const file = path.join(folder, 'events.jsonl');
	const lines = () => (fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '')
		.split('\n').filter(Boolean).map((l) => JSON.parse(l));
	try {
		const server = await startServer({ conf: {
			core: { ...core, events: { broadcast: true, ...core.events } },
			'eventhandler.jsonlines': { general: { enabled: true, filename: file, ...general } }, ...more } });
		try {
			await body(server, lines, file);
		} catch (e) {
			await server.stop().catch(() => {});
			throw e;
		}
		await server.stop();
		return lines();
	} finally {
		fs.rmSync(folder, { recursive: true });
	}
}

test('sessions and handles, in order, with their envelopes', options, async () => {
	const all = await listened(async (server) => {
		const client = await connect(server, 'ws');
		const session = await client.createSession();
		const handle = await session.attach('janus.plugin.echotest', { opaque_id: 'mine' });
		await handle.detach();
		await session.destroy();
		client.close();
	}, { general: { events: 'sessions, handles' } });
	assert.deepEqual(all.map((e) => [e.type, e.event.name]),
		[[1, 'created'], [2, 'attached'], [2, 'detached'], [1, 'destroyed']]);
	assert.deepEqual(Object.keys(all[0]), ['emitter', 'type', 'timestamp', 'session_id', 'event']);
	assert.deepEqual(Object.keys(all[1]), ['emitter', 'type', 'timestamp', 'session_id', 'handle_id', 'opaque_id', 'event']);
	assert.equal(all[0].emitter, 'CardeaRef');
	assert.equal(all[0].event.transport.transport, 'janus.transport.websockets');
	assert.match(all[0].event.transport.id, /^\d+$/);
	assert.deepEqual(all[1].event, { name: 'attached', plugin: 'janus.plugin.echotest', opaque_id: 'mine' });
	assert.ok(Math.abs(all[0].timestamp / 1000 - Date.now()) < 60000);
});

test('the Admin API tells and tweaks', options, async () => {
	const query = (server, request) => admin(server, { janus: 'query_eventhandler', handler: 'janus.eventhandler.jsonlines', request });
	const all = await listened(async (server) => {
		const tell = (n) => admin(server, { janus: 'custom_event', schema: 'my.schema', data: { n } });
		assert.equal((await tell(1)).janus, 'success');
		assert.equal((await query(server, { request: 'nonsense' })).response.error_code, 411);
		assert.equal((await query(server, {})).response.error_code, 412);
		assert.equal((await query(server, { request: 'tweak', events: 'handles, nonsense' })).response.error_code, 413);
		assert.deepEqual((await query(server, { request: 'tweak', events: 'none' })).response, { result: 200 });
		await tell(2);
		assert.deepEqual((await query(server, { request: 'tweak', events: 'external' })).response, { result: 200 });
		await tell(3);
		assert.equal((await admin(server, { janus: 'query_eventhandler', handler: 'x', request: {} })).error.code, 460);
		const info = await admin(server, { janus: 'info' });
		assert.equal(info.event_handlers, true);
		assert.deepEqual(Object.keys(info.events), ['janus.eventhandler.jsonlines']);
	}, { general: { events: 'external' } });
	assert.deepEqual(all.map((e) => e.event), [1, 3].map((n) => ({ schema: 'my.schema', data: { n } })));
});

test('a file that is moved away is made anew', options, () => listened(async (server, lines, file) => {
	const client = await connect(server, 'ws');
	const session = await client.createSession();
	await until('the first line', () => lines().length === 1);
	fs.renameSync(file, `${file}.1`);
	await session.destroy();
	await until('the second', () => lines().length === 1 && lines()[0].event.name === 'destroyed');
	assert.equal(JSON.parse(fs.readFileSync(`${file}.1`, 'utf8')).event.name, 'created');
	client.close();
}, { general: { events: 'sessions' } }));

const kind = (e) => [e.type, e.subtype, e.event.event, e.event.name, e.event.owner, e.event.ice, e.event.dtls, e.event.connection,
	e.event.status, e.event.data?.event].filter((x) => x !== undefined).join(' ');

/** The first of each kind, in order, of those that @p wants has. */
const firsts = (all, wants) => [...new Set(all.map(kind))].filter((k) => wants.includes(k));

test('a whole call, in the order of the transcript', options, () => withBrowser('chromium', async (browser) => {
	let conn;
	const all = await listened(async (server, lines) => {
		const client = await connect(server, 'ws');
		const session = await client.createSession();
		const peers = await Peers.open(browser);
		const handle = await callEcho(session, peers, 'me');
		await until('statistics of both m-lines', () => {
			const stats = lines().filter((e) => e.type === 32 && e.subtype === 3 && e.event['packets-received']);
			conn = lines().find((e) => e.event.name === 'created')?.event.transport.id;
			return new Set(stats.map((e) => e.event.mid)).size >= 2;
		}, { ms: 15000 });
		await handle.request({ janus: 'hangup' });
		await handle.detach();
		await session.destroy();
		await client.close();
		await peers.close();
		await until('the end of the connection', () => lines().some((e) =>
			e.type === 128 && e.event.id === conn && e.event.data.event === 'disconnected'));
	}, { more: { 'plugin.echotest': { general: { events: true } } } });
	const order = ['1 created', '2 attached', '8 remote', '16 1 gathering', '16 2', '8 local', '16 4', '16 1 connected', '16 1 ready',
		'16 5 trying', '16 5 connected', '16 6 webrtcup', '32 1', '32 3', '16 6 hangup', '2 detached', '1 destroyed'];
	assert.deepEqual(firsts(all, order), order);
	assert.equal(all[0].event.status, 'started');
	assert.equal(all[0].event.info.janus, 'server_info');
	assert.equal(all.at(-1).event.status, 'shutdown');
	assert.equal(all.at(-1).event.signum, 15);
	const of = (type, subtype) => all.filter((e) => e.type === type && e.subtype === subtype).map((e) => e.event);
	assert.deepEqual(of(128).filter((e) => e.id === conn).map((e) => e.data),
		[{ event: 'connected', admin_api: false, ip: '127.0.0.1' }, { event: 'disconnected' }]);
	assert.deepEqual(of(64).map((e) => e.plugin), ['janus.plugin.echotest']);
	assert.deepEqual(Object.keys(of(16, 4)[0]), ['selected-pair', 'candidates', 'stream_id', 'component_id']);
	assert.match(of(16, 4)[0]['selected-pair'], /^\S+:\d+ \[host,udp\] <-> \S+:\d+ \[prflx,udp\]$/);
	assert.deepEqual(of(8).map((e) => e.jsep.type), ['offer', 'answer']);
	assert.deepEqual(Object.keys(of(32, 3).find((e) => e.media === 'video')), ['mid', 'mindex', 'media', 'codec', 'base', 'rtt', 'lost',
		'lost-by-remote', 'jitter-local', 'jitter-remote', 'in-link-quality', 'in-media-link-quality', 'out-link-quality',
		'out-media-link-quality', 'packets-received', 'packets-sent', 'bytes-received', 'bytes-sent', 'bytes-received-lastsec',
		'bytes-sent-lastsec', 'nacks-received', 'nacks-sent', 'retransmissions-received']);
	assert.deepEqual(of(16, 6).at(-1), { connection: 'hangup', reason: 'Janus API' });
	for (const e of all.filter((one) => [2, 8, 16, 32].includes(one.type)))
		assert.ok(e.session_id && e.handle_id, JSON.stringify(e));
	const times = all.map((e) => e.timestamp);
	assert.deepEqual(times, times.toSorted((a, b) => a - b));
}));

test('what happens in a room', options, async () => {
	const all = await listened(async (server) => {
		const client = await connect(server, 'ws');
		const session = await client.createSession();
		const room = await createRoom(session);
		const one = await Participant.join(session, null, room, 'one');
		await one.handle.message({ request: 'leave' });
		await client.close();
	}, { general: { events: 'plugins' }, more: { 'plugin.videoroom': { general: { events: true } } } });
	assert.deepEqual(all.map((e) => [e.event.plugin, e.event.data.event]),
		['created', 'joined', 'leaving'].map((e) => ['janus.plugin.videoroom', e]));
	assert.equal(all[1].event.data.display, 'one');
	assert.ok(all[1].handle_id && !all[0].handle_id);
});

/** Handlers of the tests' own, and the one that writes. */
function handlers(folder, ...names) {
	const build = path.dirname(BIN);
	for (const [from, name] of [['eventhandlers', 'jsonlines'], ['tests/handlers', 'slow'], ['tests/handlers', 'old']])
		if (names.includes(name))
			fs.symlinkSync(path.join(build, from, '.libs', `${name}.so`), path.join(folder, `${name}.so`));
	return folder;
}

test('a handler that does not come back holds up nobody', options, async () => {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cardea-handlers-'));
	const all = await listened(async (server, lines) => {
		const client = await connect(server, 'ws');
		const tell = (n) => admin(server, { janus: 'custom_event', schema: 's', data: { n, text: 'x'.repeat(50000) } });
		for (let i = 0; i < 400; i++)
			await tell(i);
		const { text } = await fetchHttp(`${server.httpUrl}/metrics`);
		const dropped = Number(/^cardea_events_dropped_total (\d+)$/m.exec(text)[1]);
		assert.ok(dropped > 50 && dropped < 100, `${dropped}`); /* 16 MiB of 20 MB fit */
		assert.match(server.log, /dropped: too many wait for a handler handler=slow dropped=\d+/);
		assert.ok(server.log.match(/dropped: too many/g).length < 20);
		await until('the other one has all', () => lines().length === 400);
		assert.deepEqual((await admin(server, { janus: 'query_eventhandler', handler: 'cardea.eventhandler.slow',
			request: { request: 'tweak', hold: false } })).response, { result: 200 });
		await client.close();
	}, { general: { events: 'external' },
		core: { general: { events_folder: handlers(folder, 'jsonlines', 'slow') } },
		more: { 'eventhandler.slow': { general: { enabled: true } } } });
	assert.deepEqual(all.map((e) => e.event.data.n), Array.from({ length: 400 }, (_, i) => i));
	fs.rmSync(folder, { recursive: true });
});

test('one that never comes back does not keep the server', options, async () => {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cardea-handlers-'));
	const server = await startServer({ conf: { core: { events: { broadcast: true },
		general: { events_folder: handlers(folder, 'slow', 'old') } }, 'eventhandler.slow': { general: { enabled: true } } } });
	await admin(server, { janus: 'custom_event', schema: 's', data: {} });
	assert.match(server.log, /module left out file=\S*old.so why="it was built for version 2 of the SDK, and this server has 1"/);
	await server.stop();
	assert.match(server.log, /a handler does not come back: the rest is lost handler=slow events=1/);
	fs.rmSync(folder, { recursive: true });
});

test('off by default: nothing is made', options, () => withServer({}, async (server) => {
	assert.equal((await admin(server, { janus: 'custom_event', schema: 's', data: {} })).janus, 'success');
	const info = await admin(server, { janus: 'info' });
	assert.equal(info.event_handlers, false);
	assert.deepEqual(info.events, {});
	const { text } = await fetchHttp(`${server.httpUrl}/metrics`);
	assert.match(text, /^cardea_events_told_total 0$/m);
}));

test('killed while busy, it has what it has acknowledged', options, async () => {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cardea-killed-'));
	const file = path.join(folder, 'events.jsonl');
	const conf = { core: { events: { broadcast: true } },
		'eventhandler.jsonlines': { general: { enabled: true, filename: file, events: 'external' } } };
	const server = await startServer({ conf });
	const all = Array.from({ length: 200 }, (_, n) => admin(server, { janus: 'custom_event', schema: 's', data: { n } }).catch(() => {}));
	await until('some lines', () => fs.existsSync(file) && fs.readFileSync(file, 'utf8').split('\n').length > 20);
	server.child.kill('SIGKILL');
	await server.exited;
	await Promise.all(all);
	server.giveBack();
	const before = fs.readFileSync(file, 'utf8');
	for (const line of before.split('\n').slice(0, -1))
		JSON.parse(line);
	fs.appendFileSync(file, '{"half');
	await withServer({ conf }, async (next) => {
		await admin(next, { janus: 'custom_event', schema: 's', data: { n: 'next' } });
		await until('the next line', () => fs.readFileSync(file, 'utf8').endsWith('}\n'));
	});
	const after = fs.readFileSync(file, 'utf8');
	assert.ok(after.startsWith(`${before}{"half\n`));
	assert.equal(JSON.parse(after.trimEnd().split('\n').at(-1)).event.data.n, 'next');
	fs.rmSync(folder, { recursive: true });
});
