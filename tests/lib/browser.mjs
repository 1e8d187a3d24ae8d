// Real browsers from Debian packages: Chromium over CDP, Firefox ESR over WebDriver BiDi.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import puppeteer from 'puppeteer-core';
import { within } from './wait.mjs';

const CHROMIUM = process.env.CHROMIUM_BIN ?? '/usr/bin/chromium';
const FIREFOX = process.env.FIREFOX_BIN ?? '/usr/bin/firefox-esr';

const chromiumArgs = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic',
	'--no-first-run', '--disable-background-networking', '--disable-component-update',
	'--disable-sync', '--disable-dev-shm-usage', '--use-fake-device-for-media-stream',
	'--use-fake-ui-for-media-stream', '--autoplay-policy=no-user-gesture-required',
	'--disable-features=WebRtcHideLocalIpsWithMdns', '--mute-audio',
	'--disable-background-timer-throttling', '--disable-renderer-backgrounding',
	'--disable-backgrounding-occluded-windows'];

const firefoxPreferences = {
	'media.navigator.streams.fake': true,
	'media.navigator.permission.disabled': true,
	'media.peerconnection.ice.loopback': true,
	'media.peerconnection.ice.obfuscate_host_addresses': false,
	'media.autoplay.default': 0,
	'media.autoplay.blocking_policy': 0,
	'media.getusermedia.insecure.enabled': true,
	'media.devices.insecure.enabled': true,
	'media.gmp-gmpopenh264.autoupdate': false,
	'media.gmp-manager.updateEnabled': false,
	'app.update.enabled': false,
	'datareporting.policy.dataSubmissionEnabled': false,
	'network.captive-portal-service.enabled': false,
	'network.connectivity-service.enabled': false,
};

/** Start a browser with an empty profile.
 *  @param kind "chromium" or "firefox"
 *  @param args more of Chromium's arguments; one given again replaces the earlier one */
export async function launch(kind, args = []) {
	const profile = fs.mkdtempSync(path.join(os.tmpdir(), `cardea-${kind}-`));
	const browser = await puppeteer.launch(kind === 'firefox'
		? { browser: 'firefox', executablePath: FIREFOX, headless: true, userDataDir: profile,
			extraPrefsFirefox: firefoxPreferences, acceptInsecureCerts: true }
		: { executablePath: CHROMIUM, headless: false, args: [...chromiumArgs, ...args],
			userDataDir: profile,
			acceptInsecureCerts: true });
	browser.profile = profile;
	return browser;
}

/** Close a browser, wait for its end, and remove its profile. */
export async function shut(browser) {
	const child = browser.process();
	const ended = new Promise((resolve) => (child.exitCode !== null ? resolve()
		: child.once('exit', resolve)));
	await browser.close();
	await within(10000, 'end of the browser', ended);
	fs.rmSync(browser.profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

/** Open @p url in a new page that keeps what it logged in `page.told`.
 *  @param before functions that run in the page before its own scripts, each as [function, …args]
 *  @param size width and height of the window */
export async function openPage(browser, url, { before = [], size } = {}) {
	const page = await browser.newPage();
	for (const call of before)
		await page.evaluateOnNewDocument(...call);
	if (size)
		await page.setViewport({ width: size[0], height: size[1] });
	page.told = [];
	page.on('console', (m) => page.told.push(`${m.type()}: ${m.text()}`));
	page.on('pageerror', (e) => page.told.push(`error: ${e.message}`));
	await page.goto(url, { waitUntil: 'load' });
	return page;
}

/** Run @p body with a browser and close it whatever happens. */
export async function withBrowser(kind, body) {
	const browser = await launch(kind);
	try {
		return await body(browser);
	} finally {
		await shut(browser);
	}
}
