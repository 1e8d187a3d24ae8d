// Whoever opens a room on the meeting page is its host: what that allows, and on which server.
import { strict as assert } from 'node:assert';
import test, { after, before } from 'node:test';
import { connect } from '../lib/api.mjs';
import { launch, shut } from '../lib/browser.mjs';
import { createRoom } from '../lib/calls.mjs';
import { IS_REFERENCE, withServer } from '../lib/server.mjs';
import { enter, hook, isGood, join, OTHERS, picturesMove, SMALL, visiting } from './pages-visit.mjs';

const SMALL_CAMERA = { before: [SMALL] };
const STANDUP = 6613852314296120; /* the room of this word, see room.js */
const PLUGIN = 'janus.plugin.videoroom';
const unlessReference = { skip: IS_REFERENCE && 'pages of our own server' };
let browser;

before(async () => { browser = await launch('chromium'); });
after(() => browser && shut(browser));

/** All that the page says over its WebSockets from now on. */
async function overhear(page) {
	const said = [];
	const devtools = await page.createCDPSession();
	await devtools.send('Network.enable');
	devtools.on('Network.webSocketFrameSent', ({ response }) => said.push(response.payloadData));
	return said;
}

const secrets = (page) => page.evaluate(() => Object.entries(localStorage)
	.filter(([key]) => key.startsWith('cardea.host.')).map(([, secret]) => secret));
const isHost = async (page) => {
	await page.waitForSelector(hook('people'), { visible: true });
	await page.click(hook('people'));
	await page.waitForFunction((s) => document.querySelector(s)?.children.length >= 2, {}, hook('people-list'));
	return Boolean(await page.$(hook('remove')));
};

test('the secret of a room goes to the server of that room alone', unlessReference, () => visiting(browser,
	(visit, server) => withServer({}, async (other) => {
		const elsewhere = await connect(other, 'ws');
		await createRoom(await elsewhere.createSession(), { room: STANDUP, secret: 'theirs', notify_joining: true });
		const ann = await join(visit, 'standup', 'Ann', SMALL_CAMERA);
		const ben = await join(visit, 'standup', 'Ben', SMALL_CAMERA);
		assert.equal(await isHost(ann), true);
		const [secret] = await secrets(ann);
		assert.ok(secret);

		const query = new URLSearchParams({ room: 'standup', name: 'Ann', server: `${other.wsUrl}/janus` });
		const said = await overhear(ann);
		await ann.goto(`${server.httpUrl}/meeting.html?${query}`);
		await enter(ann);
		await isGood(ann);
		const watcher = await (await elsewhere.createSession()).attach(PLUGIN);
		await watcher.message({ request: 'join', ptype: 'publisher', room: STANDUP, display: 'Cem' });
		assert.equal(await isHost(ann), false);
		await watcher.detach();
		await ann.waitForFunction((s) => document.querySelector(s).children.length === 1, {}, hook('people-list'));
		await ann.click(hook('leave')); /* the last to leave: a host would close the room */
		await ann.waitForSelector(hook('join'), { visible: true });
		assert.ok(said.some((text) => text.includes('"join"')));
		assert.deepEqual(said.filter((text) => text.includes(secret)), []);

		await ann.goto(`${server.httpUrl}/meeting.html?room=standup&name=Ann`);
		await enter(ann);
		await isGood(ann);
		assert.equal(await isHost(ann), true);
		await ann.click(hook('remove'));
		await ben.waitForSelector(hook('join'), { visible: true });
		await elsewhere.close();
	})));

test('whoever is removed does not go on watching', unlessReference, () => visiting(browser, async (visit, server) => {
	const ann = await join(visit, 'standup', 'Ann', SMALL_CAMERA);
	const ben = await join(visit, 'standup', 'Ben', SMALL_CAMERA);
	await picturesMove(ben, OTHERS);
	await picturesMove(ann, OTHERS);
	const client = await connect(server, 'ws');
	const session = await client.createSession();
	const { participants: [feed] } = await (await session.attach(PLUGIN))
		.message({ request: 'listparticipants', room: STANDUP });
	const watch = { request: 'join', ptype: 'subscriber', room: STANDUP, streams: [{ feed: feed.id }] };
	assert.equal((await (await session.attach(PLUGIN)).message(watch)).error_code, 433);
	const eve = await session.attach(PLUGIN);
	const { private_id } = await eve.message({ request: 'join', ptype: 'publisher', room: STANDUP });
	const view = await session.attach(PLUGIN);
	assert.equal((await view.message({ ...watch, private_id })).videoroom, 'attached');
	await ann.waitForFunction((s) => document.querySelector(s)?.children.length >= 3, {}, hook('people-list'));
	await ann.click(hook('people'));
	await ann.evaluate((s) => [...document.querySelectorAll(s)].at(-1).click(), hook('remove'));
	await eve.notice('removal', (d) => d.leaving === 'ok' && d.reason === 'kicked');
	assert.equal((await view.message({ request: 'configure', update: true })).error_code, 433);
	assert.equal((await (await session.attach(PLUGIN)).message({ ...watch, private_id })).error_code, 433);
	await client.close();
}));
