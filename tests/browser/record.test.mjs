// What a browser sends, recorded by the echo test, is a file that plays: judged by ffprobe and by
// decoding every frame. The page flashes and beeps once a second.
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { admin } from '../lib/api.mjs';
import { callEcho } from '../lib/calls.mjs';
import { openRelay, through } from '../lib/lossy.mjs';
import { check, complaints, filesIn, isNear, pictures, probe, SKEW_S, skews, times, whole,
	withFolder } from '../lib/recorded.mjs';
import { startServer, withServer } from '../lib/server.mjs';
import { until } from '../lib/wait.mjs';
import { callWith, lines, options, record, send, sent, withPage, withRecorder } from './record.mjs';

callWith('chromium');

for (const [codec, ending] of [['vp8', 'webm'], ['vp9', 'webm'], ['h264', 'mp4'], ['av1', 'webm']])
	test(`${codec} and Opus`, options, () => withRecorder(async ({ peers, session, folder }) => {
		const echo = await callEcho(session, peers, 'a', { lines: lines(codec) });
		const all = await record(peers, echo, 'a/call');
		assert.deepEqual(await whole(folder), [`a/call.${ending}`]);
		const found = check(path.join(folder, `a/call.${ending}`), all);
		assert.equal(found.video.codec_name, codec);
		assert.equal(found.audio.codec_name, 'opus');
		assert.equal(fs.statSync(path.join(folder, `a/call.${ending}`)).mode & 0o777, 0o640);
	}));

test('the server ends while it records', options, async () => {
	const server = await startServer({});
	const kept = fs.mkdtempSync(path.join(os.tmpdir(), 'cardea-kept-'));
	await withPage(server, async ({ peers, session, folder }) => {
		const echo = await callEcho(session, peers, 'a', { lines: lines('vp8') });
		await echo.message({ record: true, filename: 'call' });
		const all = await send(peers, 'a');
		const give = server.giveBack.bind(server);
		server.giveBack = () => { fs.cpSync(folder, kept, { recursive: true }); give(); };
		await server.stop();
		assert.deepEqual(filesIn(kept), ['call.webm']);
		check(path.join(kept, 'call.webm'), all);
	});
	fs.rmSync(kept, { recursive: true });
});

test('pictures that come later begin the next file, another size does not', options, () => withRecorder(
	async ({ peers, session, folder }) => {
		const echo = await callEcho(session, peers, 'a', { lines: lines('vp8').slice(0, 1) });
		await echo.message({ record: true, filename: 'call' });
		const heard = () => sent(peers, 'a').then((s) => s.sound_s);
		await until('two seconds of sound', async () => await heard() > 2);
		const sdp = await peers.offer('a', lines('vp8'));
		const answer = await echo.message({}, { type: 'offer', sdp });
		await peers.take('a', answer.jsep.sdp);
		await send(peers, 'a', 60);
		await peers.page.evaluate(() => window.beaconSize(320, 180));
		await send(peers, 'a', 90);
		await echo.message({ record: false });
		assert.deepEqual(await whole(folder), ['call-2.webm', 'call.webm']);
		const [first, second] = ['call', 'call-2'].map((n) => path.join(folder, `${n}.webm`));
		assert.equal(probe(first).video, undefined);
		assert.equal(complaints(first), '');
		const found = probe(second);
		assert.equal(found.audio.codec_name, 'opus');
		const all = pictures(second);
		assert.ok(all > 135, `${all} pictures`);
		assert.ok(skews(second).every((s) => Math.abs(s) < SKEW_S), `${skews(second)}`);
	}));

