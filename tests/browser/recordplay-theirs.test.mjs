// What Debian's janus has recorded, folder and all, is listed and played.
import { strict as assert } from 'node:assert';
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { connect } from '../lib/api.mjs';
import { SEND_ONLY } from '../lib/calls.mjs';
import { release, takePorts } from '../lib/ports.mjs';
import { IS_REFERENCE, printFile } from '../lib/server.mjs';
import { until, within } from '../lib/wait.mjs';
import { callWith, options, send, withPage, withRecorder } from './record.mjs';

const PLUGIN = 'janus.plugin.recordplay';
const UDP_PORTS = 16;
const skip = (IS_REFERENCE && 'two servers') || (spawnSync('janus', ['--version']).error && 'no janus');
callWith('chromium');

const without = (names) => ({ disable: names.map((n) => `libjanus_${n}.so`).join(',') });

/** Files of a configuration of theirs that has recordplay, over WebSocket. */
function configure(folder, port) {
	const files = {
		'janus.jcfg': { general: { interface: '127.0.0.1', debug_level: 4 },
			media: { rtp_port_range: `${port + 1}-${port + UDP_PORTS}` },
			plugins: without(['audiobridge', 'duktape', 'echotest', 'lua', 'nosip', 'sip', 'streaming', 'textroom',
				'videocall', 'videoroom', 'voicemail']),
			transports: without(['http', 'pfunix', 'mqtt', 'nanomsg', 'rabbitmq']) },
		'janus.transport.websockets.jcfg': { general: { ws: true, ws_port: port, wss: false }, admin: { admin_ws: false } },
		'janus.plugin.recordplay.jcfg': { general: { path: path.join(folder, 'theirs') } },
	};
	for (const [name, sections] of Object.entries(files))
		fs.writeFileSync(path.join(folder, name), printFile(sections));
}

async function withTheirs(body) {
	const port = await takePorts(1 + UDP_PORTS);
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cardea-theirs-'));
	fs.mkdirSync(path.join(folder, 'theirs'));
	configure(folder, port);
	const child = spawn('janus', ['-F', folder, '-C', path.join(folder, 'janus.jcfg')], { cwd: folder, stdio: 'ignore' });
	const ended = new Promise((resolve) => { child.once('close', resolve); });
	try {
		const server = { wsUrl: `ws://127.0.0.1:${port}`, folder };
		await until('their server', () => connect(server, 'ws').then((c) => c.close().then(() => true), () => false));
		await body(server, path.join(folder, 'theirs'));
	} finally {
		child.kill('SIGTERM');
		await within(15000, 'end of their server', ended).finally(() => child.kill('SIGKILL'));
		for (let i = 0; i <= UDP_PORTS; i++)
			release(port + i);
		fs.rmSync(folder, { recursive: true, force: true });
	}
}

/** Three seconds of a call, by their server. */
const record = (server, id, videocodec) => withPage(server, async ({ peers, session }) => {
	const handle = await session.attach(PLUGIN);
	const sdp = await peers.offer('a', [SEND_ONLY[0], { ...SEND_ONLY[1], codec: videocodec }]);
	const answer = await handle.message({ request: 'record', id, name: `Theirs ${id}`, videocodec }, { type: 'offer', sdp });
	assert.equal(answer.result?.status, 'recording', JSON.stringify(answer));
	await peers.take('a', answer.jsep.sdp);
	await handle.core('webrtcup', () => true, 10000);
	await send(peers, 'a');
	await handle.message({ request: 'stop' });
	await handle.notice('done', (d) => d.result === 'done');
});

const inboundOf = (measured, kind) => measured.inbound.find((i) => i.kind === kind);

async function play(peers, session, id) {
	const viewer = await session.attach(PLUGIN);
	const offer = await viewer.message({ request: 'play', id });
	assert.equal(offer.result?.status, 'preparing', JSON.stringify(offer));
	const sdp = await peers.answer(`${id}`, offer.jsep.sdp);
	await viewer.message({ request: 'start' }, { type: 'answer', sdp });
	await peers.until(`${id}`, 'pictures and sound', (m) => inboundOf(m, 'video')?.frames > 60 &&
		inboundOf(m, 'audio')?.packets > 100);
	await viewer.notice('done', (d) => d.result?.status === 'done', 15000);
}

test('what janus has recorded is listed and plays', { ...options, skip }, () => withTheirs(async (theirs, theirFolder) => {
	await record(theirs, 1, 'vp8');
	await record(theirs, 2, 'vp9');
	await withRecorder(async ({ peers, session, folder }) => {
		fs.cpSync(theirFolder, folder, { recursive: true });
		const handle = await session.attach(PLUGIN);
		const own = { admin_key: 'boss' }; // what says nothing of it is private
		await handle.message({ request: 'update', ...own });
		const { list } = await handle.message({ request: 'list', ...own });
		assert.deepEqual(list.map((e) => [e.id, e.name, e.audio, e.video]),
			[[1, 'Theirs 1', true, true], [2, 'Theirs 2', true, true]]);
		for (const { id } of list)
			await play(peers, session, id);
	}, { 'plugin.recordplay': { general: { admin_key: 'boss' } } });
}));
