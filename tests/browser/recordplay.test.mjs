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
	() => withRecorder(async ({ peers, session, server, folder }) => {
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
		const { url } = entry.files[0];
		const part = await fetch(`http://127.0.0.1:${server.ports.http}${url}`,
			{ headers: { range: 'bytes=0-3' } });
		assert.equal(part.status, 206);
		assert.equal(Buffer.from(await part.arrayBuffer()).toString('hex'), '1a45dfa3'); // EBML
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

/** Play to a page of its own. */
async function play(session, peers, name, body) {
	const handle = await session.attach(PLUGIN);
	const offer = await handle.message({ request: 'play', ...body });
	assert.equal(offer.result?.status, 'preparing', JSON.stringify(offer));
	assert.equal(offer.jsep.type, 'offer');
	const sdp = await peers.answer(name, offer.jsep.sdp);
	const started = await handle.message({ request: 'start' }, { type: 'answer', sdp });
	assert.deepEqual(started.result, { status: 'playing' });
	await handle.core('webrtcup', () => true, 10000);
	return handle;
}
const videoOf = (measured) => measured.inbound.find((i) => i.kind === 'video');

test('a recording plays, is sought in, and ends', options,
	() => withRecorder(async ({ peers, session }) => {
		const { handle, id } = await record(session, peers, 'a', { name: 'Second' });
		await sleep(4000);
		await handle.message({ request: 'stop' });
		const viewer = await play(session, peers, 'b', { id, positions: true });
		await peers.until('b', 'pictures and sound', (m) => videoOf(m)?.frames > 20 &&
			m.inbound.some((i) => i.kind === 'audio' && i.packets > 20));
		const sought = await viewer.message({ request: 'seek', position: 0 });
		assert.equal(sought.result.status, 'seeking', JSON.stringify(sought));
		const landed = await viewer.notice('landed', (d) => d.result?.status === 'sought', 5000);
		assert.ok(landed.result.position < 1000, 'the first keyframe');
		const done = await viewer.notice('done', (d) => d.result?.status === 'done', 15000);
		assert.equal(done.result.id, id);
		assert.ok(await viewer.core('hangup', () => true, 5000));
		assert.ok(await play(session, peers, 'c', { id }));
	}));

test('one playback is watched by two, and the one who came first steers it', options,
	() => withRecorder(async ({ peers, session }) => {
		const { handle, id } = await record(session, peers, 'a', { name: 'Third' });
		await sleep(5000);
		await handle.message({ request: 'stop' });
		const pictures = (name, most) => peers.until(name, 'pictures and sound', (m) => videoOf(m)?.frames > most &&
			m.inbound.some((i) => i.kind === 'audio' && i.packets > 20));
		const first = await play(session, peers, 'b', { id, shared: true });
		await pictures('b', 10);
		const second = await play(session, peers, 'c', { id, shared: true, positions: true });
		await pictures('c', 10); // whose keyframe was sent before it came
		const { position } = (await second.notice('its place', (d) => d.result?.status === 'position', 5000)).result;
		assert.ok(position > 0, 'it did not begin anew');
		assert.equal((await second.message({ request: 'seek', position: 0 })).error_code, 418);
		await first.message({ request: 'seek', position: 0 });
		for (const viewer of [first, second])
			await viewer.notice('landed', (d) => d.result?.status === 'sought', 5000);
		await first.message({ request: 'stop' });
		const { frames } = videoOf(await peers.measure('c'));
		await pictures('c', frames + 20);
		await second.notice('done', (d) => d.result?.status === 'done', 15000);
	}));
