// A room that is recorded: a file of each who publishes, judged by ffprobe and cardea-rec, and an
// index that is whole whatever happens to the server.
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { connect } from '../lib/api.mjs';
import { launch, shut } from '../lib/browser.mjs';
import { createRoom, Participant, SEND_ONLY } from '../lib/calls.mjs';
import { Peers } from '../lib/media.mjs';
import { beeps, complaints, filesIn, flashes, isNear, pictures, probe, SKEW_S, times, whole,
	withFolder } from '../lib/recorded.mjs';
import { BIN, startServer, withServer } from '../lib/server.mjs';
import { until } from '../lib/wait.mjs';
import { sent } from './record.mjs';

const options = { timeout: 120000 };
const RATE = 15; // pictures a second
const TOOL = path.join(path.dirname(BIN), 'cardea-rec');
const VIDEO = { kind: 'video', direction: 'sendonly' };
let browser;
before(async () => { browser = await launch('chromium'); });
after(() => browser && shut(browser));

async function withPage(server, body) {
	const peers = await Peers.open(browser);
	const client = await connect(server, 'ws');
	try {
		await peers.page.evaluate((fps) => window.beacon(320, 180, fps), RATE);
		await body({ peers, session: await client.createSession(), server });
	} finally {
		await client.close();
		await peers.close();
	}
}

const withRooms = (body) => withFolder((folder, conf) => withServer({ conf }, (server) =>
	withPage(server, (all) => body({ ...all, folder }))));

/** Pictures that a connection has sent by m-line. */
const framesOf = async (peers, name) => (await peers.measure(name)).outbound
	.filter((o) => o.kind === 'video').map((o) => o.frames);

/** Wait until each connection has sent so many pictures more on each of its m-lines. */
async function send(peers, names, n) {
	const at = new Map();
	for (const name of names)
		at.set(name, await framesOf(peers, name));
	for (const name of names)
		await until(`${n} pictures of ${name}`, async () => (await framesOf(peers, name))
			.every((f, i) => f - at.get(name)[i] >= n), { ms: 60000, every: 100 });
}

const up = (who) => who.map(({ name }) => `${name} up`);
const indexesIn = (folder) => filesIn(folder).filter((name) => /^room-.*\.json$/.test(name));
const readIndex = (folder) => JSON.parse(fs.readFileSync(path.join(folder, indexesIn(folder)[0])));
const isRecorded = (on) => (d) => d.videoroom === 'event' && d.recording === on;
const record = (one, on, more) => one.handle.message({ request: 'enable_recording', room: one.room,
	secret: 'open', record: on, ...more });

/** The index agrees with the files that are there. */
function checkIndex(folder, names) {
	const index = readIndex(folder);
	assert.equal(index.version, 1);
	assert.deepEqual(index.participants.map((p) => p.display), names);
	for (const { files } of index.participants)
		for (const f of files) {
			assert.ok(fs.existsSync(path.join(folder, f.file)), f.file);
			assert.equal(f.offset_ms, Math.floor((f.began_us - index.began_us) / 1000));
			assert.ok(f.offset_ms >= 0 && f.offset_ms < 60000, `${f.offset_ms}`);
		}
	return index;
}

/** Who meets, each in a browser: which, what it sends, where it is in the film, and which tone it plays: a fake
 *  microphone's is its own. */
const [W, H] = [640, 360];
const tile = (x, y) => [W / 4, H / 4, x - W / 8, y - H / 8]; // the middle of one
const PEOPLE = [
	{ name: 'Ann', kind: 'chromium', codec: 'vp8', tile: tile(W / 4, H / 4), hz: 600 },
	{ name: 'Ben', kind: 'chromium', codec: 'h264', tile: tile(3 * W / 4, H / 4), hz: 1600 },
	{ name: 'Cem', kind: 'firefox', codec: 'vp9', tile: tile(W / 2, 3 * H / 4), hz: 1000 }];
const PACE = 30;
const SOUND_PPS = 50;
const LOST_S = 1.2; // at the end, at most: a second, and what is on its way
const CUT_S = 0.2; // what begins so late may be cut by the end

/** @param body gets those who have joined, with their pages */
async function withPeople(server, body) {
	const client = await connect(server, 'ws');
	const browsers = await Promise.all(PEOPLE.map(({ kind }) => launch(kind)));
	const all = [];
	try {
		const session = await client.createSession();
		const room = await createRoom(session, { secret: 'open', description: 'Weekly', videocodec: 'vp8,h264,vp9' });
		for (const [i, { name, codec: videocodec, hz }] of PEOPLE.entries()) {
			const peers = await Peers.open(browsers[i]);
			await peers.page.evaluate((...size) => window.beacon(...size), W / 2, H / 2, PACE, hz);
			all.push(await Participant.join(session, peers, room, name));
			await all.at(-1).publish(SEND_ONLY, { videocodec });
		}
		await body(all);
	} finally {
		await client.close();
		await Promise.all(all.map((one) => one.peers.close()));
		await Promise.all(browsers.map(shut));
	}
}

