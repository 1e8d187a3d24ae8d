// Media through /sfu: published there, received there, and both to and from the session API.
import { strict as assert } from 'node:assert';
import test from 'node:test';
import { connect } from '../lib/api.mjs';
import { withBrowser } from '../lib/browser.mjs';
import { createRoom, Participant } from '../lib/calls.mjs';
import { Guest } from '../lib/guest.mjs';
import { Peers } from '../lib/media.mjs';
import { IS_REFERENCE, withServer } from '../lib/server.mjs';
import { signToken } from './resign.mjs';

const options = { skip: IS_REFERENCE && 'a face of our own', timeout: 90000 };
const SOUND = [{ kind: 'audio', direction: 'sendonly' }];

/** Run @p body with a server and a browser's PeerConnections. */
const withPeers = (body, conf = {}) => withServer({ conf }, (server) => withBrowser('chromium', async (browser) => {
	const peers = await Peers.open(browser);
	try {
		await body(server, peers);
	} finally {
		await peers.close();
	}
}));

async function tracks(guest, participant_id) {
	for (const [track_id, track_type] of [['0', 'audio'], ['1', 'video']])
		assert.deepEqual(await guest.hear('track_available', 10000),
			{ type: 'track_available', participant_id, track_id, track_type });
}

test('two see and hear each other; tracks come and go', options, () => withPeers(async (server, peers) => {
	const ann = await Guest.join(server, 'ann');
	const bob = await Guest.join(server, 'bob');
	await ann.hear('participant_joined');
	await ann.publish(peers);
	await tracks(bob, 'ann');
	assert.equal(await bob.refused({ type: 'unsubscribe_track', publisher_id: 'ann', track_id: '0' }), 404);

	/* the second track waits for the answer to the offer that the first has caused */
	assert.deepEqual(await bob.subscribe('ann', '0'),
		{ type: 'subscribed', publisher_id: 'ann', track_id: '0', mid: '0' });
	const { offer } = await bob.hear('offer');
	assert.match(offer.sdp, /a=msid:ann /);
	assert.equal((await bob.subscribe('ann', '1')).mid, '1');
	assert.equal(await bob.refused({ type: 'subscribe_track', publisher_id: 'ann', track_id: '1' }), 409);
	assert.equal(await bob.refused({ type: 'answer', answer: { type: 'answer', sdp: 'v=0' } }), 400);
	const sdp = await peers.answer('bob down', offer.sdp);
	bob.say({ type: 'answer', answer: { type: 'answer', sdp } });
	assert.equal((await bob.accept(peers)).match(/a=sendonly/g).length, 2);
	await peers.mediaFlows('bob down');
	assert.equal(await bob.refused({ type: 'answer', answer: { type: 'answer', sdp } }), 409);

	/* who comes late is told what there is; and each hears of the other's tracks */
	const eve = await Guest.join(server, 'eve');
	await tracks(eve, 'ann');
	await bob.hear('participant_joined');
	await ann.hear('participant_joined');
	await bob.publish(peers, SOUND);
	for (const guest of [ann, eve])
		assert.equal((await guest.hear('track_available', 10000)).participant_id, 'bob');

	bob.say({ type: 'unsubscribe_track', publisher_id: 'ann', track_id: '0' });
	assert.deepEqual(await bob.hear('unsubscribed'),
		{ type: 'unsubscribed', publisher_id: 'ann', track_id: '0' });
	assert.deepEqual((await bob.accept(peers)).match(/a=(sendonly|inactive)/g), ['a=inactive', 'a=sendonly']);
	assert.equal((await bob.subscribe('ann', '0')).mid, '0'); /* the m-line that has become free */
	await bob.accept(peers);

	ann.say({ type: 'unpublish_track', track_id: '1' });
	const gone = { type: 'track_unavailable', participant_id: 'ann', track_id: '1' };
	assert.deepEqual(await eve.hear('track_unavailable'), gone);
	await bob.accept(peers);
	assert.deepEqual(await bob.hear('track_unavailable'), gone);
	assert.equal(await bob.refused({ type: 'subscribe_track', publisher_id: 'ann', track_id: '1' }), 404);
	ann.say({ type: 'publish_track', track_id: '1', track_type: 'video' });
	await ann.offer(peers, []);
	const back = { type: 'track_available', participant_id: 'ann', track_id: '1', track_type: 'video' };
	assert.deepEqual(await eve.hear('track_available'), back);
	assert.deepEqual(await bob.hear('track_available'), back);
	await bob.subscribe('ann', '1');
	await bob.accept(peers);
	await peers.mediaFlows('bob down');

	await ann.close();
	await bob.accept(peers);
	for (const track_id of ['0', '1'])
		for (const guest of [bob, eve])
			assert.deepEqual(await guest.hear('track_unavailable'),
				{ type: 'track_unavailable', participant_id: 'ann', track_id });
	for (const guest of [bob, eve])
		assert.equal((await guest.hear('participant_left')).participant_id, 'ann');
	await Promise.all([bob, eve].map((g) => g.close()));
}));

