// Screens in the meeting: a stream of its own beside the camera, a tile of its own, larger.
import { strict as assert } from 'node:assert';
import test, { after, before } from 'node:test';
import { launch, shut } from '../lib/browser.mjs';
import { endScreen, hook, join, OTHERS, picturesMove, says, SCREEN, SMALL, soundOf, visiting }
	from './pages-visit.mjs';

const SMALL_CAMERA = { before: [SMALL] };
let browser;

before(async () => { browser = await launch('chromium'); });
after(() => browser && shut(browser));

/** Press the button that starts or stops sharing, and wait until it says @p next. */
async function press(page, next) {
	await page.bringToFront();
	await page.click(hook('screen'));
	await page.waitForSelector(`${hook('screen')}[aria-label="${next}"]`);
}

const start = (page) => press(page, 'Stop sharing');
const stop = (page) => press(page, 'Share screen');

const noScreen = (page) => page.waitForFunction((s) => !document.querySelector(s),
	{ timeout: 15000 }, SCREEN);

/** Width of the shared screen and of the widest face, in CSS pixels. */
function widths(page) {
	return page.evaluate(() => {
		const all = [...document.querySelectorAll('[data-test="tile"]')];
		const widest = (tiles) => Math.max(...tiles.map((tile) => tile.clientWidth));
		return { screen: widest(all.filter((t) => t.classList.contains('whole'))),
			face: widest(all.filter((t) => !t.classList.contains('whole'))) };
	});
}

test('a screen is a large tile beside the camera, also for who comes later; it stops and comes again',
	() => visiting(browser, async (visit) => {
		const [ann, ben] = [await join(visit, 'share', 'Ann', SMALL_CAMERA),
			await join(visit, 'share', 'Ben', SMALL_CAMERA)];
		await picturesMove(ben, OTHERS);
		await start(ann);
		await picturesMove(ben, SCREEN);
		await picturesMove(ben, OTHERS, 2); /* the camera goes on */
		await says(ben, 'grid', /Ann: screen/);
		const { screen, face } = await widths(ben);
		assert.ok(screen > 2 * face, `${screen} and ${face} pixels`);
		const cem = await join(visit, 'share', 'Cem', SMALL_CAMERA);
		await picturesMove(cem, SCREEN);
		await soundOf(cem, 2);
		await stop(ann);
		for (const page of [ben, cem]) {
			await noScreen(page);
			await picturesMove(page, OTHERS, 2);
		}
		await start(ann);
		await picturesMove(cem, SCREEN);
	}));

test('the browser\'s own bar stops it; two can share at once; leaving takes the screen along', () =>
	visiting(browser, async (visit) => {
		const [ann, ben] = [await join(visit, 'share', 'Ann', SMALL_CAMERA),
			await join(visit, 'share', 'Ben', SMALL_CAMERA)];
		await picturesMove(ben, OTHERS);
		await start(ann);
		await picturesMove(ben, SCREEN);
		await endScreen(ann);
		await ann.waitForSelector(`${hook('screen')}[aria-label="Share screen"]`);
		await noScreen(ben);
		await start(ann);
		await start(ben);
		const cem = await join(visit, 'share', 'Cem', SMALL_CAMERA);
		await picturesMove(cem, SCREEN, 2);
		await ann.bringToFront();
		await ann.click(hook('leave'));
		await says(cem, 'count', /2 people/);
		await picturesMove(cem, SCREEN, 1);
		await picturesMove(cem, OTHERS, 2);
	}));

/** A page in which sharing fails with an error of this name. */
function failing(name) {
	return [(name) => {
		navigator.mediaDevices.getDisplayMedia = () =>
			Promise.reject(new DOMException('made by the test', name));
	}, name];
}

test('who has no camera can share; who changes their mind, or cannot, goes on as before', () =>
	visiting(browser, async (visit) => {
		const options = (name) => ({ before: [SMALL, failing(name)] });
		const ann = await join(visit, 'share', 'Ann', options('NotSupportedError'));
		await ann.click(hook('screen'));
		await says(ann, 'toasts', /cannot share the screen/);
		const ben = await join(visit, 'share', 'Ben', options('NotAllowedError'));
		await ben.keyboard.press('s');
		await ben.keyboard.press('m');
		await ben.waitForSelector(`${hook('mute')}[aria-label="Unmute"]`);
		assert.equal(await ben.$eval(hook('toasts'), (box) => box.textContent), '');
		await ben.waitForSelector(`${hook('screen')}[aria-label="Share screen"]`);
		const cem = await visit('meeting.html', { room: 'share', name: 'Cem' }, SMALL_CAMERA);
		await cem.click(hook('join-without-camera'));
		await cem.waitForSelector(hook('leave'), { visible: true });
		await start(cem);
		await picturesMove(ann, SCREEN);
		await ann.waitForSelector(`${hook('tile')}.no-picture:not(.whole)`);
	}));
