// What is asked for the examples of docs/api.md: every request once with success where that can be
// had here, and some that are refused.
import dgram from 'node:dgram';
import fs from 'node:fs';
import path from 'node:path';
import { handmade, handmadeAnswer } from '../../tests/lib/handmade.mjs';
import { silence, writeMjr } from '../../tests/lib/mjr.mjs';
import { until } from '../../tests/lib/wait.mjs';
import { Recorder } from './record.mjs';

const SECRET = 'adminpwd';
const OFFER = [{ kind: 'audio' }, { kind: 'video' }];
const VIDEOROOM = 'videoroom', ECHO = 'echotest', RECORDPLAY = 'recordplay';

const offer = (lines = OFFER, options) => ({ type: 'offer', sdp: handmade(lines, options) });
const answerTo = (jsep) => ({ type: 'answer', sdp: handmadeAnswer(jsep.sdp) });

/** Answers STUN's binding requests (RFC 8489) with an address that is not ours. */
async function withStunServer(body) {
	const socket = dgram.createSocket('udp4');
	socket.on('message', (ask, from) => {
		const answer = Buffer.alloc(32);
		answer.writeUInt16BE(0x0101, 0);
		answer.writeUInt16BE(12, 2);
		ask.copy(answer, 4, 4, 20);
		answer.writeUInt16BE(0x0020, 20);
		answer.writeUInt16BE(8, 22);
		answer.writeUInt16BE(0x0001, 24);
		answer.writeUInt16BE(40000 ^ 0x2112, 26);
		answer.writeUInt32BE((0xcb007105 ^ 0x2112a442) >>> 0, 28); // 203.0.113.5
		socket.send(answer, from.port, from.address);
	});
	await new Promise((resolve) => socket.bind(0, '127.0.0.1', resolve));
	try {
		await body(socket.address().port);
	} finally {
		socket.close();
	}
}

async function newSession(r) {
	return (await r.ask('core', { janus: 'create' })).data.id;
}

async function newHandle(r, session, plugin) {
	const answer = await r.ask('core', { janus: 'attach', session_id: session, plugin: `janus.plugin.${plugin}` });
	return { session, handle: answer.data.id };
}

async function coreScene(r) {
	const ask = (request, cut) => r.ask('core', request, { cut });
	await ask({ janus: 'info' }, ['janus', 'transaction', 'name', 'server-name']);
	await ask({ janus: 'ping' });
	const session = await newSession(r), id = { session_id: session };
	await ask({ janus: 'create', id: session });
	await ask({ janus: 'create', id: 'one' });
	await ask({ janus: 'keepalive', ...id });
	await ask({ janus: 'keepalive', session_id: 1 });
	await ask({ janus: 'attach', ...id, plugin: 'janus.plugin.nothing' });
	await ask({ janus: 'attach', ...id });
	await ask({ janus: 'attach', ...id, plugin: 7 });
	const { handle } = await newHandle(r, session, ECHO);
	const both = { ...id, handle_id: handle };
	await ask({ janus: 'message', ...both });
	await ask({ janus: 'message', ...both, body: 'text' });
	await ask({ janus: 'message', ...both, body: {}, jsep: 'text' });
	await ask({ janus: 'message', ...both, body: {}, jsep: { type: 'guess', sdp: '' } });
	await ask({ janus: 'message', ...both, body: {}, jsep: { type: 'offer', sdp: 'text' } });
	await ask({ janus: 'message', ...both, body: {}, jsep: { type: 'answer', sdp: handmade(OFFER) } });
	await ask({ janus: 'message', ...both, body: { audio: true } });
	await ask({ janus: 'message', ...id, body: { audio: true } });
	await ask({ janus: 'message', ...id, handle_id: 1, body: { audio: true } });
	await r.message(ECHO, { session, handle }, {});
	await r.message(ECHO, { session, handle }, { audio: 'loud' });
	await r.message(ECHO, { session, handle }, { audio: true, video: true, bitrate: 500000 }, offer());
	await ask({ janus: 'trickle', ...both, candidate: {
		candidate: 'candidate:1 1 udp 2113937151 192.0.2.7 50000 typ host', sdpMid: '0' } });
	await ask({ janus: 'trickle', ...both });
	await ask({ janus: 'trickle', ...both, candidates: {} });
	await ask({ janus: 'trickle', ...both, candidate: {}, candidates: [] });
	await ask({ janus: 'explain', ...both });
	await ask({ janus: 'explain', ...id });
	await ask({ janus: 'hangup', ...both });
	await ask({ janus: 'hangup', ...id });
	await ask({ janus: 'detach', ...both });
	await ask({ janus: 'detach', ...both });
	await ask({ janus: 'claim', ...id });
	await ask({ janus: 'claim', session_id: 1 });
	await ask({ janus: 'destroy', ...id });
	await ask({ janus: 'destroy', ...id });
}

