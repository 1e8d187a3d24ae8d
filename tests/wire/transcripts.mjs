// Which transcripts are replayed, against which configuration, and how.
//   over      transports that carry the transcript's WebSocket traffic (HTTP transcripts run as they are)
//   conf      configuration
//   media     true: offers and answers are a live browser's, since later steps need a connection
//   opening   the transcript of the call that this one was taken during: it is replayed up to its first note
//   wait_ms   how long an answer or event may take, where it is longer than usual
//   stops     true: the captured page stopped sending before it was told that nothing is received any more
//   before    what has to be so before the step of that label is sent: functions of the server that wait for it
//   everyNth  of the media datagrams of either way, each n-th is lost
import fs from 'node:fs';
import path from 'node:path';
import { until } from '../lib/wait.mjs';

/** Bytes of its files; it is made with the first. */
const sizeOf = (folder) => (fs.existsSync(folder) ? fs.readdirSync(folder) : [])
	.reduce((sum, name) => sum + fs.statSync(path.join(folder, name)).size, 0);
/** What is recorded has pictures: sound of so short a time is smaller. */
const hasPictures = (server) => until('pictures in a file',
	() => sizeOf(path.join(server.folder, 'state/recordings')) > 40000);
const signed = { core: { general: { api_secret: 'both', token_auth: true,
	token_auth_secret: 'janus' } } };
const nat = {
	core: {
		general: { admin_secret: '', hide_dependencies: true, log_to_file: 'o.log',
			interface: '127.0.0.1' },
		media: { dscp: 46, ipv6: true },
		nat: { nat_1_1_mapping: '203.0.113.5,203.0.113.6', keep_private_host: true, ignore_mdns: true,
			ice_tcp: true },
	},
};
const fullTrickle = {
	core: {
		general: { opaqueid_in_api: true, event_loops: 2, allow_loop_indication: true },
		media: { no_media_timer: 3 },
		nat: { full_trickle: true, ice_lite: true },
	},
};
const rooms = {
	'room-1234': { description: 'Demo Room', publishers: 6, bitrate: 128000, fir_freq: 10,
		record: false },
	'room-5678': { description: 'VP9-SVC Demo Room', publishers: 6, bitrate: 512000, fir_freq: 10,
		videocodec: 'vp9', video_svc: true },
};

export const transcripts = [
	{ name: 'http-basic', over: ['ws'] }, // first, since its polls take a minute
	{ name: 'ws-ice-failure', over: ['ws', 'http'], wait_ms: 25000 },
	{ name: 'ws-basic', over: ['ws', 'http'] },
	{ name: 'ws-errors', over: ['ws', 'http'] },
	{ name: 'misc-checks', over: ['ws', 'http'] },
	{ name: 'http-errors', over: ['ws'] },
	{ name: 'http-cors', over: ['ws'], conf: { 'transport.http': { cors: {
		allow_origin: 'http://foo.example', enforce_cors: true } } } },
	{ name: 'pfunix', over: ['unix'], conf: { 'transport.pfunix': { general: { enabled: true, path: 'api' },
		admin: { admin_enabled: true, admin_path: 'admin', admin_type: 'SOCK_DGRAM' } } } },
	{ name: 'auth-apisecret', over: ['ws'], conf: { core: { general: { api_secret: 'janusrocks' } } } },
	{ name: 'auth-tokens', over: ['ws'], conf: { core: { general: { token_auth: true } } } },
	{ name: 'auth-signed', over: ['ws', 'http'], conf: signed },
	{ name: 'info-and-nat-options', over: ['ws', 'http'], conf: nat },
	{ name: 'admin-http', over: ['ws'], conf: { core: { general: { debug_colors: false,
		protected_folders: ['/etc'] } } } },
	{ name: 'admin-errors', over: ['ws'] },
	{ name: 'admin-ws', over: ['ws'] },
	{ name: 'sdp-shapes', over: ['ws', 'http'] },
	{ name: 'client-janode', over: ['ws'] },
	{ name: 'videoroom-management', over: ['ws', 'http'], conf: { 'plugin.videoroom': rooms } },
	{ name: 'videoroom-string-ids', over: ['ws', 'http'], conf: { 'plugin.videoroom': { general: {
		string_ids: true, admin_key: 'supersecret', lock_rtp_forward: true }, ...rooms } } },
	{ name: 'echotest', over: ['ws', 'http'], media: true },
	{ name: 'ws-echotest-trickle', over: ['ws', 'http'], media: true, stops: true },
	{ name: 'ws-fulltrickle-icelite', over: ['ws', 'http'], media: true, stops: true, conf: fullTrickle },
	{ name: 'ws-slowlink', over: ['ws', 'http'], media: true, everyNth: 5, wait_ms: 20000,
		conf: { core: { media: { slowlink_threshold: 1 } } } },
	{ name: 'ws-admin-actions', over: ['ws'], media: true },
	{ name: 'admin-handle-info', over: ['ws'], media: true, opening: 'ws-echotest-trickle' },
	{ name: 'ws-echotest-renegotiation', over: ['ws'], media: true },
	{ name: 'ws-media-direction', over: ['ws'], media: true },
	{ name: 'ws-simulcast-rid', over: ['ws'], media: true },
	{ name: 'recordplay', over: ['ws', 'http'], media: true, wait_ms: 20000, before: { stop: hasPictures } },
	{ name: 'videoroom-media', over: ['ws', 'http'], media: true },
	{ name: 'videoroom-extra', over: ['ws', 'http'], media: true },
	{ name: 'videoroom-options', over: ['ws', 'http'], media: true },
];
