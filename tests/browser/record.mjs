// Calls of a page that flashes and beeps once a second, recorded by the echo test.
import { strict as assert } from 'node:assert';
import path from 'node:path';
import { after, before } from 'node:test';
import { connect } from '../lib/api.mjs';
import { launch, shut } from '../lib/browser.mjs';
import { Peers } from '../lib/media.mjs';
import { withServer } from '../lib/server.mjs';
import { until } from '../lib/wait.mjs';

export const options = { timeout: 120000 };
const PACKET_S = 0.02; // of sound
const FRAMES = 90; // pictures of a test, three seconds
let browser;

/** All calls of this file are of this browser. */
export function callWith(name) {
	before(async () => { browser = await launch(name); });
	after(() => browser && shut(browser));
}

export const lines = (codec) => [{ kind: 'audio', direction: 'sendrecv' },
	{ kind: 'video', direction: 'sendrecv', codec }];

/** @param body gets the page, a session, the folder and the server */
export const withRecorder = (body, conf = {}) => withServer({ conf }, (server) => withPage(server, body));

export async function withPage(server, body) {
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

/** What connection @p name has sent: {frames, sound_s}. */
export async function sent(peers, name) {
	const { outbound } = await peers.measure(name);
	const of = (kind) => outbound.find((o) => o.kind === kind);
	return { frames: of('video')?.frames ?? 0, sound_s: (of('audio')?.packets ?? 0) * PACKET_S };
}

/** Wait until so many pictures more are sent. @return what was sent meanwhile */
export async function send(peers, name, n = FRAMES) {
	const first = await sent(peers, name);
	let now;
	await until(() => `${n} pictures, ${now.frames - first.frames} were sent`, async () => {
		now = await sent(peers, name);
		return now.frames - first.frames >= n;
	}, { ms: 30000, every: 100 });
	return { frames: now.frames - first.frames, sound_s: now.sound_s - first.sound_s };
}

/** Record @p n pictures of a call. @return what was sent, and what may be recorded beside: ends_s */
export async function record(peers, echo, filename, n = FRAMES) {
	const before = await sent(peers, 'a');
	assert.equal((await echo.message({ record: true, filename })).result, 'ok');
	const all = await send(peers, 'a', n);
	assert.equal((await echo.message({ record: false })).result, 'ok');
	const after = await sent(peers, 'a');
	return { ...all, ends_s: after.sound_s - before.sound_s - all.sound_s };
}
