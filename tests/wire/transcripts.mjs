// Which transcripts are replayed, against which configuration, and how.
//   over   transports that carry the transcript's WebSocket traffic (HTTP transcripts run as they are)
//   media  true: offers and answers are a live browser's, since later steps need a connection
const signed = { core: { general: { api_secret: 'both', token_auth: true,
	token_auth_secret: 'janus' } } };
const rooms = {
	'room-1234': { description: 'Demo Room', publishers: 6, bitrate: 128000, fir_freq: 10,
		record: false },
	'room-5678': { description: 'VP9-SVC Demo Room', publishers: 6, bitrate: 512000, fir_freq: 10,
		videocodec: 'vp9', video_svc: true },
};

export const transcripts = [
	{ name: 'ws-basic', over: ['ws', 'http'] },
	{ name: 'ws-errors', over: ['ws', 'http'] },
	{ name: 'misc-checks', over: ['ws', 'http'] },
	{ name: 'http-basic', over: ['ws'] },
	{ name: 'http-errors', over: ['ws'] },
	{ name: 'http-cors', over: ['ws'], conf: { 'transport.http': { cors: {
		allow_origin: 'http://foo.example', enforce_cors: true } } } },
	{ name: 'auth-apisecret', over: ['ws'], conf: { core: { general: { api_secret: 'janusrocks' } } } },
	{ name: 'auth-signed', over: ['ws', 'http'], conf: signed },
	{ name: 'admin-http', over: ['ws'] },
	{ name: 'admin-errors', over: ['ws'] },
	{ name: 'admin-ws', over: ['ws'] },
	{ name: 'sdp-shapes', over: ['ws', 'http'] },
	{ name: 'client-janode', over: ['ws'] },
	{ name: 'videoroom-management', over: ['ws', 'http'], conf: { 'plugin.videoroom': rooms } },
	{ name: 'videoroom-string-ids', over: ['ws', 'http'], conf: { 'plugin.videoroom': { general: {
		string_ids: true, admin_key: 'supersecret', lock_rtp_forward: true }, ...rooms } } },
	{ name: 'echotest', over: ['ws', 'http'], media: true },
	{ name: 'ws-echotest-trickle', over: ['ws', 'http'], media: true },
	{ name: 'ws-echotest-renegotiation', over: ['ws'], media: true },
	{ name: 'ws-media-direction', over: ['ws'], media: true },
	{ name: 'ws-simulcast-rid', over: ['ws'], media: true },
	{ name: 'videoroom-media', over: ['ws', 'http'], media: true },
	{ name: 'videoroom-extra', over: ['ws', 'http'], media: true },
	{ name: 'videoroom-options', over: ['ws', 'http'], media: true },
];
