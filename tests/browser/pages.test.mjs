// The project's own pages, as a visitor uses them: served by the server itself, signaling over the
// same port. (Against the reference, a server of the tests' serves them.)
import { strict as assert } from 'node:assert';
import test, { after, before } from 'node:test';
import { connect } from '../lib/api.mjs';
import { launch, shut } from '../lib/browser.mjs';
import { createRoom } from '../lib/calls.mjs';
import { Line } from '../lib/pages.mjs';
import { startServer } from '../lib/server.mjs';
import { broken, enter, enterByKeys, focusOf, hook, INSECURE, isGood, join, onePort, OTHERS,
	picturesMove, says, SMALL, soundOf, tabTo, visiting, visitingServer } from './pages-visit.mjs';

const SMALL_CAMERA = { before: [SMALL] };
let browser;

before(async () => { browser = await launch('chromium'); });
after(() => browser && shut(browser));

/** Run @p body with a session over the API beside the visitors. */
function withSession(body, conf) {
	return visiting(browser, async (visit, server) => {
		const client = await connect(server, 'ws');
		await body(visit, await client.createSession());
		await client.close();
	}, conf);
}

test('the echo page shows and plays what the camera and the microphone give', () => visiting(browser,
	async (visit) => {
		const page = await visit('echo.html');
		await page.waitForSelector(hook('start'), { visible: true });
		await page.click(hook('start'));
		await isGood(page);
		await picturesMove(page, hook('remote-video'));
		await soundOf(page, 1);
		await page.click(hook('stop'));
		await page.waitForSelector(hook('start'), { visible: true });
		await page.click(hook('start'));
		await isGood(page);
		await picturesMove(page, hook('remote-video'));
	}));

test('the echo page takes a camera that comes later', () => visiting(browser, async (visit) => {
	const page = await visit('echo.html', {}, { before: [broken(['video'], 'NotReadableError')] });
	await says(page, 'device-notes', /camera is busy/);
	await page.click(hook('start'));
	await isGood(page);
	await soundOf(page, 1);
	await page.evaluate(() => { window.isBroken = false; });
	await page.click(hook('try-devices'));
	await picturesMove(page, hook('remote-video'));
}));

test('three people meet on the meeting page, one leaves and comes back', () => withSession(
	async (visit, session) => {
		const room = String(await createRoom(session, { room: 4711 }));
		const pages = [];
		for (const name of ['Ann', 'Ben', 'Cem'])
			pages.push(await join(visit, room, name));
		for (const page of pages)
			await picturesMove(page, OTHERS, 2);
		await soundOf(pages[0], 2);
		await pages[2].click(hook('leave'));
		for (const page of pages.slice(0, 2))
			await page.waitForFunction((s) => document.querySelectorAll(s).length === 1,
				{ timeout: 15000 }, OTHERS);
		const back = await join(visit, room, 'Cem again');
		await picturesMove(back, OTHERS, 2);
		for (const page of pages.slice(0, 2))
			await picturesMove(page, OTHERS, 2);
	}));

test('a page that "back" shows again asks anew, and is no dead room', () => visiting(browser, async (visit, server) => {
	const ann = await join(visit, 'again', 'Ann', SMALL_CAMERA);
	const ben = await join(visit, 'again', 'Ben', SMALL_CAMERA);
	await picturesMove(ann, OTHERS);
	await ben.goto(`${server.httpUrl}/index.html`);
	await ann.waitForFunction((s) => !document.querySelector(s), {}, OTHERS);
	await ben.goBack();
	await enter(ben);
	await isGood(ben);
	await picturesMove(ann, OTHERS);
}));