/** Rooms and those who manage them. */
async function roomScene(r, boss, say) {
	await say(boss, { request: 'create', room: 'one' });
	await say(boss, { request: 'create', room: 4321, description: 'Team', publishers: 6, secret: 'boss' });
	await say(boss, { request: 'create', room: 4321 });
	await say(boss, { request: 'edit', room: 4321, new_description: 'The team' });
	await say(boss, { request: 'edit', room: 4321, secret: 'boss', new_description: 'The team' });
	await say(boss, { request: 'edit' });
	await say(boss, { request: 'edit', room: 9 });
	await say(boss, { request: 'exists', room: 4321 });
	await say(boss, { request: 'exists' });
	await say(boss, { request: 'list' });
	await say(boss, { request: 'allowed', room: 4321, secret: 'boss', action: 'disable' });
	await say(boss, { request: 'allowed', room: 4321, action: 'disable' });
	await say(boss, { request: 'allowed', room: 4321, secret: 'boss', action: 'guess' });
	await say(boss, { request: 'allowed', room: 4321 });
}

/** Those who publish. @return the ids of both */
async function publisherScene(r, boss, say, alice, carol) {
	const room = 4321;
	await say(alice, { request: 'publish' });
	await say(alice, { request: 'configure', bitrate: 500000 });
	await say(alice, { request: 'unpublish' });
	await say(alice, { request: 'leave' });
	await say(alice, { request: 'join', room: 9, ptype: 'publisher' });
	await say(alice, { request: 'join', room });
	await say(alice, { request: 'join', room, ptype: 'guest' });
	const { id } = await say(alice, { request: 'join', room, ptype: 'publisher', id: 11, display: 'Alice' });
	await say(alice, { request: 'join', room, ptype: 'publisher' });
	await say(alice, { request: 'unpublish' });
	await say(alice, { request: 'publish', audiocodec: 'opus', videocodec: 'vp8' }, offer());
	await say(alice, { request: 'publish' }, offer(OFFER, { version: 2 }));
	await say(alice, { request: 'configure', streams: [{ mid: '1', send: true, keyframe: true }] });
	await say(alice, { request: 'configure', streams: [{ mid: '9' }] });
	await say(alice, { request: 'configure', bitrate: 'much' });
	await say(carol, { request: 'joinandconfigure', room: 9, ptype: 'publisher' });
	await say(carol, { request: 'joinandconfigure', room, ptype: 'subscriber' });
	await say(carol, { request: 'joinandconfigure', room, ptype: 'publisher', id });
	const other = await say(carol, { request: 'joinandconfigure', room, ptype: 'publisher', id: 12, display: 'Carol' },
		offer());
	await say(carol, { request: 'joinandconfigure', room, ptype: 'publisher' });
	await say(boss, { request: 'listparticipants', room });
	await say(boss, { request: 'listparticipants', room, secret: 'boss' });
	await say(boss, { request: 'listparticipants', room: 9 });
	await say(boss, { request: 'moderate', room, secret: 'boss', id, mid: '1', mute: true });
	await say(boss, { request: 'moderate', room, secret: 'boss', id, mid: '9', mute: true });
	await say(boss, { request: 'moderate', room, id, mid: '1', mute: true });
	await say(boss, { request: 'moderate', room });
	await say(boss, { request: 'enable_recording', room, secret: 'boss', record: true });
	await say(boss, { request: 'enable_recording', room, secret: 'boss', record: false });
	await say(boss, { request: 'enable_recording', room, secret: 'wrong', record: true });
	await say(boss, { request: 'enable_recording', room, secret: 'boss' });
	await say(boss, { request: 'enable_recording', room: 9, record: true });
	return { alice: id, carol: other.id };
}

