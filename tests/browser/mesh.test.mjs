// The mesh room page, as visitors use it: a call from browser to browser with chat, game, screen and
// recording, and what it says when something is wrong.
import { strict as assert } from 'node:assert';
import test, { after, before } from 'node:test';
import { launch, openPage, shut } from '../lib/browser.mjs';
import { guidePage } from '../lib/guide.mjs';
import { Line, servePages } from '../lib/pages.mjs';
import { IS_REFERENCE, withServer } from '../lib/server.mjs';
import { until } from '../lib/wait.mjs';
import { broken, endScreen, enter, enterByKeys, focusOf, hook, INSECURE, isGood, OTHERS, picturesMove,
	says, SCREEN, SMALL, soundOf, tabTo, visiting, visitingServer } from './pages-visit.mjs';

let browser;

before(async () => { browser = IS_REFERENCE ? null : await launch('chromium'); });
after(() => browser && shut(browser));

function check(name, body) {
	test(name, { skip: IS_REFERENCE && 'a plugin of our own' }, body);
}

async function join(visit, name, { room = 'mesh', query = {}, ...options } = {}) {
	const page = await visit('mesh.html', { room, name, ...query }, { before: [SMALL], ...options });
	await enter(page);
	await isGood(page);
	return page;
}

const ownId = (page) => page.$eval(`${hook('tile')}[data-self]`, (tile) => tile.dataset.feed);

async function write(page, text) {
	await page.bringToFront();
	await page.type(hook('chat-text'), text);
	await page.keyboard.press('Enter');
}

check('three people call and write; one reloads and has its place again', () => visiting(browser,
	async (visit) => {
		const pages = [];
		for (const name of ['Ann', 'Ben', 'Cem'])
			pages.push(await join(visit, name));
		const [ann, ben, cem] = pages;
		for (const page of pages)
			await picturesMove(page, OTHERS, 2);
		await soundOf(ann, 2);
		await says(ann, 'grid', /Ann \(you\).*Ben.*Cem/s);

		await ben.click(hook('chat'));
		await ann.click(hook('chat'));
		await write(ann, 'Good <b>morning</b>');
		await says(ben, 'chat-log', /^Ann.*Good <b>morning<\/b>$/);
		await cem.waitForSelector(`${hook('chat')}[aria-label="Chat, 1 unread"]`);
		await write(ben, 'And to you');
		await cem.waitForSelector(`${hook('chat')}[aria-label="Chat, 2 unread"]`);
		await cem.click(hook('chat'));
		await says(cem, 'chat-log', /Ann.*morning.*Ben.*And to you$/);
		await cem.waitForSelector(`${hook('chat')}[aria-label="Chat"]`);

		const id = await ownId(ben);
		await ben.reload();
		await enter(ben);
		await isGood(ben);
		assert.equal(await ownId(ben), id);
		for (const page of pages) {
			await says(page, 'count', /3 people/);
			await picturesMove(page, OTHERS, 2);
		}
		await ann.bringToFront();
		await write(ann, 'There you are');
		await says(ben, 'chat-log', /There you are$/);
		await cem.click(hook('leave'));
		await says(ann, 'count', /2 people/);
	}));

/** Where the dot of the one other player is, as @p page has heard. */
const otherDot = (page) => page.evaluate(() => [...window.cardeaDebug.game().players.values()]
	.map(({ x, y, points }) => ({ x, y, points }))[0]);

check('positions travel, and who touches the star has a point: by keys and by pointer', () => visiting(
	browser, async (visit) => {
		const [ann, ben] = [await join(visit, 'Ann'), await join(visit, 'Ben')];
		await picturesMove(ben, OTHERS);
		for (const page of [ann, ben]) {
			await page.bringToFront();
			await page.keyboard.press('g');
		}
		await until('the other\'s dot', () => otherDot(ann));
		await ben.keyboard.down('ArrowRight');
		await ben.keyboard.down('w');
		await until('dot that moves', async () => {
			const dot = await otherDot(ann);
			return dot.x > 0.8 && dot.y < 0.2;
		});
		await ben.keyboard.up('ArrowRight');
		await ben.keyboard.up('w');

		const star = await ben.evaluate(() => window.cardeaDebug.game().star);
		assert.deepEqual(await ann.evaluate(() => window.cardeaDebug.game().star), star);
		const field = await (await ben.$(hook('game-field'))).boundingBox();
		await ben.mouse.move(field.x + star.x * field.width, field.y + star.y * field.height);
		await ben.mouse.down();
		await says(ben, 'game-words', /^You: 1 point\. Ann: 0 points\. The star is /);
		await ben.mouse.up();
		await says(ann, 'game-words', /^You: 0 points\. Ben: 1 point\. The star is /);
		assert.notDeepEqual(await ann.evaluate(() => window.cardeaDebug.game().star), star);
		await ben.keyboard.press('Escape');
		await until('field without the other', async () => !await otherDot(ann));
	}));

