// cardea-rec compose: films of calls made here, judged by ffprobe and by their pixels: who is seen when, in sync,
// all heard; and what is said of an index or files that are not as they should be.
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, afterEach, before, beforeEach } from 'node:test';
import { probe, skews } from '../lib/recorded.mjs';
import { BIN, IS_REFERENCE } from '../lib/server.mjs';

const unlessReference = { skip: IS_REFERENCE && 'a program of our own' };
const TOOL = path.join(path.dirname(BIN), 'cardea-rec');
const BEGAN_US = 1767261600000000;
const [W, H] = [640, 360];
const SMALL = ['--size', `${W}x${H}`];
const PEOPLE = { red: 500, lime: 900, blue: 1400 }; // who is of which colour says which tone

let kept; // media, made once
let here; // of one test

before(() => {
	kept = fs.mkdtempSync(path.join(os.tmpdir(), 'compose-'));
	for (const [colour, hz] of Object.entries(PEOPLE)) {
		ffmpeg('-f', 'lavfi', '-i', `color=${colour}:size=160x90:rate=30:duration=4`, '-f', 'lavfi', '-i',
			`sine=frequency=${hz}:sample_rate=48000:duration=4`, '-af', 'volume=6', '-c:v', 'libvpx', '-deadline', 'realtime',
			'-cpu-used', '8', '-c:a', 'libopus', in_(`${colour}.webm`));
	}
	ffmpeg('-f', 'lavfi', '-i', 'color=yellow:size=320x180:rate=5:duration=2', '-c:v', 'libx264', '-preset', 'ultrafast',
		'-pix_fmt', 'yuv420p', in_('screen.mp4'));
	ffmpeg('-f', 'lavfi', '-i', "color=black:size=160x90:rate=30:duration=6,drawbox=color=white:t=fill:enable='lt(mod(t,1),0.1)'",
		'-f', 'lavfi', '-i', "sine=frequency=1000:sample_rate=48000:duration=6,volume='6*lt(mod(t,1),0.1)':eval=frame",
		'-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-c:a', 'libopus', in_('flash.webm'));
});
after(() => fs.rmSync(kept, { recursive: true, force: true }));
beforeEach(() => {
	here = fs.mkdtempSync(path.join(os.tmpdir(), 'compose-'));
	for (const name of fs.readdirSync(kept))
		fs.symlinkSync(in_(name), at(name));
});
afterEach(() => fs.rmSync(here, { recursive: true, force: true }));

function in_(name) {
	return path.join(kept, name);
}

function at(name) {
	return path.join(here, name);
}

function run(program, args, options = {}) {
	const r = spawnSync(program, args, { encoding: 'utf8', timeout: 120000, maxBuffer: 1 << 26, ...options });
	assert.equal(r.error, undefined);
	return r;
}

function ffmpeg(...args) {
	const r = run('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-y', ...args]);
	assert.equal(r.status, 0, r.stderr);
}

/** @return what compose prints as JSON, where it ends with @p status */
function compose(status, ...args) {
	const r = run(TOOL, ['compose', '--json', ...args]);
	assert.equal(r.status, status, `${args.join(' ')}: ${r.stdout}${r.stderr}`);
	return r.stdout ? JSON.parse(r.stdout) : {};
}

const file = (name, kinds, offset_ms) => ({ file: name, kinds, offset_ms });
const talks = (at_ms, id) => ({ at_ms, id, talks: true });

function index(participants, speakers = []) {
	fs.writeFileSync(at('room.json'), JSON.stringify({ version: 1, room: 1, title: 'Weekly', began_us: BEGAN_US,
		participants, speakers }));
	return at('room.json');
}

/** Red 0…4 s, lime 1…5 s, blue 2…6 s with a screen from 3 to 5 s. */
const three = (speakers) => index([
	{ id: 1, display: 'Ann', joined_ms: 0, left_ms: 4000, files: [file('red.webm', ['audio', 'camera'], 0)] },
	{ id: 2, display: 'Bob', joined_ms: 1000, left_ms: 5000, files: [file('lime.webm', ['audio', 'camera'], 1000)] },
	{ id: 3, display: 'Cid', joined_ms: 2000, files: [file('blue.webm', ['audio', 'camera'], 2000),
		file('screen.mp4', ['screen'], 3000)] }], speakers);

/** RGB of a picture at @p t seconds. */
function picture(film, t) {
	const r = run('ffmpeg', ['-v', 'error', '-ss', String(t), '-i', film, '-frames:v', '1', '-f', 'rawvideo', '-pix_fmt',
		'rgb24', '-'], { encoding: 'buffer' });
	assert.equal(r.stdout.length, W * H * 3, `a picture at ${t}`);
	return r.stdout;
}

const COLOURS = { red: [1, 0, 0], lime: [0, 1, 0], blue: [0, 0, 1], yellow: [1, 1, 0], dark: [0, 0, 0] };
function colour(rgb, x, y) {
	const bits = [0, 1, 2].map((i) => Number(rgb[(y * W + x) * 3 + i] > 128));
	return Object.keys(COLOURS).find((name) => COLOURS[name].every((bit, i) => bit === bits[i]));
}

