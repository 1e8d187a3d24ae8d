// What stacks other than browsers' send, recorded by the echo test, is a file that plays: judged by
// ffprobe and by decoding every frame. They flash and beep once a second.
import { strict as assert } from 'node:assert';
import path from 'node:path';
import test from 'node:test';
import { Cases } from '../lib/cases.mjs';
import { openRelay } from '../lib/lossy.mjs';
import { python } from '../lib/python.mjs';
import { check, complaints, isInSync, isNear, pictures, SKEW_S, skews, times, whole } from '../lib/recorded.mjs';
import { withServer } from '../lib/server.mjs';

const FOLDER = 'state/recordings';
const gaps = (at) => at.slice(1).map((t, i) => t - at[i]);

/** A call of aiortc. @return its file and what was sent */
async function call(server, options, ending = 'webm') {
	const wanted = { filename: 'call', seconds: 4, ...options };
	const all = await python(new URL('aiortc_record.py', import.meta.url),
		[server.apiUrl, JSON.stringify(wanted)], 60000);
	const folder = path.join(server.folder, FOLDER);
	assert.deepEqual(await whole(folder), [`call.${ending}`]);
	return { file: path.join(folder, `call.${ending}`), all };
}

for (const [codec, ending] of [['vp8', 'webm'], ['h264', 'mp4']])
	test(`aiortc: ${codec} and Opus`, () => withServer({}, async (server) => {
		const { file, all } = await call(server, { codec }, ending);
		assert.equal(check(file, all).video.codec_name, codec);
	}));

test('aiortc: another size stays in the file', () => withServer({}, async (server) => {
	const { file, all } = await call(server, { size: [160, 120] });
	check(file, all);
}));

test('aiortc: three seconds without a picture leave a gap', () => withServer({}, async (server) => {
	const { file, all } = await call(server, { mute_s: 3 });
	check(file, all);
	const gap = Math.max(...gaps(times(file, 'video')));
	assert.ok(gap > 2.5 && gap < 3.5, `${gap} s without a picture`);
}));

test('aiortc: with 5 % of the packets lost', () => withServer({}, async (server) => {
	const relay = await openRelay(server.ports.udp);
	relay.everyNth = 20;
	const { file, all } = await call(server, { port: relay.port, seconds: 6 }).finally(relay.close);
	assert.ok(relay.dropped.up > 20, JSON.stringify(relay.dropped));
	assert.equal(complaints(file), '');
	isNear('pictures', pictures(file), all.frames, 12);
	isInSync(file);
}));

test('webrtcbin', { timeout: 150000 }, (t) => withServer({}, async (server) => {
	const calls = new Cases(new URL('webrtcbin_record.py', import.meta.url), { CARDEA_WS: server.wsUrl });
	const sent = {};
	for (const name of calls.names) {
		const { good, seen } = await calls.result(name);
		assert.ok(good, JSON.stringify(seen));
		sent[name] = seen;
	}
	await calls.end();
	const folder = path.join(server.folder, FOLDER);
	const files = await whole(folder);
	for (const name of calls.names)
		await t.test(name, () => {
			const [file] = files.filter((f) => f.startsWith(`${name}.`)).map((f) => path.join(folder, f));
			if (name !== 'muted') {
				check(file, sent[name]);
				return;
			}
			assert.equal(complaints(file), '');
			const gap = Math.max(...gaps(times(file, 'audio')));
			assert.ok(gap > 2.5 && gap < 3.5, `${gap} s without sound`);
			isNear('pictures', pictures(file), sent.muted.frames, 6);
			const paired = skews(file).filter((s) => Math.abs(s) < 0.5); /* a beep is there */
			assert.ok(paired.length > 3 && paired.every((s) => Math.abs(s) < SKEW_S), `${paired}`);
		});
	assert.deepEqual(files, ['h264.mp4', 'muted.webm', 'pcma.mkv', 'vp8.webm', 'vp9.webm']);
}));
