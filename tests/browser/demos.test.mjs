// The demo pages that Debian ships for the public API, unmodified but for settings.js, which says
// where the server is. They stay where the package put them.
import fs from 'node:fs';
import test, { after, before } from 'node:test';
import { launch, openPage, shut } from '../lib/browser.mjs';
import { servePages } from '../lib/pages.mjs';
import { withServer } from '../lib/server.mjs';
import { until } from '../lib/wait.mjs';

const DEMOS = process.env.DEMOS_DIR ?? '/usr/share/janus/demos';
const missing = !fs.existsSync(`${DEMOS}/echotest.html`) && 'package janus-demos is not installed';
const room = { 'plugin.videoroom': { 'room-1234': { description: 'Demo Room', publishers: 6,
	bitrate: 512000 } } };
/** The demo numbers its own pictures by track, as myvideo0 and so on. */
const OWN = '[id^="myvideo"]';
let browser;

before(async () => { browser = missing ? null : await launch('chromium'); });
after(() => browser && shut(browser));

async function withDemos(address, body) {
	await withServer({ conf: room }, async (server) => {
		const settings = `var server = ${JSON.stringify(address(server))}; var iceServers = null, token = "", apisecret = "";`;
		const pages = await servePages({ '/settings.js': { text: settings }, '/': DEMOS });
		const open = [];
		try {
			await body(async (name) => {
				const page = await openPage(browser, `${pages.url}/${name}`);
				open.push(page);
				return page;
			});
		} catch (e) {
			e.message += open.map((p) => `\n--- page said ---\n${p.told.slice(-15).join('\n')}`).join('');
			throw e;
		} finally {
			await Promise.all(open.map((p) => p.close()));
			await pages.close();
		}
	});
}

async function start(page) {
	await page.waitForFunction(() => document.querySelector('#start')?.offsetParent !== null
		&& !document.querySelector('#start').disabled);
	await until('the demo to begin', async () => {
		await page.evaluate(() => document.querySelector('#start').textContent.trim() === 'Start'
			&& document.querySelector('#start').click());
		return page.evaluate(() => document.querySelector('#start').textContent.trim() !== 'Start');
	}, { every: 200 });
}

async function picturesMove(page, selector, count) {
	let first = [];
	await until(`${count} moving pictures in ${selector}`, async () => {
		const now = await page.evaluate((s) => [...document.querySelectorAll(s)]
			.filter((v) => v.videoWidth > 0)
			.map((v) => v.getVideoPlaybackQuality().totalVideoFrames), selector);
		if (now.length !== first.length)
			first = now;
		return now.length >= count && now.every((n, i) => n > first[i] + 5);
	}, { ms: 25000, every: 100 });
}

for (const [transport, address] of [['WebSocket', (s) => s.wsUrl], ['HTTP', (s) => s.apiUrl]])
	test(`demo echotest over ${transport}`, { skip: missing }, () => withDemos(address, async (open) => {
		const page = await open('echotest.html');
		await start(page);
		await picturesMove(page, '#videoright video', 1);
	}));

test('demo videoroom with three people', { skip: missing }, () => withDemos((s) => s.wsUrl,
	async (open) => {
		const pages = [];
		for (const name of ['Ann', 'Ben', 'Cem']) {
			const page = await open('videoroomtest.html');
			await page.bringToFront();
			await start(page);
			await page.waitForSelector('#username', { visible: true });
			await page.type('#username', name);
			await page.click('#register');
			await page.waitForSelector(OWN, { timeout: 20000 });
			pages.push(page);
		}
		for (const page of pages) {
			await page.bringToFront();
			await picturesMove(page, `#videos video:not(${OWN})`, 2);
		}
	}));

test('demo recordplay records, lists and plays', { skip: missing }, () => withDemos((s) => s.wsUrl,
	async (open) => {
		const page = await open('recordplaytest.html');
		const press = (selector) => page.evaluate((s) => document.querySelector(s).click(), selector);
		await start(page);
		await page.waitForSelector('#record:not([disabled])', { visible: true });
		await page.click('#record');
		await page.waitForSelector('.bootbox-input', { visible: true });
		await page.type('.bootbox-input', 'A film');
		await press('.bootbox-accept, .bootbox [data-bb-handler="confirm"]');
		await page.waitForFunction(() => document.querySelector('#videobox video')
			?.getVideoPlaybackQuality().totalVideoFrames > 100, { timeout: 25000 }); // that take a while to play
		await press('#stop');
		await page.waitForSelector('#record:not([disabled])');
		await until('the recording in the list', async () => {
			await press('#list');
			return page.$('#recslist a');
		}, { ms: 25000, every: 600 });
		await press('#recslist a');
		await page.waitForSelector('#play:not([disabled])');
		await press('#play');
		await picturesMove(page, '#videobox video', 1);
		await press('#stop');
	}));
