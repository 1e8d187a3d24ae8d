// What Firefox sends, recorded by the echo test: another codec after a renegotiation, another layer
// of simulcast, a camera that pauses.
import { strict as assert } from 'node:assert';
import path from 'node:path';
import test from 'node:test';
import { callEcho } from '../lib/calls.mjs';
import { check, complaints, isInSync, pictures, probe, times, whole } from '../lib/recorded.mjs';
import { until } from '../lib/wait.mjs';
import { callWith, lines, options, record, send, sent, withRecorder } from './record.mjs';

callWith('firefox');

const SYNC = { exact: false }; /* it turns a microphone on and off */

test('Firefox: VP8 and Opus', options, () => withRecorder(async ({ peers, session, folder }) => {
	const echo = await callEcho(session, peers, 'a', { lines: lines('vp8') });
	await peers.mediaFlows('a');
	const all = await record(peers, echo, 'call');
	assert.deepEqual(await whole(folder), ['call.webm']);
	assert.equal(check(path.join(folder, 'call.webm'), all, SYNC).video.codec_name, 'vp8');
}));

test('Firefox: another codec begins the next file', options, () => withRecorder(
	async ({ peers, session, folder }) => {
		const echo = await callEcho(session, peers, 'a', { lines: lines('vp8') });
		await peers.page.evaluate(() => window.beaconSize(320, 180)); /* VP9 is slow */
		await peers.mediaFlows('a');
		await echo.message({ record: true, filename: 'call' });
		await send(peers, 'a', 90);
		const again = lines('vp9').map((line, i) => ({ ...line, mid: String(i) }));
		const sdp = await peers.offer('a', again);
		const answer = await echo.message({}, { type: 'offer', sdp });
		await peers.take('a', answer.jsep.sdp);
		await send(peers, 'a', 90);
		await echo.message({ record: false });
		assert.deepEqual(await whole(folder), ['call-2.webm', 'call.webm']);
		const files = ['call', 'call-2'].map((n) => path.join(folder, `${n}.webm`));
		assert.deepEqual(files.map((f) => probe(f).video.codec_name), ['vp8', 'vp9']);
		for (const file of files) {
			assert.equal(complaints(file), '');
			assert.ok(pictures(file) > 70, `${file}: ${pictures(file)} pictures`);
			isInSync(file, SYNC);
		}
	}));

test('Firefox: another layer of simulcast goes on in the file', options, () => withRecorder(
	async ({ peers, session, folder }) => {
		const rids = ['h', 'm', 'l'];
		const [audio, video] = lines('vp8');
		const echo = await callEcho(session, peers, 'a', { lines: [audio, { ...video, rids }] });
		await peers.mediaFlows('a');
		const of = async (rid) => (await peers.measure('a')).outbound.find((o) => o.rid === rid)?.frames ?? 0;
		const more = async (rid, n) => {
			const first = await of(rid);
			await until(`${n} pictures of ${rid}`, async () => await of(rid) >= first + n,
				{ ms: 40000, every: 100 });
		};
		await more('h', 10);
		await echo.message({ record: true, filename: 'call' });
		await more('h', 75);
		await peers.page.evaluate(() => window.setLayer('a', 'h', false));
		await more('m', 75);
		await echo.message({ record: false });
		assert.deepEqual(await whole(folder), ['call.webm']);
		const file = path.join(folder, 'call.webm');
		assert.equal(complaints(file), '');
		assert.ok(pictures(file) > 120, `${pictures(file)} pictures`);
		isInSync(file, SYNC);
	}));

test('Firefox: three seconds without a camera are few pictures', options, () => withRecorder(
	async ({ peers, session, folder }) => {
		const echo = await callEcho(session, peers, 'a', { lines: lines('vp8') });
		await peers.mediaFlows('a');
		await echo.message({ record: true, filename: 'call' });
		await send(peers, 'a', 60);
		await peers.page.evaluate(() => window.hold('a', 'video', true));
		const before = (await sent(peers, 'a')).sound_s;
		await until('three seconds of sound', async () => (await sent(peers, 'a')).sound_s > before + 3,
			{ every: 100 });
		await peers.page.evaluate(() => window.hold('a', 'video', false));
		await send(peers, 'a', 60);
		await echo.message({ record: false });
		assert.deepEqual(await whole(folder), ['call.webm']);
		const file = path.join(folder, 'call.webm');
		const at = times(file, 'video');
		const gap = Math.max(...at.slice(1).map((t, i) => t - at[i]));
		assert.equal(complaints(file), '');
		assert.ok(gap > 0.9 && gap < 4.5, `${gap} s without a picture`); /* it sends one a second, black */
		/* On a busy machine its reports of a camera that comes back are some 50 ms off. */
		isInSync(file, { ...SYNC, skew_s: 0.08 });
	}));
