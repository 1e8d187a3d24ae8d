// Redundant audio (Opus RED, RFC 2198) to and from a real browser: who asks for it gets it, and
// subscribers with and without it hear the same publisher.
import { strict as assert } from 'node:assert';
import test, { after, before } from 'node:test';
import { admin, connect } from '../lib/api.mjs';
import { launch, shut } from '../lib/browser.mjs';
import { callEcho, createRoom, Participant } from '../lib/calls.mjs';
import { Peers } from '../lib/media.mjs';
import { IS_REFERENCE, withServer } from '../lib/server.mjs';
import { until } from '../lib/wait.mjs';

const options = { skip: IS_REFERENCE && 'not offered in its rooms', timeout: 60000 };
// Every PeerConnection is on another worker than the one before it.
const SPREAD = { core: { media: { workers: 2, peers_together: 1 } } };
const sound = (direction, codec) => [{ kind: 'audio', direction, codec }];
let browser;
before(async () => { browser = await launch('chromium'); });
after(() => browser && shut(browser));

const RED = 'blocks'; // what a payload begins with: headers of blocks of type 111, or Opus
const OPUS = 'opus';

/** Statistics name Opus whatever it comes in, so the frames themselves are looked at: in the page,
 *  `typesOf[name]` counts those that connection `name` got, by payload type and content. */
function countTypes() {
	window.typesOf = {};
	const source = `onrtctransform = ({ transformer: t }) => t.readable.pipeThrough(new TransformStream({
		transform(frame, out) {
			const what = (new Uint8Array(frame.data)[0] & 0x7f) === 111 ? 'blocks' : 'opus';
			postMessage({ name: t.options.name, type: frame.getMetadata().payloadType + ' ' + what });
			out.enqueue(frame);
		} })).pipeTo(t.writable);`;
	const worker = new Worker(URL.createObjectURL(new Blob([source])));
	worker.onmessage = ({ data: { name, type } }) => {
		window.typesOf[name] ??= {};
		window.typesOf[name][type] = (window.typesOf[name][type] ?? 0) + 1;
	};
	const watch = (pc, receiver) => {
		const name = Object.keys(peers).find((n) => peers[n].pc === pc);
		receiver.transform ??= new RTCRtpScriptTransform(worker, { name });
	};
	/* from the beginning: once sound comes it is too late */
	window.RTCPeerConnection = class extends RTCPeerConnection {
		constructor(...args) {
			super(...args);
			this.addEventListener('track', (e) => watch(this, e.receiver));
		}

		addTransceiver(...args) {
			const transceiver = super.addTransceiver(...args);
			watch(this, transceiver.receiver);
			return transceiver;
		}
	};
}

const withPeers = (conf, body) => withServer({ conf }, async (server) => {
	const peers = await Peers.open(browser);
	const client = await connect(server, 'ws');
	try {
		await peers.page.evaluate(countTypes);
		await body(peers, await client.createSession(), server);
	} finally {
		await client.close();
		await peers.close();
	}
});

/** What @p name hears is of each of the types, and nothing else. */
async function hears(peers, name, ...wanted) {
	let types;
	await until(() => `sound of ${wanted}, there is ${JSON.stringify(types)}`, async () => {
		types = await peers.page.evaluate((n) => window.typesOf[n] ?? {}, name);
		return wanted.every((type) => types[type] >= 20);
	});
	assert.deepEqual(Object.keys(types).sort(), wanted);
	await peers.mediaFlows(name, { audio: wanted.length, video: 0 });
}

test('the echo of who asks for it', options, () => withPeers({}, async (peers, session, server) => {
	const sendrecv = sound('sendrecv');
	const red = await callEcho(session, peers, 'red', { lines: sendrecv, body: { audio: true, opusred: true } });
	await callEcho(session, peers, 'plain', { lines: sendrecv, body: { audio: true } });
	await hears(peers, 'red', `63 ${RED}`);
	await hears(peers, 'plain', `111 ${OPUS}`);
	const { info } = await admin(server, { janus: 'handle_info', session_id: session.id, handle_id: red.id });
	assert.deepEqual(info.webrtc.media[0].codecs, { pt: 111, 'opus-red-pt': 63, codec: 'opus' });
}));

/** Subscribe with a client that does not know it. */
async function watchPlain(peers, who, feed) {
	who.viewer = await who.session.attach('janus.plugin.videoroom');
	const attached = await who.viewer.message({ request: 'join', ptype: 'subscriber',
		room: who.room, streams: [{ feed: feed.id }] });
	const sdp = attached.jsep.sdp.replace(/^(m=audio .* 111) 120/m, '$1')
		.replace(/^a=(rtpmap|fmtp):120 .*\r\n/mg, '');
	assert.notEqual(sdp, attached.jsep.sdp);
	await who.accept({ type: 'offer', sdp });
	await who.viewer.core('webrtcup', () => true, 10000);
}

test('who does not know it hears the same publisher, on either worker', options,
	() => withPeers(SPREAD, async (peers, session) => {
		const room = await createRoom(session);
		const [ann, bob, cem, dan] = await Promise.all(['Ann', 'Bob', 'Cem', 'Dan']
			.map((name) => Participant.join(session, peers, room, name)));
		await ann.publish(sound('sendonly', 'red'));
		await dan.publish(sound('sendonly', 'opus'));
		for (const who of [ann, bob]) {
			await watchPlain(peers, who, ann);
			await hears(peers, `${who.name} down`, `111 ${OPUS}`);
		}
		await cem.watch([ann.id]);
		await hears(peers, 'Cem down', `120 ${RED}`);
		await dan.watch([dan.id, ann.id]);
		await hears(peers, 'Dan down', `111 ${OPUS}`, `120 ${RED}`);
		/* a switch to one who sends plain sound, and back */
		await peers.page.evaluate(() => { window.typesOf = {}; });
		const to = (feed) => cem.viewer.message({ request: 'switch',
			streams: [{ feed: feed.id, mid: '0', sub_mid: '0' }] });
		const comes = (type) => until(`sound of type ${type}`, () => peers.page.evaluate(
			(t) => window.typesOf['Cem down']?.[t] >= 20, type));
		await to(dan);
		await comes(`111 ${OPUS}`);
		await peers.page.evaluate(() => { window.typesOf = {}; });
		await to(ann);
		await comes(`120 ${RED}`);
	}));