check('the screen is a large picture of its own, also for who comes later', () => visiting(browser,
	async (visit) => {
		const [ann, ben] = [await join(visit, 'Ann'), await join(visit, 'Ben')];
		await picturesMove(ben, OTHERS);
		await ann.bringToFront();
		await ann.click(hook('screen'));
		await ann.waitForSelector(`${hook('screen')}[aria-label="Stop sharing"]`);
		await picturesMove(ben, SCREEN);
		const cem = await join(visit, 'Cem');
		await picturesMove(cem, SCREEN);
		await ann.bringToFront();
		await ann.click(hook('screen'));
		for (const page of [ben, cem]) {
			await page.waitForFunction((s) => !document.querySelector(s), {}, SCREEN);
			await picturesMove(page, OTHERS, 2);
		}
		await ann.click(hook('screen'));
		await picturesMove(ben, SCREEN);
		await endScreen(ann);
		await ann.waitForSelector(`${hook('screen')}[aria-label="Share screen"]`);
		await ben.waitForFunction((s) => !document.querySelector(s), {}, SCREEN);
	}));

/** Play what the link @p selector leads to, to its end. */
function playLink(page, selector) {
	return page.evaluate((s) => new Promise((resolve, reject) => {
		const video = document.createElement('video');
		video.onerror = () => reject(new Error(video.error.message));
		video.onended = () => resolve({ width: video.videoWidth, seconds: video.currentTime,
			frames: video.getVideoPlaybackQuality().totalVideoFrames });
		video.src = document.querySelector(s).href;
		video.play().catch(reject);
	}), selector);
}

check('a recording of the whole call plays', () => visiting(browser, async (visit) => {
	const [ann, ben] = [await join(visit, 'Ann'), await join(visit, 'Ben')];
	const control = await ann.createCDPSession();
	await control.send('Browser.setDownloadBehavior', { behavior: 'deny' });
	await picturesMove(ben, OTHERS);
	await picturesMove(ann, OTHERS);
	await ann.click(hook('record'));
	await says(ann, 'recording-time', /recording 0:0[3-9]/);
	await ann.click(hook('record'));
	await ann.waitForSelector(hook('recording'));
	assert.match(await ann.$eval(hook('recording'), (a) => a.download), /^recording-\d+\.webm$/);
	const { width, seconds, frames } = await playLink(ann, hook('recording'));
	assert.equal(width, 1280);
	assert.ok(seconds > 2, `${seconds} s`);
	assert.ok(frames > 10, `${frames} frames`);
}));

check('a place that is taken, a full room and a PIN are told', () => visiting(browser,
	async (visit) => {
		const place = (id) => [(id) => sessionStorage.setItem('cardea.peer', id), id];
		const ann = await join(visit, 'Ann', { before: [SMALL, place('ann')] });
		const twin = await visit('mesh.html', { room: 'mesh', name: 'Twin' },
			{ before: [SMALL, place('ann')] });
		await twin.click(hook('join'));
		await says(twin, 'status', /place is taken.*another tab/);
		await twin.click(hook('as-new'));
		await isGood(twin);
		await says(ann, 'count', /2 people/);
		const late = await visit('mesh.html', { room: 'mesh', name: 'Late' }, { before: [SMALL] });
		await late.click(hook('join'));
		await says(late, 'status', /full.*Try again/);
		await late.$eval(hook('room'), (input) => { input.value = 'closed'; });
		await late.click(hook('join'));
		await says(late, 'status', /has a PIN/);
		await late.type(hook('pin'), 'secret');
		await late.keyboard.press('Enter');
		await isGood(late);
	}, { 'plugin.mesh': { general: { max_peers: 2 }, 'room-closed': { pin: 'secret' } } }));

check('without the server a call goes on, and is joined again when it is back', () => withServer({},
	async (server) => {
		const line = await Line.open(server.ports.http);
		const query = { server: `ws://127.0.0.1:${line.port}/mesh` };
		try {
			await visitingServer(browser, server, async (visit) => {
				const [ann, ben] = [await join(visit, 'Ann', { query }), await join(visit, 'Ben')];
				await picturesMove(ann, OTHERS);
				await line.cut();
				await says(ann, 'status', /line to the server dropped.*go on/);
				await line.mend();
				await isGood(ann);
				await picturesMove(ann, OTHERS);
				await picturesMove(ben, OTHERS);
				await ann.click(hook('leave'));
				await line.cut();
				await ann.click(hook('join'));
				await says(ann, 'status', /does not answer.*Is it running/);
			});
		} finally {
			await line.close();
		}
	}));

