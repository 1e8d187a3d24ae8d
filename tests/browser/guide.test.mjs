// The guide's four classes, word for word, in a page that holds nothing else: a mesh of three, data,
// screen and recording through this server.
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch, openPage, shut } from '../lib/browser.mjs';
import { CLASSES, cut, guidePage } from '../lib/guide.mjs';
import { servePages } from '../lib/pages.mjs';
import { release, takePorts } from '../lib/ports.mjs';
import { IS_REFERENCE, withServer } from '../lib/server.mjs';
import { until } from '../lib/wait.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const ORIGINAL = path.join(HERE, '../../../shared/webrtc-guide.txt');
const SMALL = { video: { width: 160, height: 90, frameRate: 10 }, audio: true };
const options = { skip: IS_REFERENCE && 'a plugin of our own' };
let browser;

before(async () => { browser = IS_REFERENCE ? null : await launch('chromium'); });
after(() => browser && shut(browser));

test('the classes are the guide\'s', { skip: !fs.existsSync(ORIGINAL) && 'the guide is not here' },
	() => {
		const guide = fs.readFileSync(ORIGINAL, 'utf8');
		for (const name of CLASSES)
			assert.ok(guide.includes(cut(name)), name);
	});

/** Run @p body with what opens a page of the classes. @param more mounts of the page's server */
async function withGuide(body, more = {}) {
	const pages = await servePages({ ...more, '/guide.html': { text: guidePage() } });
	const opened = [];
	try {
		await body(async (file = 'guide.html') => {
			const page = await openPage(browser, `${pages.url}/${file}`);
			opened.push(page);
			return page;
		});
	} catch (e) {
		e.message += opened.map((p) => `\n--- page said ---\n${p.told.join('\n')}`).join('');
		throw e;
	} finally {
		await Promise.all(opened.map((page) => page.close()));
		await pages.close();
	}
}

/** Start a client of class @p name as `window.client`; what it calls back is kept in `window.seen`. */
async function enter(page, name, url, id) {
	await page.evaluate(async (name, url, id, media) => {
		const Class = { DataChannelClient, ScreenShareClient, RecordingClient }[name];
		const client = window.client = new Class(url, id, 'guide');
		const seen = window.seen = { videos: {}, connected: [], gone: [], said: [] };
		client.on('onRemoteStream', (peer, stream) => {
			seen.videos[peer] ??= document.body.appendChild(document.createElement('video'));
			Object.assign(seen.videos[peer], { srcObject: stream, autoplay: true });
		});
		client.on('onPeerConnected', (peer) => seen.connected.push(peer));
		client.on('onPeerDisconnected', (peer) => seen.gone.push(peer));
		client.onMessage?.((peer, message) => seen.said.push([peer, message]));
		await client.start(media);
	}, name, url, id, SMALL);
	page.id = id;
	return page;
}

/** Frames decoded and energy of the sound that a page has from each peer. */
function received(page) {
	return page.evaluate(async () => {
		const all = {};
		for (const [id, pc] of window.client.peers) {
			const got = all[id] = { frames: 0, packets: 0, energy: 0 };
			for (const s of (await pc.getStats()).values()) {
				if (s.type !== 'inbound-rtp')
					continue;
				got.frames += s.framesDecoded ?? 0;
				got.packets += s.kind === 'audio' ? s.packetsReceived : 0;
				got.energy += s.totalAudioEnergy ?? 0;
			}
		}
		return all;
	});
}

async function hearsAndSees(page, ids) {
	let all;
	await until(() => `picture and sound of ${ids} at ${page.id}: ${JSON.stringify(all)}`, async () => {
		all = await received(page);
		return Object.keys(all).length === ids.length && ids.every((id) => all[id]?.frames > 5
			&& all[id].packets > 20 && all[id].energy > 0);
	}, { ms: 30000, every: 100 });
	await page.waitForFunction((ids) => ids.every((id) => window.seen.videos[id]?.videoWidth > 0
		&& window.seen.connected.includes(id)), { timeout: 20000 }, ids);
}

const others = (ids, id) => ids.filter((other) => other !== id);

async function allMeet(pages) {
	const ids = pages.map((page) => page.id);
	for (const page of pages)
		await hearsAndSees(page, others(ids, page.id));
}

/** A broadcast of each page reaches all others, as it was sent. */
async function allTalk(pages) {
	const word = `${Math.random()}`;
	for (const page of pages)
		await page.waitForFunction((n) => window.client.dataChannels.size === n
			&& [...window.client.dataChannels.values()].every((c) => c.readyState === 'open'), {}, pages.length - 1);
	for (const page of pages)
		await page.evaluate((word, from) => window.client.broadcast({ type: 'player_move', word,
			position: { x: 1, y: from } }), word, page.id);
	for (const page of pages) {
		const heard = await page.waitForFunction((word, n) => {
			const mine = window.seen.said.filter(([, message]) => message.word === word);
			return mine.length >= n && mine;
		}, {}, word, pages.length - 1);
		const from = (await heard.jsonValue()).map(([peer, { type, position }]) => {
			assert.deepEqual({ type, position }, { type: 'player_move', position: { x: 1, y: peer } });
			return peer;
		});
		assert.deepEqual(from.sort(), others(pages.map((p) => p.id), page.id));
	}
}

