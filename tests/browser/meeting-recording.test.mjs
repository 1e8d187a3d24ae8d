// A meeting that is recorded: who may do it, and that everybody sees and hears of it.
import { strict as assert } from 'node:assert';
import fs from 'node:fs';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { connect } from '../lib/api.mjs';
import { launch, shut } from '../lib/browser.mjs';
import { createRoom } from '../lib/calls.mjs';
import { Line } from '../lib/pages.mjs';
import { complaints } from '../lib/recorded.mjs';
import { IS_REFERENCE } from '../lib/server.mjs';
import { until } from '../lib/wait.mjs';
import { hook, isGood, join, OTHERS, picturesMove, says, SMALL, visiting } from './pages-visit.mjs';

const options = { timeout: 120000, skip: IS_REFERENCE && 'pages of our own server' };
const PLUGIN = 'janus.plugin.videoroom';
const MARK = hook('recording-mark');
const BEGUN = 'This meeting is being recorded.';
const ENDED = 'The recording has ended.';
let browser;

before(async () => { browser = await launch('chromium'); });
after(() => browser && shut(browser));

/** A script for a page: keep what its live region says, and the tones that it plays. */
const HEARING = [() => {
	window.heard = [];
	window.tones = [];
	addEventListener('DOMContentLoaded', () => new MutationObserver((changes) => {
		for (const change of changes)
			window.heard.push(...[...change.addedNodes].map((node) => node.textContent));
	}).observe(document.querySelector('[data-test="toasts"][role="status"]'), { childList: true }));
	const { start } = OscillatorNode.prototype;
	OscillatorNode.prototype.start = function (...when) {
		window.tones.push(this.frequency.value);
		return start.apply(this, when);
	};
}];
const PERSON = { before: [SMALL, HEARING] };
const heard = (page) => page.evaluate(() => window.heard);
const tones = (page) => page.evaluate(() => window.tones);
const isMarked = (page, visible) => page.waitForSelector(MARK, { visible, hidden: !visible, timeout: 15000 });
const press = async (page, name) => {
	await page.bringToFront();
	await (await page.waitForSelector(`aria/${name}[role="button"]`, { visible: true })).click();
};

test('the host records, and all are told of the beginning and the end once', options,
	() => visiting(browser, async (visit, server) => {
		const ann = await join(visit, 'standup', 'Ann', PERSON);
		const ben = await join(visit, 'standup', 'Ben', PERSON);
		await picturesMove(ann, OTHERS);
		assert.equal(await ben.$eval(hook('record'), (button) => button.checkVisibility()), false);
		await ben.keyboard.press('r'); /* nor by the key */
		await press(ann, 'Record');
		for (const page of [ann, ben]) {
			await isMarked(page, true);
			assert.equal((await page.$eval(MARK, (e) => e.innerText)).trim(), 'Recording');
			assert.deepEqual(await heard(page), [BEGUN]);
			await until('the tone', async () => (await tones(page)).length > 1);
			assert.deepEqual(await tones(page), [660, 880]);
		}
		const cem = await join(visit, 'standup', 'Cem', { before: [SMALL, HEARING] });
		await isMarked(cem, true);
		assert.deepEqual(await heard(cem), [BEGUN]);
		await picturesMove(ann, OTHERS, 2);
		await press(ann, 'Stop recording');
		for (const page of [ann, ben, cem]) {
			await isMarked(page, false);
			assert.deepEqual(await heard(page), [BEGUN, ENDED]);
		}
		await ann.waitForSelector(`${hook('record')}[aria-label="Record"]`);
		await areFiles(path.join(server.folder, 'state/recordings'), 3);
	}));

/** Wait for that many files that can be played. */
async function areFiles(folder, count) {
	const media = () => fs.readdirSync(folder).filter((name) => name.endsWith('.webm'));
	await until(() => `${count} files, there are ${fs.readdirSync(folder)}`, () => media().length === count);
	for (const name of media())
		assert.equal(complaints(path.join(folder, name)), '');
}

test('who wants no tone hears none, and a meeting that was left is marked no more', options,
	() => visiting(browser, async (visit) => {
		const ann = await join(visit, 'quiet', 'Ann', PERSON);
		await ann.click(hook('help'));
		await ann.click(hook('tones'));
		await ann.keyboard.press('Escape');
		const ben = await join(visit, 'quiet', 'Ben', PERSON);
		await press(ann, 'Record');
		await isMarked(ben, true);
		await until('the tone', async () => (await tones(ben)).length > 1);
		assert.deepEqual(await tones(ann), []);
		await ben.bringToFront();
		await ben.click(hook('leave'));
		await ben.click(hook('join'));
		await isGood(ben);
		await isMarked(ben, true);
		assert.deepEqual(await heard(ben), [BEGUN, BEGUN]);
	}));

test('what began while the line was down is known when it is back', options,
	() => visiting(browser, async (visit, server) => {
		const line = await Line.open(server.wsPort);
		const client = await connect(server, 'ws');
		try {
			const host = await (await client.createSession()).attach(PLUGIN);
			const room = await createRoom(host.session, { room: 4713, secret: 'mine' });
			const query = { server: `ws://127.0.0.1:${line.port}/janus` };
			const ann = await join(visit, String(room), 'Ann', { ...PERSON, query });
			const set = (record) => host.message({ request: 'enable_recording', room, secret: 'mine', record });
			await line.cut();
			await says(ann, 'status', /line to the server dropped/);
			assert.equal((await set(true)).record, true);
			await line.mend();
			await isGood(ann);
			await isMarked(ann, true);
			await set(false);
			await isMarked(ann, false);
			assert.deepEqual((await heard(ann)).filter((words) => /record/.test(words)), [BEGUN, ENDED]);
		} finally {
			await client.close();
			await line.close();
		}
	}, { core: { general: { reclaim_session_timeout: 30 } } }));
