// What the tests of the project's own pages share: a server, a visitor's window, what it shows.
import { strict as assert } from 'node:assert';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { openPage } from '../lib/browser.mjs';
import { servePages } from '../lib/pages.mjs';
import { IS_REFERENCE, withServer } from '../lib/server.mjs';
import { until } from '../lib/wait.mjs';

const HTML = path.resolve(fileURLToPath(import.meta.url), '../../../html');

/** Configuration with signaling on the port that serves the pages. */
export function onePort(ports) {
	return IS_REFERENCE ? {} : { 'transport.websockets': { general: { ws_port: ports.http } } };
}

export function hook(name) {
	return `[data-test="${name}"]`;
}

export const OTHERS = `${hook('tile')}:not([data-self]) video`;
export const SCREEN = `${hook('tile')}.whole video`;

/** A script for a page: a camera small and slow enough for many people on one machine. */
export const SMALL = [() => {
	const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
	navigator.mediaDevices.getUserMedia = (wanted) => real({ ...wanted,
		...(wanted.video && { video: { width: 160, height: 90, frameRate: 10 } }) });
}];

/** A script for a page: @p kinds of devices fail with @p name while `window.isBroken`. */
export function broken(kinds, name) {
	return [(which, error) => {
		const { mediaDevices } = navigator;
		const open = mediaDevices.getUserMedia.bind(mediaDevices);
		window.isBroken = true;
		mediaDevices.getUserMedia = (wanted) => (window.isBroken && which.some((k) => wanted[k])
			? Promise.reject(new DOMException('made by the test', error)) : open(wanted));
	}, kinds, name];
}

/** A script for a page: it did not come over HTTPS, as far as devices go. */
export const INSECURE = [() => Object.defineProperty(Navigator.prototype, 'mediaDevices',
	{ get: () => undefined })];

/** Run @p body with what opens the pages of @p server, and close them whatever happens. */
export async function visitingServer(browser, server, body) {
	const pages = IS_REFERENCE ? await servePages({ '/': HTML }) : null;
	const opened = [];
	const visit = async (name, query = {}, options = {}) => {
		const address = new URL(`${pages?.url ?? server.httpUrl}/${name}`);
		const own = IS_REFERENCE ? { server: server.wsUrl, prefix: 'janus' } : {};
		address.search = new URLSearchParams({ ...own, ...query });
		const context = await browser.createBrowserContext();
		const page = await openPage(context, address.href, options);
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
}

/** The same with a server of its own. @param conf laid over the tests' defaults */
export function visiting(browser, body, conf = {}) {
	return withServer({ conf: (ports) => ({ ...onePort(ports), ...conf }) },
		(server) => visitingServer(browser, server, body));
}

export async function isGood(page) {
	await page.waitForSelector(`${hook('status')}[data-tone="good"]`, { timeout: 20000 });
}

/** Wait until the element that the page calls @p name says what @p words match. */
export async function says(page, name, words) {
	let last;
	await until(() => `${words} in ${name}, which says "${last}"`, async () => {
		last = await page.evaluate((s) => document.querySelector(s)?.textContent, hook(name));
		return words.test(last ?? '');
	}, { ms: 20000, every: 50 });
}

export async function enter(page) {
	await page.waitForSelector(hook('join'), { visible: true });
	await page.click(hook('join'));
	await page.waitForSelector(hook('leave'), { visible: true, timeout: 20000 });
}

export async function join(visit, room, name, options = {}) {
	const page = await visit('meeting.html', { room, name, ...options.query }, options);
	await enter(page);
	await isGood(page);
	return page;
}

/** A small copy of every picture that @p selector finds; empty where there is none. */
function pictures(selector) {
	return [...document.querySelectorAll(selector)].map((video) => {
		if (!video.videoWidth)
			return '';
		const canvas = Object.assign(document.createElement('canvas'), { width: 32, height: 18 });
		const context = canvas.getContext('2d');
		context.drawImage(video, 0, 0, 32, 18);
		const { data } = context.getImageData(0, 0, 32, 18);
		return data.some((value, i) => i % 4 < 3 && value > 40) ? data.join() : '';
	});
}

/** Wait until exactly @p count videos match @p selector and each shows a picture that moves. */
export async function picturesMove(page, selector, count = 1) {
	await page.bringToFront(); // a page behind another draws seldom
	const seen = Array.from({ length: count }, () => new Set());
	let now = [];
	await until(() => `${count} moving pictures in ${selector}, there are ${now.length}, they showed `
		+ `${seen.map((s) => s.size)}`, async () => {
		now = await page.evaluate(pictures, selector);
		if (now.length !== count)
			return false;
		now.forEach((picture, i) => picture && seen[i].add(picture));
		return seen.every((s) => s.size > 3);
	}, { ms: 20000, every: 50 });
}

async function inbound(page, kind) {
	return page.evaluate(async (k) => {
		const all = [];
		for (const pc of window.cardeaDebug.pcs())
			(await pc.getStats()).forEach((s) => s.type === 'inbound-rtp' && s.kind === k && all.push(s));
		return all.map((s) => ({ packets: s.packetsReceived, energy: s.totalAudioEnergy ?? 0 }));
	}, kind);
}

export function soundOf(page, count) {
	return until(`sound of ${count}`, async () => (await inbound(page, 'audio'))
		.filter((s) => s.energy > 0).length === count, { ms: 15000 });
}

/** End the screen that @p page shares as the browser's own bar does: the track says that it ended. */
export function endScreen(page) {
	return page.evaluate(() => {
		const isScreen = (track) => track?.getSettings().displaySurface;
		const [track] = window.cardeaDebug.pcs().flatMap((pc) => pc.getSenders())
			.map((sender) => sender.track).filter(isScreen);
		track.stop();
		track.dispatchEvent(new Event('ended'));
	});
}

export function focusOf(page) {
	return page.evaluate(() => document.activeElement.id);
}

/** Press Tab for each of these ids: it has the focus then, and shows it. */
export async function tabTo(page, ...ids) {
	for (const id of ids) {
		await page.keyboard.press('Tab');
		assert.equal(await focusOf(page), id);
		assert.equal(await page.evaluate(() =>
			getComputedStyle(document.activeElement).outlineStyle), 'solid', id);
	}
}

/** Name oneself and a room, and enter it, without a mouse. */
export async function enterByKeys(page) {
	assert.equal(await focusOf(page), 'name');
	await page.keyboard.type('Ann');
	await tabTo(page, 'room');
	await page.keyboard.type('keys');
	await page.keyboard.press('Enter');
	await isGood(page);
}
