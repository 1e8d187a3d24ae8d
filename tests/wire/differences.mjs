// The one table of intended differences between the transcripts and this server, each with its
// reason. What is not excused here is a failure.
//
// A row excuses a difference when all it names agree:
//   path        the member that differs (regular expression)
//   exactly     in the place of path, expected and live: each path with [expected, live]
//   transcript  the transcripts it holds for (default: all)
//   live        what the live value has to be: itself, a regular expression or a predicate
//   request     the body's or the envelope's request it holds for
//   server      "cardea" or "janus", where only one of them differs
//   over        "http" or "ws"
//   expected    what the captured value has to be, like live
//   label       the label of the request in the transcript (regular expression)
//   when        a predicate of the difference (compare.mjs) and the request's entry
//   sometimes   true: depends on timing. Every other row has to be used in a full run, or it is
//               reported as outdated; so has each path of `exactly` and every row of skips
// The predicates of skips and optionals take the step and all steps of the transcript.
const ABSENT_REQUESTS = new Set(['rtp_forward',
	'stop_rtp_forward', 'listforwarders', 'publish_remotely', 'unpublish_remotely', 'listremotes',
	'list_remotes', 'add_remote_publisher', 'update_remote_publisher', 'remove_remote_publisher']);
const LAYER_EVENTS = ['substream', 'temporal', 'spatial_layer', 'temporal_layer'];
const TALKING = ['talking', 'stopped-talking'];
const REMOTE_PUBLISHER = 500;
const DUMMY_SUBSCRIBER = 1033222120735333;

// What `info` tells of times, addresses, keys and counters: there, of the same type, and different every time.
const VOLATILE_INFO = new RegExp(`^/body/info/(${[
	'agent-(created|started)', 'sdps/(local|remote)', 'webrtc/extensions/[^/]+',
	'webrtc/ice/(gathered|connected|selected-pair|ready|(local|remote)-candidates/0)',
	'webrtc/dtls/(fingerprint|remote-fingerprint|handshake-started|connected)',
	'webrtc/dtls/stats/(in|out)/(packets|bytes)', 'webrtc/media/[01]/msid/remote-(stream|track)',
	'webrtc/media/[01]/(nack-queue-ms|ssrc/[a-z-]+|rtcp/main/[a-z-]+)',
	'webrtc/media/[0-2]/stats/(in|out)/[a-z_]+'].join('|')})$`);

function dataOf(entry) {
	return entry.msg?.plugindata?.data;
}

/** The label of the last request before a step. */
function requestBefore(entry, all) {
	return all.slice(0, all.indexOf(entry)).findLast((e) => e.dir === 'C>S')?.label;
}

/** What a step tells a handle without being asked, but for figures. */
function noticeOf({ dir, msg }) {
	return dir === 'S>C' && msg?.sender && !msg.transaction
		? JSON.stringify([msg.janus, msg.sender, msg.mid, msg.uplink, dataOf({ msg })]) : null;
}

/** Whether a handle was told the same before, and since then nothing that @p undoes it. */
function isToldAgain(entry, all, undoes = () => false) {
	const notice = noticeOf(entry);
	const before = all.slice(0, all.indexOf(entry));
	const last = notice ? before.findLastIndex((e) => noticeOf(e) === notice) : -1;
	return last >= 0 && !before.slice(last).some((e) => e.msg?.sender === entry.msg.sender && undoes(e));
}

const isUnpublishedAgain = (entry, all) => dataOf(entry)?.unpublished !== undefined
	&& isToldAgain(entry, all, (e) => dataOf(e)?.publishers?.some((p) => p.id === dataOf(entry).unpublished));
const isOfSlowLink = (m) => m.janus === 'slowlink' || m.plugindata?.data.event === 'slow_link';
const isOutsideApi = (d, r) => ['/', '/nothing', '/januss'].includes(r.http.path);
const bundles = (r) => r.msg.jsep.sdp.includes('a=group:BUNDLE');
const isAllStopped = (r) => !/^m=\w+ [1-9]/m.test(r.msg.jsep.sdp);
const sendsNothing = (d) => ['recvonly', 'inactive'].includes(d.section?.direction);
const MUX = 'the mux backend is ICE-lite, on one UDP port';
const PAGES = 'outside the API the shared port serves pages, with a page for what is not there';

