// The one table of intended differences between the transcripts and this server, each with its
// reason. What is not excused here is a failure.
//
// A row excuses a difference when all it names agree:
//   path        the member that differs (regular expression)
//   transcript  the transcripts it holds for (default: all)
//   live        what the live value has to be: itself, a regular expression or a predicate
//   request     the body's or the envelope's request it holds for
//   server      "cardea" or "janus", where only one of them differs
//   over        "http" or "ws"
//   expected    what the captured value has to be, like live
//   label       the label of the request in the transcript (regular expression)
//   when        a predicate of the difference (compare.mjs) and the request's entry
//   sometimes   true: depends on timing. Every other row has to be used in a full run, or it is
//               reported as outdated; so has every row of skips
import { IS_REFERENCE } from '../lib/server.mjs';

const ABSENT_ADMIN = new Set(['get_status', 'set_session_timeout', 'set_log_level',
	'set_locking_debug', 'set_refcount_debug', 'set_log_timestamps', 'set_log_colors',
	'set_min_nack_queue', 'set_nack_optimizations', 'set_no_media_timer', 'set_slowlink_threshold',
	'accept_new_sessions', 'query_transport', 'query_eventhandler', 'query_logger', 'custom_event',
	'custom_logline', 'add_token', 'allow_token', 'disallow_token', 'list_tokens', 'remove_token',
	'resolve_address', 'test_stun', 'loops_info', 'start_pcap', 'stop_pcap', 'start_text2pcap',
	'stop_text2pcap', 'hangup_webrtc', 'detach_handle', 'destroy_session']);
const ABSENT_REQUESTS = new Set(['allowed', 'enable_recording', 'rtp_forward',
	'stop_rtp_forward', 'listforwarders', 'publish_remotely', 'unpublish_remotely', 'listremotes',
	'list_remotes', 'add_remote_publisher', 'update_remote_publisher', 'remove_remote_publisher']);
const LAYER_EVENTS = ['substream', 'temporal', 'spatial_layer', 'temporal_layer'];
const TALKING = ['talking', 'stopped-talking'];
const REMOTE_PUBLISHER = 500;
const SECOND_NOTICES = [91, 92, 101, 207, 208]; // by step
const DUMMY_SUBSCRIBER = 1033222120735333;
const SERVER = IS_REFERENCE ? 'janus' : 'cardea';

function dataOf(entry) {
	return entry.msg?.plugindata?.data;
}

const isData = (d) => d.section?.kind === 'application' && d.section.is_rejected;
const hasData = (sdp) => Object.values(sdp.media)
	.some((m) => m.kind === 'application' && !m.is_rejected);
const lacksData = (d) => d.sdp && hasData(d.expectedSdp) && !hasData(d.sdp);
const sendsNothing = (d) => ['recvonly', 'inactive'].includes(d.section?.direction);
const NO_DATA = 'data channels are not offered yet: their m-line is rejected';
const NO_EDIT = 'edit is not offered yet: the room stays as it was created';

