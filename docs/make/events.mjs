// What stands in docs/api.md between the requests of the core API: how transports carry them, and events.
import { fence, pretty } from './api.mjs';

export const TRANSPORTS = [
	'- **WebSocket**: subprotocol `janus-protocol`, on the ports of the section `web` in `conf/cardea.jcfg` at any path, or on those of',
	'  `conf/cardea.transport.websockets.jcfg`. A request is one text message; answers and events come as text messages.',
	'- **HTTP**: requests are posted to `/janus`, `/janus/<session>` and `/janus/<session>/<handle>`, and answered in the response.',
	'  Events are fetched by a long poll, `GET /janus/<session>`: see [events](#events). `GET /janus/info` is `info`.',
	''];

const ROWS = [
	['event', 'a plugin says something, or answers a `message` that got an `ack`: then with its `transaction`', '`sender` (the handle), `plugindata` with `plugin` and `data`; `jsep` where a description comes along'],
	['webrtcup', 'the PeerConnection of a handle is up', '`sender`'],
	['media', 'packets of an m-line have begun to come, or come no more', '`sender`, `mid`, `type` (audio or video), `receiving`, of simulcast `substream`; `seconds` of silence'],
	['slowlink', 'packets are lost: see media.slowlink_threshold', '`sender`, `mid`, `media`, `uplink` (as the server sees it: true where it sent them, false where they should have come), `lost`'],
	['ice-failed', 'nothing comes from a client that was connected', '`sender`'],
	['hangup', 'the PeerConnection is closed', '`sender`, `reason`'],
	['detached', 'the handle has ended', '`sender`'],
	['timeout', 'the session has ended, because nothing was asked of it for too long', ''],
	['keepalive', 'over HTTP alone: nothing has happened for 30 seconds; it has no other members', ''],
];

const OF_PLUGINS = {
	echotest: [
		['{"echotest": "event", "videocodec", "substream" or "temporal" or "spatial_layer" or "temporal_layer"}', 'another layer comes back'],
		['{"echotest": "event", "event": "slow_link", "media", "current-bitrate"}', 'packets of the client are lost; the bitrate of video alone'],
		['{"echotest": "event", "event": "recording", "status": "ended", "reason"}', 'a limit or a failure has ended what `record` began'],
		['{"echotest": "event", "result": "done"}', 'the PeerConnection has ended']],
	recordplay: [
		['{"recordplay": "event", "result": {"status": "position", "id", "position", "duration"}}', 'what plays is there, in milliseconds: once a second, where `play` asked for `positions`'],
		['{"recordplay": "event", "result": {"status": "sought", "id", "position", "duration"}}', 'where `seek` has landed'],
		['{"recordplay": "event", "result": {"status": "preparing", "id"}}', 'what plays goes on in a file with other tracks: an offer comes along, to be answered with `start`'],
		['{"recordplay": "event", "result": {"status": "slow_link", "media", "current-bitrate", "uplink"}}', 'packets are lost; the bitrate of video alone'],
		['{"recordplay": "event", "error_code": 417, "error"}', 'a limit, a full disk or a damaged file ends what is recorded or played: the reason'],
		['{"recordplay": "event", "result": {"status": "done", "id", "is_private"}}', 'what was recorded or played is over, asked for or not; `hangup` follows, and the handle can be used again']],
	videoroom: [
		['{"videoroom": "event", "room", "publishers": [{…}]}', 'somebody publishes, or publishes something else: as in `joined`'],
		['{"videoroom": "event", "room", "unpublished": id, "display", "metadata"}', 'a participant publishes no longer'],
		['{"videoroom": "event", "room", "leaving": id, "display", "metadata"}', 'a participant has left'],
		['{"videoroom": "event", "room", "kicked": id}', 'a participant was removed; this one gets `"leaving": "ok", "reason": "kicked"`'],
		['{"videoroom": "event", "room", "joining": {"id", "display", "metadata"}}', 'somebody has joined, where the room has notify_joining'],
		['{"videoroom": "event", "id", "display", "metadata"}', 'a participant has another name or other metadata'],
		['{"videoroom": "event", "room", "id", "mid", "moderation": "muted" or "unmuted"}', '`moderate` was used; the one it is about gets it too'],
		['{"videoroom": "talking" or "stopped-talking", "room", "id", "mindex", "mid", "audio-level-dBov-avg"}', 'where the room has audiolevel_event'],
		['{"videoroom": "event", "room", "recording": true or false}', 'the recording of the room has begun or ended'],
		['{"videoroom": "event", "room", "recording", "id", "reason"}', 'that of somebody (`id`) has ended by itself: a limit, a full disk'],
		['{"videoroom": "destroyed", "room"}', 'the room is gone'],
		['{"videoroom": "slow_link", "current-bitrate"}', 'packets of a publisher are lost; a subscriber that loses some gets it without the bitrate'],
		['{"videoroom": "event", "room", "mid", "substream" or "temporal" or "spatial_layer" or "temporal_layer"}', 'subscriber: an m-line carries another layer'],
		['{"videoroom": "updated", "room", "streams": […]}', 'subscriber: what it receives has changed; an offer comes along']],
};

/** Events of a plugin that answer nothing. */
export function pluginEventLines(plugin) {
	const rows = OF_PLUGINS[plugin];
	return rows ? [`### ${plugin} events`, '', 
		`Events that answer no request${plugin === 'videoroom' ? '; participants get those about others, unless it says subscriber' : ''}.`, '',
		'| `data` | When |', '| --- | --- |', ...rows.map(([data, when]) => `| \`${data}\` | ${when} |`), ''] : [];
}

export function eventLines(examples) {
	return ['### Events', '',
		'Events go to the connection that has made the session or claimed it last. All but `keepalive` have `session_id`; with',
		'general.opaqueid_in_api those of a handle have its `opaque_id`.', '',
		'Over HTTP `GET /janus/<session>` waits for the next event, for 30 seconds at most, and answers with it. With `?maxev=10` it',
		'answers with an array of at most so many. `apisecret` and `token` are further parameters, others are ignored. Poll again at',
		'once: a session that is not polled loses what waits for it beyond a bound. A poll also keeps the session alive.', '',
		'| `janus` | When | With |', '| --- | --- | --- |', ...ROWS.map(([name, when, what]) => `| \`${name}\` | ${when} | ${what} |`), '',
		'Answered to `GET /janus/7000000000000001?maxev=10`, for example:', '', ...fence(pretty(examples.get('events').answer))];
}
