// A server that is killed at a random time of a recording: what it has recorded up to the last second before that plays,
// as the crash has left it and as the next start has finished it.
//   RECORD_KILLS=10 RECORD_SEED=1 node run.mjs clients/record-killed.test.mjs
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import path from 'node:path';
import test from 'node:test';
import { python } from '../lib/python.mjs';
import { complaints, filesIn, times, whole, withFolder } from '../lib/recorded.mjs';
import { BIN, startServer, withServer } from '../lib/server.mjs';
import { until } from '../lib/wait.mjs';

const KILLS = Number(process.env.RECORD_KILLS ?? 4);
const SEED = Number(process.env.RECORD_SEED ?? Math.floor(Math.random() * 2 ** 32));
const AT_ONCE = 2;
const SOONEST_S = 1.5, LONGEST_S = 4; // before, there may be nothing but a head
const LATE_S = 1.2; // before the end, what may be lost: a second, and what is on its way
const TOOL = path.join(path.dirname(BIN), 'cardea-rec');

/** A number from 0 to 1 that follows from the seed. */
const random = (...what) => createHash('sha256').update([SEED, ...what].join(' ')).digest().readUInt32BE() / 2 ** 32;

/** Let aiortc kill a server that records it. @return when that was, Unix time */
async function killed(conf, codec, seconds) {
	const server = await startServer({ conf });
	try {
		const { ended_us } = await python(new URL('aiortc_record.py', import.meta.url), [server.apiUrl,
			JSON.stringify({ filename: 'call', codec, seconds, kill: server.pid })], 60000);
		assert.equal((await server.exited).signal, 'SIGKILL');
		return ended_us;
	} finally {
		server.child.kill('SIGKILL');
		server.giveBack();
	}
}

/** A file can be decoded, and its sound and pictures end in the last second. */
function playsUpTo(ended_us, file) {
	const done = spawnSync(TOOL, ['info', '--json', file], { encoding: 'utf8' });
	assert.equal(done.status, 0, done.stdout + done.stderr);
	const [{ began_us }] = JSON.parse(done.stdout);
	for (const kind of ['audio', 'video']) {
		const lost_s = (ended_us - began_us) / 1e6 - Math.max(0, ...times(file, kind));
		assert.ok(lost_s < LATE_S, `the last ${lost_s.toFixed(2)} s of ${kind} are lost`);
	}
}

async function one(codec, seconds) {
	await withFolder(async (folder, conf) => {
		const ended_us = await killed(conf, codec, seconds);
		const parts = filesIn(folder);
		assert.equal(parts.length, 1);
		assert.match(parts[0], /^call\.(webm|mp4)\.part$/);
		playsUpTo(ended_us, path.join(folder, parts[0]));
		await withServer({ conf }, async (next) => {
			const [name] = await whole(folder);
			const file = path.join(folder, name);
			assert.equal(complaints(file), '');
			assert.equal(spawnSync(TOOL, ['check', file]).status, 0);
			playsUpTo(ended_us, file);
			await until('word of it', () => /recording that a crash has left is finished/.test(next.log));
		});
		assert.deepEqual(filesIn(folder), parts.map((name) => name.replace(/\.part$/, '')));
	});
}

test(`${KILLS} kills at random times, RECORD_SEED=${SEED}`, { timeout: 60000 + KILLS * 20000 }, async (t) => {
	const kills = Array.from({ length: KILLS }, (_, i) => ({
		codec: random(i, 'codec') < 0.5 ? 'vp8' : 'h264', seconds: SOONEST_S + random(i, 'seconds') * (LONGEST_S - SOONEST_S) }));
	const worker = async () => {
		for (let kill; (kill = kills.shift());)
			await t.test(`${kill.codec}, after ${kill.seconds.toFixed(2)} s`, () => one(kill.codec, kill.seconds));
	};
	await Promise.all(Array.from({ length: AT_ONCE }, worker));
});