export const rows = [
	{ path: /^(\/body)?\/(name|version|version_string|author|commit-hash|compile-time)$/,
		reason: 'the product speaks of itself' },
	{ path: /^(\/body)?\/local-ip$/, transcript: /^(?!info-and-nat)/, reason: 'of the machine' },
	{ path: /^\/log-path$/, transcript: /^info-and-nat/, live: 'o.log', reason: 'of the machine' },
	{ path: /^(\/body)?\/ice-lite$/, server: 'cardea', live: true, reason: MUX },
	{ path: /^(\/body)?\/(ice-tcp|mdns-enabled)$/, server: 'cardea', expected: true, live: false,
		reason: MUX },
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
	{ path: /\/sdp\/is_lite$/, live: true, server: 'cardea', reason: MUX },
	{ path: /\/sdp\/media\/[^/]+\/codecs\/[^/]+\/pt$/, hasMedia: true,
		reason: "an answer uses the live browser's payload types" },
	{ path: /\/sdp\/media\/[^/]+\/extensions\/[^/]+$/, hasMedia: true,
		live: /^\d+$/, reason: "an answer uses the live browser's extension ids" },
	{ path: /^\/unexpected\/ack$/, transcript: /^sdp-shapes$/, reason: 'the recorder lost an ack' },
	{ path: /^\/error\/(code|reason)$/, transcript: /^auth-(signed|tokens)$/, request: /^attach$/,
		live: /^No such plugin 'janus.plugin.streaming'$/, reason: 'that plugin is not there' },
	{ path: /^\/error\/code$/, transcript: /^auth-(signed|tokens)$/, request: /^attach$/, live: 460,
		reason: 'that plugin is not there' },
	{ transcript: /^auth-tokens$/, request: /^allow_token$/, exactly: {
		'/body/janus': ['success', 'error'],
		'/body/data': [(v) => v?.plugins.includes('janus.plugin.streaming'), undefined],
		'/body/error': [undefined, (v) => v.code === 467] }, reason: 'that plugin is not there' },
	{ path: /^\/body\/data\/(plugins|tokens\/\d+\/allowed_plugins)\/\d+$/, transcript: /^auth-tokens$/,
		reason: 'the plugins of each server, in the order in which they were loaded' },
	{ path: /^\/body\/data\/tokens\/\d+\/token$/, transcript: /^auth-tokens$/, server: 'cardea',
		live: /^a[12]$/, reason: 'the oldest token first' },
	{ path: /\/error\/reason$/, transcript: /^sdp-shapes$/, server: 'cardea', live: /mid/,
		reason: 'a reason where the reference gave an empty one' },
	{ path: /^\/body\/response\/(recordplay|error_code|error|list)$/, transcript: /^admin-http$/, server: 'cardea',
		when: (d, r) => r.msg.plugin === 'janus.plugin.recordplay',
		reason: 'the operator may ask for the list of recordings' },
	{ path: /^\/unexpected\/event$/, transcript: /^ws-media-direction$/, server: 'cardea',
		live: (m) => /stay in its folder/.test(dataOf({ msg: m })?.error),
		reason: 'a filename is a path in the folder of recordings' },
	{ path: /^\/unexpected\/event$/, transcript: /^videoroom-media$/, server: 'cardea',
		live: (m) => typeof dataOf({ msg: m })?.recording === 'boolean',
		reason: 'all in a room are told that it is recorded' },
	{ path: /^\/plugindata\/data\/warning$/, transcript: /^videoroom-options$/, server: 'cardea',
		live: /^record and filename are ignored/, reason: 'what is ignored is said' },
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
	{ path: /\/sdp\/media\/\d+ application\/max_message_size$/, server: 'cardea', expected: undefined,
		live: '262144', reason: 'says what it takes (RFC 8841)' },
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
	{ path: /\/sdp\/group$/, transcript: /^sdp-shapes$/, server: 'cardea', live: undefined,
		expected: /^BUNDLE \d/, when: (d, r) => !bundles(r) || isAllStopped(r),
		reason: 'an answer has no group that was not offered, or of m-lines that are stopped (RFC 9143)' },
	{ path: /\/sdp\/media\/\d \w+\/\w+$/, transcript: /^sdp-shapes$/, server: 'cardea',
		when: (d, r) => d.section?.is_rejected && d.section.direction === 'inactive'
			&& (!bundles(r) || isAllStopped(r)),
		reason: 'there is one transport: without BUNDLE one m-line is taken; and port 0 stays port 0' },
	{ path: /\/sdp\/media\/[^/]+\/msid$/, transcript: /^sdp-shapes$/, server: 'cardea',
		expected: 'janus janus(null)', reason: 'a track without a mid is named by its index' },
	{ path: /^\/status$/, transcript: /^http-errors$/, server: 'cardea', expected: 404, live: 200,
		when: (d, r) => r.http.path === '/', reason: PAGES },
	{ path: /^\/headers\/content-type$/, transcript: /^http-errors$/, server: 'cardea',
		expected: undefined, live: 'text/html; charset=utf-8', when: isOutsideApi, reason: PAGES },
	{ path: /^\/headers\/access-control-(allow-origin|max-age)$/, transcript: /^http-errors$/,
		server: 'cardea', live: undefined, when: isOutsideApi, reason: PAGES },
	{ path: /^\/(status|body|headers\/content-type)$/, transcript: /^http-basic$/, server: 'cardea',
		when: (d, r) => r.http.method === 'GET' && r.http.path === '/janus/ping',
		live: (v) => v === 200 || v === 'application/json' || v?.janus === 'pong',
		reason: 'ping is answered to GET as well' },
	{ path: /^\/body\/0\/(janus|session_id|sender|plugindata)$/, transcript: /^http-basic$/,
		server: 'cardea', when: (d, r) => /maxev=5&rid=[ab]$/.test(r?.http?.path),
		live: (v) => v === undefined || ['event', 'keepalive'].includes(v) || v.data?.echotest === 'event'
			|| Number.isInteger(v),
		reason: 'of several polls the newest gets the event: the others may have been left behind' },
	{ path: /^\/headers\/access-control-(allow-origin|max-age)$/, transcript: /^info-and-nat-options$/,
		server: 'cardea', live: undefined, when: (d, r) => /^\/admin/.test(r?.http?.path),
		reason: 'no page of others may read what an Admin API without a secret answers' },
	{ path: /^\/error\/code$/, transcript: /^(admin-ws|pfunix)$/, server: 'cardea', expected: 456, live: 454,
		reason: 'unparsable text has one code in both APIs' },
	{ path: /^\/body\/status\/log_rotate_sig$/, transcript: /^admin-http$/, server: 'cardea',
		expected: undefined, live: 1, reason: 'a field of later API levels' },
	{ path: /^\/body\/response\/messages$/, transcript: /^admin-http$/, request: /^query_transport$/,
		live: (v) => v > 0, reason: 'counts all requests so far, also those of other channels' },
	{ path: /^\/unexpected\/(detached|event)$/, transcript: /^admin-http$/,
		reason: 'the capture has nothing of the WebSocket connection that had made the handle' },
	{ path: /^\/plugindata\/data\/(error_code|error|result)$/, transcript: /^echotest$/,
		server: 'cardea', label: /^SVC lowest$/, live: (v) => v === undefined || v === 'ok',
		reason: 'the layers of SVC alone are a request too, as in later versions' },
	{ path: /\/simulcast\/fallback$/, server: 'cardea', expected: undefined, live: 250000,
		reason: 'the default is shown too' },
	{ path: /\/(participants|publishers)\/\d+$/, transcript: /^videoroom-extra$/, server: 'cardea',
		live: undefined, expected: (v) => v.dummy, reason: 'dummy publishers are not offered yet' },
	{ path: /^\/plugindata\/data\/error$/, transcript: /^videoroom-management$/, server: 'cardea',
		label: /^create bad allowed list$/, live: /^Invalid element type \(allowed\[1\]/,
		reason: 'worded like any other list of strings' },
	{ path: /\/publishers\/\d+(\/streams\/\d+)?\/talking$/, transcript: /^videoroom/, hasMedia: true,
		sometimes: true, live: (v) => typeof v === 'boolean',
		reason: "who talks when is the fake microphone's affair" },
	{ path: /\/(feedback\/transport-cc|extensions\/[^/]+)$/, transcript: /^videoroom-media$/,
		server: 'cardea', live: undefined, when: sendsNothing,
		reason: 'an emptied m-line has no source whose extensions it could offer' },
	{ transcript: /^videoroom-media$/, server: 'cardea', label: /^L legacy switch$/, exactly: {
		'/plugindata/data/error_code': [430, undefined],
		'/plugindata/data/error': ['Empty switch list', undefined],
		'/plugindata/data/switched': [undefined, 'ok'], '/plugindata/data/room': [undefined, 50],
		'/plugindata/data/changes': [undefined, 2],
		'/plugindata/data/streams': [undefined, (v) => v?.map((l) => [l.type, l.feed_id, l.feed_mid].join(' '))
			.join() === 'audio 2 0,video 2 1,data  '] },
	reason: 'a switch of the whole feed is carried out, as in later versions' },
	{ path: /^\/plugindata\/data\/display$/, transcript: /^videoroom/, server: 'cardea',
		expected: undefined, when: (d) => ['unpublished', 'leaving'].some((k) => k in d.parent),
		reason: 'who leaves is named, as in later versions' },
	{ path: /\/data\/video_codec$/, transcript: /^videoroom-options$/, server: 'cardea',
		expected: 'none', live: undefined, reason: 'no codec is named for a refused m-line' },
	{ path: /\/(feed_)?metadata$/, transcript: /^videoroom-options$/, server: 'cardea',
		expected: undefined, live: (v) => v?.x === 1, reason: 'metadata is kept, as in later versions' },
	{ transcript: /^videoroom-options$/, server: 'cardea', label: /same (stream twice|source)$/,
		exactly: {
			'/plugindata/data/streams/1/type': ['video', 'audio'],
			'/plugindata/data/streams/1/feed_mid': ['1', '0'],
			'/plugindata/data/streams/1/codec': ['none', 'opus'],
			'/plugindata/data/streams/2': [(v) => v.type === 'audio' && v.feed_mid === '0', undefined],
			'/jsep/sdp/group': ['BUNDLE 0 2', 'BUNDLE 0 1'],
			'/jsep/sdp/media/1 audio/mid': ['2', '1'],
			'/jsep/sdp/media/1 audio/msid': ['janus janus2', 'janus janus1'],
		},
		reason: 'joining skips what the publisher has disabled' },
	{ transcript: /^ws-fulltrickle/, server: 'cardea', exactly: {
		'/jsep/sdp/media/0 audio/has_candidates': [false, true],
		'/jsep/sdp/media/0 audio/end_of_candidates': [false, true] },
	reason: 'all candidates are in the answer: the server trickles none without full ICE' },
	{ transcript: /^ws-slowlink$/, exactly: {
		'/jsep/sdp/media/0 audio/codecs/opus|48000|2/fmtp/0': [undefined, 'useinbandfec=1'] },
	reason: 'the live browser offers it' },
	{ path: /^\/body\/loops\/[01]$/, transcript: /^ws-fulltrickle/, server: 'cardea', live: undefined,
		reason: 'clients choose no loop: workers are chosen by the server' },
	{ path: /^\/unexpected\/trickle$/, transcript: /^ws-fulltrickle/, server: 'janus',
		reason: 'as many as there are addresses' },
	{ path: /^\/lost$/, transcript: /^ws-slowlink$/, live: (v) => v >= 1, reason: 'measured' },
	{ path: /^\/unexpected\/(slowlink|event)$/, transcript: /^ws-slowlink$/, sometimes: true,
		live: isOfSlowLink, reason: 'how often losses are told depends on how long the call lasts' },
	{ path: VOLATILE_INFO, transcript: /^admin-handle-info$/, reason: 'of that call',
		when: (d) => typeof d.live === typeof d.expected },
	{ path: /^\/body\/info\/webrtc\/ice\/(local|remote)-candidates\/[1-9]\d*$/,
		transcript: /^admin-handle-info$/, reason: 'as many as there are addresses' },
	{ path: /^\/body\/info\/webrtc\/extensions\/.*abs-send-time$/, transcript: /^admin-handle-info$/,
		server: 'cardea', expected: undefined, live: (v) => v > 0, reason: 'taken where it is offered' },
	{ transcript: /^admin-handle-info$/, server: 'cardea', exactly: {
		'/body/info/webrtc/media/0/msid/local-stream': [undefined, 'janus'],
		'/body/info/webrtc/media/0/msid/local-track': [undefined, 'janus0'],
		'/body/info/webrtc/media/1/msid/local-stream': [undefined, 'janus'],
		'/body/info/webrtc/media/1/msid/local-track': [undefined, 'janus1'],
		'/body/info/webrtc/media/0/stats/in/nacks': [undefined, 0],
		'/body/info/webrtc/media/0/stats/in/retransmissions': [undefined, 0] },
	reason: 'known here as well' },
	{ transcript: /^admin-handle-info$/, server: 'cardea', exactly: {
		'/body/info/ice-mode': ['full', 'lite'] }, reason: MUX },
	{ transcript: /^admin-handle-info$/, server: 'cardea', exactly: {
		'/body/info/webrtc/dtls/dtls-role': ['active', 'passive'] },
	reason: 'DTLS server wherever there is a choice' },
	{ transcript: /^admin-handle-info$/, server: 'cardea', exactly: {
		'/body/info/webrtc/dtls/srtp-profile': ['SRTP_AES128_CM_SHA1_80', /^SRTP_AEAD_AES_(128|256)_GCM$/] },
	reason: 'the quicker cipher is agreed on' },
	{ transcript: /^videoroom-extra$/, server: 'cardea', label: /^E2 e2ee only$/, exactly: {
		'/jsep/e2ee': [undefined, true] },
	reason: 'offers say what is encrypted end to end, as in later versions' },
	{ transcript: /^videoroom-extra$/, server: 'cardea', label: /^E2 subscribe non e2ee$/, exactly: {
		'/plugindata/data/videoroom': ['updated', 'event'], '/plugindata/data/room': [60, undefined],
		'/plugindata/data/streams': [(v) => v.length === 5, undefined],
		'/plugindata/data/error_code': [undefined, 438], '/plugindata/data/error': [undefined, /^Can't mix/],
		'/jsep': [(v) => v.type === 'offer', undefined] },
	reason: 'what is encrypted end to end and what is not do not mix, as in later versions' },
	{ path: /^\/unexpected\/event$/, transcript: /^videoroom-extra$/, server: 'cardea',
		live: (m) => m.plugindata.data.videoroom === 'updated'
			&& m.plugindata.data.streams.every((l) => !l.active),
		reason: 'no offer waits for its answer, of a subscription that was not mixed' },
	{ path: /\/audio-level-dBov-avg$/, reason: 'measured' },
	{ path: /\/(session_last_activity|created|current_time|elapsed|ip)$/, reason: 'of that moment' },
	{ path: /^\/plugindata\/data\/result$/, transcript: /^recordplay$/, server: 'cardea', expected: 'done',
		live: (v) => v?.status === 'done', reason: 'an object, as in later versions and as pages understand it' },
	{ path: /\/date$/, transcript: /^recordplay$/, live: /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/, reason: 'of that moment' },
	{ path: /\/list\/0\/(duration_ms|bytes|files|date_unix)$/, transcript: /^recordplay$/, server: 'cardea',
		expected: undefined, reason: 'told beyond the API: when it was, how long it is, and where its files are' },
	{ path: /\/list\/0\/data$/, transcript: /^recordplay$/, server: 'cardea', expected: true, live: false,
		reason: 'nothing was said on the data channel' },
	{ path: /\/extensions\/urn:3gpp:video-orientation$/, transcript: /^recordplay$/, label: /^record$/, server: 'cardea',
		live: undefined, reason: 'files have no word for how a picture is to be turned: who sends it turns it' },
	{ path: /\/fmtp\/0$/, transcript: /^recordplay$/, expected: undefined, live: 'useinbandfec=1',
		reason: 'the live browser offers it' },
	{ path: /\/sdp\/(group|media\/2 application\/\w+)$/, transcript: /^recordplay$/, label: /^record$/,
		server: 'cardea', reason: 'data channels are recorded' },
	{ transcript: /^recordplay$/, server: 'cardea', label: /^play/, exactly: {
		'/plugindata/data/result/warning': ['Broken data file, playing audio/video only', undefined],
		'/jsep/sdp/group': ['BUNDLE 0 1 2', 'BUNDLE 0 1'],
		'/jsep/sdp/media/2 application': [(v) => v.kind === 'application', undefined] },
	reason: 'nothing was said on the data channel: there is no file of it, be it broken or not' },
	{ path: /\/is_private$/, transcript: /^recordplay$/, server: 'cardea', expected: undefined,
		live: (v) => v === false || v === 0, reason: 'a field of later versions' },
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
	{ transcript: /^misc-checks$/, reason: 'the captured STUN server is not there: admin.test.mjs has one',
		when: (e) => e.msg?.janus === 'test_stun' },
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
	{ transcript: /^videoroom-extra$/, server: 'cardea', reason: 'dummy publishers are not offered yet',
		when: (e) => e.msg?.handle_id === DUMMY_SUBSCRIBER || e.msg?.sender === DUMMY_SUBSCRIBER },
	{ transcript: /^videoroom-(media|extra)$/, server: 'cardea',
		reason: 'that somebody unpublished is told once', when: isUnpublishedAgain },
	{ transcript: /^videoroom-extra$/, server: 'cardea', reason: 'counts the m-line of data channels',
		when: (e, all) => /^(E mixed e2ee|S (subscribe|configure) SVC .*)$/.test(e.label ?? '')
			|| (e.label === 'S start' && requestBefore(e, all) === 'S subscribe SVC low') },
	{ transcript: /^videoroom-extra$/, server: 'cardea',
		reason: 'an offer after a refused one goes to the plugin as well',
		when: (e) => e.label === 'C publish codec not in room' },
	{ transcript: /^ws-simulcast-rid$/, when: (e) => e.msg?.janus === 'handle_info',
		reason: 'of layers that follow the live bandwidth: what info tells is held by admin-handle-info' },
	{ transcript: /^ws-fulltrickle/, when: (e) => e.msg?.janus === 'trickle',
		reason: 'as many as there are addresses, and all in the answer where there is no full ICE' },
	{ transcript: /^recordplay$/, reason: 'the captured handle had no ICE any more: recordplay.test.mjs has the answer',
		when: (e) => e.label === 'record with used id' },
	{ transcript: /^info-and-nat/, server: 'janus', reason: 'an empty secret is one there',
		when: (e) => e.dir === 'C>S' && e.transport === 'admin-http' },
];

/** Answers and events that may come or not: the protocol leaves it open. */
export const optionals = [
	{ transcript: /^ws-slowlink$/, when: (e, all) => e.msg && isOfSlowLink(e.msg) && isToldAgain(e, all),
		reason: 'how often losses are told depends on how long the call lasts' },
	{ when: (e) => TALKING.includes(dataOf(e)?.videoroom),
		reason: "who talks when is the fake microphone's affair" },
	{ when: (e) => e.msg?.janus === 'media' && e.msg.substream !== undefined,
		reason: 'which layers a browser sends at first depends on its estimate of the bandwidth' },
	{ when: (e) => LAYER_EVENTS.some((k) => dataOf(e)?.[k] !== undefined)
		&& !e.msg.transaction, reason: 'layer changes follow the live bandwidth' },
	{ when: (e) => dataOf(e)?.result === 'done' && !e.msg.transaction, hasMedia: false,
		reason: 'end of a call that never was, or of a handle that is gone' },
	{ transcript: /^recordplay$/, when: (e, all) => dataOf(e)?.result === 'done'
		&& requestBefore(e, all) === 'unknown', reason: 'end of a call that never was' },
];