test('a camera that pauses leaves pictures where they were', options, () => withRecorder(
	async ({ peers, session, folder }) => {
		const echo = await callEcho(session, peers, 'a', { lines: lines('vp8') });
		await echo.message({ record: true, filename: 'call' });
		await send(peers, 'a', 60);
		const before = (await sent(peers, 'a')).sound_s;
		await peers.page.evaluate(() => window.hold('a', 'video', true));
		await until('three seconds of sound', async () =>
			(await sent(peers, 'a')).sound_s > before + 3, { every: 100 });
		await peers.page.evaluate(() => window.hold('a', 'video', false));
		await send(peers, 'a', 90);
		await echo.message({ record: false });
		await whole(folder);
		const file = path.join(folder, 'call.webm');
		const at = times(file, 'video');
		const gap = Math.max(...at.slice(1).map((t, i) => t - at[i]));
		assert.ok(gap > 2.5 && gap < 4, `${gap} s without a picture`);
		assert.equal(complaints(file), '');
		assert.ok(skews(file).every((s) => Math.abs(s) < SKEW_S), `${skews(file)}`);
	}));

test('messages of data channels', options, () => withRecorder(async ({ peers, session, folder }) => {
	const echo = await callEcho(session, peers, 'a', { lines: [...lines('vp8'),
		{ kind: 'application', direction: 'sendrecv' }] });
	await echo.message({ record: true, filename: 'call' });
	await send(peers, 'a', 60);
	await peers.page.evaluate(() => window.speak('a', 'good morning'));
	await send(peers, 'a', 15);
	await echo.message({ record: false });
	assert.deepEqual(await whole(folder), ['call.jsonl', 'call.vtt', 'call.webm']);
	const line = JSON.parse(fs.readFileSync(path.join(folder, 'call.jsonl'), 'utf8'));
	assert.equal(line.text, 'good morning');
	assert.ok(line.at_us > 1.5e6 && line.at_us < 6e6, `${line.at_us}`);
	assert.match(fs.readFileSync(path.join(folder, 'call.vtt'), 'utf8'), /good morning/);
}));

test('MJR, and both', options, () => withFolder(async (folder) => {
	for (const recording_format of ['mjr', 'both'])
		await withServer({ conf: { core: { recordings: { folder, recording_format } } } }, (server) =>
			withPage(server, async ({ peers, session }) => {
				const echo = await callEcho(session, peers, 'a', { lines: lines('vp8') });
				await record(peers, echo, recording_format, 60);
				await whole(folder);
			}));
	assert.deepEqual(filesIn(folder), ['both-audio.mjr', 'both-video.mjr', 'both.webm',
		'mjr-audio.mjr', 'mjr-video.mjr']);
	const out = path.join(folder, 'out.webm');
	execFileSync('janus-pp-rec', [path.join(folder, 'mjr-video.mjr'), out], { stdio: 'ignore' });
	assert.equal(complaints(out), '');
	assert.ok(Math.abs(pictures(out) - 60) < 10, `${pictures(out)} pictures`);
}));

test('what cannot be recorded is said at once', options, () => withRecorder(
	async ({ peers, session, folder, server }) => {
		const refused = async (filename, reason) => {
			const answer = await echo.message({ record: true, filename });
			assert.equal(answer.error_code, 415, JSON.stringify(answer));
			assert.match(answer.error, reason);
		};
		const echo = await callEcho(session, peers, 'a', { lines: lines('vp8') });
		for (const name of ['../call', 'a/../../call', '/etc/call', 'a//b', '.', 'a/', 'x\ny'])
			await refused(name, /no name for a recording/);
		fs.mkdirSync(path.join(folder, 'safe'), { recursive: true });
		fs.writeFileSync(path.join(folder, 'there.webm'), '');
		await refused('safe/call', /protected folder/);
		await refused('there', /already/);
		await refused('there.webm/call', /cannot be written/);
		assert.deepEqual(filesIn(folder), ['there.webm']);
		fs.rmSync(path.join(folder, 'there.webm'));
		await echo.message({ record: true, filename: path.join(folder, 'call') });
		await send(peers, 'a', 60);
		await until('the recording in handle_info', async () => {
			const { info } = await admin(server, { janus: 'handle_info', session_id: session.id,
				handle_id: echo.id });
			const [r] = info.recordings;
			return r.file === path.join(folder, 'call.webm') && r.seconds > 0.5 && r.bytes;
		});
		await echo.message({ record: false });
		assert.deepEqual(await whole(folder), ['call.webm']);
	}, { core: { general: { protected_folders: ['state/recordings/safe'] } } }));

