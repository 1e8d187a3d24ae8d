// Why there is no picture: each reason is made by a client, read by it and by an operator, and ended.
import { strict as assert } from 'node:assert';
import test from 'node:test';
import { admin, connect } from '../lib/api.mjs';
import { withBrowser } from '../lib/browser.mjs';
import { CAMERA, createRoom, Participant } from '../lib/calls.mjs';
import { handmade } from '../lib/handmade.mjs';
import { openRelay, through } from '../lib/lossy.mjs';
import { Peers } from '../lib/media.mjs';
import { IS_REFERENCE, withServer } from '../lib/server.mjs';
import { until } from '../lib/wait.mjs';

const options = { skip: IS_REFERENCE && 'a request of its own', timeout: 120000 };

const inSession = (body) => withServer({}, async (server) => {
	const client = await connect(server, 'ws');
	await body({ server, session: await client.createSession() });
	await client.close();
});

const inBrowser = (body) => inSession((world) => withBrowser('chromium', async (browser) => {
	const peers = await Peers.open(browser);
	await body({ ...world, peers });
	await peers.close();
}));

async function explain(handle) {
	const answer = await handle.request({ janus: 'explain' });
	assert.equal(answer.janus, 'success', JSON.stringify(answer));
	assert.equal(answer.session_id, handle.session.id);
	return answer.data;
}

/** Wait until @p handle has this reason. @return it */
async function reason(handle, code, wants = () => true, ms = 15000) {
	let last;
	return until(() => `${code}; last: ${JSON.stringify(last)}`, async () => {
		last = await explain(handle);
		return last.reasons.find((r) => r.code === code && wants(r));
	}, { ms, every: 100 });
}

/** Wait until all is well, and nothing but what is meant is left to say. */
async function well(handle, ms = 15000) {
	let last;
	await until(() => `good state; last: ${JSON.stringify(last)}`, async () => {
		last = await explain(handle);
		return last.well && !last.reasons.length;
	}, { ms, every: 100 });
}

const ofVideo = (direction) => (r) => r.kind === 'video' && r.direction === direction;

async function offerEcho(session, sdp) {
	const handle = await session.attach('janus.plugin.echotest');
	const answer = await handle.message({ audio: true, video: true }, { type: 'offer', sdp });
	assert.equal(answer.result, 'ok', JSON.stringify(answer));
	return { handle, answer: answer.jsep.sdp };
}

const logged = (server, pattern) => until(`${pattern} in the log`, () => pattern.test(server.log), { ms: 15000 });

test('who never sends a packet is told what was offered', options, () => inBrowser(async ({ server, session, peers }) => {
	const sdp = await peers.offer('late', CAMERA);
	const { handle, answer } = await offerEcho(session, sdp);
	const found = await reason(handle, 'never_heard');
	assert.match(found.text, new RegExp(`is UDP ${server.ports.udp} open\\? It was offered [0-9a-f.:]+`));
	assert.ok(found.todo.length > 0 && found.since_ms >= 0);
	assert.equal(found.mid, undefined);
	await logged(server, /explain.*no connection.*code=never_heard/);
	const { handles, more } = await admin(server, { janus: 'explain' });
	assert.equal(more, 0);
	assert.deepEqual(handles.map((h) => [h.session_id, h.handle_id, h.plugin, h.reasons[0].code]),
		[[session.id, handle.id, 'janus.plugin.echotest', 'never_heard']]);
	await peers.take('late', answer);
	await handle.core('webrtcup', () => true, 10000);
	await logged(server, /explain.*connection is well.*code=never_heard/);
	await well(handle);
	assert.deepEqual((await admin(server, { janus: 'explain' })).handles, []);
}));

