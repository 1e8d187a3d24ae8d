// Live offers and answers in the place of captured ones: a browser makes descriptions with the same
// m-lines, directions and layers, and brings the connections up.
import { openRelay, through } from '../lib/lossy.mjs';
import { linesOf, Peers } from '../lib/media.mjs';
import { iceUfrag, sdpMeaning } from '../lib/sdp.mjs';

export class LiveSdp {
	/** @param everyNth which media datagrams to and from @p server are lost; 0: none */
	static async open(browser, server, everyNth = 0) {
		const live = new LiveSdp();
		live.peers = await Peers.open(browser);
		if (everyNth)
			live.relay = Object.assign(await openRelay(server.ports.udp), { everyNth });
		live.offers = new Map();
		live.ufrags = new Map();
		return live;
	}

	/** What to send for a captured description of handle @p name. */
	async local(name, captured) {
		if (captured.type.toLowerCase() === 'answer') {
			const directions = Object.fromEntries(sdpMeaning(captured.sdp).media
				.map((m) => [m.mid, m.direction]));
			const sdp = await this.peers.answer(String(name), this.offers.get(name), directions);
			return { ...captured, sdp };
		}
		const ufrag = iceUfrag(captured.sdp);
		const restart = this.ufrags.has(name) && this.ufrags.get(name) !== ufrag;
		this.ufrags.set(name, ufrag);
		const sdp = await this.peers.offer(String(name), linesOf(captured.sdp), { restart });
		return { ...captured, sdp };
	}

	/** Take a description the server sent to handle @p name. */
	async remote(name, jsep) {
		if (jsep.type === 'offer')
			this.offers.set(name, jsep.sdp);
		else
			await this.peers.take(String(name), this.relay ? through(this.relay, jsep.sdp) : jsep.sdp);
	}

	/** Stop sending on the connection of handle @p name, which stays up. */
	async stopSending(name) {
		await this.peers.page.evaluate((n) => Promise.all(peers[n].pc.getSenders() // the page's own table
			.map((s) => s.replaceTrack(null))), String(name));
	}

	/** End the connection of handle @p name, as its page would. */
	async hangUp(name) {
		this.ufrags.delete(name);
		await this.peers.closePeer(String(name));
	}

	async close() {
		await this.peers.close();
		this.relay?.close();
	}
}