/** Do pixels in the box x, y, w, h look like white letters? */
function hasText(rgb, x0, y0, w, h) {
	let white = 0;
	for (let y = y0; y < y0 + h; y++)
		for (let x = x0; x < x0 + w; x++)
			white += [0, 1, 2].every((i) => rgb[(y * W + x) * 3 + i] > 150);
	return white > 8;
}

/** How loud a tone is from @p t on, for a second, dB. */
function loudness(film, t, hz) {
	const r = run('ffmpeg', ['-hide_banner', '-ss', String(t), '-t', '0.6', '-i', film, '-af',
		`bandpass=f=${hz}:width_type=h:w=40,bandpass=f=${hz}:width_type=h:w=40,volumedetect`, '-vn', '-f', 'null', '-']);
	return Number(/mean_volume: (\S+) dB/.exec(r.stderr)[1]);
}

function near(got, wanted, by, what) {
	assert.ok(Math.abs(got - wanted) <= by, `${what}: ${got}, not ${wanted} by ${by}`);
}

for (const [ending, picture_, sound] of [['mp4', 'h264', 'aac'], ['webm', 'vp9', 'opus']]) {
	test(`people come and go in a film of .${ending}, and all are heard`, unlessReference, () => {
		const film = at(`film.${ending}`);
		const made = compose(0, three(), '-o', film, ...SMALL);
		assert.deepEqual(made.people, ['Ann', 'Bob', 'Cid']);
		assert.deepEqual(made.left_out, []);
		const found = probe(film);
		near(found.duration_s, 6, 0.12, 'duration');
		assert.equal(found.video.codec_name, picture_);
		assert.equal(found.audio.codec_name, sound);
		assert.equal(found.tags.title ?? found.tags.TITLE, 'Weekly');
		let p = picture(film, 0.5);
		assert.equal(colour(p, 320, 180), 'red');
		assert.ok(hasText(p, 0, H - 24, 60, 24), "Ann's name");
		assert.ok(!hasText(p, 200, H - 24, 200, 24), 'nothing where no name is');
		p = picture(film, 1.5);
		assert.deepEqual([160, 480].map((x) => colour(p, x, 180)), ['red', 'lime']);
		assert.equal(colour(p, 160, 40), 'dark', 'bars above');
		assert.ok(hasText(p, 320, H - 24, 60, 24), "Bob's name");
		p = picture(film, 2.5);
		assert.deepEqual([colour(p, 160, 90), colour(p, 480, 90), colour(p, 320, 270), colour(p, 60, 270)],
			['red', 'lime', 'blue', 'dark']);
		p = picture(film, 3.5);
		assert.equal(colour(p, 256, 180), 'yellow', 'the screen is large');
		assert.deepEqual([108, 180, 252].map((y) => colour(p, 580, y)), ['red', 'lime', 'blue']);
		assert.equal(colour(picture(film, 5.5), 320, 180), 'blue');
		assert.ok(loudness(film, 2.5, PEOPLE.red) > -25 && loudness(film, 2.5, PEOPLE.lime) > -25 &&
			loudness(film, 2.5, PEOPLE.blue) > -25, 'three at once');
		assert.ok(loudness(film, 0.2, PEOPLE.lime) < -40 && loudness(film, 5.2, PEOPLE.red) < -40, 'who is not there is silent');
		const peak = run('ffmpeg', ['-hide_banner', '-i', film, '-af', 'astats=metadata=0', '-vn', '-f', 'null', '-']).stderr;
		assert.ok(Number(/Peak level dB: (\S+)/.exec(peak)[1]) < 0.2, 'it does not clip');
	});
}

test('the speaker is large', unlessReference, () => {
	const film = at('film.mp4');
	compose(0, three([talks(500, 1), talks(1500, 2)]), '-o', film, '--layout', 'speaker', '--to', '2.8', ...SMALL);
	let p = picture(film, 1.2);
	assert.deepEqual([colour(p, 256, 180), colour(p, 580, 180)], ['red', 'lime']);
	p = picture(film, 1.8);
	assert.deepEqual([colour(p, 256, 180), colour(p, 580, 180)], ['lime', 'red']);
	near(probe(film).duration_s, 2.8, 0.06, 'duration');
});

test('flash and beep stay together, wherever a file begins', unlessReference, () => {
	const film = at('film.mp4');
	const x = index([{ id: 1, joined_ms: 0, files: [file('flash.webm', ['audio', 'camera'], 4217)] }]);
	for (const options of [[], ['--rate', '25', '--from', '0.63'], ['--title', 'Weekly']]) {
		compose(0, x, '-o', film, '--force', ...SMALL, ...options);
		const late = skews(film);
		assert.ok(late.length >= 4, `${late.length} flashes`);
		for (const s of late)
			near(s, 0, 0.04, `flash and beep with ${options.join(' ')}`);
	}
});