test('a limit ends a recording, and is told', options, () => withRecorder(
	async ({ peers, session, folder, server }) => {
		const echo = await callEcho(session, peers, 'a', { lines: lines('vp8') });
		await echo.message({ record: true, filename: 'call' });
		const told = await echo.notice('end of the recording', (d) => d.event === 'recording', 15000);
		assert.match(told.reason, /longest duration allowed, 3 s/);
		await whole(folder);
		const { duration_s } = probe(path.join(folder, 'call.webm'));
		assert.ok(duration_s >= 3 && duration_s < 3.6, `${duration_s} s`);
		assert.match(server.log, /recording reached a limit/);
	}, { core: { recordings: { max_duration: 3 } } }));

test('a hook is run for each file', options, () => withFolder(async (folder, conf) => {
	const hook = path.join(folder, '.hook');
	const said = path.join(folder, '.said');
	fs.writeFileSync(hook, `#!/bin/sh\necho "$1 $CARDEA_FILE $CARDEA_DURATION $CARDEA_BYTES" > ${said}\nexit 3\n`,
		{ mode: 0o755 });
	conf.core.recordings.hook = hook;
	await withServer({ conf }, (server) => withPage(server, async ({ peers, session }) => {
		const echo = await callEcho(session, peers, 'a', { lines: lines('vp8') });
		await record(peers, echo, 'call', 60);
		await until('failure of the hook', () => /hook failed.*status=3/.test(server.log));
		const file = path.join(folder, 'call.webm');
		const [first, named, duration, bytes] = fs.readFileSync(said, 'utf8').split(' ');
		assert.deepEqual([first, named, Number(bytes)], [file, file, fs.statSync(file).size]);
		assert.ok(duration > 1 && duration < 4, duration);
	}));
}));

test('a disk that takes no more ends it, and the call goes on', options, () => withRecorder(
	async ({ peers, session, folder, server }) => {
		const limit = (bytes) => execFileSync('prlimit', ['--pid', server.pid, `--fsize=${bytes}`]);
		const echo = await callEcho(session, peers, 'a', { lines: lines('vp8') });
		limit('60000:');
		await echo.message({ record: true, filename: 'call' });
		const told = await echo.notice('end of the recording', (d) => d.event === 'recording', 30000);
		assert.match(told.reason, /^call\.webm cannot be written: File too large/);
		await whole(folder);
		const file = path.join(folder, 'call.webm');
		assert.ok(pictures(file) > 30, `${pictures(file)} pictures`);
		assert.match(server.log, /recording failed/);
		limit('unlimited');
		await echo.message({ record: false });
		const all = await record(peers, echo, 'next');
		await whole(folder);
		check(path.join(folder, 'next.webm'), all);
	}));

test('with 5 % of the packets lost', options, () => withRecorder(
	async ({ peers, session, folder, server }) => {
		const relay = await openRelay(server.ports.udp);
		const take = peers.take.bind(peers);
		peers.take = (name, sdp) => take(name, through(relay, sdp));
		try {
			const echo = await callEcho(session, peers, 'a', { lines: lines('vp8') });
			await peers.mediaFlows('a');
			relay.everyNth = 20;
			const all = await record(peers, echo, 'call', 150);
			relay.everyNth = 0;
			await whole(folder);
			const file = path.join(folder, 'call.webm');
			assert.equal(complaints(file), '');
			assert.ok(relay.dropped.up > 10, `${relay.dropped.up} lost`);
			isNear('pictures', pictures(file), all.frames, 12);
			/* the page itself is late now and then */
			const late = skews(file).filter((s) => Math.abs(s) >= SKEW_S);
			assert.ok(late.length <= 1, `${late}`);
		} finally {
			relay.close();
		}
	}));