async function subscriberScene(r, say, bob, ids) {
	const room = 4321;
	await say(bob, { request: 'join', room, ptype: 'subscriber', streams: [{ feed: 9 }] });
	for (const request of ['start', 'pause', 'subscribe', 'unsubscribe', 'update', 'switch'])
		await say(bob, { request });
	let { jsep } = await say(bob, { request: 'join', room, ptype: 'subscriber', streams: [{ feed: ids.alice }] });
	await say(bob, { request: 'start' }, answerTo(jsep));
	await say(bob, { request: 'start' }, offer());
	await say(bob, { request: 'pause' });
	await say(bob, { request: 'switch', streams: [{ feed: ids.carol, mid: '1', sub_mid: '1' }] });
	await say(bob, { request: 'switch', streams: [{ feed: 9, mid: '1', sub_mid: '1' }] });
	await say(bob, { request: 'switch', streams: [{ feed: ids.carol }] });
	({ jsep } = await say(bob, { request: 'subscribe', streams: [{ feed: ids.carol, mid: '0' }] }));
	await say(bob, { request: 'start' }, answerTo(jsep));
	await say(bob, { request: 'subscribe', streams: [] });
	await say(bob, { request: 'subscribe', streams: [{ feed: 9 }] });
	await say(bob, { request: 'subscribe' });
	({ jsep } = await say(bob, { request: 'unsubscribe', streams: [{ feed: ids.carol, mid: '0' }] }));
	await say(bob, { request: 'start' }, answerTo(jsep));
	await say(bob, { request: 'unsubscribe' });
	await say(bob, { request: 'unsubscribe', streams: [] });
	({ jsep } = await say(bob, { request: 'update', subscribe: [{ feed: ids.carol, mid: '0' }],
		unsubscribe: [{ sub_mid: '0' }] }));
	await say(bob, { request: 'start' }, answerTo(jsep));
	await say(bob, { request: 'update' });
	await say(bob, { request: 'publish' });
	await say(bob, { request: 'leave' });
}

async function videoroomScene(r) {
	const session = await newSession(r);
	const handles = {};
	for (const who of ['boss', 'alice', 'bob', 'carol'])
		handles[who] = await newHandle(r, session, VIDEOROOM);
	const { boss, alice, bob, carol } = handles, room = 4321;
	const say = (who, body, jsep, also) => r.message(VIDEOROOM, who, body, jsep, also);
	await roomScene(r, boss, say);
	const ids = await publisherScene(r, boss, say, alice, carol);
	await subscriberScene(r, say, bob, ids);
	await say(alice, { request: 'unpublish' });
	await say(alice, { request: 'leave' }, undefined, 'Of a publisher:');
	await say(boss, { request: 'kick', room, secret: 'boss', id: ids.carol });
	await say(boss, { request: 'kick', room, secret: 'boss', id: ids.carol });
	await say(boss, { request: 'kick', room, id: ids.carol });
	await say(boss, { request: 'kick', room: 9, id: 1 });
	await say(boss, { request: 'kick', room });
	await say(boss, { request: 'destroy', room });
	await say(boss, { request: 'destroy', room, secret: 'boss' });
	await say(boss, { request: 'destroy', room });
	await say(boss, { request: 'destroy' });
	await r.ask('core', { janus: 'destroy', session_id: session });
}

/** Two recordings that others have put there. */
function putRecordings(folder) {
	const began_us = 1795447255000000;
	const nfo = (id, more) => fs.writeFileSync(path.join(folder, `${id}.nfo`),
		`[${id}]\nname = Our talk\ndate = 2026-11-23 15:20:55\nprivate = false\nsecret = mine\n${more}`);
	nfo(1001, 'media = rec-1001.webm\naudio_codec = opus\nvideo_codec = vp8\nduration_ms = 61000\nbytes = 7654321\n');
	nfo(1002, 'audio = rec-1002-audio\naudio_codec = opus\n');
	writeMjr(path.join(folder, 'rec-1002-audio.mjr'), { t: 'a', c: 'opus', s: began_us, u: began_us },
		Array.from({ length: 50 }, (_, n) => silence(n, began_us + n * 20000)));
}

