// An SDP as a plain object of what it means, so that two of them can be compared member by member.

const DIRECTIONS = ['sendrecv', 'sendonly', 'recvonly', 'inactive'];

function parameters(text) {
	return text.split(';').map((p) => p.trim()).filter(Boolean).sort();
}

function splitLines(text) {
	const lines = text.split(/\r?\n/).filter(Boolean);
	const sections = [[]];
	for (const line of lines) {
		if (line.startsWith('m='))
			sections.push([]);
		sections.at(-1).push(line);
	}
	return sections;
}

/** Values of all attributes @p name of a section; '' for a flag. */
function attributes(section, name) {
	const prefix = `a=${name}`;
	return section.filter((l) => l === prefix || l.startsWith(`${prefix}:`))
		.map((l) => l.slice(prefix.length + 1));
}

function codecsOf(section, formats) {
	const byType = {};
	for (const pt of formats)
		byType[pt] = { name: `static ${pt}`, pt: Number(pt), fmtp: [], feedback: [] };
	for (const map of attributes(section, 'rtpmap')) {
		const [pt, name] = map.split(' ');
		if (byType[pt])
			byType[pt].name = name.toLowerCase();
	}
	for (const fmtp of attributes(section, 'fmtp')) {
		const space = fmtp.indexOf(' ');
		byType[fmtp.slice(0, space)]?.fmtp.push(...parameters(fmtp.slice(space + 1)));
	}
	for (const fb of attributes(section, 'rtcp-fb')) {
		const space = fb.indexOf(' ');
		for (const codec of Object.values(byType))
			if (fb.startsWith('* ') || String(codec.pt) === fb.slice(0, space))
				codec.feedback.push(fb.slice(space + 1));
	}
	const codecs = {};
	for (const pt of formats) { // the order of preference, which an object keyed by numbers does not keep
		const codec = byType[pt];
		const apt = codec.fmtp.find((p) => p.startsWith('apt='))?.slice(4);
		const name = apt ? `${codec.name} of ${byType[apt]?.name}` : codec.name;
		codecs[name] = { pt: codec.pt, fmtp: codec.fmtp.filter((p) => !p.startsWith('apt=')).sort(),
			feedback: Object.fromEntries(codec.feedback.map((f) => [f, true])) };
	}
	return codecs;
}

function mediaOf(section, session) {
	const [kind, port, protocol, ...formats] = section[0].slice(2).split(' ');
	const one = (name) => attributes(section, name)[0] ?? attributes(session, name)[0];
	const has = (name) => attributes(section, name).length > 0;
	// With a=bundle-only port 0 is no refusal (RFC 9143, section 6).
	const media = { kind, mid: attributes(section, 'mid')[0],
		is_rejected: port === '0' && !has('bundle-only'), protocol,
		direction: DIRECTIONS.find((d) => has(d)) ?? 'sendrecv' };
	if (media.is_rejected)
		return media;
	const sources = new Set(attributes(section, 'ssrc').map((l) => l.split(' ')[0]));
	Object.assign(media, { setup: one('setup'), has_ufrag: one('ice-ufrag') !== undefined,
		has_fingerprint: one('fingerprint') !== undefined, rtcp_mux: has('rtcp-mux'),
		msid: attributes(section, 'msid')[0], sources: sources.size,
		source_groups: attributes(section, 'ssrc-group').map((g) => g.split(' ')[0]),
		cname: attributes(section, 'ssrc').find((l) => l.includes('cname:'))?.split('cname:')[1],
		has_candidates: has('candidate'), end_of_candidates: has('end-of-candidates'),
		bandwidth: section.filter((l) => l.startsWith('b=')).map((l) => l.slice(2)) });
	if (kind === 'application')
		return Object.assign(media, { formats, sctp_port: attributes(section, 'sctp-port')[0],
			sctpmap: attributes(section, 'sctpmap')[0],
			max_message_size: attributes(section, 'max-message-size')[0] });
	media.codecs = codecsOf(section, formats);
	media.extensions = Object.fromEntries(attributes(section, 'extmap').map((e) => {
		const [id, uri] = e.split(' ');
		return [uri, id.split('/')[0]];
	}));
	media.rids = attributes(section, 'rid');
	media.simulcast = attributes(section, 'simulcast')[0];
	return media;
}

/** Read an SDP. */
export function sdpMeaning(text) {
	const [session, ...media] = splitLines(text);
	return {
		name: session.find((l) => l.startsWith('s='))?.slice(2),
		version: session.find((l) => l.startsWith('o='))?.split(' ')[2],
		group: attributes(session, 'group')[0],
		is_lite: attributes(session, 'ice-lite').length > 0,
		media: media.map((section) => mediaOf(section, session)),
	};
}

/** The ICE credentials of the first m-line: they change with an ICE restart and with nothing else. */
export function iceUfrag(text) {
	return /^a=ice-ufrag:(.*?)\r?$/m.exec(text)?.[1];
}
