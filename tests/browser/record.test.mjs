// What a browser sends, recorded by the echo test, is a file that plays: judged by ffprobe and by
// decoding every frame. The page flashes and beeps once a second.
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { admin, connect } from '../lib/api.mjs';
import { launch, shut } from '../lib/browser.mjs';
import { callEcho } from '../lib/calls.mjs';
import { Peers } from '../lib/media.mjs';
import { complaints, filesIn, pictures, probe, skews, times } from '../lib/recorded.mjs';
import { startServer, withServer } from '../lib/server.mjs';
import { until } from '../lib/wait.mjs';

const options = { timeout: 120000 };
const SKEW_S = 0.04;
const PACKET_S = 0.02; // of sound
const FRAMES = 150; // pictures of a test, five seconds
let browser;
before(async () => { browser = await launch('chromium'); });
after(() => browser && shut(browser));

const lines = (codec) => [{ kind: 'audio', direction: 'sendrecv' },
	{ kind: 'video', direction: 'sendrecv', codec }];

/** @param body gets the page, a session, the folder and the server */
const withRecorder = (body, conf = {}) => withServer({ conf }, (server) => withPage(server, body));

async function withPage(server, body) {
	const peers = await Peers.open(browser);
	const client = await connect(server, 'ws');
	const folder = path.join(server.folder, 'state/recordings');
	try {
		await peers.page.evaluate(() => window.beacon());
		await body({ peers, session: await client.createSession(), folder, server });
	} finally {
		await client.close();
		await peers.close();
	}
}

const isOpen = (name) => /\.(part|new)$/.test(name);

/** Wait until all files of a folder are whole. @return their names */
async function whole(folder) {
	await until(() => `whole files, there are ${filesIn(folder)}`, () => filesIn(folder).length &&
		!filesIn(folder).some(isOpen));
	return filesIn(folder);
}

/** What connection @p name has sent: {frames, sound_s}. */
async function sent(peers, name) {
	const { outbound } = await peers.measure(name);
	const of = (kind) => outbound.find((o) => o.kind === kind);
	return { frames: of('video')?.frames ?? 0, sound_s: (of('audio')?.packets ?? 0) * PACKET_S };
}

/** Wait until so many pictures more are sent. @return what was sent meanwhile */
async function send(peers, name, n = FRAMES) {
	const first = await sent(peers, name);
	let now;
	await until(() => `${n} pictures, ${now.frames - first.frames} were sent`, async () => {
		now = await sent(peers, name);
		return now.frames - first.frames >= n;
	}, { ms: 30000, every: 100 });
	return { frames: now.frames - first.frames, sound_s: now.sound_s - first.sound_s };
}

const isNear = (what, found, wanted, least) => assert.ok(
	Math.abs(found - wanted) <= Math.max(0.02 * wanted, least), `${what}: ${found} for ${wanted}`);

/** All that was sent is there, can be decoded, and is in sync. */
function check(file, { frames, sound_s }) {
	const found = probe(file);
	assert.equal(complaints(file), '');
	isNear('pictures', pictures(file), frames, 6); /* some at the ends, of both */
	isNear('packets of sound', times(file, 'audio').length, sound_s / PACKET_S, 10);
	isNear('duration', found.duration_s, sound_s, 0.2);
	const late = skews(file);
	assert.ok(late.length >= frames / 30 - 2, `${late.length} flashes`);
	assert.ok(late.every((s) => Math.abs(s) < SKEW_S), `beeps come ${late} s after flashes`);
	return found;
}

/** Record @p n pictures of a call. @return what was sent */
async function record(peers, echo, filename, n = FRAMES) {
	assert.equal((await echo.message({ record: true, filename })).result, 'ok');
	const all = await send(peers, 'a', n);
	assert.equal((await echo.message({ record: false })).result, 'ok');
	return all;
}

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
	const kept = fs.mkdtempSync('/tmp/cardea-kept-');
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
