// janus.js, as it comes from npm, in a page: what its applications call is called here.
import { strict as assert } from 'node:assert';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { connect } from '../lib/api.mjs';
import { launch, openPage, shut } from '../lib/browser.mjs';
import { createRoom } from '../lib/calls.mjs';
import { Line, servePages } from '../lib/pages.mjs';
import { IS_REFERENCE, startServer, withServer } from '../lib/server.mjs';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const MODULES = path.resolve(HERE, '../node_modules');
let server;
let browser;
let pages;

before(async () => {
	server = await startServer();
	browser = await launch('chromium');
	pages = await servePages({ '/adapter/': `${MODULES}/webrtc-adapter/out`,
		'/janus-gateway/': `${MODULES}/janus-gateway/npm/dist`, '/': HERE });
});
after(async () => {
	await pages?.close();
	await (browser && shut(browser));
	await server?.stop();
});

/** Runs in the page: a session, an echo call with sound and picture, hangup, detach, destroy. */
async function callEcho(address) {
	const told = [];
	const { Janus } = window;
	await new Promise((callback) => Janus.init({ debug: false, callback }));
	const janus = await new Promise((success, error) => {
		const made = new Janus({ server: address, success: () => success(made), error });
	});
	const info = await new Promise((resolve, reject) => janus.getInfo({ success: resolve,
		error: reject }));
	told.push(`info ${info.janus}`);
	const video = document.createElement('video');
	video.muted = true;
	document.body.append(video);
	const say = {};
	const hears = (name) => new Promise((resolve) => { say[name] = resolve; });
	const up = hears('up');
	const result = hears('result');
	const shown = hears('shown');
	const cleaned = hears('cleanup');
	const handle = await new Promise((success, error) => janus.attach({
		plugin: 'janus.plugin.echotest', opaqueId: 'janusjs', success, error,
		webrtcState: (on, reason) => { told.push(`webrtc ${on} ${reason ?? ''}`.trim()); say.up(on); },
		mediaState: (kind, on) => told.push(`media ${kind} ${on}`),
		onmessage: (msg, jsep) => {
			if (jsep)
				handle.handleRemoteJsep({ jsep });
			if (msg.result)
				say.result(msg.result);
		},
		onremotetrack: (track, mid, on) => {
			if (track.kind === 'video' && on && !video.srcObject) {
				video.srcObject = new MediaStream([track]);
				video.play();
				video.requestVideoFrameCallback(() => say.shown());
			}
		},
		oncleanup: () => say.cleanup(),
	}));
	const jsep = await new Promise((success, error) => handle.createOffer({
		tracks: [{ type: 'audio', capture: true, recv: true },
			{ type: 'video', capture: true, recv: true }], success, error }));
	handle.send({ message: { audio: true, video: true }, jsep });
	told.push(`result ${await result}`);
	await up;
	await shown;
	told.push(`size ${video.videoWidth > 0}`);
	handle.hangup(true);
	await cleaned;
	await new Promise((success, error) => handle.detach({ success, error }));
	await new Promise((success, error) => janus.destroy({ success, error }));
	return told;
}

/** Runs in the page: an error of the plugin and a wrong plugin arrive where they should. */
async function meetErrors(address) {
	const { Janus } = window;
	await new Promise((callback) => Janus.init({ debug: false, callback }));
	const janus = await new Promise((success, error) => {
		const made = new Janus({ server: address, success: () => success(made), error });
	});
	const noPlugin = await new Promise((resolve) => janus.attach({ plugin: 'janus.plugin.none',
		success: () => resolve('attached'), error: resolve }));
	const handle = await new Promise((success, error) => janus.attach({
		plugin: 'janus.plugin.videoroom', success, error }));
	const answer = await new Promise((success, error) => handle.send({
		message: { request: 'listparticipants', room: 99 }, success, error }));
	await new Promise((success, error) => janus.destroy({ success, error }));
	return { noPlugin, answer };
}

