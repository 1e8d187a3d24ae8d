// The page for recordings, driven by the names that it tells people who do not see it: record, then
// find it in the list, play, seek, download and delete it.
import { strict as assert } from 'node:assert';
import fs from 'node:fs';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { admin } from '../lib/api.mjs';
import { launch, shut } from '../lib/browser.mjs';
import { Line } from '../lib/pages.mjs';
import { IS_REFERENCE } from '../lib/server.mjs';
import { until } from '../lib/wait.mjs';
import { broken, focusOf, hook, picturesMove, says, SMALL, visiting } from './pages-visit.mjs';

const options = { timeout: 120000, skip: IS_REFERENCE && 'pages of our own server' };
const CAMERA = { before: [SMALL] };
/** A script for a page: this browser plays no files. */
const NO_FILES = [() => { HTMLMediaElement.prototype.canPlayType = () => ''; }];
const VIDEO = hook('player-video');
let browser;

before(async () => { browser = await launch('chromium'); });
after(() => browser && shut(browser));

/** What has this role and name for a screen reader, once it can be seen. */
const the = (page, role, name) => page.waitForSelector(`aria/${name}[role="${role}"]`,
	{ visible: true, timeout: 20000 });
const press = async (page, name) => (await the(page, 'button', name)).click();

/** Record for @p seconds by the clock that the page shows. */
async function record(page, name, seconds) {
	await (await the(page, 'textbox', 'Name of the recording (optional)')).type(name);
	await press(page, 'Record');
	await says(page, 'status', /^Recording\.$/);
	await says(page, 'elapsed', new RegExp(`^0:0[${seconds}-9]$`));
	await press(page, 'Stop and save');
	await says(page, 'status', /^Saved/);
}

const duration = (page) => page.$eval(VIDEO, (v) => v.duration);
const shownTime = async (page) => (await page.$eval(hook('player-time'), (e) => e.textContent)).split(' / ');

test('what the page records is listed with a thumbnail, plays and can be sought in', options,
	() => visiting(browser, async (visit) => {
		const page = await visit('recordings.html', {}, CAMERA);
		await says(page, 'empty', /Nothing has been recorded here yet/);
		await picturesMove(page, hook('local-video'));
		await record(page, 'Greeting', 3);
		await page.waitForSelector(`${hook('thumbnail')}[data-drawn] canvas`, { timeout: 15000 });
		assert.match(await page.$eval(hook('duration'), (e) => e.textContent), /^0:0[2-5]$/);
		assert.match(await page.$eval(hook('facts'), (e) => e.textContent), /\d{4}.* · [\d.]+\s[kM]B$/);
		const play = await page.$(hook('play'));
		assert.match(await play.evaluate((b) => b.getAttribute('aria-label')), /^Play Greeting, [2-5] seconds$/);
		const painted = await page.$eval(`${hook('thumbnail')} canvas`, (canvas) => canvas
			.getContext('2d').getImageData(0, 0, 320, 180).data.some((v, i) => i % 4 < 3 && v > 60));
		assert.ok(painted, 'a picture in the thumbnail');

		await play.click();
		await the(page, 'dialog', 'Greeting');
		await says(page, 'player-how', /file is played by your browser/);
		await page.waitForFunction((s) => document.querySelector(s).currentTime > 0.3, {}, VIDEO);
		assert.ok(await duration(page) > 2);
		await press(page, 'Pause');
		await the(page, 'button', 'Play');
		const bar = await the(page, 'slider', 'Position');
		await bar.focus();
		await page.keyboard.press('Home');
		await page.keyboard.press('ArrowRight');
		await until('the second of the arrow key', () => page.$eval(VIDEO, (v) => Math.abs(v.currentTime - 1) < 0.05));
		assert.match(await bar.evaluate((b) => b.getAttribute('aria-valuetext')), /^1 second of [2-5] seconds$/);
		await until('its time in figures', async () => (await shownTime(page))[0] === '0:01');
		await page.select(hook('speed'), '2');
		assert.equal(await page.$eval(VIDEO, (v) => v.playbackRate), 2);
		await press(page, 'Play');
		await page.waitForFunction((s) => document.querySelector(s).ended, { timeout: 15000 }, VIDEO);
		await page.keyboard.press('Escape');
		assert.equal(await page.evaluate((s) => document.activeElement.matches(s), hook('play')), true);
	}));

test('a pause is left out, and the page counts no time in it', options,
	() => visiting(browser, async (visit) => {
		const page = await visit('recordings.html', {}, CAMERA);
		await press(page, 'Record');
		await says(page, 'status', /^Recording\.$/);
		assert.equal(await focusOf(page), 'stop');
		await says(page, 'elapsed', /^0:0[1-9]$/);
		await press(page, 'Pause');
		await says(page, 'status', /Paused/);
		await page.bringToFront();
		const [before_, after_] = await page.evaluate(async (s) => {
			const read = () => document.querySelector(s).textContent;
			const first = read();
			await new Promise((done) => { setTimeout(done, 1500); });
			return [first, read()];
		}, hook('elapsed'));
		assert.equal(after_, before_);
		await press(page, 'Go on');
		await says(page, 'status', /^Recording\.$/);
		await press(page, 'Stop and save');
		await says(page, 'status', /^Saved/);
		assert.match(await page.$eval('h3', (e) => e.textContent), /^Recording of /);
	}));

