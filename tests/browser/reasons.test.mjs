// A tile whose picture stands still says why, within seconds, and says nothing once it moves.
import test, { after, before } from 'node:test';
import { connect } from '../lib/api.mjs';
import { launch, shut } from '../lib/browser.mjs';
import { createRoom } from '../lib/calls.mjs';
import { hook, isGood, join, OTHERS, picturesMove, says, SMALL, visiting } from './pages-visit.mjs';

const SMALL_CAMERA = { before: [SMALL] };
let browser;

before(async () => { browser = await launch('chromium'); });
after(() => browser && shut(browser));

test('the echo page says that no packet ever came, and where from', () => visiting(browser, async (visit) => {
	const page = await visit('echo.html');
	await page.click(hook('start'));
	await says(page, 'reason', /^No packet ever came from this client: is UDP \d+ open\? It was offered 192\.0\.2\.1/);
}, { core: { nat: { nat_1_1_mapping: '192.0.2.1' } } }));

test('the echo page says nothing while the picture moves', () => visiting(browser, async (visit) => {
	const page = await visit('echo.html');
	await page.click(hook('start'));
	await isGood(page);
	await picturesMove(page, hook('remote-video'));
	await says(page, 'reason', /^$/);
}));

test('a tile says that the room has muted a picture, and that it moves again', () => visiting(browser,
	async (visit, server) => {
		const client = await connect(server, 'ws');
		const session = await client.createSession();
		const room = await createRoom(session, { room: 4711, secret: 'open' });
		const ann = await join(visit, String(room), 'Ann', SMALL_CAMERA);
		await join(visit, String(room), 'Ben', SMALL_CAMERA);
		await picturesMove(ann, OTHERS);
		const handle = await session.attach('janus.plugin.videoroom');
		const { participants } = await handle.message({ request: 'listparticipants', room });
		const { id } = participants.find((p) => p.display === 'Ben');
		const camera = '1'; // sound comes first on the page
		const moderate = (mute) => handle.message({ request: 'moderate', room, secret: 'open', id,
			mid: camera, mute });
		await moderate(true);
		const text = `${OTHERS.replace(/ video$/, '')} ${hook('reason')}`;
		await ann.waitForFunction((s) => /has muted this video/.test(document.querySelector(s)?.textContent),
			{ timeout: 10000 }, text);
		await moderate(false);
		await ann.waitForFunction((s) => document.querySelector(s)?.textContent === '', { timeout: 15000 }, text);
		await picturesMove(ann, OTHERS);
		await client.close();
	}));
