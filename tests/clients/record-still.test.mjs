// A disk that stands still for five seconds while a call is recorded: the call does not notice, of pictures whole groups
// are missing, and it is said.
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import test from 'node:test';
import { metrics } from '../lib/metrics.mjs';
import { python } from '../lib/python.mjs';
import { complaints, isInSync, isNear, pictures, times, whole, withFolder } from '../lib/recorded.mjs';
import { BIN, withServer } from '../lib/server.mjs';

const PRELOAD = path.join(path.dirname(BIN), 'tests/preload/.libs/still.so');
const FPS = 30;

/** Pictures of a file: [seconds, is it a keyframe]. */
const keyframes = (file) => execFileSync('ffprobe', ['-v', 'error', '-select_streams', 'v', '-show_entries',
	'packet=pts_time,flags', '-of', 'csv=p=0', file], { encoding: 'utf8' }).trim().split('\n')
	.map((line) => line.split(',')).map(([t, flags]) => [Number(t), flags.startsWith('K')]);

test('a disk that stands still for five seconds', { timeout: 90000 }, () => withFolder((folder, conf) => {
	conf.core.recordings.queue_size = 1; // MB, which that fills
	const still = path.join(folder, '.still');
	const env = { LD_PRELOAD: PRELOAD, CARDEA_STILL: still, ASAN_OPTIONS: `${process.env.ASAN_OPTIONS ?? ''}:verify_asan_link_order=0` };
	return withServer({ conf, env }, async (server) => {
		const all = await python(new URL('aiortc_record.py', import.meta.url), [server.apiUrl,
			JSON.stringify({ filename: 'call', codec: 'h264', seconds: 4, noise: true, still })], 60000);
		assert.deepEqual(await whole(folder), ['call.mp4']);
		assert.ok(all.gap_s < 1, `nothing came back for ${all.gap_s} s`);
		assert.match(server.log, /recording misses packets, the disk is too slow.*packets=[1-9]/);
		const { cardea_recorder_shed_packets_total: shed } = await metrics(server);
		const file = path.join(folder, 'call.mp4');
		const seen = keyframes(file);
		const after = seen.filter(([t], i) => i && t - seen[i - 1][0] > 0.2);
		const missing = all.frames - pictures(file);
		assert.ok(shed >= missing && missing > 0 && missing < 6 * FPS, `${missing} pictures, ${shed} packets`);
		assert.ok(after.length && after.every(([, isKey]) => isKey), `pictures that go on: ${after}`);
		assert.equal(complaints(file), '');
		isNear('packets of sound', times(file, 'audio').length, all.sound_s * 50, 10);
		isInSync(file, { exact: false }); // one flash may have lost its beginning
	});
}));
