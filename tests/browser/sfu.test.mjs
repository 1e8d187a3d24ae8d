// The twenty-line page of docs/protocols.md: people who open it, and one by the session API, see and hear each other.
import { strict as assert } from 'node:assert';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { connect } from '../lib/api.mjs';
import { openPage, withBrowser } from '../lib/browser.mjs';
import { Participant } from '../lib/calls.mjs';
import { Peers } from '../lib/media.mjs';
import { page, script } from '../lib/protocols.mjs';
import { withServer } from '../lib/server.mjs';
import { until } from '../lib/wait.mjs';

const PLUGIN = 'janus.plugin.videoroom';

/** Run @p body with a folder that has the page and its script, and nothing else. */
async function withPage(body) {
	const root = fs.mkdtempSync(path.join(os.tmpdir(), 'cardea-page-'));
	fs.writeFileSync(path.join(root, 'room.html'), page());
	fs.writeFileSync(path.join(root, 'room.js'), script());
	try {
		await body(root);
	} finally {
		fs.rmSync(root, { recursive: true });
	}
}

const open = (browser, server, name) => openPage(browser, `${server.httpUrl}/room.html#${name}`);

/** What a page shows of somebody: how far its video has come, whether it is lit, and how loud its sound was. */
function shown(page, name) {
	return page.evaluate(async (id) => {
		const video = document.getElementById(id);
		if (!video)
			return null;
		const context = new OffscreenCanvas(16, 9).getContext('2d');
		context.drawImage(video, 0, 0, 16, 9);
		const lit = context.getImageData(0, 0, 16, 9).data.some((v, i) => i % 4 < 3 && v > 48);
		const [sound] = video.srcObject.getAudioTracks();
		window.meter ??= new AudioContext();
		if (sound && !video.meter) {
			video.meter = window.meter.createAnalyser();
			window.meter.createMediaStreamSource(new MediaStream([sound])).connect(video.meter);
		}
		const samples = new Float32Array(2048);
		video.meter?.getFloatTimeDomainData(samples);
		video.heard = video.heard || samples.some((s) => Math.abs(s) > 0.001);
		return { frames: video.getVideoPlaybackQuality().totalVideoFrames, lit, heard: video.heard };
	}, name);
}

async function seesAndHears(page, name) {
	let last;
	await until(() => `picture and sound of ${name}; last ${JSON.stringify(last)}; ${page.told.join('; ')}`, async () => {
		last = await shown(page, name);
		return last && last.frames > 10 && last.lit && last.heard;
	}, { ms: 20000, every: 100 });
}

const isGone = (page, name) => until(`end of ${name}`, async () => await shown(page, name) === null);

test('the page has twenty lines', () => assert.equal(script().trimEnd().split('\n').length, 20));

test('two who open it, and one by the session API', { timeout: 90000 }, () => withPage((root) => withServer({
	conf: { core: { web: { root } } },
}, (server) => withBrowser('chromium', async (browser) => {
	const ann = await open(browser, server, 'ann');
	await until('picture of ann herself', async () => (await shown(ann, 'ann'))?.lit);
	const bob = await open(browser, server, 'bob');
	await seesAndHears(ann, 'bob');
	await seesAndHears(bob, 'ann');

	const client = await connect(server, 'ws');
	const session = await client.createSession();
	const asking = await session.attach(PLUGIN);
	const { room } = (await asking.message({ request: 'list' })).list.find((r) => r.description === 'lobby');
	const peers = await Peers.open(browser);
	const old = await Participant.join(session, peers, room, 'old');
	assert.deepEqual(old.others.map((p) => p.display).sort(), ['ann', 'bob']);
	await old.publish();
	await seesAndHears(ann, String(old.id));
	await seesAndHears(bob, String(old.id));
	await old.watch(old.others.map((p) => p.id));
	await peers.mediaFlows('old down', { audio: 2, video: 2 });

	const { id } = old.others.find((p) => p.display === 'bob');
	await bob.close();
	await old.noticed('leaving', id);
	await isGone(ann, 'bob');
	await old.leave();
	await isGone(ann, String(old.id));
	assert.deepEqual([...ann.told, ...bob.told].filter((t) => t.startsWith('error')), []);
	await peers.close();
	await client.close();
}))));
