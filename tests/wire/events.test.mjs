// Event handlers: what is told, in which order, and that whoever listens holds up nobody.
import { strict as assert } from 'node:assert';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { admin, connect } from '../lib/api.mjs';
import { IS_REFERENCE, startServer } from '../lib/server.mjs';
import { until } from '../lib/wait.mjs';

const options = { skip: IS_REFERENCE && 'a handler of our own', timeout: 60000 };

/** Run @p body with a server whose events go to a file. @return what it has at the end, as objects */
async function listened(body, { general = {}, core = {} } = {}) {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cardea-events-'));
	const file = path.join(folder, 'events.jsonl');
	const lines = () => (fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '')
		.split('\n').filter(Boolean).map((l) => JSON.parse(l));
	try {
		const server = await startServer({ conf: {
			core: { ...core, events: { broadcast: true, ...core.events } },
			'eventhandler.jsonlines': { general: { enabled: true, filename: file, ...general } } } });
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