/** Tiles that leave the grid, or lie over each other. */
function misplaced() {
	const box = document.querySelector('[data-test="grid"]').getBoundingClientRect();
	const tiles = [...document.querySelectorAll('[data-test="tile"]')]
		.map((tile) => tile.getBoundingClientRect());
	const isOut = (t) => t.left < box.left - 1 || t.right > box.right + 1 || t.top < box.top - 1
		|| t.bottom > box.bottom + 1 || t.width < 80;
	const isOver = (t) => tiles.some((o) => o !== t && o.left < t.right && t.left < o.right
		&& o.top < t.bottom && t.top < o.bottom);
	return tiles.filter((t) => isOut(t) || isOver(t)).length;
}

test('five people fit on a phone and on a wide screen', () => visiting(browser, async (visit) => {
	const pages = [];
	for (const name of ['Ann', 'Ben', 'Cem', 'Dan', 'A long name that does not fit'])
		pages.push(await join(visit, 'crowd', name, { before: [SMALL], size: [390, 844] }));
	const [first] = pages;
	await picturesMove(first, OTHERS, 4);
	await says(first, 'count', /5 people/);
	assert.equal(await first.evaluate(misplaced), 0, 'on a phone');
	await first.setViewport({ width: 2560, height: 1440 });
	await first.waitForFunction(() => document.querySelector('[data-test="tile"]').clientWidth > 600);
	assert.equal(await first.evaluate(misplaced), 0, 'on a wide screen');
	await soundOf(pages[4], 4);
}));

test('who comes to a full room watches, and is let in when somebody has left', () => withSession(
	async (visit, session) => {
		const room = String(await createRoom(session, { room: 4712, publishers: 1 }));
		const ann = await join(visit, room, 'Ann', SMALL_CAMERA);
		const ben = await visit('meeting.html', { room, name: 'Ben' }, SMALL_CAMERA);
		await enter(ben);
		await says(ben, 'status', /room is full.*can watch and listen/);
		await picturesMove(ben, OTHERS);
		assert.match(await ben.$eval(`${hook('tile')}[data-self]`, (t) => t.textContent),
			/only you see this/);
		await ann.click(hook('leave'));
		await says(ben, 'count', /Only you/);
		await ben.click(hook('publish-again'));
		await isGood(ben);
		await ann.click(hook('join'));
		await says(ann, 'status', /room is full/);
	}));

test('a busy camera, no device at all or a page without HTTPS keep nobody out', () => visiting(
	browser, async (visit) => {
		const ann = await visit('meeting.html', { room: 'poor', name: 'Ann' },
			{ before: [SMALL, broken(['video'], 'NotReadableError')] });
		await says(ann, 'device-notes', /camera is busy.*Close that program/);
		await says(ann, 'join-note', /sound only/);
		await enter(ann);
		await isGood(ann);
		const ben = await visit('meeting.html', { room: 'poor', name: 'Ben' },
			{ before: [broken(['audio', 'video'], 'NotFoundError')] });
		await says(ben, 'device-notes', /No camera and no microphone/);
		await says(ben, 'join-note', /watch and listen/);
		await enter(ben);
		await isGood(ben);
		await soundOf(ben, 1);
		const cem = await visit('meeting.html', { room: 'poor', name: 'Cem' }, { before: [INSECURE] });
		await says(cem, 'device-notes', /only to secure pages.*https:/);
		await enter(cem);
		await isGood(cem);
		await soundOf(cem, 1);
		await ann.bringToFront();
		await ann.click(hook('camera'));
		await says(ann, 'toasts', /camera is busy/);
		await ann.evaluate(() => { window.isBroken = false; });
		await ann.click(hook('camera'));
		await picturesMove(cem, `${hook('tile')}:not(.no-picture) video`);
	}));

test('rooms and people may have words for ids', () => withSession(async (visit, session) => {
	await createRoom(session, { room: 'town-hall', description: 'Town hall' });
	const ann = await visit('meeting.html', { name: 'Ann' }, SMALL_CAMERA);
	await says(ann, 'public-room', /Town hall/);
	await ann.click(hook('public-room'));
	await enter(ann);
	await isGood(ann);
	const ben = await join(visit, 'town-hall', 'Ben', SMALL_CAMERA);
	await picturesMove(ben, OTHERS);
	await picturesMove(ann, OTHERS);
	await ben.click(hook('leave'));
	await says(ann, 'count', /Only you/);
}, { 'plugin.videoroom': { general: { string_ids: true } } }));

