// A lossy path between one browser and the server: a UDP relay on loopback that drops datagrams, or
// takes another address like a NAT.
import dgram from 'node:dgram';
import { release, takePorts } from './ports.mjs';

/** Datagrams that carry media: RTP and RTCP by their first byte (RFC 7983). */
function isMedia(datagram) {
	return datagram[0] >= 128 && datagram[0] < 192;
}

/** Those that carry data channels, once the handshake is done. */
export function isData(datagram) {
	return datagram[0] === 23;
}

function bound(port) {
	const socket = dgram.createSocket('udp4');
	return new Promise((resolve, reject) => socket.once('error', reject)
		.bind(port, () => resolve(socket)));
}

/** Relay between a browser and the server's UDP port @p to. While `everyNth` is not 0, each n-th
 *  datagram of those that @p may be lost is dropped, counted for each way apart: the same loss in
 *  every run. */
export async function openRelay(to, mayBeLost = isMedia) {
	const port = await takePorts(1);
	const front = await bound(port);
	let back;
	const relay = { port, everyNth: 0, dropped: { up: 0, down: 0 } };
	const seen = { up: 0, down: 0 };
	let browser;
	const passes = (way, datagram) => {
		if (!relay.everyNth || !mayBeLost(datagram) || ++seen[way] % relay.everyNth)
			return true;
		relay.dropped[way]++;
		return false;
	};
	front.on('message', (datagram, from) => {
		browser = from;
		if (passes('up', datagram))
			back.send(datagram, to);
	});
	/** A new address towards the server, and nobody at the old one: what a NAT does in mid-call. */
	relay.rebind = async () => {
		back?.close();
		back = await bound(0);
		back.on('message', (datagram) => {
			if (browser && passes('down', datagram))
				front.send(datagram, browser.port, browser.address);
		});
	};
	await relay.rebind();
	relay.close = () => {
		front.close();
		back.close();
		release(port);
	};
	return relay;
}

/** The server's SDP, leading to the relay instead of the server. */
export function through(relay, sdp) {
	return sdp.replace(/^(a=candidate:\S+ 1 udp \d+ \S+) \d+/gm, `$1 ${relay.port}`);
}
