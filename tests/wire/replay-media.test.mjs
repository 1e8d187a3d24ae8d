// The transcripts in which connections come up: a browser makes the offers and answers.
import { after, before } from 'node:test';
import { launch, shut } from '../lib/browser.mjs';
import { LiveSdp } from './live-sdp.mjs';
import { replayAll } from './replay-all.mjs';

let browser;
before(async () => { browser = await launch('chromium'); });
after(() => browser && shut(browser));

replayAll({ media: true, openPeers: (server, { everyNth }) =>
	LiveSdp.open(browser, server, everyNth) });
