// cardea-rec at the command line: files made here by the bytes of the specification and read by it, files of its own
// read by Debian's janus-pp-rec, ffmpeg as the judge of media, and what is left when something goes wrong.
import { strict as assert } from 'node:assert';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, afterEach, before, beforeEach } from 'node:test';
import { message, mjrBytes, readMjr, sentByRtp, silence, writeMjr } from '../lib/mjr.mjs';
import { skews } from '../lib/recorded.mjs';
import { BIN, IS_REFERENCE } from '../lib/server.mjs';
import { until, within } from '../lib/wait.mjs';

const unlessReference = { skip: IS_REFERENCE && 'a program of our own' };
const TOOL = path.join(path.dirname(BIN), 'cardea-rec');
const UNIX_US = 1795447276163431;
const SECONDS = 4;
const BEEPS = 0.1; // of each second

let kept; // media, made once
let here; // of one test

before(() => {
	kept = fs.mkdtempSync(path.join(os.tmpdir(), 'cardea-rec-'));
	const picture = ['-f', 'lavfi', '-i', 'testsrc=size=320x240:rate=30:duration=3'];
	const sound = ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000:duration=3', '-c:a', 'libopus'];
	ffmpeg(...picture, ...sound, '-c:v', 'libvpx', '-g', '30', '-deadline', 'realtime', in_('vp8.webm'));
	ffmpeg(...picture, ...sound, '-c:v', 'libvpx-vp9', '-cpu-used', '8', '-g', '30', in_('vp9.webm'));
	ffmpeg(...picture, ...sound, '-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '30',
		in_('h264.mp4'));
	ffmpeg(...picture, '-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'bframes=0:log-level=error',
		'-pix_fmt', 'yuv420p', '-g', '30', in_('h265.mp4'));
	ffmpeg(...picture, '-c:v', 'libaom-av1', '-usage', 'realtime', '-cpu-used', '8', '-g', '30', in_('av1.webm'));
	ffmpeg('-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=8000:duration=3', '-c:a', 'pcm_alaw', in_('alaw.wav'));
});
after(() => fs.rmSync(kept, { recursive: true, force: true }));
beforeEach(() => {
	here = fs.mkdtempSync(path.join(os.tmpdir(), 'cardea-rec-'));
});
afterEach(() => fs.rmSync(here, { recursive: true, force: true }));

function in_(name) {
	return path.join(kept, name);
}

function at(name) {
	return path.join(here, name);
}

function run(program, ...args) {
	const r = spawnSync(program, args, { encoding: 'utf8', timeout: 60000, maxBuffer: 1 << 26 });
	assert.equal(r.error, undefined);
	return r;
}

function ffmpeg(...args) {
	const r = run('ffmpeg', '-hide_banner', '-loglevel', 'error', '-y', ...args);
	assert.equal(r.status, 0, r.stderr);
}

/** @return what it prints, where it ends with @p status */
function rec(status, ...args) {
	const r = run(TOOL, ...args);
	assert.equal(r.status, status, `${args.join(' ')}: ${r.stdout}${r.stderr}`);
	if (status === 0)
		assert.equal(r.stderr, ''); // no progress in a pipe, and no complaint
	return r;
}

const recJson = (status, ...args) => JSON.parse(rec(status, '--json', ...args).stdout);

/** Streams of a file by kind, every frame of it decoded. */
function decoded(file) {
	const r = run('ffmpeg', '-v', 'error', '-i', file, '-fps_mode', 'passthrough', '-enc_time_base:v', '1:90000',
		'-f', 'null', '-');
	assert.equal(r.stderr, '', file);
	const probe = run('ffprobe', '-v', 'error', '-count_frames', '-show_streams', '-show_format', '-of', 'json', file);
	const { streams, format } = JSON.parse(probe.stdout);
	const found = { duration: Number(format.duration) };
	for (const s of streams)
		found[s.codec_type] = { codec: s.codec_name, frames: Number(s.nb_read_frames), width: s.width, height: s.height };
	return found;
}

