// Peers in a browser page, driven from the test: what they send and receive, measured.
import { fileURLToPath } from 'node:url';
import { openPage } from './browser.mjs';
import { servePages } from './pages.mjs';
import { sdpMeaning } from './sdp.mjs';
import { until } from './wait.mjs';

const HERE = fileURLToPath(new URL('.', import.meta.url));

/** The m-lines a page needs to make an SDP like @p sdp. */
export function linesOf(sdp) {
	return sdpMeaning(sdp).media.map((m) => ({ kind: m.kind, mid: m.mid, direction: m.direction,
		rids: (m.rids ?? []).map((r) => r.split(' ')[0]),
		codec: Object.keys(m.codecs ?? {})[0]?.split('/')[0] }));
}

/** A page with PeerConnections by name. */
export class Peers {
	static async open(browser) {
		const peers = new Peers();
		peers.pages = await servePages({ '/': HERE });
		peers.page = await openPage(browser, `${peers.pages.url}/peers.html`);
		return peers;
	}

	offer(name, lines, options = {}) {
		return this.page.evaluate((n, l, o) => window.makeOffer(n, l, o), name, lines, options);
	}

	answer(name, offer, directions = {}) {
		return this.page.evaluate((n, o, d) => window.makeAnswer(n, o, d), name, offer, directions);
	}

	take(name, answer) {
		return this.page.evaluate((n, a) => window.takeAnswer(n, a), name, answer);
	}

	measure(name) {
		return this.page.evaluate((n) => window.measure(n), name);
	}

	dropSound(name) {
		return this.page.evaluate((n) => window.dropSound(n), name);
	}

	setPace(name, fps) {
		return this.page.evaluate((n, f) => window.setPace(n, f), name, fps);
	}

	picture(name, mid) {
		return this.page.evaluate((n, m) => window.pictureOf(n, m), name, mid ?? undefined);
	}

	/** Call a function of data-page.js for a peer. */
	data(fn, name, ...args) {
		return this.page.evaluate((f, n, a) => window[f](n, ...a), fn, name, args);
	}

	closePeer(name) {
		return this.page.evaluate((n) => window.closePeer(n), name);
	}

	/** Wait until @p holds is true of the measurements of @p name. @return those measurements. */
	async until(name, what, holds, ms = 15000) {
		let last;
		return until(() => `${what}; last measured ${JSON.stringify(last)}`, async () => {
			last = await this.measure(name);
			return holds(last) && last;
		}, { ms, every: 100 });
	}

	/** Wait until frames are decoded, the picture changes, and sound arrives. */
	async mediaFlows(name, { audio = 1, video = 1, frames = 10 } = {}) {
		await this.until(name, 'flowing media', (m) =>
			m.inbound.filter((i) => i.kind === 'video' && i.frames >= frames).length >= video
			&& m.inbound.filter((i) => i.kind === 'audio' && i.energy > 0).length >= audio);
		if (video)
			await this.pictureChanges(name);
	}

	async pictureChanges(name) {
		const seen = new Set();
		await until('a lit picture that changes', async () => {
			const picture = await this.picture(name);
			if (picture.lit > 0)
				seen.add(picture.hash);
			return seen.size > 2;
		}, { every: 50 });
	}

	async close() {
		await this.page.close();
		await this.pages.close();
	}
}