test('who names no candidate is told so', options, () => inSession(async ({ session }) => {
	const { handle } = await offerEcho(session, handmade([{ kind: 'audio', direction: 'sendrecv' }]));
	await reason(handle, 'never_heard'); // it need not name any
	await handle.request({ janus: 'trickle', candidate: { completed: true } });
	await reason(handle, 'no_candidates');
	await handle.request({ janus: 'trickle', candidate: { sdpMid: '0',
		candidate: 'candidate:1 1 udp 2122265343 192.0.2.7 40000 typ host' } });
	await reason(handle, 'never_heard');
	await handle.request({ janus: 'hangup' });
	await handle.core('hangup');
	const { well: isWell, reasons } = await explain(handle);
	assert.equal(isWell, true);
	assert.deepEqual(reasons.map((r) => r.code), ['closed']);
}));

test('an offer that is not answered is a reason until it is', options, () => inBrowser(async ({ server, session, peers }) => {
	const room = await createRoom(session);
	const ann = await Participant.join(session, peers, room, 'ann');
	await ann.publish();
	await well(ann.handle);
	const viewer = await session.attach('janus.plugin.videoroom');
	const attached = await viewer.message({ request: 'join', ptype: 'subscriber', room,
		streams: [{ feed: ann.id }] });
	await reason(viewer, 'no_answer');
	await logged(server, /explain.*no connection.*code=no_answer/);
	const sdp = await peers.answer('bob', attached.jsep.sdp);
	await viewer.message({ request: 'start' }, { type: 'answer', sdp });
	await viewer.core('webrtcup', () => true, 10000);
	await well(viewer);
	await logged(server, /explain.*connection is well.*code=no_answer/);
}));

test('what is muted by the room, and paused by its subscriber', options, () => inBrowser(async ({ server, session, peers }) => {
	const room = await createRoom(session, { secret: 'adminadmin' });
	const ann = await Participant.join(session, peers, room, 'ann');
	await ann.publish();
	const bob = await Participant.join(session, peers, room, 'bob');
	await bob.watch([ann.id]);
	await well(bob.viewer);
	const mute = (on) => ann.handle.message({ request: 'moderate', room, secret: 'adminadmin', id: ann.id,
		mid: '1', mute: on });
	await mute(true);
	const found = await reason(bob.viewer, 'muted', ofVideo('send'));
	assert.equal(found.mid, '1');
	assert.equal(found.visitor, 'The host has turned this picture off.');
	const own = await reason(ann.handle, 'muted', ofVideo('recv'));
	assert.equal(own.visitor, 'The host has turned your picture off.');
	assert.equal((await explain(bob.viewer)).well, true); /* somebody wants it so */
	const info = await admin(server, { janus: 'handle_info', session_id: session.id, handle_id: bob.viewer.id });
	assert.deepEqual(info.info.webrtc.media['1'].why.map((r) => r.code), ['muted']);
	assert.equal(info.info.webrtc.media['0'].why, undefined);
	await mute(false);
	await well(bob.viewer);
	await bob.viewer.message({ request: 'configure', streams: [{ mid: '1', send: false }] });
	await reason(bob.viewer, 'paused', ofVideo('send'));
	await logged(server, /explain.*no media.*code=paused mid=1 kind=video direction=send/);
	await bob.viewer.message({ request: 'configure', streams: [{ mid: '1', send: true }] });
	await well(bob.viewer);
	await logged(server, /explain.*media is well.*code=paused mid=1/);
	await ann.leave();
	await reason(bob.viewer, 'no_source', ofVideo('send')); /* the room has taken it back */
}));

test('who gets a picture and is not heard of is told so', options, () => inBrowser(async ({ server, session, peers }) => {
	const relay = await openRelay(server.ports.udp, () => true);
	const room = await createRoom(session);
	const ann = await Participant.join(session, peers, room, 'ann');
	await ann.publish();
	const answer = peers.answer.bind(peers);
	peers.answer = (name, sdp, ...more) => answer(name, through(relay, sdp), ...more);
	const bob = await Participant.join(session, peers, room, 'bob');
	await bob.watch([ann.id]);
	await well(bob.viewer);
	relay.everyNth = 1; /* nothing passes */
	const found = await reason(bob.viewer, 'peer_quiet', ofVideo('send'));
	assert.ok(found.since_ms >= 1500 && found.since_ms < 8000, `after ${found.since_ms} ms`);
	relay.everyNth = 0;
	await well(bob.viewer);
	relay.close();
}));

