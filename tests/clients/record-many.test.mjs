// Fifty recordings at once, by the load generator of bench/: all begin, nothing is shed, and all that was sent is in files
// that are whole. It sends the numbers and heads of VP8 and Opus, not pictures: nothing is decoded here.
import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { metrics } from '../lib/metrics.mjs';
import { whole } from '../lib/recorded.mjs';
import { BIN, withServer } from '../lib/server.mjs';

const run = promisify(execFile);
const BUILD = path.dirname(BIN);
const LOAD = path.join(BUILD, 'bench/load/rtcload');
const CALLS = 50;
const FPS = 10, KBPS = 150, PACKET = 600; // several packets a picture
const SECONDS = 2;
const BOTH = { core: { recordings: { recording_format: 'both' } } };
const skip = !fs.existsSync(LOAD) && 'bench/load/rtcload is not built';

/** The numbers of all packets are there, and each picture of the packets is in the film. */
function isAll(name, found) {
	const of = (ending, kind) => found.get(`${name}${ending}`).tracks.find((t) => t.kind === kind);
	for (const kind of ['audio', 'video']) {
		const packets = found.get(`${name}-${kind}.mjr`);
		assert.equal(packets.packets_lost, 0, `${name}, ${kind}`);
		assert.equal(of('.webm', kind).frames, of(`-${kind}.mjr`, kind).frames, `${name}, ${kind}`);
	}
}

test(`${CALLS} at once`, { skip, timeout: 180000 }, () => withServer({ conf: BOTH }, async (server) => {
	const result = path.join(server.folder, 'result.json');
	await run(LOAD, ['--scenario', 'record', '--url', server.wsUrl, '--pid', server.pid, '--ip', '127.0.0.1',
		'--peers', CALLS, '--audio', '--fps', FPS, '--bitrate', KBPS, '--pkt-size', PACKET, '--duration', SECONDS,
		'--settle', 0, '--json', result].map(String), { timeout: 150000 });
	const folder = path.join(server.folder, 'state/recordings');
	const files = await whole(folder, 60000);
	assert.equal((await metrics(server)).cardea_recorder_shed_packets_total, 0);
	const told = await run(path.join(BUILD, 'cardea-rec'), ['check', '--json', ...files], { cwd: folder, maxBuffer: 1 << 24 });
	const found = new Map(JSON.parse(told.stdout).map((f) => [f.file, f]));
	assert.deepEqual([...found.values()].filter((f) => f.verdict !== 'playable'), []);
	const names = files.filter((name) => name.endsWith('.webm')).map((name) => path.basename(name, '.webm'));
	assert.equal(names.length, CALLS + 1); // one is recorded twice
	names.forEach((name) => isAll(name, found));
	const packets = [...found.values()].reduce((sum, f) => sum + (f.records ?? 0), 0);
	const { expected_pps: sent } = JSON.parse(fs.readFileSync(result, 'utf8'));
	assert.ok(packets > sent * SECONDS, `${packets} packets, ${sent} a second were sent`);
}));