function near(got, wanted, by, what) {
	assert.ok(Math.abs(got - wanted) <= by, `${what}: ${got}, not ${wanted} by ${by}`);
}

/** Beep and flash at each whole second. */
const FLASHES = ['-re', '-f', 'lavfi', '-i', `color=black:size=160x120:rate=30:duration=${SECONDS},` +
	`drawbox=color=white:t=fill:enable='lt(mod(t,1),${BEEPS})'`,
'-re', '-f', 'lavfi', '-i', `sine=frequency=1000:sample_rate=48000:duration=${SECONDS},` +
	`volume='lt(mod(t,1),${BEEPS})':eval=frame`];

for (const [name, encoder, head, out] of [
	['VP8', ['-c:v', 'libvpx', '-deadline', 'realtime', '-g', '30'], { c: 'vp8' }, 'out.webm'],
	['H.264', ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p', '-g', '30'],
		{ c: 'h264', f: 'packetization-mode=1' }, 'out.mp4']]) {
	test(`${name} and Opus in two files become one in sync`, unlessReference, async () => {
		const [video, audio] = await sentByRtp(FLASHES, [['-map', '0:v', ...encoder], ['-map', '1:a', '-c:a', 'libopus']]);
		writeMjr(at('v.mjr'), { t: 'v', ...head }, video);
		writeMjr(at('a.mjr'), { t: 'a', c: 'opus' }, audio);
		rec(0, 'convert', at('a.mjr'), at('v.mjr'), at(out));
		assert.deepEqual(fs.readdirSync(here).sort(), ['a.mjr', out, 'v.mjr']);
		const got = decoded(at(out));
		near(got.video.frames, SECONDS * 30, 2, 'pictures');
		near(got.audio.frames, SECONDS * 50, 4, 'frames of sound');
		near(got.duration, SECONDS, 0.1, 'duration');
		const late = skews(at(out));
		assert.ok(late.length >= SECONDS - 1, 'flashes');
		for (const s of late)
			near(s, 0, 0.04, 'flash and beep');
	});
}