async function recordplayScene(r) {
	const session = await newSession(r);
	const [maker, viewer] = [await newHandle(r, session, RECORDPLAY), await newHandle(r, session, RECORDPLAY)];
	const say = (who, body, jsep) => r.message(RECORDPLAY, who, body, jsep);
	putRecordings(path.join(r.server.folder, 'state/recordings'));
	await say(maker, { request: 'update' });
	await say(maker, { request: 'list' });
	await say(maker, { request: 'configure', 'video-bitrate-max': 512000, 'video-keyframe-interval': 10000 });
	await say(maker, { request: 'record', name: 'Our talk' });
	await say(maker, { request: 'record' }, offer());
	await say(maker, { request: 'record', name: 'Our talk', id: 1002 }, offer());
	await say(maker, { request: 'record', name: 'Our talk', update: true }, offer());
	await say(maker, { request: 'record', name: 'Our talk', filename: '../talk' }, offer());
	await say(maker, { request: 'record', name: 'Our talk', id: 1003, audiocodec: 'opus', videocodec: 'vp8', secret: 'mine' },
		offer());
	await say(maker, { request: 'pause' });
	await say(maker, { request: 'resume' });
	await say(maker, { request: 'stop' });
	await say(viewer, { request: 'play', id: 42 });
	await say(viewer, { request: 'start' });
	await say(viewer, { request: 'seek', position: 30000 });
	await say(viewer, { request: 'speed', percent: 150 });
	const { jsep } = await say(viewer, { request: 'play', id: 1002 });
	await say(viewer, { request: 'play', id: 1002 });
	await say(viewer, { request: 'start' });
	await say(viewer, { request: 'start' }, answerTo(jsep));
	await say(viewer, { request: 'stop' });
	await say(maker, { request: 'play', id: 1002, shared: true });
	await say(viewer, { request: 'play', id: 1002, shared: true });
	await say(viewer, { request: 'pause' });
	await say(maker, { request: 'stop' });
	await say(maker, { request: 'delete', id: 42, secret: 'mine' });
	await say(maker, { request: 'delete', id: 1001, secret: 'guess' });
	await say(maker, { request: 'delete', id: 1001, secret: 'mine' });
	await r.ask('core', { janus: 'destroy', session_id: session });
}

async function adminServerScene(r, ask, stunPort) {
	await ask({ janus: 'get_status' });
	for (const [janus, field, value] of [['set_session_timeout', 'timeout', 60],
		['set_log_level', 'level', 4], ['set_log_timestamps', 'timestamps', false],
		['set_log_colors', 'colors', false], ['set_locking_debug', 'debug', false],
		['set_refcount_debug', 'debug', false], ['set_libnice_debug', 'debug', false],
		['set_min_nack_queue', 'min_nack_queue', 200], ['set_nack_optimizations', 'nack_optimizations', false],
		['set_no_media_timer', 'no_media_timer', 1], ['set_slowlink_threshold', 'slowlink_threshold', 0],
		['accept_new_sessions', 'accept', true], ['custom_logline', 'line', 'maintenance begins']]) {
		await ask({ janus, [field]: value });
		await ask({ janus });
		await ask({ janus, [field]: [] });
	}
	await ask({ janus: 'message_plugin', plugin: 'janus.plugin.videoroom', request: { request: 'exists', room: 1234 } });
	await ask({ janus: 'message_plugin', plugin: 'janus.plugin.nothing' });
	await ask({ janus: 'message_plugin' });
	await ask({ janus: 'reload_plugin', plugin: 'janus.plugin.mesh' });
	await ask({ janus: 'reload_plugin', plugin: 'janus.plugin.nothing' });
	await ask({ janus: 'reload_plugin' });
	await ask({ janus: 'query_transport', transport: 'janus.transport.http', request: { request: 'configure', json: 'compact' } });
	await ask({ janus: 'query_transport', transport: 'janus.transport.nothing' });
	await ask({ janus: 'query_transport' });
	await ask({ janus: 'query_logger', logger: 'janus.logger.nothing' });
	await ask({ janus: 'query_logger' });
	await ask({ janus: 'query_eventhandler', handler: 'janus.eventhandler.nothing', request: { request: 'tweak', events: 'all' } });
	await ask({ janus: 'custom_event', schema: 'my.schema', data: { door: 'open' } });
	await ask({ janus: 'loops_info' });
	await ask({ janus: 'resolve_address', address: '127.0.0.1' });
	await ask({ janus: 'resolve_address' });
	await ask({ janus: 'test_stun', address: '127.0.0.1', port: stunPort });
	await ask({ janus: 'test_stun', address: '127.0.0.1' });
	await ask({ janus: 'test_stun', address: '127.0.0.1', port: 70000 });
}

