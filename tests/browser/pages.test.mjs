// The project's own pages, as a visitor uses them: served by the server itself, signaling over the
// same port. (Against the reference, a server of the tests' serves them.)
import { strict as assert } from 'node:assert';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { connect } from '../lib/api.mjs';
import { launch, openPage, shut } from '../lib/browser.mjs';
import { createRoom } from '../lib/calls.mjs';
import { servePages } from '../lib/pages.mjs';
import { IS_REFERENCE, withServer } from '../lib/server.mjs';
import { until } from '../lib/wait.mjs';

const HTML = path.resolve(fileURLToPath(import.meta.url), '../../../html');
const ONE_PORT = (ports) => ({ 'transport.websockets': { general: { ws_port: ports.http } } });
let browser;

before(async () => { browser = await launch('chromium'); });
after(() => browser && shut(browser));

function hook(name) {
	return `[data-test="${name}"]`;
}

/** Run @p body with a server; @p body gets a function that opens one of its pages. */
async function visiting(body) {
	await withServer({ conf: IS_REFERENCE ? {} : ONE_PORT }, async (server) => {
		const pages = IS_REFERENCE ? await servePages({ '/': HTML }) : null;
		const opened = [];
		const visit = async (name, query = {}) => {
			const address = new URL(`${pages?.url ?? server.httpUrl}/${name}`);
			const own = IS_REFERENCE ? { server: server.wsUrl, prefix: 'janus' } : {};
			address.search = new URLSearchParams({ ...own, ...query });
			const context = await browser.createBrowserContext();
			const page = await openPage(context, address.href);
			opened.push({ page, context });
			return page;
		};
		try {
			await body(visit, server);
		} catch (e) {
			e.message += opened.map(({ page }) => `\n--- page said ---\n${page.told.join('\n')}`).join('');
			throw e;
		} finally {
			await Promise.all(opened.map(({ context }) => context.close()));
			await pages?.close();
		}
	});
}

async function isGood(page) {
	await page.waitForSelector(`${hook('status')}[data-tone="good"]`, { timeout: 20000 });
}

/** Wait until every video that @p selector finds (at least @p count) shows a picture that moves. */
async function picturesMove(page, selector, count = 1) {
	await page.bringToFront(); // a page behind another draws seldom
	const times = () => page.evaluate((s) => [...document.querySelectorAll(s)]
		.map((v) => (v.videoWidth > 0 ? v.getVideoPlaybackQuality().totalVideoFrames : 0)), selector);
	let first = [];
	await until(`${count} moving pictures in ${selector}`, async () => {
		const now = await times();
		if (first.length !== now.length)
			first = now;
		return now.length >= count && now.every((n, i) => n > first[i] + 5);
	}, { ms: 20000, every: 100 });
}

async function inbound(page, kind) {
	return page.evaluate(async (k) => {
		const all = [];
		for (const pc of window.cardeaDebug.pcs())
			(await pc.getStats()).forEach((s) => s.type === 'inbound-rtp' && s.kind === k && all.push(s));
		return all.map((s) => ({ packets: s.packetsReceived, energy: s.totalAudioEnergy ?? 0 }));
	}, kind);
}

test('the echo page shows and plays what the camera and the microphone give', () => visiting(
	async (visit) => {
		const page = await visit('echo.html');
		await page.waitForSelector(hook('start'), { visible: true });
		await page.click(hook('start'));
		await isGood(page);
		await picturesMove(page, hook('remote-video'));
		await until('sound', async () => (await inbound(page, 'audio')).some((s) => s.energy > 0));
		await page.click(hook('stop'));
		await page.waitForSelector(hook('start'), { visible: true });
		await page.click(hook('start'));
		await isGood(page);
		await picturesMove(page, hook('remote-video'));
	}));

async function join(visit, room, name) {
	const page = await visit('meeting.html', { room, name });
	await page.waitForSelector(hook('join'), { visible: true });
	await page.click(hook('join'));
	await isGood(page);
	return page;
}

const OTHERS = `${hook('tile')}:not([data-self]) video`;

test('three people meet on the meeting page, one leaves and comes back', () => visiting(
	async (visit, server) => {
		const client = await connect(server, 'ws');
		const session = await client.createSession();
		const room = String(await createRoom(session, { room: 4711 }));
		const pages = [];
		for (const name of ['Ann', 'Ben', 'Cem'])
			pages.push(await join(visit, room, name));
		for (const page of pages)
			await picturesMove(page, OTHERS, 2);
		await until('sound of two', async () => (await inbound(pages[0], 'audio'))
			.filter((s) => s.energy > 0).length === 2);
		await pages[2].click(hook('leave'));
		for (const page of pages.slice(0, 2))
			await page.waitForFunction((s) => document.querySelectorAll(s).length === 1,
				{ timeout: 15000 }, OTHERS);
		const back = await join(visit, room, 'Cem again');
		await picturesMove(back, OTHERS, 2);
		for (const page of pages.slice(0, 2))
			await picturesMove(page, OTHERS, 2);
		await client.close();
	}));

test('the start page leads to the others', () => visiting(async (visit) => {
	const page = await visit('index.html');
	for (const [link, target] of [['to-echo', 'echo.html'], ['to-meeting', 'meeting.html']])
		assert.ok((await page.$eval(hook(link), (a) => a.href)).includes(target));
	assert.deepEqual(page.told.filter((t) => t.startsWith('error')), []);
}));
