// The project's own pages in Firefox: the echo page, a room of three, mesh rooms and recordings.
import test, { after, before } from 'node:test';
import { launch, shut } from '../lib/browser.mjs';
import { IS_REFERENCE } from '../lib/server.mjs';
import { enter, hook, isGood, join, OTHERS, picturesMove, says, SMALL, soundOf, visiting }
	from './pages-visit.mjs';

let browser;

before(async () => { browser = await launch('firefox'); });
after(() => browser && shut(browser));

test('the echo page works in Firefox, twice in a row', () => visiting(browser, async (visit) => {
	const page = await visit('echo.html');
	for (let call = 0; call < 2; call++) {
		await page.waitForSelector(hook('start'), { visible: true });
		await page.click(hook('start'));
		await isGood(page);
		await picturesMove(page, hook('remote-video'));
		await soundOf(page, 1);
		await page.click(hook('stop'));
	}
}));

test('three people meet in Firefox; a camera goes off and on, one leaves', () => visiting(browser,
	async (visit) => {
		const pages = [];
		for (const name of ['Ann', 'Ben', 'Cem'])
			pages.push(await join(visit, 'fox', name, { before: [SMALL] }));
		const [ann, ben, cem] = pages;
		for (const page of pages)
			await picturesMove(page, OTHERS, 2);
		await soundOf(ann, 2);
		await cem.click(hook('camera'));
		await ann.waitForSelector(`${hook('tile')}.no-picture`);
		await cem.click(hook('camera'));
		await picturesMove(ann, `${hook('tile')}:not([data-self]):not(.no-picture) video`, 2);
		await ben.bringToFront();
		await ben.click(hook('leave'));
		await says(ann, 'count', /2 people/);
		await picturesMove(cem, OTHERS, 1);
	}));

test('two people meet in a mesh room in Firefox, write, and one goes', { skip: IS_REFERENCE
	&& 'a plugin of our own' }, () => visiting(browser, async (visit) => {
	const [ann, ben] = [await visit('mesh.html', { room: 'fox', name: 'Ann' }, { before: [SMALL] }),
		await visit('mesh.html', { room: 'fox', name: 'Ben' }, { before: [SMALL] })];
	for (const page of [ann, ben]) {
		await enter(page);
		await isGood(page);
	}
	await picturesMove(ann, OTHERS);
	await picturesMove(ben, OTHERS);
	await soundOf(ann, 1);
	await ben.click(hook('chat'));
	await ben.type(hook('chat-text'), 'Hello');
	await ben.keyboard.press('Enter');
	await ann.bringToFront();
	await ann.click(hook('chat'));
	await says(ann, 'chat-log', /^Ben.*Hello$/);
	await ben.bringToFront();
	await ben.click(hook('leave'));
	await says(ann, 'count', /Only you/);
}));

test('what Firefox records is listed with its picture and plays', { skip: IS_REFERENCE
	&& 'a page of our own' }, () => visiting(browser, async (visit) => {
	const page = await visit('recordings.html', {}, { before: [SMALL] });
	await page.waitForSelector(hook('record'), { visible: true });
	await picturesMove(page, hook('local-video'));
	await page.click(hook('record'));
	await says(page, 'status', /^Recording\.$/);
	await says(page, 'elapsed', /^0:0[3-9]$/);
	await page.click(hook('stop'));
	await says(page, 'status', /^Saved/);
	await page.waitForSelector(`${hook('thumbnail')}[data-drawn]`, { timeout: 15000 });
	await page.click(hook('play'));
	await says(page, 'player-how', /played by your browser/);
	await picturesMove(page, hook('player-video'));
}));