for (const transport of ['ws', 'http']) {
	const address = () => (transport === 'ws' ? server.wsUrl : server.apiUrl);
	const opened = async () => {
		const page = await openPage(browser, `${pages.url}/janusjs-page.html`);
		await page.waitForFunction(() => window.Janus !== undefined);
		return page;
	};
	test(`janus.js: an echo call over ${transport}`, { timeout: 60000 }, async () => {
		const page = await opened();
		const told = await page.evaluate(callEcho, address());
		for (const expected of ['info server_info', 'result ok', 'webrtc true', 'size true'])
			assert.ok(told.includes(expected), `${expected} not in ${told.join(', ')}`);
		await page.close();
	});
	test(`janus.js: errors over ${transport}`, { timeout: 30000 }, async () => {
		const page = await opened();
		const { noPlugin, answer } = await page.evaluate(meetErrors, address());
		assert.match(String(noPlugin), /460|No such plugin/);
		assert.equal(answer.error_code, 426);
		await page.close();
	});
}

/** Runs in the page: a participant of a room, whose page does not end its session when it is left where @p stays. */
async function takePart(address, room, id, stays) {
	const { Janus } = window;
	await new Promise((callback) => Janus.init({ debug: false, callback }));
	window.lost = new Promise((lose) => { window.lose = lose; });
	window.janus = await new Promise((success, error) => {
		const made = new Janus({ server: address, destroyOnUnload: !stays, success: () => success(made),
			error: (e) => { window.lose(); error(e); } });
	});
	window.handle = await new Promise((success, error) => window.janus.attach({ plugin: 'janus.plugin.videoroom',
		success, error, onmessage: (msg) => window.heard?.(msg) }));
	window.ask = (message) => new Promise((resolve) => {
		window.heard = resolve;
		window.handle.send({ message });
	});
	return (await window.ask({ request: 'join', ptype: 'publisher', room, id })).videoroom;
}

/** A room with a watcher, on a server where sessions outlive their connection. */
function withRoom(body) {
	const conf = { core: { general: { reclaim_session_timeout: 60 } } };
	return withServer({ conf }, async (its) => {
		const client = await connect(its, 'ws');
		const session = await client.createSession();
		const room = await createRoom(session);
		const watcher = await session.attach('janus.plugin.videoroom');
		await watcher.message({ request: 'join', ptype: 'publisher', room });
		const page = await openPage(browser, `${pages.url}/janusjs-page.html`);
		await page.waitForFunction(() => window.Janus !== undefined);
		await body(its, room, watcher, page);
		await page.close();
		await client.close();
	});
}

const ours = { timeout: 60000, skip: IS_REFERENCE && 'our own way to end a visit' };

test('janus.js: a page that is left leaves its room at once', ours, () => withRoom(
	async (its, room, watcher) => {
		const leave = { reload: (p) => p.reload(), link: (p) => p.goto(`${pages.url}/janusjs-page.html?other`),
			close: (p) => p.close() };
		/* Where the page does not close its connection itself, browsers keep it open behind a link, for coming back. */
		for (const [way, stays] of [['reload', false], ['link', false], ['close', false], ['reload', true], ['close', true]]) {
			const visitor = await openPage(browser, `${pages.url}/janusjs-page.html`);
			await visitor.waitForFunction(() => window.Janus !== undefined);
			assert.equal(await visitor.evaluate(takePart, its.wsUrl, room, 7, stays), 'joined');
			await leave[way](visitor);
			await watcher.notice(`leaving by ${way}, ${stays}`, (d) => d.leaving === 7);
		}
	}));

test('janus.js: who loses the line reconnects and is where it was', ours, () => withRoom(
	async (its, room, watcher, page) => {
		const line = await Line.open(its.ports.ws);
		assert.equal(await page.evaluate(takePart, `ws://127.0.0.1:${line.port}`, room, 7, false), 'joined');
		await line.cut();
		await page.evaluate(() => window.lost);
		await line.mend();
		await page.evaluate(() => new Promise((success, error) => window.janus.reconnect({ success, error })));
		const answer = await page.evaluate(() => window.ask({ request: 'configure', display: 'Seven' }));
		assert.equal(answer.configured, 'ok');
		const { participants } = await watcher.message({ request: 'listparticipants', room });
		assert.equal(participants.length, 2);
		await line.close();
	}));
