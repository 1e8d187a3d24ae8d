// Record and play with a browser: what was sent can be listed, is a file that plays, and goes with
// its secret.
import { strict as assert } from 'node:assert';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { SEND_ONLY } from '../lib/calls.mjs';
import { complaints, probe } from '../lib/recorded.mjs';
import { until } from '../lib/wait.mjs';
import { callWith, options, send, withRecorder } from './record.mjs';

const PLUGIN = 'janus.plugin.recordplay';
callWith('chromium');

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
		const all = await send(peers, 'a', 75);
		assert.deepEqual((await handle.message({ request: 'list' })).list, []);
		const stopped = await handle.message({ request: 'stop' });
		assert.deepEqual(stopped.result, { status: 'stopped', id, is_private: false });
		const done = await handle.notice('done', (d) => d.result?.status === 'done', 5000);
		assert.deepEqual(done.result, { status: 'done', id, is_private: 0 });
		const [entry] = (await handle.message({ request: 'list' })).list;
		assert.equal(entry.id, id);
		assert.deepEqual([entry.audio, entry.audio_codec, entry.video, entry.video_codec],
			[true, 'opus', true, 'vp8']);
		const seconds = entry.duration_ms / 1000;
		assert.ok(seconds > all.sound_s - 0.2 && seconds < all.sound_s + 2, `${seconds} s for ${all.sound_s}`);
		const { url } = entry.files[0];
		const part = await fetch(`http://127.0.0.1:${server.ports.http}${url}`,
			{ headers: { range: 'bytes=0-3' } });
		assert.equal(part.status, 206);
		assert.equal(Buffer.from(await part.arrayBuffer()).toString('hex'), '1a45dfa3'); // EBML
		const file = path.join(folder, `rec-${id}.webm`);
		assert.equal(complaints(file), '');
		assert.ok(Math.abs(probe(file).duration_s - seconds) < 0.1, `${probe(file).duration_s} s`);
		assert.match(fs.readFileSync(path.join(folder, `${id}.nfo`), 'utf8'),
			new RegExp(`^\\[${id}\\]\nname = First\n`));

		assert.equal((await handle.message({ request: 'delete', id, secret: 'no' })).error_code, 440);
		assert.equal((await handle.message({ request: 'delete', id, secret: 'mine' })).recordplay, 'ok');
		assert.deepEqual((await handle.message({ request: 'list' })).list, []);
		assert.deepEqual(fs.readdirSync(folder), []);
	}));

async function over(peers, name, handle) {
	await send(peers, name, 30);
	await handle.message({ request: 'stop' });
	await handle.notice('done', (d) => d.result?.status === 'done', 5000);
}

test('what is deleted as soon as it is there stays away', options,
	() => withRecorder(async ({ peers, session, folder }) => {
		const { handle, id } = await record(session, peers, 'a', { name: 'Gone', secret: 'mine' });
		await over(peers, 'a', handle);
		const body = { request: 'delete', id, secret: 'mine' };
		assert.equal((await handle.message(body)).recordplay, 'ok');
		assert.deepEqual((await handle.message({ request: 'list' })).list, []);
		await until('an empty folder', () => fs.readdirSync(folder).length === 0);
		// Nothing comes back: what the next one is written and finished by has done with the first.
		const next = await record(session, peers, 'b', { name: 'Next' });
		await over(peers, 'b', next.handle);
		await until('its description', () => fs.existsSync(path.join(folder, `${next.id}.nfo`)));
		assert.deepEqual(fs.readdirSync(folder).sort(), [`${next.id}.nfo`, `rec-${next.id}.webm`]);
		await handle.message({ request: 'update' });
		assert.deepEqual((await handle.message({ request: 'list' })).list.map((e) => e.id), [next.id]);
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
		await send(peers, 'a', 90);
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
		await send(peers, 'a', 120);
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