test('killed while it records three browsers in a room', { timeout: 240000 }, () => withFolder(async (folder, conf) => {
	const server = await startServer({ conf });
	let during;
	await withPeople(server, async (all) => {
		assert.equal((await record(all[0], true, { secret: 'shut' })).error_code, 433);
		assert.deepEqual(filesIn(folder), []);
		assert.deepEqual(await record(all[0], true), { videoroom: 'success', record: true });
		for (const one of all)
			await one.handle.notice('recording', isRecorded(true));
		await until('files in the index', () => indexesIn(folder).length
			&& readIndex(folder).participants.every((p) => p.files.length));
		const before = await Promise.all(all.map(sentBy));
		await Promise.all(all.map((one) => send(one.peers, up([one]), 4 * PACE)));
		const after = await Promise.all(all.map(sentBy));
		server.child.kill('SIGKILL');
		await server.exited;
		server.giveBack();
		during = after.map((a, i) => ({ frames: a.frames - before[i].frames, sound_s: a.sound_s - before[i].sound_s }));
	});
	checkIndexOfParts(folder);
	await withServer({ conf }, async () => {
		await until('whole files', () => !filesIn(folder).some((name) => name.endsWith('.part')));
		const index = checkIndex(folder, ['Ann', 'Ben', 'Cem']);
		for (const [i, { files: [f] }] of index.participants.entries())
			playsUpToTheEnd(path.join(folder, f.file), during[i], PEOPLE[i].codec);
		const done = spawnSync(TOOL, ['check', '--json', ...index.participants.map((p) => p.files[0].file)],
			{ cwd: folder, encoding: 'utf8' });
		assert.equal(done.status, 0, done.stdout + done.stderr);
		assert.deepEqual(JSON.parse(done.stdout).map((f) => f.verdict), ['playable', 'playable', 'playable']);
		isFilm(folder, index);
	});
}));

/** As the crash has left it. */
function checkIndexOfParts(folder) {
	const index = readIndex(folder);
	assert.equal(index.title, 'Weekly');
	assert.equal(index.ended_ms, undefined);
	for (const { files, joined_ms } of index.participants) {
		assert.equal(joined_ms, 0);
		assert.equal(files.length, 1);
		assert.deepEqual(files[0].kinds, ['audio', 'camera']);
		assert.ok(fs.existsSync(path.join(folder, `${files[0].file}.part`)), files[0].file);
	}
}

const sentBy = (one) => sent(one.peers, `${one.name} up`);

/** All of it can be decoded, and no more than the last second is lost. */
function playsUpToTheEnd(file, { frames, sound_s }, codec) {
	assert.equal(complaints(file), '');
	assert.equal(probe(file).video.codec_name, codec);
	const lost = [frames / PACE - pictures(file) / PACE, sound_s - times(file, 'audio').length / SOUND_PPS];
	assert.ok(lost.every((s) => s < LOST_S), `${codec}: the last ${lost} s are lost`);
}

/** The film of what was left: all of it plays, each is seen and heard, at once. */
function isFilm(folder, index) {
	const film = path.join(folder, 'film.mp4');
	const done = spawnSync(TOOL, ['compose', '--json', indexesIn(folder)[0], '-o', film, '--size', `${W}x${H}`],
		{ cwd: folder, encoding: 'utf8' });
	assert.equal(done.status, 0, done.stdout + done.stderr);
	const made = JSON.parse(done.stdout);
	assert.deepEqual([made.people, made.left_out], [['Ann', 'Ben', 'Cem'], []]);
	assert.equal(complaints(film), '');
	const offsets = index.participants.map(({ files: [f] }) => f.offset_ms);
	const all = index.participants.map(({ display, files: [f] }, i) => ({ ...PEOPLE[i], display,
		file: path.join(folder, f.file), offset_s: (f.offset_ms - Math.min(...offsets)) / 1000 })); // it begins with the first
	isNear('duration', probe(film).duration_s,
		Math.max(...all.map(({ file, offset_s }) => offset_s + probe(file).duration_s)), 0.15);
	for (const { display, file, offset_s, tile: part, hz } of all) {
		const isWhole = (t) => t < probe(file).duration_s - CUT_S;
		areIn(`${display} flashes`, flashes(film, part), flashes(file).filter(isWhole), offset_s);
		areIn(`${display} beeps`, beeps(film, hz), beeps(file).filter(isWhole), offset_s);
	}
}