// What a folder of recordings has besides media: `check` is given all of it.
test('the index of a room, messages and what recordplay lists are checked too', unlessReference, () => {
	fs.copyFileSync(in_('vp8.webm'), at('ann.webm'));
	fs.copyFileSync(in_('vp8.webm'), at('ben.webm.part'));
	const file = (name) => ({ file: name, format: 'webm', kinds: ['audio', 'camera'], offset_ms: 0 });
	const index = (...names) => JSON.stringify({ version: 1, room: 1, began_us: UNIX_US,
		participants: names.map((name, id) => ({ id, display: name, joined_ms: 0, files: [file(name)] })) });
	fs.writeFileSync(at('room-1-1.json'), index('ann.webm', 'ben.webm'));
	fs.writeFileSync(at('ann.jsonl'), '{"at_us":1,"text":"hi"}\n{"at_us":2,"text":"ho"}\n');
	fs.writeFileSync(at('ann.vtt'), 'WEBVTT\n\n00:00:01.000 --> 00:00:04.000\nhi\n');
	fs.writeFileSync(at('7.nfo'), '[7]\nname = Seven\ndate = 2026-12-01 10:00:00\nmedia = ann.webm\n');
	const names = ['room-1-1.json', 'ann.jsonl', 'ann.vtt', '7.nfo'];
	assert.deepEqual(rec(0, 'check', ...names.map(at)).stdout.split('\n').map((line) => line.slice(here.length + 1)), [
		'room-1-1.json: playable, 2 people, 2 files', 'ann.jsonl: playable, 2 messages', 'ann.vtt: playable, 1 message',
		'7.nfo: playable, 1 file', '']);
	assert.deepEqual(recJson(0, 'info', ...names.map(at)).map(({ format, people, files, messages }) =>
		[format, people, files, messages]), [['index', 2, 2, undefined], ['JSON lines', undefined, undefined, 2],
		['WebVTT', undefined, undefined, 1], ['nfo', undefined, 1, undefined]]);

	fs.writeFileSync(at('room-1-2.json'), index('ann.webm', 'gone\u001b[31m.webm'));
	assert.match(rec(1, 'check', at('room-1-2.json')).stdout, /damaged: gone\\x1b\[31m\.webm is not there/);
	fs.appendFileSync(at('ann.jsonl'), '{"at_us":3,"te');
	assert.match(rec(1, 'check', at('ann.jsonl')).stdout, /damaged: it ends in the middle of a line, 2 messages/);
	fs.writeFileSync(at('room-1-3.json'), index('ann.webm').slice(0, -4));
	assert.match(rec(3, 'check', at('room-1-3.json')).stdout, /unreadable: it is not JSON/);
	fs.writeFileSync(at('8.nfo'), '[8]\nname = Eight\n');
	assert.match(rec(3, 'check', at('8.nfo')).stdout, /unreadable: it names no file/);
});

// What we write is read by Debian's tool, and comes back as it was.
for (const [name, codec] of [['vp8.webm', 'vp8'], ['vp9.webm', 'vp9'], ['h264.mp4', 'h264']]) {
	test(`${codec} becomes MJR that others read, and comes back`, unlessReference, () => {
		const end = path.extname(name);
		rec(0, 'convert', in_(name), at('x.mjr'));
		const source = decoded(in_(name));
		for (const [from, to] of [['x-video.mjr', `theirs${end}`], ['x-audio.mjr', 'theirs.opus']])
			assert.equal(run('janus-pp-rec', at(from), at(to)).status, 0);
		const theirs = decoded(at(`theirs${end}`));
		assert.equal(theirs.video.codec, codec);
		assert.equal(theirs.video.frames, source.video.frames);
		assert.equal(decoded(at('theirs.opus')).audio.frames, source.audio.frames);
		rec(0, 'convert', at('x-audio.mjr'), at('x-video.mjr'), at(`back${end}`));
		const back = decoded(at(`back${end}`));
		assert.deepEqual(back.video, source.video);
		assert.equal(back.audio.frames, source.audio.frames);
		near(back.duration, source.duration, 0.06, 'duration');
	});
}

for (const [name, codec, out] of [['h265.mp4', 'hevc', 'back.mp4'], ['h265.mp4', 'hevc', 'back.mkv'],
	['av1.webm', 'av1', 'back.webm'], ['av1.webm', 'av1', 'back.mp4'], ['vp9.webm', 'vp9', 'back.mp4']]) {
	test(`${codec} comes back from MJR as ${path.extname(out)}`, unlessReference, () => {
		rec(0, 'convert', in_(name), at('x.mjr'));
		const files = fs.readdirSync(here).map(at);
		rec(0, 'convert', ...files, at(out));
		assert.deepEqual(decoded(at(out)).video, decoded(in_(name)).video);
	});
}

test('G.711 becomes MJR that others read, and WAV again', unlessReference, () => {
	rec(0, 'convert', in_('alaw.wav'), at('x.mjr'));
	assert.equal(run('janus-pp-rec', at('x.mjr'), at('theirs.wav')).status, 0);
	assert.ok(fs.statSync(at('theirs.wav')).size > 3 * 8000 * 2);
	rec(0, 'convert', at('x.mjr'), at('back.wav'));
	const pcm = (file) => run('ffmpeg', '-v', 'error', '-i', file, '-f', 'md5', '-').stdout;
	assert.equal(pcm(at('back.wav')), pcm(in_('alaw.wav')));
});

// 16-bit sound, as MJR names it. Packets are of 1500 bytes at most: others read no longer ones.
for (const [codec, hz] of [['l16', 16000], ['l16-48', 48000]]) {
	test(`WAV of ${hz} Hz becomes ${codec} in MJR, and comes back bit by bit`, unlessReference, () => {
		const pcm = (file) => run('ffmpeg', '-v', 'error', '-i', file, '-f', 'md5', '-').stdout;
		ffmpeg('-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=${hz}:duration=3`, at('a.wav'));
		rec(0, 'convert', at('a.wav'), at('x.mjr'));
		const { head, records } = readMjr(at('x.mjr'));
		assert.deepEqual([head.t, head.c], ['a', codec]);
		assert.ok(records.every(({ bytes }) => bytes.length <= 1500));
		assert.equal(run('janus-pp-rec', at('x.mjr'), at('theirs.wav')).status, 0);
		assert.equal(pcm(at('theirs.wav')), pcm(at('a.wav')));
		rec(0, 'convert', at('x.mjr'), at('back.wav'));
		assert.equal(pcm(at('back.wav')), pcm(at('a.wav')));
		for (const name of ['a.wav', 'x.mjr', 'back.wav'])
			assert.deepEqual(recJson(0, 'info', at(name))[0].tracks.map((t) => t.codec), [codec], name);
		rec(0, 'convert', at('back.wav'), at('a.mkv'));
		assert.equal(pcm(at('a.mkv')), pcm(at('a.wav')));
	});
}

test('sound that MJR has no name for is refused', unlessReference, () => {
	for (const [hz, channels, codec] of [[8000, 1, 'pcm_s16le'], [48000, 2, 'pcm_s16le'], [8000, 2, 'pcm_alaw']]) {
		ffmpeg('-f', 'lavfi', '-i', `sine=sample_rate=${hz}:duration=1`, '-ac', channels, '-c:a', codec, at('a.wav'));
		assert.match(rec(4, 'convert', at('a.wav'), at('x.mjr')).stderr, new RegExp(`of ${hz} Hz and ${channels} channel`));
		assert.deepEqual(fs.readdirSync(here), ['a.wav']);
	}
});

test('of tracks in which nothing came nothing is made', unlessReference, () => {
	for (const [name, head] of [['a', { t: 'a', c: 'opus' }], ['v', { t: 'v', c: 'h264' }], ['d', { t: 'd', c: 'text' }]]) {
		writeMjr(at(`${name}.mjr`), head, []);
		const files = fs.readdirSync(here);
		for (const out of ['b.webm', 'b.mp4', 'b.mkv', 'b.opus', 'b.wav', 'b.jsonl']) {
			assert.match(rec(3, 'convert', at(`${name}.mjr`), at(out)).stderr, /There is nothing for .* in it/);
			assert.deepEqual(fs.readdirSync(here), files);
		}
	}
	writeMjr(at('a.mjr'), { t: 'a', c: 'opus' }, [silence(0, UNIX_US)]);
	rec(0, 'convert', at('a.mjr'), at('v.mjr'), at('b.mkv')); // beside another that has something
	assert.equal(decoded(at('b.mkv')).audio.frames, 1);
});

test('a WAV file has silence where nothing came', unlessReference, () => {
	const packet = (n, us) => ({ us, bytes: Buffer.concat([Buffer.from([0x80, 8, 0, n, 0, 0, n * 160 >> 8, n * 160 & 255,
		0, 0, 0, 1]), Buffer.alloc(160, 0x55)]) });
	writeMjr(at('a.mjr'), { t: 'a', c: 'g711' }, [packet(0, UNIX_US), packet(50, UNIX_US + 1000000)]);
	rec(0, 'convert', at('a.mjr'), at('a.wav'));
	const bytes = fs.readFileSync(at('a.wav'));
	assert.equal(bytes.length, 44 + 8000 + 160);
	assert.equal(bytes[44], 0x55);
	assert.equal(bytes[44 + 4000], 0xd5);
	assert.equal(bytes.at(-1), 0x55);
});

test('sound is taken out of a film', unlessReference, () => {
	rec(0, 'convert', in_('vp8.webm'), at('a.opus'));
	assert.equal(decoded(at('a.opus')).audio.frames, decoded(in_('vp8.webm')).audio.frames);
});

test('a film changes its container', unlessReference, () => {
	rec(0, 'convert', in_('vp8.webm'), at('a.mkv'));
	assert.deepEqual(decoded(at('a.mkv')).video, decoded(in_('vp8.webm')).video);
});

test('a title is given, and stays where none is', unlessReference, () => {
	const titleOf = (name) => run('ffprobe', '-v', 'error', '-show_entries', 'format_tags=title', '-of', 'csv=p=0', at(name))
		.stdout.trim();
	rec(0, 'convert', '--title', 'Weekly', in_('vp8.webm'), at('a.mkv'));
	assert.equal(titleOf('a.mkv'), 'Weekly');
	rec(0, 'convert', at('a.mkv'), at('b.webm'));
	assert.equal(titleOf('b.webm'), 'Weekly');
	rec(0, 'convert', '-t', 'Daily', at('b.webm'), at('c.mkv'));
	assert.equal(titleOf('c.mkv'), 'Daily');
	rec(0, 'convert', '-t', 'Film', in_('h264.mp4'), at('d.mp4'));
	assert.equal(titleOf('d.mp4'), 'Film');
});

test('messages become lines and cues, and what others read', unlessReference, () => {
	const records = [message(UNIX_US, 'first'), message(UNIX_US + 1500000, 'second ✓')];
	writeMjr(at('d.mjr'), { t: 'd', c: 'text' }, records);
	const made = { file: at('d.jsonl'), messages: 2 };
	assert.equal(rec(0, 'convert', at('d.mjr'), at('d.jsonl')).stdout, `${made.file}: 2 messages\n`);
	assert.deepEqual(recJson(0, 'convert', '--force', at('d.mjr'), at('d.webm')), made);
	const lines = fs.readFileSync(at('d.jsonl'), 'utf8').trim().split('\n').map((l) => JSON.parse(l));
	assert.deepEqual(lines, [{ at_us: 0, unix_us: UNIX_US, text: 'first' },
		{ at_us: 1500000, unix_us: UNIX_US + 1500000, text: 'second ✓' }]);
	assert.match(fs.readFileSync(at('d.vtt'), 'utf8'), /^WEBVTT\n\n00:00:00.000 --> .*\nfirst\n\n00:00:01.500 --> /);
	rec(0, 'repair', at('d.mjr'), at('ours.mjr'));
	assert.equal(run('janus-pp-rec', at('ours.mjr'), at('theirs.srt')).status, 0);
	assert.match(fs.readFileSync(at('theirs.srt'), 'utf8'), /first[^]*second ✓/);
});

test('messages stand beside the film of their participant', unlessReference, () => {
	rec(0, 'convert', in_('vp8.webm'), at('x.mjr'));
	const [{ began_us: began }] = recJson(0, 'info', at('x-audio.mjr'));
	writeMjr(at('d.mjr'), { t: 'd', c: 'text' }, [message(began + 1000000, 'hello')]);
	rec(0, 'convert', at('x-audio.mjr'), at('x-video.mjr'), at('d.mjr'), at('x.webm'));
	const line = JSON.parse(fs.readFileSync(at('x.jsonl'), 'utf8'));
	assert.equal(line.text, 'hello');
	near(line.at_us, 1000000, 30000, 'time in the film');
});

// ---- info, check, repair ----

test('info and check say what is in a file, and in which state', unlessReference, () => {
	const whole = fs.readFileSync(in_('vp8.webm'));
	fs.writeFileSync(at('cut.webm'), whole.subarray(0, whole.length * 2 / 3));
	fs.writeFileSync(at('junk.webm'), 'no recording');
	rec(0, 'convert', in_('vp8.webm'), at('x.mjr'));
	const mjr = fs.readFileSync(at('x-video.mjr'));
	fs.writeFileSync(at('cut.mjr'), mjr.subarray(0, mjr.length - 10));
	fs.writeFileSync(at('empty.mjr'), 'MJR00002');
	const [info] = recJson(0, 'info', in_('vp8.webm'));
	assert.equal(info.format, 'WebM');
	assert.deepEqual(info.tracks.map((t) => [t.kind, t.codec, t.width]), [['video', 'vp8', 320], ['audio', 'opus', undefined]]);
	const verdicts = recJson(3, 'check', ...['cut.webm', 'junk.webm', 'cut.mjr', 'empty.mjr', 'x-video.mjr', 'none'].map(at));
	assert.deepEqual(verdicts.map((v) => v.verdict),
		['damaged', 'unreadable', 'damaged', 'playable', 'playable', 'unreadable']);
	near(verdicts[0].duration_us, 2000000, 300000, 'what can be played');
	assert.equal(verdicts[2].tracks[0].frames, verdicts[4].tracks[0].frames - 1);
	rec(1, 'check', at('cut.mjr'));
	rec(0, 'check', at('x-video.mjr'), in_('h264.mp4'));
	assert.match(rec(0, 'info', at('x-video.mjr')).stdout, /MJR, 0:03\.0, .* kB, began 20.* UTC\n {2}video: VP8, 320×240, 90 frames/);
});

test('lost packets are counted and are no damage', unlessReference, () => {
	const records = [];
	for (let n = 0; n < 100; n++)
		if (n < 50 || n >= 55)
			records.push(silence(n, UNIX_US + n * 20000));
	writeMjr(at('a.mjr'), { t: 'a', c: 'opus' }, records);
	const [a] = recJson(0, 'check', at('a.mjr'));
	assert.equal(a.packets_lost, 5);
	assert.equal(a.tracks[0].frames, 95);
});

test('repair makes whole what was cut short', unlessReference, () => {
	const whole = fs.readFileSync(in_('vp8.webm'));
	const part = whole.subarray(0, whole.length * 2 / 3);
	fs.writeFileSync(at('a.webm.part'), part);
	fs.writeFileSync(at('b.webm'), part);
	rec(0, 'repair', at('a.webm.part'));
	rec(0, 'repair', at('b.webm'));
	assert.deepEqual(fs.readdirSync(here).sort(), ['a.webm', 'b.webm']);
	rec(0, 'check', at('a.webm'), at('b.webm'));
	near(decoded(at('b.webm')).duration, 2, 0.3, 'duration');
	const before_ = fs.readFileSync(at('b.webm'));
	rec(0, 'repair', at('b.webm')); // it is whole: left as it is
	assert.deepEqual(fs.readFileSync(at('b.webm')), before_);
});

test('repair keeps all records that can be read', unlessReference, () => {
	const records = Array.from({ length: 100 }, (_, n) => silence(n, UNIX_US + n * 20000));
	const bytes = mjrBytes({ t: 'a', c: 'opus', s: UNIX_US, u: UNIX_US }, records);
	bytes.write('XXXX', bytes.length - 25 * 50);
	fs.writeFileSync(at('a.mjr'), bytes.subarray(0, -5));
	rec(1, 'check', at('a.mjr'));
	rec(0, 'repair', at('a.mjr'));
	const [a] = recJson(0, 'check', at('a.mjr'));
	assert.equal(a.records, 98);
	assert.equal(a.began_us, UNIX_US);
});

// ---- what goes wrong ----

test('a file that is written by somebody is not repaired', unlessReference, async () => {
	fs.writeFileSync(at('a.webm.part'), fs.readFileSync(in_('vp8.webm')));
	const holder = spawn('flock', [at('a.webm.part'), 'sh', '-c', 'echo locked; read end'], { stdio: ['pipe', 'pipe', 'inherit'] });
	await within(10000, 'lock', once(holder.stdout, 'data'));
	assert.match(rec(3, 'repair', at('a.webm.part')).stderr, /is being written/);
	holder.stdin.end();
	await within(10000, 'end', once(holder, 'close'));
	rec(0, 'repair', at('a.webm.part'));
});

test('what cannot be done is said, with a status, and leaves nothing', unlessReference, () => {
	writeMjr(at('a.mjr'), { t: 'a', c: 'opus' }, [silence(0, UNIX_US)]);
	writeMjr(at('e2ee.mjr'), { t: 'a', c: 'opus', e: true }, [silence(0, UNIX_US)]);
	writeMjr(at('odd.mjr'), { t: 'a', c: 'speex' }, [silence(0, UNIX_US)]);
	fs.writeFileSync(at('there.webm'), 'mine');
	const files = fs.readdirSync(here).sort();
	for (const [status, word, ...args] of [
		[2, /command/, 'play', at('a.mjr')], [2, /wants files/, 'check'], [2, /ends with none of/, 'convert', at('a.mjr'), at('a.avi')],
		[3, /no recording/, 'convert', at('there.webm'), at('b.mkv')], [3, /No such file/, 'convert', at('none'), at('b.mkv')],
		[3, /end to end/, 'convert', at('e2ee.mjr'), at('b.webm')], [3, /speex/, 'convert', at('odd.mjr'), at('b.webm')],
		[4, /there already/, 'convert', at('a.mjr'), at('there.webm')], [4, /cannot hold/, 'convert', at('a.mjr'), at('b.wav')],
		[4, /cannot hold/, 'convert', in_('vp8.webm'), at('b.mp4')], [4, /No such file/, 'convert', at('a.mjr'), at('no/b.webm')],
		[2, /put together/, 'convert', in_('vp8.webm'), at('a.mjr'), at('b.webm')]]) {
		const r = rec(status, ...args);
		assert.match(r.stderr, word);
		assert.equal(r.stdout, '');
		assert.deepEqual(fs.readdirSync(here).sort(), files);
	}
	assert.match(recJson(4, 'convert', at('a.mjr'), at('there.webm')).error, /there already/);
	rec(0, '--force', 'convert', at('a.mjr'), at('there.webm'));
	assert.equal(decoded(at('there.webm')).audio.frames, 1);
});

test('a disk that is full leaves nothing behind', unlessReference, () => {
	fs.copyFileSync(in_('vp8.webm'), at('a.webm'));
	const r = run('prlimit', '--fsize=20000', TOOL, 'convert', at('a.webm'), at('b.mkv'));
	assert.equal(r.status, 4, r.stderr);
	assert.match(r.stderr, /cannot be written/);
	assert.equal(run('prlimit', '--fsize=20000', TOOL, 'convert', at('a.webm'), at('b.mjr')).status, 4);
	assert.deepEqual(fs.readdirSync(here), ['a.webm']);
});

/** Hours of silence. */
function long(file) {
	writeMjr(file, { t: 'a', c: 'opus' }, Array.from({ length: 600000 }, (_, n) => silence(n, UNIX_US + n * 20000)));
}

test('Ctrl-C leaves nothing half-made', unlessReference, async () => {
	long(at('a.mjr'));
	for (const out of ['b.webm', 'b.opus']) {
		const child = spawn(TOOL, ['convert', at('a.mjr'), at(out)], { stdio: 'ignore' });
		const ended = once(child, 'close');
		await until('a begun file', () => fs.readdirSync(here).length > 1);
		child.kill('SIGINT');
		assert.deepEqual(await within(30000, 'end', ended), [130, null]);
		assert.deepEqual(fs.readdirSync(here), ['a.mjr']);
	}
});

test('a terminal gets a bar with the time left', unlessReference, () => {
	long(at('a.mjr'));
	const { stdout } = run('script', '-qec', `${TOOL} check ${at('a.mjr')}`, '/dev/null');
	assert.match(stdout, /a\.mjr {2}\[#*-*\] +\d+ % {2}\d+:\d\d left/);
	assert.match(stdout, /playable, 3:20:00/);
});
