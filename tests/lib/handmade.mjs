// Descriptions written by hand, for tests that need no media behind them.
const FINGERPRINT = Array.from({ length: 32 }, (_, i) => i.toString(16).padStart(2, '0').toUpperCase()).join(':');
const CODECS = { audio: [111, 'opus/48000/2'], video: [96, 'VP8/90000'] };

function mediaLines({ kind, direction = 'sendonly', mid, more = [] }, index) {
	const [pt, name] = CODECS[kind] ?? [];
	const data = kind === 'application';
	return [`m=${kind} 9 ${data ? 'UDP/DTLS/SCTP webrtc-datachannel' : `UDP/TLS/RTP/SAVPF ${pt}`}`,
		'c=IN IP4 0.0.0.0', `a=mid:${mid ?? index}`, `a=${direction}`,
		...(data ? ['a=sctp-port:5000'] : ['a=rtcp-mux', `a=rtpmap:${pt} ${name}`]), ...more];
}

/** An SDP with the given m-lines: { kind, direction, mid, more: further lines }.
 *  @param version of its o= line  @param ufrag another one begins ICE anew */
export function handmade(lines, { version = 1, ufrag = 'abcd', setup = 'actpass' } = {}) {
	return ['v=0', `o=- 4711 ${version} IN IP4 127.0.0.1`, 's=-', 't=0 0', `a=ice-ufrag:${ufrag}`,
		'a=ice-pwd:abcdabcdabcdabcdabcdabcd', `a=fingerprint:sha-256 ${FINGERPRINT}`, `a=setup:${setup}`,
		`a=group:BUNDLE ${lines.map((l, i) => l.mid ?? i).join(' ')}`, ...lines.flatMap(mediaLines), ''].join('\r\n');
}

/** An answer to an offer of the server's that takes all of its m-lines, or those whose kind @p takes. */
export function handmadeAnswer(offer, { ufrag = 'abcd', refuses = [] } = {}) {
	const kinds = [...offer.matchAll(/^m=(\w+) /gm)].map((m) => m[1]);
	const directions = [...offer.matchAll(/^a=(sendonly|sendrecv|inactive)\r?$/gm)].map((m) => m[1]);
	const back = { sendonly: 'recvonly', sendrecv: 'sendrecv', inactive: 'inactive' };
	return handmade(kinds.map((kind, i) => ({ kind,
		direction: refuses.includes(kind) ? 'inactive' : back[directions[i]] })), { ufrag, setup: 'active' });
}