/** What a file has is in the film, so much later. */
function areIn(what, found, own, offset_s) {
	assert.ok(own.length >= 2 && own.every((t) => found.some((f) => Math.abs(f - t - offset_s) < 2 * SKEW_S)),
		`${what} at ${own}, from ${offset_s} s on; in the film at ${found}`);
}

test('comings and goings, a screen, messages', options, () => withRooms(async ({ peers, session, folder }) => {
	const room = await createRoom(session, { secret: 'open', record: true });
	const ann = await Participant.join(session, peers, room, 'Ann');
	await ann.publish();
	await send(peers, ['Ann up'], 2 * RATE);
	const ben = await Participant.join(session, peers, room, 'Ben');
	await ben.publish([...SEND_ONLY, VIDEO, { kind: 'application', direction: 'sendrecv' }],
		{ filename: 'ben/talk', descriptions: [{ mid: '2', description: 'screen' }] });
	await send(peers, up([ann, ben]), 3 * RATE);
	await peers.page.evaluate(() => window.speak('Ben up', 'good morning'));
	await ann.handle.message({ request: 'moderate', room, secret: 'open', id: ann.id, mid: '1', mute: true });
	await send(peers, ['Ann up'], 3 * RATE);
	await ann.handle.message({ request: 'moderate', room, secret: 'open', id: ann.id, mid: '1', mute: false });
	await send(peers, up([ann, ben]), 2 * RATE);
	await ben.leave();
	await send(peers, ['Ann up'], RATE);
	assert.deepEqual(await record(ann, false), { videoroom: 'success', record: false });
	await whole(folder);
	await until('durations', () => readIndex(folder).participants.flatMap((p) => p.files)
		.filter((f) => f.format === 'webm').every((f) => f.duration_ms));
	const [first, second] = checkIndex(folder, ['Ann', 'Ben']).participants;
	assert.match(first.files[0].file, new RegExp(`^videoroom-${room}-user-${ann.id}-\\d{16}\\.webm$`));
	assert.ok(second.joined_ms > 1500 && second.left_ms > second.joined_ms, JSON.stringify(second));
	assert.ok(readIndex(folder).ended_ms > second.left_ms);
	assert.deepEqual(new Map(second.files.map((f) => [f.file, f.kinds])), new Map([
		['ben/talk.webm', ['audio', 'camera']], ['ben/talk-video-2.webm', ['screen']],
		['ben/talk.jsonl', ['data']], ['ben/talk.vtt', ['data']]]));
	const at = times(path.join(folder, first.files[0].file), 'video');
	const gap = Math.max(...at.slice(1).map((t, i) => t - at[i]));
	assert.ok(gap > 2 && gap < 5, `${gap} s are left out`);
	assert.equal(probe(path.join(folder, 'ben/talk-video-2.webm')).audio, undefined);
	assert.ok(pictures(path.join(folder, 'ben/talk-video-2.webm')) > 4 * RATE);
	assert.match(fs.readFileSync(path.join(folder, 'ben/talk.jsonl'), 'utf8'), /good morning/);
}));

test('one participant, as MJR, and who is put out', options, () => withRooms(async ({ peers, session, folder }) => {
	const room = await createRoom(session, { secret: 'open', recording_format: 'mjr', rec_dir: 'one',
		lock_record: true });
	const ann = await Participant.join(session, peers, room, 'Ann');
	const { warning } = await ann.publish(SEND_ONLY, { record: true, filename: 'a' });
	assert.match(warning, /secret/);
	const ask = (more) => ann.handle.message({ request: 'configure', secret: 'open', ...more });
	for (const [filename, reason] of [['../a', /stay in its folder/], ['/etc/a', /stay in its folder/]]) {
		const answer = await ask({ record: true, filename });
		assert.equal(answer.error_code, 499, JSON.stringify(answer));
		assert.match(answer.error, reason);
	}
	await send(peers, ['Ann up'], RATE);
	assert.deepEqual(filesIn(folder), []);
	assert.equal((await ask({ record: true, filename: 'a' })).configured, 'ok');
	await send(peers, ['Ann up'], 2 * RATE);
	await ask({ record: false });
	assert.deepEqual(await whole(folder), ['one/a-audio-0.mjr', 'one/a-video-1.mjr']);
	assert.match((await ask({ record: true, filename: 'a' })).error, /already/);
	assert.equal((await ask({ record: true })).configured, 'ok');
	await send(peers, ['Ann up'], 2 * RATE);
	const boss = await session.attach('janus.plugin.videoroom');
	await boss.message({ request: 'kick', room, secret: 'open', id: ann.id });
	await until('all of them', () => filesIn(folder).length === 4);
	const made = (await whole(folder)).filter((name) => !/\/a-/.test(name));
	assert.ok(made.every((name) => new RegExp(
		`^one/videoroom-${room}-user-${ann.id}-\\d{16}-(audio-0|video-1)\\.mjr$`).test(name)), `${made}`);
}));
