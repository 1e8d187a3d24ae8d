#!/usr/bin/env node
// A call of three on the meeting page, for as long as wanted: not one picture may freeze, not one
// packet be lost. For a quiet machine, since the browsers' own stumbling counts too.
//   soak.mjs [MINUTES [WIDTHxHEIGHTxFPS [MEDIA]]]     10 320x180x15 '{"gso":false}'
// MEDIA holds options of the configuration's media section. CARDEA_BIN as for the tests.
import { connect } from './lib/api.mjs';
import { launch, openPage, shut } from './lib/browser.mjs';
import { createRoom } from './lib/calls.mjs';
import { withServer } from './lib/server.mjs';
import { until } from './lib/wait.mjs';

const [minutes = '10', size = '320x180x15', media = '{}'] = process.argv.slice(2);
const [width, height, frameRate] = size.split('x').map(Number);
const conf = (ports) => ({ 'transport.websockets': { general: { ws_port: ports.http } },
	core: { media: JSON.parse(media) } });
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

async function join(browser, server, room, name) {
	const context = await browser.createBrowserContext();
	const page = await openPage(context, `${server.httpUrl}/meeting.html?room=${room}&name=${name}`,
		{ before: [[takeCamera, { width, height, frameRate }]] });
	await page.waitForSelector(hook('join'), { visible: true });
	await page.click(hook('join'));
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

const browser = await launch('chromium');
await withServer({ conf }, async (server) => {
	const room = await makeRoom(server);
	const names = ['Ann', 'Ben', 'Cem'];
	const pages = [];
	for (const name of names)
		pages.push(await join(browser, server, room, name));
	const running = async (n) => (await Promise.all(pages.map(pictures)))
		.every((all) => all.length === 2 && all.every((p) => p.frames > n));
	// Tabs that have just opened stumble: the first seconds are not counted.
	await until('two pictures for each', () => running(10 * frameRate), { ms: 60000 });
	const before = await Promise.all(pages.map(pictures));
	const end = Date.now() + Number(minutes) * 60000;
	await until('the end', () => Date.now() >= end, { ms: Number(minutes) * 60000 + 10000, every: 1000 });
	const after = await Promise.all(pages.map(pictures));
	const bad = names.flatMap((name, i) => troubles(name, before[i], after[i]));
	console.log(bad.length ? `not ok: ${bad.join(', ')}` : 'ok');
	process.exitCode = bad.length ? 1 : 0;
});
await shut(browser);
