// What a publisher says of its own streams, seen in the media.
import { strict as assert } from 'node:assert';
import test from 'node:test';
import { connect } from '../lib/api.mjs';
import { withBrowser } from '../lib/browser.mjs';
import { createRoom, Participant, SEND_ONLY } from '../lib/calls.mjs';
import { Peers } from '../lib/media.mjs';
import { withServer } from '../lib/server.mjs';
import { until } from '../lib/wait.mjs';

const options = { timeout: 90000 };

/** Run @p body with a room, and with a participant of it. */
const withAnn = (properties, body) => withServer({}, (server) => withBrowser('chromium', async (browser) => {
	const peers = await Peers.open(browser);
	const client = await connect(server, 'ws');
	const session = await client.createSession();
	const room = await createRoom(session, properties);
	await body(await Participant.join(session, peers, room, 'ann'), { session, peers, room });
	await client.close();
	await peers.close();
}));

/** What the browser means to send of pictures, in bits per second. */
const target = (peers, name) => peers.page.evaluate(async (n) => {
	const stats = [...(await peers[n].pc.getStats()).values()];
	return stats.find((s) => s.type === 'outbound-rtp' && s.kind === 'video')?.targetBitrate ?? 0;
}, name);

async function offerAgain(me, extra) {
	const sdp = await me.peers.offer(`${me.name} up`, SEND_ONLY);
	const answer = await me.handle.message({ request: 'configure', ...extra }, { type: 'offer', sdp });
	assert.equal(answer.configured, 'ok', JSON.stringify(answer));
	await me.peers.take(`${me.name} up`, answer.jsep.sdp);
}

async function frames(peers, name) {
	return (await peers.measure(name)).inbound.find((i) => i.kind === 'video')?.frames ?? 0;
}

async function heard(peers, name) {
	return (await peers.measure(name)).inbound.find((i) => i.kind === 'audio')?.packets ?? 0;
}

test('a bitrate of 0 lifts the cap of the room', options, () => withAnn({ bitrate: 96000 }, async (ann, { peers }) => {
	await ann.publish();
	const up = 'ann up';
	let last;
	const comes = (what, holds) => until(() => `${what}; the last target: ${last}`,
		async () => holds(last = await target(peers, up)), { ms: 20000, every: 100 });
	await comes('a target within the cap', (bps) => bps > 0 && bps <= 100000);
	await ann.handle.message({ request: 'configure', bitrate: 0 });
	await comes('a target beyond the cap', (bps) => bps > 150000);
}));

test('what is muted with an offer is not relayed', options, () => withAnn({}, async (ann, { session, peers, room }) => {
	await ann.publish();
	const bob = await Participant.join(session, peers, room, 'bob');
	await bob.watch([ann.id]);
	await peers.mediaFlows('bob down');
	await offerAgain(ann, { video: false });
	await until('pictures that stand still', async () => {
		const before = await frames(peers, 'bob down'), sound = await heard(peers, 'bob down');
		// half a second of sound, in which the fake camera makes ten pictures
		await until('sound', async () => await heard(peers, 'bob down') >= sound + 25);
		return before === await frames(peers, 'bob down');
	});
	const { frames: still } = (await peers.measure('bob down')).inbound.find((i) => i.kind === 'video');
	await offerAgain(ann, { video: true });
	await until('pictures that move again', async () => await frames(peers, 'bob down') > still + 3);
}));
