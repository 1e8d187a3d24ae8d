// Record and play with a browser: what was sent can be listed, is a file that plays, and goes with
// its secret.
import { strict as assert } from 'node:assert';
import fs from 'node:fs';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { connect } from '../lib/api.mjs';
import { launch, shut } from '../lib/browser.mjs';
import { SEND_ONLY } from '../lib/calls.mjs';
import { Peers } from '../lib/media.mjs';
import { complaints, probe } from '../lib/recorded.mjs';
import { withServer } from '../lib/server.mjs';
import { sleep } from '../lib/wait.mjs';

const options = { timeout: 120000 };
const PLUGIN = 'janus.plugin.recordplay';
let browser;
before(async () => { browser = await launch('chromium'); });
after(() => browser && shut(browser));

/** @param body gets the page, a session and the folder of recordings */
const withRecorder = (body, conf = {}) => withServer({ conf }, async (server) => {
	const peers = await Peers.open(browser);
	const client = await connect(server, 'ws');
	try {
		await body({ peers, session: await client.createSession(), server,
			folder: path.join(server.folder, 'state/recordings') });
	} finally {
		await client.close();
		await peers.close();
	}
});

async function record(session, peers, name, body) {
	const handle = await session.attach(PLUGIN);
	const sdp = await peers.offer(name, SEND_ONLY);
	const answer = await handle.message({ request: 'record', ...body }, { type: 'offer', sdp });
	assert.equal(answer.result?.status, 'recording', JSON.stringify(answer));
	await peers.take(name, answer.jsep.sdp);
	await handle.core('webrtcup', () => true, 10000);
	return { handle, id: answer.result.id };
}

test('what was recorded is listed when it is stopped, and plays', options,
	() => withRecorder(async ({ peers, session, folder }) => {
		const { handle, id } = await record(session, peers, 'a',
			{ name: 'First', secret: 'mine' });
		await sleep(3000);
		assert.deepEqual((await handle.message({ request: 'list' })).list, []);
		const stopped = await handle.message({ request: 'stop' });
		assert.deepEqual(stopped.result, { status: 'stopped', id, is_private: false });
		const done = await handle.notice('done', (d) => d.result?.status === 'done', 5000);
		assert.deepEqual(done.result, { status: 'done', id, is_private: 0 });
		const [entry] = (await handle.message({ request: 'list' })).list;
		assert.equal(entry.id, id);
		assert.deepEqual([entry.audio, entry.audio_codec, entry.video, entry.video_codec],
			[true, 'opus', true, 'vp8']);
		assert.ok(entry.duration_ms > 2000 && entry.duration_ms < 5000, entry.duration_ms);
		const file = path.join(folder, `rec-${id}.webm`);
		assert.equal(complaints(file), '');
		assert.ok(probe(file).duration_s > 2);
		assert.match(fs.readFileSync(path.join(folder, `${id}.nfo`), 'utf8'),
			new RegExp(`^\\[${id}\\]\nname = First\n`));

		assert.equal((await handle.message({ request: 'delete', id, secret: 'no' })).error_code, 440);
		assert.equal((await handle.message({ request: 'delete', id, secret: 'mine' })).recordplay, 'ok');
		assert.deepEqual((await handle.message({ request: 'list' })).list, []);
		assert.deepEqual(fs.readdirSync(folder), []);
	}));
