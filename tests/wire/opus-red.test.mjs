// Opus RED (RFC 2198) in descriptions: who accepts it of whom, and how it is written. What comes
// first in an answer is what Chromium sends.
import { strict as assert } from 'node:assert';
import test from 'node:test';
import { connect } from '../lib/api.mjs';
import { createRoom } from '../lib/calls.mjs';
import { sdpMeaning } from '../lib/sdp.mjs';
import { IS_REFERENCE, withServer } from '../lib/server.mjs';

const options = { skip: IS_REFERENCE && 'not offered in its rooms' };
const PREFERS_OPUS = '111 63';
const PREFERS_RED = '63 111';
const PLAIN = ['opus/48000/2'];
const WITH_RED = ['red/48000/2', 'opus/48000/2'];

const offerOf = (formats, red = '111/111') => ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 't=0 0',
	'a=group:BUNDLE 0', 'a=ice-ufrag:abcd', 'a=ice-pwd:abcdabcdabcdabcdabcdabcd',
	`a=fingerprint:sha-256 ${Array(32).fill('AB').join(':')}`, 'a=setup:actpass',
	`m=audio 9 UDP/TLS/RTP/SAVPF ${formats} 0`, 'c=IN IP4 0.0.0.0', 'a=mid:0', 'a=sendrecv',
	'a=rtcp-mux', 'a=rtpmap:111 opus/48000/2', 'a=fmtp:111 minptime=10;useinbandfec=1',
	'a=rtpmap:63 red/48000/2', `a=fmtp:63 ${red}`, 'a=rtpmap:0 PCMU/8000', ''].join('\r\n');
const codecsOf = ({ sdp }) => sdpMeaning(sdp).media[0].codecs;
const namesOf = (jsep) => Object.keys(codecsOf(jsep));

const withSession = (body) => withServer({}, async (server) => {
	const client = await connect(server, 'ws');
	await body(await client.createSession());
	await client.close();
});

test('the echo test takes it of who asks for it', options, () => withSession(async (session) => {
	const call = async (body, formats, { red, ...extra } = {}) => {
		const handle = await session.attach('janus.plugin.echotest');
		const { jsep } = await handle.message({ audio: true, ...body },
			{ type: 'offer', sdp: offerOf(formats, red), ...extra });
		return { jsep };
	};
	const { jsep } = await call({ opusred: true }, PREFERS_OPUS);
	assert.deepEqual(namesOf(jsep), WITH_RED);
	assert.deepEqual(codecsOf(jsep)[WITH_RED[0]], { pt: 63, fmtp: ['111/111'], feedback: {} });
	for (const body of [{ opusred: false }, {}])
		assert.deepEqual(namesOf((await call(body, PREFERS_RED)).jsep), PLAIN);
	for (const extra of [{ red: '111/0' }, { e2ee: true }])
		assert.deepEqual(namesOf((await call({ opusred: true }, PREFERS_RED, extra)).jsep), PLAIN);
}));

test('a room takes it of who prefers it, or as it is told', options, () => withSession(async (session) => {
	const lists = await session.attach('janus.plugin.videoroom');
	for (const [opusred, preferring, offering] of [[undefined, WITH_RED, PLAIN],
		[true, WITH_RED, WITH_RED], [false, PLAIN, PLAIN]]) {
		const room = await createRoom(session, opusred === undefined ? {} : { opusred });
		const { list } = await lists.message({ request: 'list' });
		assert.equal(list.find((r) => r.room === room).opusred, opusred || undefined);
		for (const [formats, expected] of [[PREFERS_RED, preferring], [PREFERS_OPUS, offering]]) {
			const up = await session.attach('janus.plugin.videoroom');
			const joined = await up.message({ request: 'joinandconfigure', ptype: 'publisher', room },
				{ type: 'offer', sdp: offerOf(formats) });
			assert.deepEqual(namesOf(joined.jsep), expected);
			/* and so it is offered to subscribers, who may turn it down */
			const down = await session.attach('janus.plugin.videoroom');
			const { jsep } = await down.message({ request: 'join', ptype: 'subscriber', room,
				streams: [{ feed: joined.id }] });
			assert.deepEqual(namesOf(jsep), [...expected].reverse());
			assert.equal(codecsOf(jsep)[PLAIN[0]].pt, 111);
			if (expected === WITH_RED)
				assert.deepEqual(codecsOf(jsep)[WITH_RED[0]], { pt: 120, fmtp: ['111/111'], feedback: {} });
		}
	}
}));
