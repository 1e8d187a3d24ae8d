// Chat in the meeting: what a person writes is passed on by the server to all in the room.
import { strict as assert } from 'node:assert';
import test, { after, before } from 'node:test';
import { launch, shut } from '../lib/browser.mjs';
import { until } from '../lib/wait.mjs';
import { hook, isGood, join, OTHERS, picturesMove, says, SMALL, visiting } from './pages-visit.mjs';

const SMALL_CAMERA = { before: [SMALL] };
let browser;

before(async () => { browser = await launch('chromium'); });
after(() => browser && shut(browser));

async function write(page, text) {
	await page.bringToFront();
	if (!await page.$eval(hook('chat-panel'), (panel) => panel.checkVisibility()))
		await page.click(hook('chat'));
	await page.type(hook('chat-text'), text);
	await page.keyboard.press('Enter');
}

const unread = (page, count) => page.waitForSelector(
	`${hook('chat')}[aria-label="${count ? `Chat, ${count} unread` : 'Chat'}"]`);

async function writeHeard(from, to, text) {
	await write(from, text);
	await says(to, 'chat-log', new RegExp(`${text}$`));
}

const log = (page) => page.$eval(hook('chat-log'), (element) => element.textContent);

/** The way through the server opens a little after the pictures: knock until all have heard it. */
async function knock(pages, names) {
	for (const [i, page] of pages.entries()) {
		const others = pages.filter((other) => other !== page);
		await until(`knock of ${names[i]} at the others`, async () => {
			await write(page, 'knock');
			const logs = await Promise.all(others.map(log));
			return logs.every((text) => new RegExp(`${names[i]} [^k]*knock`).test(text));
		}, { ms: 20000, every: 200 });
	}
	for (const page of pages) {
		await page.bringToFront();
		await page.keyboard.press('Escape');
		if (await page.$eval(hook('chat-panel'), (panel) => !panel.hidden))
			await page.click('#chat-close');
	}
}

test('what one writes all can read, also who has no camera and who came later', () => visiting(browser,
	async (visit) => {
		const ann = await join(visit, 'chat', 'Ann', SMALL_CAMERA);
		await write(ann, 'Hello?');
		await says(ann, 'chat-log', /Hello\?Nobody else is here/);
		const ben = await visit('meeting.html', { room: 'chat', name: 'Ben' }, SMALL_CAMERA);
		await ben.click(hook('join-without-camera'));
		await isGood(ben);
		const cem = await join(visit, 'chat', 'Cem', SMALL_CAMERA);
		await picturesMove(cem, `${OTHERS}:not(.no-picture video)`);
		await knock([ann, ben, cem], ['Ann', 'Ben', 'Cem']);
		await writeHeard(ann, ben, 'Good <b>morning</b>');
		await says(cem, 'chat-log', /Ann.*Good <b>morning<\/b>$/);
		await unread(cem, 1);
		await writeHeard(ben, ann, 'And to you');
		await unread(cem, 2);
		await cem.bringToFront();
		await cem.keyboard.press('c');
		await unread(cem, 0);
		assert.match(await log(cem), /Ann.*morning.*Ben.*And to you$/);
		await writeHeard(cem, ann, 'I am here as well');
		await says(ben, 'chat-log', /Cem.*I am here as well$/);
		await cem.keyboard.press('Escape');
		assert.equal(await cem.evaluate(() => document.activeElement.id), 'chat');
	}));