test('a title is a card of three seconds', unlessReference, () => {
	const film = at('film.mp4');
	compose(0, three(), '-o', film, '--title', 'All hands', '--to', '1', ...SMALL);
	near(probe(film).duration_s, 4, 0.08, 'duration');
	const p = picture(film, 1);
	assert.equal(colour(p, 20, 20), 'dark');
	assert.ok(hasText(p, 200, 130, 240, 60));
	assert.equal(colour(picture(film, 3.5), 320, 60), 'red');
});

test('files without an index are people, too', unlessReference, () => {
	ffmpeg('-i', in_('lime.webm'), '-vn', '-c', 'copy', at('phone.opus'));
	const made = compose(0, at('red.webm'), at('blue.webm'), at('phone.opus'), '-o', at('film.mp4'), ...SMALL);
	assert.deepEqual(made.people, ['red', 'blue', 'phone']);
	const p = picture(at('film.mp4'), 1);
	assert.deepEqual([160, 480].map((x) => colour(p, x, 90)), ['red', 'blue']);
	assert.equal(colour(p, 200, 270), 'dark');
	assert.ok(hasText(p, 260, 250, 120, 40), 'who has no picture has a name in the middle');
	assert.ok(loudness(at('film.mp4'), 1, PEOPLE.lime) > -25);
});

test('what is missing, damaged or not whole is told, and the rest is used', unlessReference, () => {
	const whole = fs.readFileSync(in_('lime.webm'));
	fs.writeFileSync(at('cut.webm.part'), whole.subarray(0, whole.length / 2));
	fs.writeFileSync(at('noise.webm'), Buffer.alloc(5000, 'noise'));
	const x = index([{ id: 1, files: [file('red.webm', ['audio', 'camera'], 0), file('gone.webm', ['audio'], 0)] },
		{ id: 2, files: [file('cut.webm', ['audio', 'camera'], 0)] }, { id: 3, files: [file('noise.webm', ['camera'], 0)] }]);
	const made = compose(1, x, '-o', at('film.mp4'), ...SMALL);
	assert.deepEqual(made.left_out.map((l) => l.file), ['gone.webm', 'cut.webm', 'noise.webm']);
	assert.match(made.left_out[1].why, /as far as it goes/);
	near(probe(at('film.mp4')).duration_s, 4, 0.1, 'duration');
	assert.deepEqual([160, 480].map((x_) => colour(picture(at('film.mp4'), 0.5), x_, 180)), ['red', 'lime']);
});

test('an index that is none is told, and nothing is left', unlessReference, () => {
	const list = fs.readdirSync(here).sort();
	const wrong = [['', /not JSON/], ['{"version":1', /not JSON/], ['{"version":7,"participants":[]}', /version 7/],
		[{ id: 1, files: [file('../red.webm', ['camera'], 0)] }, /not in the folder/],
		[{ id: 1, files: [file('/etc/passwd', ['camera'], 0)] }, /not in the folder/],
		[{ id: 1, files: [file('red.webm', ['camera'], 1e15)] }, /offset_ms/],
		[{ id: 1, files: [file('red.webm', ['camera'], -5)] }, /offset_ms/],
		[{ id: 1, left_ms: 'x', files: [] }, /no time/], [{ id: 1, files: [] }, /nobody was recorded/],
		[{ id: 1, files: [file('gone.webm', ['camera'], 0)] }, /gone.webm: it is not there/]];
	for (const [what, why] of wrong) {
		if (typeof what === 'string')
			fs.writeFileSync(at('room.json'), what);
		else
			index([what]);
		assert.match(compose(3, at('room.json'), '-o', at('film.mp4')).error, why);
	}
	assert.match(compose(3, at('none.json'), '-o', at('film.mp4')).error, /cannot be read/);
	fs.rmSync(at('room.json'));
	assert.deepEqual(fs.readdirSync(here).sort(), list);
});

test('what cannot be written is told, and what is there stays', unlessReference, () => {
	fs.writeFileSync(at('film.mp4'), 'mine');
	assert.match(compose(4, three(), '-o', at('film.mp4'), ...SMALL).error, /film.mp4/);
	assert.equal(fs.readFileSync(at('film.mp4'), 'utf8'), 'mine');
	assert.match(compose(4, three(), '-o', at('no/film.mp4'), ...SMALL).error, /cannot be written/);
});

test('the command line is looked at first', unlessReference, () => {
	for (const args of [[], ['x.json'], ['x.json', '-o', 'f.avi'], ['x.json', '-o', at('f.mp4'), '--size', '63x1'],
		['x.json', '-o', at('f.mp4'), '--from', '5', '--to', '4'], ['x.json', '-o', at('f.mp4'), '--layout', 'round']]) {
		const r = run(TOOL, ['compose', ...args]);
		assert.equal(r.status, 2, args.join(' '));
		assert.match(r.stderr, /see --help/);
	}
	compose(2, three(), '-o', at('film.mp4'), '--from', '1:00');
});