export const rows = [
	{ path: /^(\/body)?\/(name|version|version_string|author|commit-hash|compile-time)$/,
		reason: 'the product speaks of itself' },
	{ path: /^(\/body)?(\/status)?\/(log-to-stdout|log-to-file|log-path|local-ip|ipv6|ipv6-link-local|ice-lite|ice-tcp|data_channels|twcc-period|nack-optimizations|min-nack-queue|ice-nomination|full-trickle|mdns-enabled|dtls-mtu|static-event-loops|event_handlers|public-ip|session-timeout|reclaim-session-timeout|opaqueid_in_api|api_secret|auth_token|candidates-timeout|server-name|accepting-new-sessions|ice-keepalive-conncheck)$/,
		reason: 'configuration and build of the captured server' },
	{ path: /^(\/body)?\/(dependencies|transports|events|loggers|plugins)(\/|$)/,
		reason: 'modules and libraries of the captured server' },
	{ path: /^(\/body)?\/(ice-consent-freshness|hangup-on-failed)$/, server: 'cardea',
		reason: 'fields of later API levels' },
	{ path: /\/hint$/, reason: 'free text' },
	{ path: /\/transaction$/, request: /^GET$/, reason: 'random where the request had none' },
	{ path: /\/error\/reason$/, live: /^(Invalid Janus API request|JSON error|Invalid JSON)/,
		reason: "the JSON library's own words" },
	{ path: /\/sdp\/media\/[^/]+\/setup$/, live: 'passive', server: 'cardea',
		reason: 'DTLS server wherever there is a choice' },
	{ path: /\/sdp\/is_lite$/, live: true, server: 'cardea', reason: 'the mux backend is ICE-lite' },
	{ path: /\/sdp\/media\/[^/]+\/codecs\/[^/]+\/pt$/, hasMedia: true,
		reason: "an answer uses the live browser's payload types" },
	{ path: /\/sdp\/media\/[^/]+\/extensions\/[^/]+$/, hasMedia: true,
		live: /^\d+$/, reason: "an answer uses the live browser's extension ids" },
	{ path: /^\/unexpected\/ack$/, transcript: /^sdp-shapes$/, reason: 'the recorder lost an ack' },
	{ path: /^\/error\/(code|reason)$/, transcript: /^auth-signed$/, request: /^attach$/,
		live: /^No such plugin 'janus.plugin.streaming'$/, reason: 'that plugin is not there' },
	{ path: /^\/error\/code$/, transcript: /^auth-signed$/, request: /^attach$/, live: 460,
		reason: 'that plugin is not there' },
	{ path: /\/error\/reason$/, transcript: /^sdp-shapes$/, server: 'cardea', live: /mid/,
		reason: 'a reason where the reference gave an empty one' },
	{ path: /^\/body\/(janus|response|error)$/, transcript: /^admin-http$/,
		request: /^(message_plugin|query_transport)$/,
		reason: 'asks a plugin or a transport that is not there' },
	{ path: /^\/body\/info\/(opaque_id|pcap-file)$/, transcript: /^admin-http$/,
		reason: 'of the captured handle' },
	{ path: /^\/body\/(janus|session_id|error)$/, transcript: /^admin-http$/, server: 'janus',
		request: /^start_(text2)?pcap$/, reason: 'the captured machine had no folder for it' },
	{ path: /\/simulcast\/(substream|temporal-layer)$/, sometimes: true, live: (v) => v >= -1 && v <= 2,
		reason: 'follows the live bandwidth' },
	{ path: /^\/plugindata\/data\/(substream|temporal|spatial_layer|temporal_layer)$/, hasMedia: true,
		sometimes: true,
		live: (v) => v >= 0 && v <= 2, reason: 'follows the live bandwidth' },
	{ path: /^\/unexpected\/media$/, sometimes: true, live: (m) => m.substream !== undefined,
		reason: 'which layers a browser sends at first depends on its estimate of the bandwidth' },
	{ path: /^\/unexpected\/event$/, hasMedia: true, sometimes: true,
		live: (m) => LAYER_EVENTS.some((k) => m.plugindata.data[k] !== undefined),
		reason: 'layer changes follow the live bandwidth' },
	{ path: /^\/unexpected\/event$/, hasMedia: true, sometimes: true,
		live: (m) => TALKING.includes(m.plugindata.data.videoroom),
		reason: "who talks when is the fake microphone's affair" },
	{ path: /^\/unexpected\/event$/, transcript: /^(ws-)?echotest/, sometimes: true,
		live: (m) => m.plugindata.data.result === 'done',
		reason: 'may or may not be delivered for a handle that is gone' },
	{ path: /\/extensions\/.*dependency-descriptor/, hasMedia: true,
		reason: 'offered by the live browser or not' },
	{ path: /\/list\/\d+\/video_svc$/, server: 'cardea', live: undefined,
		reason: 'an option of that version only' },
	{ path: /\/data\/error$/, live: /can only be or contain/, reason: 'lists the codecs of this server' },
	{ path: /\/data\/permanent$/, transcript: /^videoroom-management$/, request: /^(create|destroy)$/,
		server: 'cardea', live: false, reason: 'permanent rooms are not offered yet' },
	{ path: /\/sdp\/media\/\d+ application\//, server: 'cardea', when: isData, reason: NO_DATA },
	{ path: /\/sdp\/group$/, server: 'cardea', when: lacksData, reason: NO_DATA },
	{ path: /\/sdp\/media\/\d+ application$/, server: 'cardea', live: undefined, reason: NO_DATA },
	{ path: /\/streams\/\d+$/, server: 'cardea', live: undefined, reason: NO_DATA,
		expected: (v) => v.type === 'data' },
	{ path: /\/streams\/\d+\/disabled$/, server: 'cardea', live: true, reason: NO_DATA,
		when: (d) => d.parent.type === 'data' },
	{ path: /\/codecs\/[^/]+\/feedback\/(ccm fir|goog-remb)$/, server: 'cardea', live: undefined,
		transcript: /^sdp-shapes$/,
		reason: 'an answer has no feedback that was not offered (RFC 4585)' },
	{ path: /\/codecs\/opus\|48000\|2\/feedback\/transport-cc$/, server: 'cardea', live: true,
		hasMedia: true, reason: 'audio takes part in congestion control where it is offered' },
	{ path: /\/sdp\/media\/\d+ video\/source(s|_groups\/0)$/, server: 'cardea',
		live: (v) => v === 2 || v === 'FID', when: (d) => d.section?.source_groups.includes('FID'),
		reason: 'RTX that was negotiated has its source announced, also where the offer named none' },
	{ path: /\/sdp\/media\/[^/]+\/(sources|cname|msid)$/, server: 'cardea', live: (v) => !v,
		when: sendsNothing, reason: 'no source is announced for what is not sent' },
	{ path: /\/sdp\/group$/, transcript: /^sdp-shapes$/, server: 'cardea', live: undefined,
		expected: /^BUNDLE \(null\)/, reason: 'without mids there is nothing to name in a group' },
	{ path: /\/sdp\/media\/[^/]+\/msid$/, transcript: /^sdp-shapes$/, server: 'cardea',
		expected: 'janus janus(null)', reason: 'a track without a mid is named by its index' },
	{ path: /^\/(status|headers\/[^/]+)$/, transcript: /^http-errors$/, server: 'cardea',
		when: (d, r) => /^\/(nothing|januss)?$/.test(r.http.path) && d.live !== 500,
		reason: 'outside the API the shared port serves pages, with a page for what is not there' },
	{ path: /^\/(status|body|headers\/content-type)$/, transcript: /^http-basic$/, server: 'cardea',
		when: (d, r) => r.http.method === 'GET' && r.http.path === '/janus/ping',
		live: (v) => v === 200 || v === 'application/json' || v?.janus === 'pong',
		reason: 'ping is answered to GET as well' },
	{ path: /^\/error\/code$/, transcript: /^admin-ws$/, server: 'cardea', expected: 456, live: 454,
		reason: 'unparsable text has one code in both APIs' },
	{ path: /\/plugin_specific\/peer-bitrate$/, server: 'cardea', live: undefined,
		reason: "a peer's estimate does not reach plugins" },
	{ path: /^\/body\/info\/dump-to-pcap$/, transcript: /^admin-http$/, server: 'cardea',
		live: undefined, reason: 'follows from start_pcap, which is not offered yet' },
	{ path: /^\/body\/handles\/0$/, transcript: /^admin-http$/, server: 'cardea', expected: undefined,
		reason: 'follows from detach_handle, which is not offered yet' },
	{ path: /^\/body\/sessions\/0$/, transcript: /^admin-http$/, server: 'cardea', expected: undefined,
		reason: 'follows from destroy_session, which is not offered yet' },
	{ path: /^\/plugindata\/data\/(error_code|error|result)$/, transcript: /^echotest$/,
		server: 'cardea', label: /^SVC lowest$/, live: (v) => v === undefined || v === 'ok',
		reason: 'the layers of SVC alone are a request too, as in later versions' },
	{ path: /\/simulcast\/fallback$/, server: 'cardea', expected: undefined, live: 250000,
		reason: 'the default is shown too' },
	{ path: /\/(participants|publishers)\/\d+$/, transcript: /^videoroom-extra$/, server: 'cardea',
		live: undefined, expected: (v) => v.dummy, reason: 'dummy publishers are not offered yet' },
	{ path: /^\/plugindata\/data\/description$/, transcript: /^videoroom-management$/,
		server: 'cardea', expected: 'Edited', live: 'All options', reason: NO_EDIT },
	{ path: /\/publishers\/\d+(\/streams\/\d+)?\/talking$/, transcript: /^videoroom/, hasMedia: true,
		sometimes: true, live: (v) => typeof v === 'boolean',
		reason: "who talks when is the fake microphone's affair" },
	{ path: /\/(feedback\/transport-cc|extensions\/[^/]+)$/, transcript: /^videoroom-media$/,
		server: 'cardea', live: undefined, when: sendsNothing,
		reason: 'an emptied m-line has no source whose extensions it could offer' },
	{ path: /^\/plugindata\/data\/(error_code|error|switched|room|changes|streams)$/,
		transcript: /^videoroom-media$/, server: 'cardea', label: /^L legacy switch$/,
		reason: 'a switch of the whole feed is carried out, as in later versions' },
	{ path: /^\/plugindata\/data\/display$/, transcript: /^videoroom/, server: 'cardea',
		expected: undefined, when: (d) => ['unpublished', 'leaving'].some((k) => k in d.parent),
		reason: 'who leaves is named, as in later versions' },
	{ path: /\/data\/video_codec$/, transcript: /^videoroom-options$/, server: 'cardea',
		expected: 'none', live: undefined, reason: 'no codec is named for a refused m-line' },
	{ path: /\/(feed_)?metadata$/, transcript: /^videoroom-options$/, server: 'cardea',
		expected: undefined, live: (v) => v?.x === 1, reason: 'metadata is kept, as in later versions' },
	{ path: /\/(streams\/[12](\/(type|feed_mid|codec))?|sdp\/group|sdp\/media\/1 audio\/(mid|msid))$/,
		transcript: /^videoroom-options$/, server: 'cardea', label: /same (stream twice|source)$/,
		reason: 'joining skips what the publisher has disabled' },
	{ path: /\/audio-level-dBov-avg$/, reason: 'measured' },
	{ path: /\/(session_last_activity|created|current_time|elapsed|ip)$/, reason: 'of that moment' },
	{ path: /^\/body$/, transcript: /^auth-apisecret$/, request: /^GET$/,
		reason: 'cut out of the capture' },
];

export const skips = [
	{ when: (e) => e.http?.connection, reason: 'the captured client gave up: nothing to compare' },
	{ when: (e) => e.dir === 'S>C' && e.msg?.transaction === 'ka', reason: "a recorder's keep-alive" },
	{ over: 'http', when: (e) => e.raw || (e.transport ?? '').includes('#'),
		reason: 'is about WebSocket framing or connections' },
	{ over: 'http', transcript: /^ws-errors$/, when: (e) => /^o\d$/.test(e.msg?.transaction ?? ''),
		reason: 'is about two WebSocket connections' },
	{ transcript: /^admin|^misc|^auth|^ws-admin/, reason: 'an Admin API request not offered yet',
		server: 'cardea',
		when: (e) => e.dir === 'C>S' && e.transport.startsWith('admin') && ABSENT_ADMIN.has(e.msg?.janus) },
	{ transcript: /^ws-errors$/, server: 'cardea', reason: 'white space after JSON is accepted',
		when: (e) => (e.raw && e.msg.includes('"trail"'))
			|| /<string>\(2,0\)/.test(e.msg?.error?.reason ?? '') },
	{ transcript: /^admin-http$/, when: (e) => e.dir === 'S>C' && e.msg?.transaction === 'no',
		reason: 'its request is not in the capture' },
	{ over: 'http', when: (e) => e.msg?.janus === 'claim',
		reason: 'over HTTP a claim moves the event queue away from a waiting poll' },
	{ transcript: /^sdp-shapes$/, when: (e) => !e.msg?.janus,
		reason: 'an extract of handle_info made by the recorder' },
	{ transcript: /^videoroom/, reason: 'not offered yet',
		when: (e) => e.dir === 'C>S' && ABSENT_REQUESTS.has(e.msg?.body?.request) },
	{ transcript: /^videoroom/, reason: 'follows from a request not offered yet',
		when: (e) => { const d = dataOf(e); return d && !e.msg.transaction
			&& [d.leaving, d.publishers?.[0]?.id].includes(REMOTE_PUBLISHER); } },
	{ transcript: /^videoroom-management$/, server: 'cardea', reason: 'edit is not offered yet',
		when: (e) => e.dir === 'C>S' && e.msg?.body?.request === 'edit' },
	{ transcript: /^videoroom-management$/, server: 'cardea',
		reason: 'lists of allowed tokens are not offered yet',
		when: (e) => ['create bad allowed list', 'join pin ok, no token'].includes(e.label) },
	{ transcript: /^echotest$/, server: 'cardea', reason: 'recording is not offered yet',
		when: (e) => e.dir === 'C>S' && e.msg?.body?.record !== undefined && !e.msg.jsep },
	{ transcript: /^videoroom-extra$/, server: 'cardea', reason: 'dummy publishers are not offered yet',
		when: (e) => e.msg?.handle_id === DUMMY_SUBSCRIBER || e.msg?.sender === DUMMY_SUBSCRIBER },
	{ transcript: /^videoroom-media$/, server: 'cardea', reason: NO_DATA,
		when: (e) => /data of A|postponed renegotiation/.test(e.label ?? '') || e.index === 54 },
	{ transcript: /^videoroom-(media|extra)$/, server: 'cardea',
		reason: 'that somebody unpublished is told once',
		when: (e) => dataOf(e)?.unpublished && SECOND_NOTICES.includes(e.index) },
	{ transcript: /^videoroom-extra$/, server: 'cardea', reason: 'counts the m-line of data channels',
		when: (e) => e.dir === 'C>S' && (e.label === 'E mixed e2ee'
			|| (e.index >= 112 && e.index <= 121)) },
	{ transcript: /^videoroom-extra$/, server: 'cardea',
		reason: 'an offer after a refused one goes to the plugin as well',
		when: (e) => e.label === 'C publish codec not in room' },
	{ transcript: /^ws-simulcast-rid$/, when: (e) => e.msg?.janus === 'handle_info',
		reason: 'counters of a live call: its shape is held by admin-http' },
	{ transcript: /^ws-echotest-trickle$/,
		when: (e) => e.msg?.janus === 'media' && e.msg.receiving === false,
		reason: 'the captured page stopped its tracks, which the transcript only notes' },
];

/** Values that are sent in the place of captured ones. */
export const adaptations = [
	{ transcript: /^videoroom-management$/, server: 'cardea', member: 'pin', from: 'p2', to: 'p1n',
		reason: NO_EDIT },
	{ transcript: /^videoroom-management$/, server: 'cardea', member: 'secret', from: 's2',
		to: 's3cret', reason: NO_EDIT },
];

/** Answers and events that may come or not: the protocol leaves it open. */
export const optionals = [
	{ when: (e) => TALKING.includes(dataOf(e)?.videoroom),
		reason: "who talks when is the fake microphone's affair" },
	{ when: (e) => e.msg?.janus === 'media' && e.msg.substream !== undefined,
		reason: 'which layers a browser sends at first depends on its estimate of the bandwidth' },
	{ when: (e) => LAYER_EVENTS.some((k) => dataOf(e)?.[k] !== undefined)
		&& !e.msg.transaction, reason: 'layer changes follow the live bandwidth' },
	{ when: (e) => dataOf(e)?.result === 'done' && !e.msg.transaction, hasMedia: false,
		reason: 'end of a call that never was, or of a handle that is gone' },
];

function agrees(pattern, value) {
	if (typeof pattern === 'function')
		return pattern(value);
	if (pattern instanceof RegExp)
		return typeof value === 'string' && pattern.test(value);
	return pattern === value;
}

function requestName(entry) {
	const msg = entry?.msg;
	return msg?.body?.request ?? msg?.janus ?? entry?.http?.method ?? '';
}

function holds(row, of) {
	return (!row.server || row.server === SERVER) && (!row.over || row.over === of.over)
		&& (!row.transcript || row.transcript.test(of.name))
		&& (row.hasMedia === undefined || row.hasMedia === of.hasMedia);
}

const used = new Set();

function note(row) {
	if (row)
		used.add(rows.includes(row) ? `row ${rows.indexOf(row)}` : `skip ${skips.indexOf(row)}`);
	return row;
}

/** Names of the rows that this process has used so far. */
export function usedRows() {
	return [...used];
}

/** The rows that a full run has to use, by name. */
export function neededRows() {
	const mine = (row) => (!row.server || row.server === SERVER) && !row.sometimes;
	const named = [...rows.map((row, i) => [`row ${i}`, row]),
		...skips.map((row, i) => [`skip ${i}`, row])];
	return new Map(named.filter(([, row]) => mine(row)));
}

/** The row that excuses a difference, or undefined. */
export function excuseFor(of, difference) {
	return note(rows.find((row) => holds(row, of) && row.path.test(difference.path)
		&& (!row.request || row.request.test(requestName(of.request)))
		&& (!row.label || row.label.test(of.request?.label ?? ''))
		&& (!('live' in row) || agrees(row.live, difference.live))
		&& (!('expected' in row) || agrees(row.expected, difference.expected))
		&& (!row.when || row.when(difference, of.request))));
}

/** Why a step is not replayed, or undefined when it is. */
export function skipFor(of, entry) {
	return note(skips.find((row) => holds(row, of) && row.when(entry)))?.reason;
}

/** A request with what this server needs instead of captured values. */
export function adapt(of, msg) {
	let body = msg.body;
	for (const row of adaptations)
		if (holds(row, of) && body?.[row.member] === row.from)
			body = { ...body, [row.member]: row.to };
	return body === msg.body ? msg : { ...msg, body };
}

/** Whether a step's message may as well not come. */
export function isOptional(of, entry) {
	return entry.dir === 'S>C' && optionals.some((row) => holds(row, of) && row.when(entry));
}