test('what is encrypted end to end is said in the offer, and not mixed', options,
	() => withPeers(async (server, peers) => {
		const ann = await Guest.join(server, 'ann');
		await ann.publish(peers, SOUND, { e2ee: true });
		const bob = await Guest.join(server, 'bob');
		await bob.hear('track_available', 10000);
		await bob.publish(peers, SOUND);
		for (const type of ['participant_joined', 'track_available'])
			assert.equal((await ann.hear(type, 10000)).participant_id, 'bob');
		const eve = await Guest.join(server, 'eve');
		for (let n = 0; n < 2; n++)
			await eve.hear('track_available');
		await eve.subscribe('ann', '0');
		assert.equal((await eve.hear('offer')).offer.e2ee, true);
		assert.equal(await eve.refused({ type: 'subscribe_track', publisher_id: 'bob', track_id: '0' }), 400);
		await ann.hear('participant_joined');
		await ann.subscribe('bob', '0');
		assert.equal((await ann.hear('offer')).offer.e2ee, undefined);
		await Promise.all([ann, bob, eve].map((g) => g.close()));
	}));

test('who comes back receives and publishes anew', options, () => withPeers(async (server, peers) => {
	const ann = await Guest.join(server, 'ann');
	await ann.publish(peers);
	const bob = await Guest.join(server, 'bob');
	for (let round = 0; round < 2; round++) {
		await tracks(bob, 'ann');
		await bob.subscribe('ann', '1');
		await bob.accept(peers);
		await bob.publish(peers, SOUND);
		for (const type of ['participant_joined', 'track_available'])
			assert.equal((await ann.hear(type, 10000)).participant_id, 'bob');
		await peers.mediaFlows('bob down', { audio: 0 });
		bob.say({ type: 'leave_room' });
		await bob.hear('room_left');
		for (const type of ['track_unavailable', 'participant_left'])
			assert.equal((await ann.hear(type)).participant_id, 'bob');
		assert.equal(await bob.refused({ type: 'leave_room' }), 400);
		await peers.closePeer('bob down');
		await peers.closePeer('bob up');
		await bob.join('bob');
	}
	await Promise.all([ann, bob].map((g) => g.close()));
}));

test('both faces see and hear each other', options, () => withPeers(async (server, peers) => {
	const client = await connect(server, 'ws');
	const session = await client.createSession();
	const room = await createRoom(session);
	const old = await Participant.join(session, peers, room, 'Old');
	await old.publish();
	const ann = await Guest.join(server, 'ann', room);
	const id = String(old.id);
	assert.deepEqual(ann.found.participants, [{ participant_id: id, display: 'Old' }]);
	await tracks(ann, id);
	await ann.subscribe(id, '0');
	await ann.accept(peers);
	await ann.subscribe(id, '1');
	await ann.accept(peers);
	await ann.publish(peers);
	const publisher = await old.publisherNoticed(ann.found.feed);
	assert.equal(publisher.display, 'ann');
	assert.deepEqual(publisher.streams.map((s) => [s.type, s.mid]), [['audio', '0'], ['video', '1']]);
	assert.match((await old.watch([publisher.id], { use_msid: true })).jsep.sdp,
		new RegExp(`a=msid:${publisher.id} `)); // a name is for /sfu alone
	await peers.mediaFlows('ann down');
	await peers.mediaFlows('Old down');

	/* one of two tracks is withdrawn: the other face hears of it as of any change */
	ann.say({ type: 'unpublish_track', track_id: '0' });
	const [changed] = (await old.handle.notice('the change', (d) => d.publishers)).publishers;
	assert.deepEqual(changed.streams[0], { type: 'audio', mindex: 0, mid: '0', disabled: true });
	const { jsep } = await old.viewer.notice('an offer without it', (d) => d.videoroom === 'updated');
	await old.accept(jsep);
	await peers.closePeer('ann up');
	assert.equal((await ann.hear('hangup', 15000)).connection, 'publish');
	await old.noticed('unpublished', ann.found.feed);

	await old.handle.message({ request: 'unpublish' });
	await ann.accept(peers);
	for (const track_id of ['0', '1'])
		assert.equal((await ann.hear('track_unavailable')).track_id, track_id);
	await peers.closePeer('ann down');
	assert.deepEqual((await ann.hear('hangup', 15000)).connection, 'subscribe');
	await ann.close();
	await old.noticed('leaving', ann.found.feed);
	await client.close();
}));

test('who is in says the pin and the token of the room once', options, () => withPeers(async (server, peers) => {
	const query = `?token=${encodeURIComponent(signToken('s3', 'janus', ['janus.plugin.videoroom']))}`;
	const said = { pin: 'rose', token: signToken('s3', 'janus.plugin.videoroom', ['room=lobby']) };
	const [ann, bob, eve] = [await Guest.connect(server, query), await Guest.connect(server, query),
		await Guest.connect(server, query)];
	assert.equal(await eve.refused({ type: 'join_room', room_id: 'lobby', participant_id: 'eve', pin: 'rose' }), 401);
	await ann.join('ann', 'lobby', said);
	await bob.join('bob', 'lobby', said);
	await ann.hear('participant_joined');
	await ann.publish(peers);
	await tracks(bob, 'ann');
	for (const track of ['0', '1']) {
		await bob.subscribe('ann', track);
		await bob.accept(peers);
	}
	await peers.mediaFlows('bob down');
	assert.equal(await eve.refused({ type: 'join_room', room_id: 'lobby', participant_id: 'ann', pin: 'x',
		token: said.token }), 401);
	for (const guest of [ann, bob, eve])
		await guest.close();
}, { core: { general: { token_auth: true, token_auth_secret: 's3' } },
	'plugin.videoroom': { sfu: { signed_tokens: true } } }));