async function threeMeet(open, url) {
	const pages = [];
	for (const id of ['ann', 'ben', 'cem'])
		pages.push(await enter(await open(), 'DataChannelClient', url, id));
	await allMeet(pages);
	await allTalk(pages);
	const [ann, ben, cem] = pages;
	await ben.reload();
	/* Its class forgets a peer's channel when that closes, be it the next one's by then. */
	for (const page of [ann, cem])
		await page.waitForFunction(() => !window.client.dataChannels.has('ben'));
	await enter(ben, 'DataChannelClient', url, 'ben');
	await allMeet(pages);
	await allTalk(pages);
	await ben.evaluate(() => window.client.stop());
	for (const page of [ann, cem])
		await page.waitForFunction(() => window.seen.gone.includes('ben')
			&& !window.client.peers.has('ben') && window.client.peers.size === 1);
}

test('three peers see, hear and tell each other; one reloads, one stops', options,
	() => withServer({}, (server) => withGuide((open) =>
		threeMeet(open, `ws://127.0.0.1:${server.ports.http}/mesh`))));

test('the same on a port of its own', options, async () => {
	const port = await takePorts(1);
	await withServer({ conf: { 'plugin.mesh': { general: { port } } } },
		() => withGuide((open) => threeMeet(open, `ws://127.0.0.1:${port}`)));
	release(port);
});

const pictureWidth = (page, from, wants) => page.waitForFunction((id, test) => {
	const { videoWidth } = window.seen.videos[id];
	return test === 'camera' ? videoWidth === 160 : videoWidth > 160;
}, { timeout: 30000 }, from, wants);

test('the screen takes the camera\'s place and gives it back', options,
	() => withServer({}, (server) => withGuide(async (open) => {
		const url = `ws://127.0.0.1:${server.ports.http}/mesh`;
		const ann = await enter(await open(), 'ScreenShareClient', url, 'ann');
		const ben = await enter(await open(), 'ScreenShareClient', url, 'ben');
		await allMeet([ann, ben]);
		await pictureWidth(ben, 'ann', 'camera');
		await ann.evaluate(() => window.client.startScreenShare().then(() => {}));
		await pictureWidth(ben, 'ann', 'screen');
		await ann.evaluate(() => window.client.stopScreenShare());
		await pictureWidth(ben, 'ann', 'camera');
		assert.equal(await ann.evaluate(() => window.client.screenStream), null);
		/* the browser's own bar ends the track, which a page sees as this event */
		await ann.evaluate(() => window.client.startScreenShare().then(() => {}));
		await pictureWidth(ben, 'ann', 'screen');
		await ann.evaluate(() => window.client.screenStream.getVideoTracks()[0]
			.dispatchEvent(new Event('ended')));
		await ann.waitForFunction(() => window.client.screenStream === null);
		await pictureWidth(ben, 'ann', 'camera');
	})));

/** Let @p page save files into a folder of the test's. */
async function saveInto(page, folder) {
	const control = await page.createCDPSession();
	await control.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: folder });
}

test('a recording in chunks of a second is a file that plays', options, async () => {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cardea-recording-'));
	try {
		await withServer({}, (server) => withGuide(async (open) => {
			const url = `ws://127.0.0.1:${server.ports.http}/mesh`;
			const ann = await enter(await open(), 'RecordingClient', url, 'ann');
			const ben = await enter(await open(), 'RecordingClient', url, 'ben');
			await allMeet([ann, ben]);
			await ann.bringToFront();
			await saveInto(ann, folder);
			await ann.evaluate(() => window.client.startRecording(window.seen.videos.ben.srcObject));
			await ann.waitForFunction(() => window.client.recordedChunks.length >= 4,
				{ timeout: 30000 });
			await ann.evaluate(() => window.client.stopRecording());
			const name = await until('file of the recording', () => fs.readdirSync(folder)
				.find((f) => /^recording-\d+\.webm$/.test(f)));
			await plays(await open(), name);
			probe(path.join(folder, name));
		}, { '/files/': folder }));
	} finally {
		fs.rmSync(folder, { recursive: true });
	}
});

/** Play a file to its end: it lasts about as long as was recorded, and has pictures. */
async function plays(page, name) {
	const { width, seconds, frames } = await page.evaluate((src) => new Promise((resolve, reject) => {
		const video = document.body.appendChild(document.createElement('video'));
		video.onerror = () => reject(new Error(video.error.message));
		video.onended = () => resolve({ width: video.videoWidth, seconds: video.currentTime,
			frames: video.getVideoPlaybackQuality().totalVideoFrames });
		video.src = src;
		video.play().catch(reject);
	}), `/files/${name}`);
	assert.equal(width, 160);
	assert.ok(seconds > 2, `${seconds} s`);
	assert.ok(frames > 10, `${frames} frames`);
}

function probe(file) {
	const result = spawnSync('ffprobe', ['-v', 'error', '-show_entries', 'stream=codec_type', '-of',
		'csv=p=0', file], { encoding: 'utf8' });
	if (result.error)
		return; /* not installed: the browser has played it */
	assert.deepEqual(result.stdout.trim().split('\n').sort(), ['audio', 'video'], result.stderr);
}
