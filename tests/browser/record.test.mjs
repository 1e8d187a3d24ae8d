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

for (const [codec, ending] of [['vp8', 'webm']])
	test(`${codec} and Opus`, options, () => withRecorder(async ({ peers, session, folder }) => {
		const echo = await callEcho(session, peers, 'a', { lines: lines(codec),
			body: { record: true, filename: 'call', videocodec: codec } });
		await sleep(8000);
		await echo.message({ record: false });
		await whole(folder, `call.${ending}`);
		const file = path.join(folder, `call.${ending}`);
		fs.copyFileSync(file, `/tmp/rectl-${codec}.${ending}`);
		const found = probe(file);
		console.log(JSON.stringify(found), skews(file), flashes(file), beeps(file), pictures(file), complaints(file), times(file, 'video').length, times(file,'audio').length);
	}));