test('a recording that the browser cannot play comes over WebRTC, with seek, pause and speed', options,
	() => visiting(browser, async (visit) => {
		const ann = await visit('recordings.html', {}, CAMERA);
		await record(ann, 'Film', 4);
		const ben = await visit('recordings.html', {}, { before: [SMALL, NO_FILES] });
		await (await ben.waitForSelector(hook('play'))).click();
		await says(ben, 'player-how', /over WebRTC/);
		await picturesMove(ben, VIDEO);
		await press(ben, 'Pause');
		await the(ben, 'button', 'Play');
		const bar = await the(ben, 'slider', 'Position');
		await bar.focus();
		await ben.keyboard.press('Home');
		await until('the beginning', async () => (await shownTime(ben))[0] === '0:00');
		await ben.select(hook('speed'), '0.5');
		await press(ben, 'Play');
		await picturesMove(ben, VIDEO);
		await ben.select(hook('speed'), '2');
		await the(ben, 'button', 'Play'); /* it has ended */
		await ben.select(hook('speed'), '0.5');
		await press(ben, 'Play');
		await picturesMove(ben, VIDEO);
		await ben.keyboard.press('Escape');
		await ben.waitForFunction(() => window.cardeaDebug.pcs().length === 0);
	}));

test('a recording of two files plays one after the other, and each can be chosen', options,
	() => visiting(browser, async (visit, server) => {
		const page = await visit('recordings.html', {}, CAMERA);
		await record(page, 'One', 2);
		const folder = path.join(server.folder, 'state/recordings');
		const [file] = fs.readdirSync(folder).filter((name) => name.endsWith('.webm'));
		fs.copyFileSync(path.join(folder, file), path.join(folder, 'more.webm'));
		fs.writeFileSync(path.join(folder, 'two.nfo'), '[77]\nname = Two\ndate = 2030-01-01 10:00:00\n'
			+ `private = false\nmedia = ${file}\nmedia = more.webm\naudio_codec = opus\nvideo_codec = vp8\n`);
		await press(page, 'Refresh the list');
		await page.waitForSelector(`${hook('entry')}[data-id="77"]`, { timeout: 15000 });
		await the(page, 'link', 'Download Two, part 2');
		await (await page.$(`[data-id="77"] ${hook('play')}`)).click();
		const part = () => page.$eval(hook('part'), (select) => select.value);
		const source = () => page.$eval(VIDEO, (v) => v.currentSrc);
		await until('the first file', async () => (await source()).endsWith(file));
		await until('the second by itself', async () => (await source()).endsWith('more.webm') && await part() === '1');
		await page.select(hook('part'), '0');
		await until('the first as chosen', async () => (await source()).endsWith(file));
	}));

test('sound alone is recorded where there is no camera', options, () => visiting(browser, async (visit) => {
	const page = await visit('recordings.html', {}, { before: [broken(['video'], 'NotFoundError')] });
	await says(page, 'device-notes', /No camera was found/);
	await record(page, 'Voice', 2);
	await says(page, 'facts', /sound only/);
	await (await page.$(hook('play'))).click();
	await page.waitForFunction((s) => document.querySelector(s).currentTime > 0.3, {}, VIDEO);
	assert.match(await page.$eval('#player-words', (e) => e.textContent), /Sound only/);
}));

test('everybody downloads a recording; only its browser deletes it, and is asked first', options,
	() => visiting(browser, async (visit) => {
		const ann = await visit('recordings.html', {}, CAMERA);
		await record(ann, 'Mine', 2);
		const ben = await visit('recordings.html', {}, CAMERA);
		const link = await the(ben, 'link', 'Download Mine');
		const file = await link.evaluate(async (a) => {
			const answer = await fetch(a.href);
			const bytes = new Uint8Array(await answer.arrayBuffer());
			return { as: answer.headers.get('content-disposition'), type: answer.headers.get('content-type'),
				magic: [...bytes.slice(0, 4)], size: bytes.length };
		});
		assert.equal(file.as, 'attachment');
		assert.equal(file.type, 'video/webm');
		assert.deepEqual(file.magic, [0x1a, 0x45, 0xdf, 0xa3]);
		assert.ok(file.size > 2000);
		assert.equal(await ben.$(hook('delete')), null);

		await press(ann, 'Delete Mine');
		await the(ann, 'dialog', 'Delete this recording?');
		assert.equal(await focusOf(ann), 'keep');
		await press(ann, 'Keep it');
		await the(ann, 'button', 'Delete Mine');
		await press(ann, 'Delete Mine');
		await press(ann, 'Delete');
		await says(ann, 'status', /“Mine” was deleted/);
		await says(ann, 'empty', /Nothing has been recorded/);
		assert.equal(await focusOf(ann), 'list-title');
		await ben.bringToFront();
		await press(ben, 'Refresh the list');
		await says(ben, 'empty', /Nothing has been recorded/);
	}));