const ownId = (page) => page.$eval(`${hook('tile')}[data-self]`, (tile) => tile.dataset.feed);

test('a line that drops is claimed back; a server that went away is joined again', async () => {
	const first = await startServer({ conf: (ports) => ({ ...onePort(ports),
		core: { general: { reclaim_session_timeout: 30 } } }) });
	const line = await Line.open(first.wsPort);
	let second;
	try {
		await visitingServer(browser, first, async (visit) => {
			const query = { server: `ws://127.0.0.1:${line.port}/janus` };
			const options = { ...SMALL_CAMERA, query };
			const ann = await join(visit, 'standup', 'Ann', options);
			const id = await ownId(ann);
			await line.cut();
			await says(ann, 'status', /line to the server dropped/);
			const ben = await join(visit, 'standup', 'Ben', SMALL_CAMERA);
			await line.mend();
			await isGood(ann);
			await picturesMove(ann, OTHERS);
			assert.equal(await ownId(ann), id);
			await ben.click(hook('leave'));
			await says(ann, 'count', /Only you/);

			await line.cut();
			const cem = await visit('meeting.html', { ...query, room: 'standup', name: 'Cem' },
				SMALL_CAMERA);
			await says(cem, 'status', /does not answer/);
			await first.stop();
			second = await startServer({ conf: onePort });
			line.target = second.wsPort;
			await line.mend();
			await enter(cem);
			await isGood(cem);
			await isGood(ann);
			await picturesMove(ann, OTHERS);
			await picturesMove(cem, OTHERS);
			assert.notEqual(await ownId(ann), id);
		});
	} finally {
		await line.close();
		if (!first.status)
			await first.stop();
		await second?.stop();
	}
});

test('a meeting needs no mouse', () => visiting(browser, async (visit) => {
	const page = await visit('meeting.html', {}, SMALL_CAMERA);
	const focus = () => focusOf(page);
	const isHidden = (id) => page.$eval(id, (e) => !e.checkVisibility());
	const tab = (...ids) => tabTo(page, ...ids);
	await enterByKeys(page);
	await tab('mute', 'camera', 'screen', 'people');
	await page.keyboard.press('Enter');
	assert.equal(await focus(), 'people-close');
	await page.keyboard.press('Escape');
	assert.equal(await isHidden('#people-panel'), true);
	assert.equal(await focus(), 'people');
	const hasChat = await page.$eval(hook('chat'), (button) => !button.hidden);
	await tab(...(hasChat ? ['chat'] : []), 'copy', 'record', 'help');
	await page.keyboard.press('Space');
	assert.equal(await isHidden('#help-dialog'), false);
	await page.keyboard.press('Escape');
	assert.equal(await isHidden('#help-dialog'), true);
	assert.equal(await focus(), 'help');
	await page.keyboard.press('m');
	await page.waitForSelector(`${hook('mute')}[aria-label="Unmute"]`);
	await tab('leave');
	await page.keyboard.press('Enter');
	assert.equal(await focus(), 'join');
}));

test('the start page leads to the others', () => visiting(browser, async (visit) => {
	const page = await visit('index.html');
	for (const [link, target] of [['to-echo', 'echo.html'], ['to-meeting', 'meeting.html'],
		['to-mesh', 'mesh.html'], ['to-recordings', 'recordings.html'], ['to-docs', 'docs.html']])
		assert.ok((await page.$eval(hook(link), (a) => a.href)).includes(target));
	assert.deepEqual(page.told.filter((t) => t.startsWith('error')), []);
}));
