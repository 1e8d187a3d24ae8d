// Recorded files, judged by ffprobe and ffmpeg: what is in them, whether all of it can be decoded,
// and when it flashes and beeps.
import { strict as assert } from 'node:assert';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { until } from './wait.mjs';

export const SKEW_S = 0.04;
const PACKET_S = 0.02; // of sound
const RATE = 48000;
const LOUD = 3000; // of 32768
const LIGHT = 160; // of 255
const WIDTH = 16; // of a picture that is only looked at for its light
const MAX_BUFFER = 1 << 28;

const run = (program, args) => execFileSync(program, args, { maxBuffer: MAX_BUFFER,
	stdio: ['ignore', 'pipe', 'ignore'] });

/** {format, streams} of ffprobe; streams by kind. */
export function probe(file) {
	const found = JSON.parse(run('ffprobe', ['-v', 'error', '-show_format', '-show_streams',
		'-of', 'json', file]));
	const stream = (kind) => found.streams.find((s) => s.codec_type === kind);
	return { duration_s: Number(found.format.duration), tags: found.format.tags ?? {},
		format: found.format.format_name, audio: stream('audio'), video: stream('video') };
}

/** Presentation times of a track's packets, seconds, in file order. */
export function times(file, kind) {
	const out = run('ffprobe', ['-v', 'error', '-select_streams', kind[0], '-show_entries',
		'packet=pts_time', '-of', 'csv=p=0', file]).toString();
	return out.split('\n').map(parseFloat).filter((t) => !Number.isNaN(t));
}

/** What ffmpeg complains of when it decodes all there is. */
export function complaints(file) {
	const done = spawnSync('ffmpeg', ['-nostdin', '-v', 'warning', '-i', file, '-fps_mode',
		'passthrough', '-enc_time_base', '-1', '-f', 'null', '-'],
	{ maxBuffer: MAX_BUFFER, encoding: 'utf8' });
	const said = done.stderr.replace(/^Guessed Channel Layout.*\n/gm, ''); /* G.711 has none */
	return (done.status ? `status ${done.status}\n` : '') + said;
}

/** Frames that decode: [seconds, light 0…255] of each.
 *  @param part of the picture: [width, height, x, y] */
function lights(file, part) {
	const size = WIDTH * WIDTH;
	const raw = run('ffmpeg', ['-nostdin', '-v', 'error', '-i', file, '-map', '0:v', '-vf',
		`${part ? `crop=${part.join(':')},` : ''}scale=${WIDTH}:${WIDTH},format=gray`, '-fps_mode', 'passthrough', '-f', 'rawvideo', '-']);
	const at = run('ffprobe', ['-v', 'error', '-select_streams', 'v', '-show_entries',
		'frame=pts_time', '-of', 'csv=p=0', file]).toString().split('\n').map(parseFloat)
		.filter((t) => !Number.isNaN(t));
	const light = (i) => raw.subarray(i * size, (i + 1) * size).reduce((sum, v) => sum + v, 0) / size;
	return at.slice(0, raw.length / size).map((t, i) => [t, light(i)]);
}

/** When pictures turn from dark to light, seconds. */
export function flashes(file, part) {
	return lights(file, part).filter(([, light], i, all) => light > LIGHT && i && all[i - 1][1] <= LIGHT)
		.map(([t]) => t);
}

/** How many pictures decode. */
export const pictures = (file) => lights(file).length;

/** When it becomes loud after a tenth of a second of silence, seconds.
 *  @param hz nothing but this tone is heard */
export function beeps(file, hz) {
	const raw = run('ffmpeg', ['-nostdin', '-v', 'error', '-i', file, '-map', '0:a', '-af',
		`${hz ? `bandpass=f=${hz}:width_type=h:w=100,` : ''}aresample=async=1:min_hard_comp=0.01:first_pts=0`, '-ac', '1', '-ar', String(RATE), '-f', 's16le', '-']);
	const found = [];
	let loud = -RATE;
	for (let i = 0; i + 1 < raw.length; i += 2) {
		if (Math.abs(raw.readInt16LE(i)) < LOUD)
			continue;
		if (i / 2 - loud > RATE / 10)
			found.push(i / 2 / RATE);
		loud = i / 2;
	}
	return found;
}

/** For each flash the beep nearest to it: how much later that is, seconds. */
export function skews(file) {
	const heard = beeps(file);
	return flashes(file).map((t) => heard.map((b) => b - t)
		.reduce((best, d) => (Math.abs(d) < Math.abs(best) ? d : best), Infinity));
}

/** Names in a folder and those below it, sorted. */
export const filesIn = (folder) => (fs.existsSync(folder)
	? fs.readdirSync(folder, { recursive: true, withFileTypes: true }).filter((e) => e.isFile())
		.map((e) => path.relative(folder, path.join(e.parentPath ?? e.path, e.name))).sort() : []);

const isOpen = (name) => /\.(part|new)$/.test(name);

/** Wait until there are files in a folder, and all are whole. @return their names */
export async function whole(folder, ms = 10000) {
	await until(() => `whole files, there are ${filesIn(folder)}`, () => filesIn(folder).length &&
		!filesIn(folder).some(isOpen), { ms });
	return filesIn(folder);
}

/** A folder that outlives servers, and the configuration of those that record there. */
export const withFolder = async (body) => {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cardea-kept-'));
	try {
		await body(folder, { core: { recordings: { folder } } });
	} finally {
		fs.rmSync(folder, { recursive: true });
	}
};

export const isNear = (what, found, wanted, least) => assert.ok(
	Math.abs(found - wanted) <= Math.max(0.02 * wanted, least), `${what}: ${found} for ${wanted}`);

/** Beeps come with their flashes: all, or where the client itself is not exact, the median of them.
 *  @param skew_s seconds that they may be apart */
export function isInSync(file, { exact = true, skew_s = SKEW_S } = {}) {
	const late = skews(file).sort((a, b) => a - b);
	const judged = exact ? late : [late[late.length >> 1]];
	assert.ok(late.length && judged.every((s) => Math.abs(s) < skew_s), `beeps come ${late} s after flashes`);
}

/** All that was sent is there, can be decoded, and is in sync. */
export function check(file, { frames, sound_s, ends_s = 0 }, sync) {
	const found = probe(file);
	assert.equal(complaints(file), '');
	isNear('pictures', pictures(file), frames, 6 + 30 * ends_s); /* some at the ends, of both */
	isNear('packets of sound', times(file, 'audio').length, sound_s / PACKET_S, 10 + ends_s / PACKET_S);
	isNear('duration', found.duration_s, sound_s, 0.2 + ends_s);
	assert.ok(flashes(file).length >= frames / 30 - 2, `${flashes(file).length} flashes`);
	isInSync(file, sync);
	return found;
}
