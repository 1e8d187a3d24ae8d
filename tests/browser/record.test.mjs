// What a browser sends, recorded by the echo test, is a file that plays: judged by ffprobe and by
// decoding every frame.
import { strict as assert } from 'node:assert';
import fs from 'node:fs';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { connect } from '../lib/api.mjs';
import { launch, shut } from '../lib/browser.mjs';
import { callEcho } from '../lib/calls.mjs';
import { Peers } from '../lib/media.mjs';
import { beeps, complaints, filesIn, flashes, pictures, probe, skews, times } from '../lib/recorded.mjs';
import { withServer } from '../lib/server.mjs';
import { sleep, until } from '../lib/wait.mjs';

const options = { timeout: 120000 };
const SKEW_S = 0.04;
let browser;
before(async () => { browser = await launch('chromium'); });
after(() => browser && shut(browser));

const lines = (codec) => [{ kind: 'audio', direction: 'sendrecv' },
	{ kind: 'video', direction: 'sendrecv', codec }];

/** @param body gets the page, a session, the folder and the server */
const withRecorder = (body, conf = {}) => withServer({ conf }, async (server) => {
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
});

const whole = (folder, ...names) => until(() => `${names} in ${filesIn(folder)}`,
	() => names.every((n) => fs.existsSync(path.join(folder, n))) &&
		!filesIn(folder).some((n) => /\.(part|new)$/.test(n)));

/** Counts of what the page sent of a kind: frames encoded, seconds. */
const sent = (peers, name) => peers.page.evaluate(async (n) => {
	let frames = 0;
	(await window.peers_of(n).getStats()).forEach((s) => {
		if (s.type === 'outbound-rtp' && s.kind === 'video')
			frames += s.framesSent;
	});
	return frames;
}, name);

function checkSkew(file) {
	const found = skews(file);
	assert.ok(found.length >= 4, `${found.length} flashes`);
	assert.ok(found.every((s) => Math.abs(s) < SKEW_S), `beeps come ${found} s after flashes`);
}

const isNear = (a, b, part = 0.02) => Math.abs(a - b) <= Math.max(b * part, 3);

for (const [codec, ending] of [['vp8', 'webm'], ['vp9', 'webm'], ['h264', 'mp4'], ['av1', 'webm']])
	test(`${codec} and Opus`, options, () => withRecorder(async ({ peers, session, folder }) => {
		const echo = await callEcho(session, peers, 'a', { lines: lines(codec) });
		const before = await peers.measure('a');
		await echo.message({ record: true, filename: 'call' });
		await sleep(8000);
		await echo.message({ record: false });
		const after = await peers.measure('a');
		await whole(folder, `call.${ending}`);
		const file = path.join(folder, `call.${ending}`);
		fs.copyFileSync(file, `/tmp/rectl-${codec}.${ending}`);
		const found = probe(file);
		const frames = (m) => m.outbound.find((o) => o.kind === 'video').frames;
		console.log(codec, found.duration_s, found.video.codec_name, frames(after)-frames(before), pictures(file), times(file,'video').length, complaints(file), skews(file).map(x=>x.toFixed(3)).join(' '));
		assert.equal(found.video.codec_name, codec);
		assert.equal(found.audio.codec_name, 'opus');
		checkSkew(file);
	}));