async function captureScene(ask, both) {
	for (const [form, filename] of [['pcap', 'cardea-call.pcap'], ['text2pcap', 'cardea-call.txt']]) {
		const folder = '/tmp';
		await ask({ janus: `start_${form}`, ...both, folder, filename, truncate: 100 });
		await ask({ janus: `start_${form}`, ...both, folder, filename });
		await ask({ janus: `stop_${form}`, ...both });
		await ask({ janus: `stop_${form}`, ...both });
		fs.rmSync(`${folder}/${filename}`);
	}
}

async function adminSessionScene(r, ask) {
	const session = await newSession(r), id = { session_id: session };
	const { handle } = await newHandle(r, session, ECHO);
	await ask({ janus: 'list_sessions' });
	await ask({ janus: 'list_handles', ...id });
	await ask({ janus: 'list_handles', session_id: 1 });
	const both = { ...id, handle_id: handle };
	await ask({ janus: 'set_session_timeout', ...id, timeout: 300 });
	await ask({ janus: 'set_session_timeout', ...id, timeout: -2 });
	await ask({ janus: 'set_session_timeout', ...id });
	await ask({ janus: 'handle_info', ...both, plugin_only: true });
	await ask({ janus: 'handle_info', ...both, plugin_only: 'yes' });
	await ask({ janus: 'handle_info', ...id, handle_id: 1 });
	await r.message(ECHO, { session, handle }, { audio: true }, offer());
	await ask({ janus: 'explain', ...both });
	await ask({ janus: 'explain', ...id, handle_id: 1 });
	await until('a reason that has lasted', async () => // as long as the server takes to list it
		(await r.post(r.server.adminUrl, { janus: 'explain', transaction: 't', admin_secret: SECRET })).handles.length);
	await ask({ janus: 'explain' });
	await ask({ janus: 'explain', after: 'nowhere' });
	await captureScene(ask, both);
	await ask({ janus: 'hangup_webrtc', ...both });
	await ask({ janus: 'hangup_webrtc', ...id, handle_id: 1 });
	await ask({ janus: 'detach_handle', ...both });
	await ask({ janus: 'detach_handle', ...both });
	await ask({ janus: 'destroy_session', ...id });
	await ask({ janus: 'destroy_session', ...id });
}

async function adminScene(r) {
	const ask = (request) => r.ask('admin', request, { secret: SECRET });
	await r.ask('admin', { janus: 'get_status' });
	await withStunServer((port) => adminServerScene(r, ask, port));
	await adminSessionScene(r, ask);
	await ask({ janus: 'list_tokens' });
}

async function tokenScene(r) {
	const ask = (request) => r.ask('admin', request, { secret: SECRET });
	const plugins = ['janus.plugin.echotest'];
	await ask({ janus: 'add_token', token: 'a1b2c3', plugins });
	await ask({ janus: 'add_token' });
	await ask({ janus: 'add_token', token: '' });
	await ask({ janus: 'allow_token', token: 'a1b2c3', plugins: ['janus.plugin.videoroom'] });
	await ask({ janus: 'allow_token', token: 'zzz', plugins });
	await ask({ janus: 'allow_token', token: 'a1b2c3' });
	await ask({ janus: 'disallow_token', token: 'a1b2c3', plugins: ['janus.plugin.videoroom'] });
	await ask({ janus: 'disallow_token', token: 'zzz', plugins });
	await ask({ janus: 'disallow_token', token: 'a1b2c3' });
	await ask({ janus: 'list_tokens' });
	await ask({ janus: 'remove_token', token: 'a1b2c3' });
	await ask({ janus: 'remove_token', token: 'a1b2c3' });
	await ask({ janus: 'remove_token' });
}

/** Play all of them. @return examples by "area/request" */
export async function recordAll() {
	const conf = { 'plugin.videoroom': { general: {} } };
	const all = await Recorder.with({ conf }, async (r) => {
		await coreScene(r);
		await videoroomScene(r);
		await recordplayScene(r);
		await adminScene(r);
	});
	const tokens = await Recorder.with({ conf: { core: { general: { token_auth: true } } } }, tokenScene);
	for (const [name, example] of tokens) {
		const known = all.get(name);
		all.set(name, { ...example, refused: [...example.refused, ...(known?.refused ?? [])] });
	}
	return all;
}
