// A tile whose picture stands still says why, within two seconds, and says nothing once it moves.
import { strict as assert } from 'node:assert';
import test, { after, before } from 'node:test';
import { connect } from '../lib/api.mjs';
import { launch, shut } from '../lib/browser.mjs';
import { createRoom } from '../lib/calls.mjs';
import { until } from '../lib/wait.mjs';
import { hook, isGood, join, OTHERS, picturesMove, says, SMALL, visiting } from './pages-visit.mjs';

const WITHIN_MS = 2000;
const TRIES = 3; // a machine that does much else may be late once
const OTHERS_TILE = OTHERS.replace(/ video$/, '');
const OWN_TILE = `${hook('tile')}[data-self]`;
const CAMERA = '1'; // sound comes first on the page
const KNOWN = 40; // pictures, after which the server knows how often they come, whatever was before
let browser;

/** A script for a page: write down in window.said what each reason says, and when. */
const LISTENING = [() => {
	window.said = [];
	window.asked = 0;
	const send = WebSocket.prototype.send;
	WebSocket.prototype.send = function counted(text) {
		window.asked += String(text).includes('"explain"') ? 1 : 0;
		send.call(this, text);
	};
	new MutationObserver((changes) => {
		const said = changes.map(({ target }) => target.closest?.('[data-test="reason"]')).filter(Boolean);
		for (const element of new Set(said))
			window.said.push({ text: element.textContent, at: Date.now(),
				isOwn: Boolean(element.closest('[data-self]')) });
	}).observe(document, { subtree: true, childList: true });
}];
const SMALL_CAMERA = { before: [SMALL, LISTENING] };

before(async () => { browser = await launch('chromium'); });
after(() => browser && shut(browser));

/** @return when @p page said something like @p words on the own tile, or another */
async function saidAt(page, words, isOwn = false) {
	let said;
	await until(() => `${words}; said: ${JSON.stringify(said)}`, async () => {
		said = await page.evaluate(() => window.said);
		return said.some((s) => words.test(s.text) && s.isOwn === isOwn);
	}, { ms: 15000, every: 50 });
	return said.find((s) => words.test(s.text) && s.isOwn === isOwn).at;
}

const silent = (page, tile) => page.waitForFunction(
	(s) => document.querySelector(s)?.textContent === '', { timeout: 15000 }, `${tile} ${hook('reason')}`);
const forget = (page) => page.evaluate(() => { window.said = []; });

/** Pictures have come for so long that one which is late is missed soon. */
async function pictureIsSteady(page) {
	const shown = () => page.$eval(OTHERS, (video) => video.getVideoPlaybackQuality().totalVideoFrames);
	await picturesMove(page, OTHERS);
	const before = await shown();
	await until('pictures that come steadily', async () => await shown() >= before + KNOWN, { ms: 20000 });
}

/** Have @p stop make a picture stand still, and @p go move it again: it is said why in time.
 *  @param stop returns when it did so, and a promise of when that was said, for each who said it */
async function explainedInTime(stop, go) {
	const late = [];
	for (let i = 0; i < TRIES; i++) {
		const { at, said } = await stop();
		const ms = (await Promise.all(said)).map((one) => one - at);
		await go();
		if (ms.every((one) => one <= WITHIN_MS))
			return;
		late.push(ms);
	}
	assert.fail(`said after ${late.join(' ms, ')} ms`);
}

/** Ann and Ben in a room that a test moderates. */
function meeting(body) {
	return visiting(browser, async (visit, server) => {
		const client = await connect(server, 'ws');
		const session = await client.createSession();
		const room = await createRoom(session, { room: 4711, secret: 'open' });
		const ann = await join(visit, String(room), 'Ann', SMALL_CAMERA);
		const ben = await join(visit, String(room), 'Ben', SMALL_CAMERA);
		await pictureIsSteady(ann);
		const handle = await session.attach('janus.plugin.videoroom');
		const { participants } = await handle.message({ request: 'listparticipants', room });
		const { id } = participants.find((p) => p.display === 'Ben');
		const moderate = async (mute) => {
			const at = Date.now();
			await handle.message({ request: 'moderate', room, secret: 'open', id, mid: CAMERA, mute });
			return at;
		};
		await body({ ann, ben, moderate });
		await client.close();
	});
}

test('the echo page says that nothing reaches the server, in time', () => visiting(browser, async (visit) => {
	const page = await visit('echo.html', {}, SMALL_CAMERA);
	const words = /^Nothing from your browser reaches the server: .* \(UDP port \d+\)\.$/;
	await explainedInTime(async () => {
		await forget(page);
		await page.click(hook('start'));
		const at = Date.now();
		return { at, said: [saidAt(page, words)] };
	}, async () => {
		await page.click(hook('stop'));
		await says(page, 'reason', /^$/);
	});
}, { core: { nat: { nat_1_1_mapping: '192.0.2.1' } } }));

test('the echo page says nothing while the picture moves', () => visiting(browser, async (visit) => {
	const page = await visit('echo.html');
	await page.click(hook('start'));
	await isGood(page);
	await picturesMove(page, hook('remote-video'));
	await says(page, 'reason', /^$/);
}));

test('a tile says that a camera has stopped, in time', () => meeting(async ({ ann, ben }) => {
	const camera = (on) => ben.evaluate(async (isOn) => {
		const sender = window.cardeaDebug.pcs()[0].getSenders()
			.find((s) => s.track?.kind === 'video' || s === window.camera);
		Object.assign(window, { camera: sender, track: window.track ?? sender.track });
		await sender.replaceTrack(isOn ? window.track : null);
		return Date.now();
	}, on);
	await explainedInTime(async () => {
		await forget(ann);
		const at = await camera(false);
		return { at, said: [saidAt(ann, /^This person's picture does not reach the server any more\.$/)] };
	}, async () => {
		await camera(true);
		await silent(ann, OTHERS_TILE);
		await pictureIsSteady(ann);
	});
}));

test('tiles say that the host has muted a picture, to its owner as well, and that it moves again', () => meeting(
	async ({ ann, ben, moderate }) => {
		await explainedInTime(async () => {
			await Promise.all([forget(ann), forget(ben)]);
			const at = await moderate(true);
			return { at, said: [saidAt(ann, /^The host has turned this picture off\.$/),
				saidAt(ben, /^The host has turned your picture off\.$/, true)] };
		}, async () => {
			await moderate(false);
			await silent(ann, OTHERS_TILE);
			await silent(ben, OWN_TILE);
			await picturesMove(ann, OTHERS);
		});
	}));

/* Whoever hears a page instead of reading it is not told the same thing again and again. */
test('a reason is said once for as long as it is the same', () => meeting(async ({ ann, moderate }) => {
	await forget(ann);
	await moderate(true);
	await saidAt(ann, /^The host has turned this picture off\.$/);
	const asked = await ann.evaluate(() => window.asked);
	await until('three more questions', () => ann.evaluate((n) => window.asked >= n + 3, asked), { ms: 15000 });
	assert.equal((await ann.evaluate(() => window.said)).filter((s) => !s.isOwn).length, 1);
}));