test('nothing to record, no plugin or no server is said in words', options, () => visiting(browser,
	async (visit) => {
		const page = await visit('recordings.html', {}, { before: [broken(['audio', 'video'], 'NotFoundError')] });
		await says(page, 'empty', /Nothing has been recorded/);
		await press(page, 'Record');
		await says(page, 'status', /nothing to record: no camera and no microphone/);
		const nowhere = await visit('recordings.html', { server: 'ws://127.0.0.1:9/janus' }, CAMERA);
		await says(nowhere, 'empty', /list cannot be shown.*does not answer/);
		const other = await visit('recordings.html', { prefix: 'other' }, CAMERA);
		await says(other, 'empty', /without the plugin/);
		await press(other, 'Record');
		await says(other, 'status', /Nothing is recorded.*without the plugin/);
	}));

/** A script for a page: its network lets no media through. */
const NO_MEDIA = [() => {
	const Real = RTCPeerConnection;
	window.RTCPeerConnection = function (config) {
		return new Real({ ...config, iceTransportPolicy: 'relay' });
	};
}];

test('a call that finds no way can be stopped, and says so', options, () => visiting(browser, async (visit) => {
	const page = await visit('recordings.html', {}, { before: [SMALL, NO_MEDIA] });
	await press(page, 'Record');
	await page.waitForSelector(`${hook('stop')}:not([disabled])`, { visible: true });
	await press(page, 'Stop and save');
	await says(page, 'status', /^Nothing was recorded.*no way/);
	await the(page, 'button', 'Record');
}));

test('a session that the server has lost ends the recording, which is kept', options, () => visiting(browser,
	async (visit, server) => {
		const page = await visit('recordings.html', {}, CAMERA);
		await press(page, 'Record');
		await says(page, 'status', /^Recording\.$/);
		await says(page, 'elapsed', /^0:0[2-9]$/);
		await endSessions(server);
		await says(page, 'status', /What it had until then is kept/);
		await page.waitForSelector(hook('entry'), { timeout: 15000 });
		await the(page, 'button', 'Record');
	}));

test('a line that drops is said, and that it is back', options, () => visiting(browser, async (visit, server) => {
	const line = await Line.open(server.wsPort);
	try {
		const page = await visit('recordings.html', { server: `ws://127.0.0.1:${line.port}/janus` }, CAMERA);
		await says(page, 'empty', /Nothing has been recorded/);
		await line.cut();
		await says(page, 'status', /^The line to the server dropped\. Trying again…$/);
		await line.mend();
		await says(page, 'status', /^Connected again\.$/);
		await press(page, 'Record');
		await says(page, 'status', /^Recording\.$/);
		await line.cut();
		await says(page, 'status', /dropped.*may go on/);
		await line.mend();
		await says(page, 'status', /^Recording\.$/);
		await press(page, 'Stop and save');
		await says(page, 'status', /^Saved/);
	} finally {
		await line.close();
	}
}, { core: { general: { reclaim_session_timeout: 60 } } }));

test('a recording that a limit ends says which', options, () => visiting(browser, async (visit) => {
	const page = await visit('recordings.html', {}, CAMERA);
	await press(page, 'Record');
	await says(page, 'status', /ended the recording: It has the longest duration allowed, 2 s\..*is kept/);
	await page.waitForSelector(hook('entry'), { timeout: 15000 });
}, { core: { recordings: { max_duration: 2 } } }));

test('a list shows times of the reader\'s zone', options, () => visiting(browser, async (visit, server) => {
	const page = await visit('recordings.html', {}, CAMERA);
	await page.emulateTimezone('Pacific/Auckland');
	await record(page, 'Here', 2);
	const seconds = (await page.evaluate(() => Date.now())) / 1000;
	const [nfo] = fs.readdirSync(path.join(server.folder, 'state/recordings')).filter((name) => name.endsWith('.nfo'));
	const shown = await page.$eval(hook('facts'), (e) => e.textContent.split(' · ')[0]);
	const apart = await page.evaluate((text) => Date.parse(text.replace(/ at /, ' ')) / 1000, shown);
	assert.ok(Math.abs(apart - seconds) < 120, `${shown} of ${nfo}`);
}));

/** As an operator does. */
async function endSessions(server) {
	const { sessions } = await admin(server, { janus: 'list_sessions' });
	for (const id of sessions)
		await admin(server, { janus: 'destroy_session', session_id: id });
}