/** Pictures leave the page, but no keyframes as long as window.withhold is true. */
async function withholdKeyframes(peers, name) {
	await peers.page.evaluate((n) => {
		window.withhold = true;
		makePeer(n, { bundlePolicy: 'max-bundle', encodedInsertableStreams: true });
	}, name);
	const sdp = await peers.offer(name, CAMERA);
	await peers.page.evaluate((n) => {
		for (const end of peers[n].pc.getTransceivers().flatMap((t) => [t.sender, t.receiver])) {
			const { readable, writable } = end.createEncodedStreams();
			const isOurs = end instanceof RTCRtpSender;
			readable.pipeThrough(new TransformStream({ transform(frame, to) {
				if (!(isOurs && window.withhold && frame.type === 'key'))
					to.enqueue(frame);
			} })).pipeTo(writable);
		}
	}, name);
	return sdp;
}

test('a picture without a keyframe is waited for', options, () => inBrowser(async ({ session, peers }) => {
	const sdp = await withholdKeyframes(peers, 'cam');
	const { handle, answer } = await offerEcho(session, sdp);
	await peers.take('cam', answer);
	await handle.core('webrtcup', () => true, 10000);
	const found = await reason(handle, 'waits_for_keyframe', ofVideo('send'));
	await reason(handle, 'waits_for_keyframe', (r) => /asked \d+ times?, the last time \d+ m?s ago/.test(r.text));
	assert.equal(found.mid, '1');
	await peers.page.evaluate(() => { window.withhold = false; });
	await well(handle);
	await peers.mediaFlows('cam');
}));

test('a sound that ends is missed, and comes back', options, () => inBrowser(async ({ session, peers }) => {
	const { handle, answer } = await offerEcho(session, await peers.offer('mic', CAMERA));
	await peers.take('mic', answer);
	await handle.core('webrtcup', () => true, 10000);
	await well(handle);
	await peers.dropSound('mic');
	const found = await reason(handle, 'stalled', (r) => r.kind === 'audio' && r.direction === 'recv');
	assert.ok(found.since_ms >= 5000, `after ${found.since_ms} ms`);
	await reason(handle, 'source_stalled', (r) => r.kind === 'audio' && r.direction === 'send');
	await peers.page.evaluate(async (n) => {
		const sender = peers[n].pc.getSenders().find((s) => !s.track);
		await sender.replaceTrack(await window.capture('audio'));
	}, 'mic');
	await well(handle);
}));

test('bad requests are refused', options, () => inSession(async ({ server, session }) => {
	const handle = await session.attach('janus.plugin.echotest');
	assert.deepEqual(await explain(handle), { well: true, reasons: [] });
	const code = async (request) => (await session.request({ janus: 'explain', ...request })).error?.code;
	assert.equal(await code({}), 457);
	assert.equal(await code({ handle_id: handle.id + 1 }), 459);
	assert.equal(await code({ handle_id: 'x' }), 459);
	const other = await session.client.createSession();
	assert.equal((await other.request({ janus: 'explain', handle_id: handle.id })).error.code, 459);
	const http = await connect(server, 'http');
	const mine = await (await http.createSession()).attach('janus.plugin.echotest');
	assert.deepEqual(await explain(mine), { well: true, reasons: [] });
	await http.close();
	assert.equal((await admin(server, { janus: 'explain' }, { secret: 'no' })).error.code, 403);
	assert.equal((await admin(server, { janus: 'explain', session_id: session.id })).error.code, 457);
	assert.equal((await admin(server, { janus: 'explain', session_id: session.id, handle_id: 1 })).error.code, 459);
	assert.deepEqual((await admin(server, { janus: 'explain' })).handles, []);
}));
