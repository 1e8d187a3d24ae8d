// janus.js, as it comes from npm, in a page: what its applications call is called here.
import { strict as assert } from 'node:assert';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch, openPage, shut } from '../lib/browser.mjs';
import { servePages } from '../lib/pages.mjs';
import { startServer } from '../lib/server.mjs';

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
	let say = {};
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
