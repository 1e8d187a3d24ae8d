// Lost packets are asked for and sent again, on both ways: the picture goes on.
import { strict as assert } from 'node:assert';
import test from 'node:test';
import { connect } from '../lib/api.mjs';
import { withBrowser } from '../lib/browser.mjs';
import { callEcho, CAMERA } from '../lib/calls.mjs';
import { openRelay, through } from '../lib/lossy.mjs';
import { Peers } from '../lib/media.mjs';
import { withServer } from '../lib/server.mjs';

const EVERY_NTH = 50; // 2 %

async function lossyEcho(server, browser, relay) {
	const peers = await Peers.open(browser);
	const client = await connect(server, 'ws');
	const take = peers.take.bind(peers);
	peers.take = (name, sdp) => take(name, through(relay, sdp));
	try {
		await callEcho(await client.createSession(), peers, 'me', { lines: CAMERA });
		await peers.mediaFlows('me');
		relay.everyNth = EVERY_NTH;
		const videoIn = (m) => m.inbound.find((i) => i.kind === 'video');
		const videoOut = (m) => m.outbound.find((o) => o.kind === 'video');
		const before = videoIn(await peers.measure('me'));
		await peers.until('me', 'losses repaired on both ways', (m) => relay.dropped.up >= 5
			&& relay.dropped.down >= 5 && videoIn(m).nacks >= 3 && videoIn(m).repaired >= 3
			&& videoOut(m).nacks >= 3 && videoOut(m).repaired >= 3, 30000);
		const during = videoIn(await peers.measure('me'));
		await peers.until('me', 'frames under loss', (m) => videoIn(m).frames > during.frames + 60);
		await peers.pictureChanges('me');
		const { keyframes, plis } = videoIn(await peers.measure('me'));
		assert.ok(plis - before.plis <= 2, `${plis - before.plis} picture loss indications`);
		assert.ok(keyframes - before.keyframes <= 3, `${keyframes - before.keyframes} keyframes`);
	} finally {
		await client.close();
		await peers.close();
	}
}

test('lost packets are repaired on both ways', { timeout: 90000 }, () => withServer({},
	(server) => withBrowser('chromium', async (browser) => {
		const relay = await openRelay(server.ports.udp);
		try {
			await lossyEcho(server, browser, relay);
		} finally {
			relay.close();
		}
	})));
