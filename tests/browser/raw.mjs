// Media tests with bare PeerConnections, the same for every browser: what goes up comes down, in
// the echo and in a room of three, also after leaving and coming back.
import { strict as assert } from 'node:assert';
import test, { after, before } from 'node:test';
import { connect } from '../lib/api.mjs';
import { launch, shut } from '../lib/browser.mjs';
import { callEcho, CAMERA, createRoom, Participant } from '../lib/calls.mjs';
import { Peers } from '../lib/media.mjs';
import { withServer } from '../lib/server.mjs';

// Every PeerConnection is on another worker than the one before it.
const SPREAD = { core: { media: { workers: 2, peers_together: 1 } } };

async function inCall(browser, body, conf = {}) {
	await withServer({ conf }, async (server) => {
		const peers = await Peers.open(browser);
		const client = await connect(server, 'ws');
		try {
			await body({ server, peers, client, session: await client.createSession() });
		} catch (e) {
			const told = peers.page.told.slice(-10).join('\n');
			e.message += told && `\n--- the page said ---\n${told}`;
			throw e;
		} finally {
			await client.close();
			await peers.close();
		}
	});
}

async function echo({ session, peers }) {
	const handle = await callEcho(session, peers, 'me');
	await handle.core('media', (m) => m.type === 'video' && m.receiving === true);
	await peers.mediaFlows('me');
	await handle.request({ janus: 'hangup' });
	await handle.notice('done', (d) => d.result === 'done');
	const hangup = await handle.core('hangup');
	assert.equal(hangup.reason, 'Janus API');
}

async function echoMuted({ session, peers }) {
	const handle = await callEcho(session, peers, 'me');
	await peers.mediaFlows('me');
	assert.equal((await handle.message({ video: false })).result, 'ok');
	const videoOf = (m) => m.inbound.find((i) => i.kind === 'video').packets;
	let before = -1;
	await peers.until('me', 'end of the video', (m) => {
		const stood = videoOf(m) === before;
		before = videoOf(m);
		return stood;
	});
	assert.equal((await handle.message({ video: true })).result, 'ok');
	await peers.until('me', 'video again', (m) => videoOf(m) > before + 10);
	await peers.pictureChanges('me');
}

/** The page closes its connection: the server must notice and say so. */
async function echoClosed({ session, peers }) {
	const handle = await callEcho(session, peers, 'me');
	await peers.mediaFlows('me', { video: 0 });
	await peers.closePeer('me');
	await handle.notice('done', (d) => d.result === 'done');
	const hangup = await handle.core('hangup');
	assert.equal(hangup.reason, 'DTLS alert');
}

async function restartIce({ session, peers }) {
	const handle = await callEcho(session, peers, 'me');
	await peers.mediaFlows('me', { video: 0 });
	const sdp = await peers.offer('me', [], { restart: true });
	const answer = await handle.message({ audio: true }, { type: 'offer', sdp, restart: true });
	assert.equal(answer.result, 'ok');
	await peers.take('me', answer.jsep.sdp);
	const { inbound: [{ packets }] } = await peers.measure('me');
	await peers.until('me', 'media after the ICE restart', (m) => m.state === 'connected'
		&& m.inbound[0].packets > packets + 20);
}

/** All transceivers are stopped, which ends the transport, and others come on another one. */
async function echoStopped({ session, peers }) {
	// Chromium itself does not stop all of what has to be bundled.
	await peers.page.evaluate(() => { makePeer('me', {}); });
	const handle = await callEcho(session, peers, 'me');
	await peers.mediaFlows('me', { video: 0 });
	const negotiate = async (lines, options) => {
		const sdp = await peers.offer('me', lines, options);
		const answer = await handle.message({ audio: true }, { type: 'offer', sdp });
		assert.equal(answer.result, 'ok', JSON.stringify(answer));
		await peers.take('me', answer.jsep.sdp);
		return answer.jsep.sdp;
	};
	await peers.page.evaluate(() => peers.me.pc.getTransceivers().forEach((t) => t.stop()));
	const answer = await negotiate([], { trickle: true });
	assert.doesNotMatch(answer, /^m=\w+ [1-9]|^a=group/m);
	await negotiate(CAMERA);
	await handle.core('webrtcup', () => true, 10000);
	await peers.mediaFlows('me');
}

async function roomOfThree({ session, peers }) {
	const room = await createRoom(session);
	const [a, b, c] = await Promise.all(['Ann', 'Ben', 'Cem']
		.map((name) => Participant.join(session, peers, room, name)));
	const all = [a, b, c];
	for (const one of all) {
		await one.publish();
		for (const other of all)
			if (other !== one)
				assert.equal((await other.publisherNoticed(one.id)).display, one.name);
	}
	for (const one of all)
		await one.watch(all.filter((o) => o !== one).map((o) => o.id));
	for (const one of all)
		await peers.mediaFlows(`${one.name} down`, { audio: 2, video: 2 });
	await leaveAndRejoin({ session, peers, room }, b, [a, c]);
}

async function leaveAndRejoin({ session, peers, room }, leaver, stayers) {
	await leaver.leave();
	for (const one of stayers) {
		await one.noticed('unpublished', leaver.id);
		await one.noticed('leaving', leaver.id);
	}
	for (const one of stayers) {
		const updated = await one.viewer.notice('update', (d) => d.videoroom === 'updated');
		await one.accept(updated.jsep);
	}
	const back = await Participant.join(session, peers, room, 'Ben again');
	assert.deepEqual(back.others.map((p) => p.id).sort(), stayers.map((s) => s.id).sort());
	await back.publish();
	for (const one of stayers) {
		await one.publisherNoticed(back.id);
		const updated = await one.viewer.message({ request: 'subscribe',
			streams: [{ feed: back.id }] });
		await one.accept(updated.jsep);
	}
	await back.watch(stayers.map((s) => s.id));
	await peers.mediaFlows('Ben again down', { audio: 2, video: 2 });
	for (const one of stayers)
		await peers.mediaFlows(`${one.name} down`, { audio: 2, video: 2 });
}

const calls = { 'echo returns sound and a moving picture': echo,
	'echo stops and resumes video on request': echoMuted,
	'echo ends when the page closes its connection': echoClosed,
	'echo survives an ICE restart': restartIce,
	'echo after all of it was stopped': echoStopped,
	'three meet in a room, one leaves and comes back': roomOfThree };

async function roomOverWorkers(call) {
	await roomOfThree(call);
	for (const worker of [0, 1])
		assert.match(call.server.log, new RegExp(`media up worker=${worker}`));
}

/** Define all of them for one kind of browser. */
export function testCalls(kind) {
	let browser;
	before(async () => { browser = await launch(kind); });
	after(() => browser && shut(browser));
	for (const [name, body] of Object.entries(calls))
		test(`${kind}: ${name}`, { timeout: 90000 }, () => inCall(browser, body));
	test(`${kind}: three meet in a room spread over two workers`, { timeout: 90000 },
		() => inCall(browser, roomOverWorkers, SPREAD));
}