check('without a camera, a microphone or HTTPS one can still be there', () => visiting(browser,
	async (visit) => {
		const ann = await visit('mesh.html', { room: 'mesh', name: 'Ann' },
			{ before: [SMALL, broken(['video'], 'NotFoundError')] });
		await says(ann, 'device-notes', /No camera was found/);
		await says(ann, 'join-note', /sound only/);
		await enter(ann);
		const ben = await visit('mesh.html', { room: 'mesh', name: 'Ben' }, { before: [INSECURE] });
		await says(ben, 'device-notes', /only to secure pages.*https:/);
		await says(ben, 'join-note', /watch and listen/);
		await enter(ben);
		await soundOf(ben, 1);
		await ben.waitForSelector(`${OTHERS.replace(' video', '')}.no-picture`);
		await ann.bringToFront();
		await ann.click(hook('camera'));
		await says(ann, 'toasts', /No camera was found/);
		await ann.evaluate(() => { window.isBroken = false; });
		await ann.click(hook('camera'));
		await picturesMove(ben, `${hook('tile')}:not([data-self]):not(.no-picture) video`);
	}));

check('a mesh room needs no mouse', () => visiting(browser, async (visit) => {
	const page = await visit('mesh.html', {}, { before: [SMALL] });
	const focus = () => focusOf(page);
	const tab = (...ids) => tabTo(page, ...ids);
	await enterByKeys(page);
	await tab('mute', 'camera', 'screen', 'record', 'chat');
	await page.keyboard.press('Enter');
	assert.equal(await page.evaluate(() => document.activeElement.dataset.test), 'chat-text');
	await page.keyboard.type('mgr');
	assert.equal(await page.$eval(hook('chat-text'), (input) => input.value), 'mgr');
	await page.keyboard.press('Enter');
	await says(page, 'chat-log', /mgr.*Nobody else is here/);
	await page.keyboard.press('Escape');
	assert.equal(await focus(), 'chat');
	await page.keyboard.press('g');
	assert.equal(await focus(), 'game-field');
	await page.keyboard.press('Escape');
	assert.equal(await focus(), 'game');
	await tab('copy', 'help');
	await page.keyboard.press('Space');
	await page.keyboard.press('Escape');
	assert.equal(await focus(), 'help');
	await tab('leave');
	await page.keyboard.press('Enter');
	assert.equal(await focus(), 'join');
	assert.deepEqual(page.told.filter((t) => /^error: (?!Failed to load)/.test(t)), []);
}));

check('a page of the guide\'s own classes meets this page', () => visiting(browser,
	async (visit, server) => {
		const pages = await servePages({ '/guide.html': { text: guidePage() } });
		const bare = await openPage(browser, `${pages.url}/guide.html`);
		try {
			const meet = (id) => bare.evaluate(async (url, id) => {
				const client = window.client = new DataChannelClient(url, id, 'mesh');
				window.said = [];
				client.onMessage((from, message) => window.said.push(message));
				await client.start({ video: { width: 160, height: 90 }, audio: true });
			}, `ws://127.0.0.1:${server.ports.http}/mesh`, id);
			const ann = await join(visit, 'Ann');
			for (const id of ['first', 'second']) {
				await meet(id);
				await picturesMove(ann, OTHERS);
				await says(ann, 'grid', new RegExp(id));
				await bare.waitForFunction(() => window.said.some((m) => m.name === 'Ann'));
				await bare.evaluate(() => window.client.broadcast({ type: 'chat', text: 'from afar' }));
				await ann.waitForSelector(`${hook('chat')}[aria-label="Chat, ${id === 'first' ? 1 : 2} unread"]`);
				await bare.evaluate(() => window.client.stop());
				await says(ann, 'count', /Only you/);
			}
			await meet('third');
			await ann.reload(); /* now this page calls the other */
			await enter(ann);
			await picturesMove(ann, OTHERS);
			await bare.waitForFunction(async () => {
				const [pc] = [...window.client.peers.values()];
				const all = [...(await pc?.getStats() ?? new Map()).values()];
				return all.some((s) => s.type === 'inbound-rtp' && s.framesDecoded > 5);
			});
		} finally {
			await bare.close();
			await pages.close();
		}
	}));
