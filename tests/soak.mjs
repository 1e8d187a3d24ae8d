#!/usr/bin/env node
// A call of three on the meeting page, or one tab of the echo page, for as long as wanted: not one
// picture may freeze, not one packet be lost, and the sound that plays is as old as the picture.
// For a quiet machine, since the browsers' own stumbling counts too.
//   soak.mjs [MINUTES [WIDTHxHEIGHTxFPS [MEDIA [PAGE]]]]     10 320x180x15 '{"gso":false}' echo
// MEDIA holds options of the configuration's media section. CARDEA_BIN as for the tests.
import { connect } from './lib/api.mjs';
import { launch, openPage, shut } from './lib/browser.mjs';
import { createRoom } from './lib/calls.mjs';
import { withServer } from './lib/server.mjs';
import { until } from './lib/wait.mjs';

const [minutes = '10', size = '320x180x15', media = '{}', kind = 'meeting'] = process.argv.slice(2);
const [width, height, frameRate] = size.split('x').map(Number);
const conf = (ports) => ({ 'transport.websockets': { general: { ws_port: ports.http } },
	core: { media: JSON.parse(media) } });
// People notice from about 45 ms of sound before its picture, 125 ms after it (ITU-R BT.1359).
const MAX_SKEW_MS = 45;
const hook = (name) => `[data-test="${name}"]`;

function takeCamera(video) {
	const original = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
	navigator.mediaDevices.getUserMedia = (wanted) => original({ ...wanted,
		...(wanted.video && { video }) });
}

/** Every picture that a page receives, as the browser counts it. */
async function pictures(page) {
	return page.evaluate(async () => {
		const all = [];
		for (const pc of window.cardeaDebug.pcs())
			(await pc.getStats()).forEach((s) => s.type === 'inbound-rtp' && s.kind === 'video'
				&& all.push({ id: s.id, frames: s.framesDecoded ?? 0, freezes: s.freezeCount ?? 0,
					frozen_s: s.totalFreezesDuration ?? 0, lost: s.packetsLost ?? 0,
					nacks: s.nackCount ?? 0, plis: s.pliCount ?? 0 }));
		return all;
	});
}

/** How much older the picture that a page shows is than the sound it plays, in ms (median of what
 *  was sampled). Senders share this machine's clock, so that any sound compares with any picture. */
function watchSync() {
	const skews = [];
	setInterval(async () => {
		const at = { audio: [], video: [] };
		for (const pc of window.cardeaDebug?.pcs() ?? [])
			(await pc.getStats()).forEach((s) => s.type === 'inbound-rtp'
				&& s.estimatedPlayoutTimestamp && at[s.kind].push(s.estimatedPlayoutTimestamp));
		for (const audio of at.audio)
			skews.push(...at.video.map((video) => audio - video));
	}, 1000);
	window.soakSkew = () => skews.sort((a, b) => a - b)[skews.length >> 1];
}

async function join(browser, server, room, name) {
	const context = await browser.createBrowserContext();
	const path = kind === 'echo' ? 'echo.html' : `meeting.html?room=${room}&name=${name}`;
	const button = kind === 'echo' ? 'start' : 'join';
	const page = await openPage(context, `${server.httpUrl}/${path}`,
		{ before: [[takeCamera, { width, height, frameRate }], [watchSync]] });
	await page.waitForSelector(hook(button), { visible: true });
	await page.click(hook(button));
	await page.waitForSelector(`${hook('status')}[data-tone="good"]`, { timeout: 20000 });
	return page;
}

async function makeRoom(server) {
	const client = await connect(server, 'ws');
	const room = await createRoom(await client.createSession(), { room: 4711, bitrate: 1000000 });
	await client.close();
	return room;
}

/** What went wrong between two looks at a page. */
function troubles(name, before, after) {
	return after.flatMap((now) => {
		const then = before.find((b) => b.id === now.id);
		const grown = (member) => now[member] - (then?.[member] ?? 0);
		const bad = ['freezes', 'lost', 'nacks', 'plis'].filter((m) => grown(m) !== 0);
		console.log(`${name}: ${grown('frames')} frames, ${grown('freezes')} freezes of `
			+ `${grown('frozen_s').toFixed(2)} s, ${grown('lost')} lost, ${grown('nacks')} NACKs`);
		return grown('frames') > 0 ? bad : ['frames', ...bad];
	});
}

// The fake camera gives 20 frames a second unless told.
const browser = await launch('chromium',
	[`--use-fake-device-for-media-stream=fps=${frameRate}`]);
await withServer({ conf }, async (server) => {
	const room = await makeRoom(server);
	const names = kind === 'echo' ? ['Ann'] : ['Ann', 'Ben', 'Cem'];
	const pictured = Math.max(1, names.length - 1);
	const pages = [];
	for (const name of names)
		pages.push(await join(browser, server, room, name));
	const running = async (n) => (await Promise.all(pages.map(pictures)))
		.every((all) => all.length === pictured && all.every((p) => p.frames > n));
	// Tabs that have just opened stumble: the first seconds are not counted.
	await until('every picture', () => running(10 * frameRate), { ms: 60000 });
	const before = await Promise.all(pages.map(pictures));
	const end = Date.now() + Number(minutes) * 60000;
	await until('the end', () => Date.now() >= end, { ms: Number(minutes) * 60000 + 10000, every: 1000 });
	const after = await Promise.all(pages.map(pictures));
	const bad = names.flatMap((name, i) => troubles(name, before[i], after[i]));
	for (const [i, page] of pages.entries()) {
		const skew = await page.evaluate(() => window.soakSkew());
		console.log(`${names[i]}: sound ${skew?.toFixed(1)} ms from its picture`);
		if (!(Math.abs(skew) <= MAX_SKEW_MS))
			bad.push('sync');
	}
	console.log(bad.length ? `not ok: ${bad.join(', ')}` : 'ok');
	process.exitCode = bad.length ? 1 : 0;
});
await shut(browser);
