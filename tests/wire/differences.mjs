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
import { IS_REFERENCE } from '../lib/server.mjs';

const ABSENT_ADMIN = new Set(['get_status', 'set_session_timeout', 'set_log_level',
	'set_locking_debug', 'set_refcount_debug', 'set_log_timestamps', 'set_log_colors',
	'set_min_nack_queue', 'set_nack_optimizations', 'set_no_media_timer', 'set_slowlink_threshold',
	'accept_new_sessions', 'query_transport', 'query_eventhandler', 'query_logger', 'custom_event',
	'custom_logline', 'add_token', 'allow_token', 'disallow_token', 'list_tokens', 'remove_token',
	'resolve_address', 'test_stun', 'loops_info', 'start_pcap', 'stop_pcap', 'start_text2pcap',
	'stop_text2pcap', 'hangup_webrtc', 'detach_handle', 'destroy_session']);
const ABSENT_REQUESTS = new Set(['allowed', 'moderate', 'enable_recording', 'rtp_forward',
	'stop_rtp_forward', 'listforwarders', 'publish_remotely', 'unpublish_remotely', 'listremotes',
	'list_remotes', 'add_remote_publisher', 'update_remote_publisher', 'remove_remote_publisher']);
const LAYER_EVENTS = ['substream', 'temporal', 'spatial_layer', 'temporal_layer'];
const TALKING = ['talking', 'stopped-talking'];
const REMOTE_PUBLISHER = 500;
const SERVER = IS_REFERENCE ? 'janus' : 'cardea';

function dataOf(entry) {
	return entry.msg?.plugindata?.data;
}

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
	{ path: /\/headers\/(content-type|access-control-.*|vary)$/, live: undefined, request: /^PUT|DELETE|PATCH|HEAD$/,
		server: 'cardea', reason: 'headers of refused methods are not part of the API' },

	{ path: /\/sdp\/media\/[^/]+\/setup$/, live: 'passive', server: 'cardea',
		reason: 'DTLS server wherever there is a choice' },
	{ path: /\/sdp\/is_lite$/, live: true, server: 'cardea', reason: 'the mux backend is ICE-lite' },
	{ path: /\/sdp\/media\/[^/]+\/max_message_size$/, live: '262144', server: 'cardea',
		reason: 'said, since clients then need not guess' },
	{ path: /\/sdp\/name$/, reason: 'the session name is free text' },
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
	{ path: /^\/unexpected\/(event|detached)$/, transcript: /^admin-http$/,
		reason: 'its WebSocket traffic was not captured' },
	{ path: /\/simulcast\/(substream|temporal-layer)$/, live: (v) => v >= -1 && v <= 2,
		reason: 'follows the live bandwidth' },
	{ path: /^\/plugindata\/data\/(substream|temporal|spatial_layer|temporal_layer)$/, hasMedia: true,
		live: (v) => v >= 0 && v <= 2, reason: 'follows the live bandwidth' },
	{ path: /^\/unexpected\/media$/, live: (m) => m.substream !== undefined,
		reason: 'which layers a browser sends at first depends on its estimate of the bandwidth' },
	{ path: /^\/unexpected\/event$/, hasMedia: true,
		live: (m) => LAYER_EVENTS.some((k) => m.plugindata.data[k] !== undefined),
		reason: 'layer changes follow the live bandwidth' },
	{ path: /^\/unexpected\/event$/, hasMedia: true,
		live: (m) => TALKING.includes(m.plugindata.data.videoroom),
		reason: "who talks when is the fake microphone's affair" },
	{ path: /^\/unexpected\/event$/, transcript: /^echotest$/,
		live: (m) => m.plugindata.data.result === 'done',
		reason: 'may or may not be delivered for a handle that is gone' },
	{ path: /\/extensions\/.*dependency-descriptor/, hasMedia: true,
		reason: 'offered by the live browser or not' },
	{ path: /\/list\/\d+\/video_svc$/, server: 'cardea', live: undefined,
		reason: 'an option of that version only' },
	{ path: /\/data\/error$/, live: /can only be or contain/, reason: 'lists the codecs of this server' },
	{ path: /\/data\/permanent$/, transcript: /^videoroom-management$/, request: /^create$/,
		server: 'cardea', live: false, reason: 'permanent rooms are not offered yet' },
	{ path: /\/audio-level-dBov-avg$/, reason: 'measured' },
	{ path: /\/(session_last_activity|created|current_time|elapsed|ip)$/, reason: 'of that moment' },
	{ path: /^\/body$/, transcript: /^auth-apisecret$/, request: /^GET$/,
		reason: 'cut out of the capture' },
];

export const skips = [
	{ when: (e) => e.http?.connection, reason: 'the captured client gave up: nothing to compare' },
	{ when: (e) => e.msg?.janus === 'slowlink', reason: 'depends on losses of the captured network' },
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
	{ when: (e) => e.msg?.janus === 'test_stun', reason: "needs the captured machine's STUN server" },
	{ transcript: /^admin-http$/, when: (e) => e.dir === 'C>S' && e.msg?.transaction === 'no',
		reason: 'its request is not in the capture' },
	{ transcript: /^admin-http$/, when: (e) => e.dir === 'S>C' && e.msg?.transaction === 'no',
		reason: 'its request is not in the capture' },
	{ over: 'http', when: (e) => e.msg?.janus === 'claim',
		reason: 'over HTTP a claim moves the event queue away from a waiting poll' },
	{ transcript: /^sdp-shapes$/, when: (e) => !e.msg?.janus,
		reason: 'an extract of handle_info made by the recorder' },
	{ transcript: /^videoroom/, reason: 'not offered yet',
		when: (e) => e.dir === 'C>S' && ABSENT_REQUESTS.has(e.msg?.body?.request) },
	{ transcript: /^videoroom/, reason: 'follows from a request not offered yet',
		when: (e) => { const d = dataOf(e); return d && !e.msg.transaction && (d.moderation
			|| [d.leaving, d.publishers?.[0]?.id].includes(REMOTE_PUBLISHER)); } },
	{ transcript: /^ws-simulcast-rid$/, when: (e) => e.msg?.janus === 'handle_info',
		reason: 'counters of a live call: its shape is held by admin-http' },
	{ transcript: /^ws-echotest-trickle$/,
		when: (e) => e.msg?.janus === 'media' && e.msg.receiving === false,
		reason: 'the captured page stopped its tracks, which the transcript only notes' },
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

/** The row that excuses a difference, or undefined. */
export function excuseFor(of, difference) {
	return rows.find((row) => holds(row, of) && row.path.test(difference.path)
		&& (!row.request || row.request.test(requestName(of.request)))
		&& (!('live' in row) || agrees(row.live, difference.live)));
}

/** Why a step is not replayed, or undefined when it is. */
export function skipFor(of, entry) {
	return skips.find((row) => holds(row, of) && row.when(entry))?.reason;
}

/** Whether a step's message may as well not come. */
export function isOptional(of, entry) {
	return entry.dir === 'S>C' && optionals.some((row) => holds(row, of) && row.when(entry));
}
