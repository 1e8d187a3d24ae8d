// Data channels in a room: what a publisher says reaches those who have subscribed, and nobody else.
import { strict as assert } from 'node:assert';
import test, { after, before } from 'node:test';
import { connect } from '../lib/api.mjs';
import { launch, shut } from '../lib/browser.mjs';
import { createRoom, Participant, SEND_ONLY } from '../lib/calls.mjs';
import { Peers } from '../lib/media.mjs';
import { withServer } from '../lib/server.mjs';

const WITH_DATA = [...SEND_ONLY, { kind: 'application', direction: 'sendrecv' }];
const ONLY_DATA = [{ kind: 'application', direction: 'sendrecv' }];
let browser;
before(async () => { browser = await launch('chromium'); });
after(() => browser && shut(browser));

const inRoom = (names, body) => withServer({}, async (server) => {
	const peers = await Peers.open(browser);
	const client = await connect(server, 'ws');
	const session = await client.createSession();
	const room = await createRoom(session, { publishers: 6 });
	const people = [];
	for (const name of names)
		people.push(await Participant.join(session, peers, room, name));
	await body({ peers, session, room }, ...people);
	await client.close();
	await peers.close();
});

const dataOf = (attached) => attached.streams.filter((s) => s.type === 'data');
/** Subscribe, and wait until data can come: what is said before is for others. */
async function watch(peers, who, feed) {
	const attached = await who.watch([feed.id]);
	await peers.data('dataUp', `${who.name} down`);
	return attached;
}

const say = (peers, who, text) => peers.data('say', `${who.name} up`, 0, text);
const heard = (peers, who, from, n) => peers.data('heardOn', `${who.name} down`, `${from.id}`, n);

test('what a publisher says reaches its subscribers, beside sound and picture', { timeout: 60000 },
	() => inRoom(['Ann', 'Ben', 'Cem'], async ({ peers }, ann, ben, cem) => {
		const published = await ann.publish(WITH_DATA);
		assert.deepEqual(published.streams[2], { type: 'data', mindex: 2, mid: '2' });
		for (const one of [ben, cem]) {
			const attached = await watch(peers, one, ann);
			assert.deepEqual(dataOf(attached), [{ type: 'data', active: true, mindex: 2, mid: '2',
				ready: false, send: true, sources: 1, source_ids: [ann.id] }]);
		}
		await peers.mediaFlows('Ben down');
		await say(peers, ann, 'hello');
		await say(peers, ann, 'again');
		for (const one of [ben, cem])
			assert.deepEqual(await heard(peers, one, ann, 2), ['hello', 'again']);
	}));

test('one data m-line carries many publishers, who come and go', { timeout: 60000 },
	() => inRoom(['Ann', 'Ben', 'Cem'], async ({ peers }, ann, ben, cem) => {
		await ann.publish(ONLY_DATA);
		await ben.publish(ONLY_DATA);
		await watch(peers, cem, ann);
		await watch(peers, ann, ben);
		await say(peers, ben, 'not to Cem');
		assert.deepEqual(await heard(peers, ann, ben, 1), ['not to Cem']); // it has been there
		const more = await cem.viewer.message({ request: 'subscribe', streams: [{ feed: ben.id }] });
		assert.deepEqual(more, { videoroom: 'updated', room: more.room });
		await say(peers, ann, 'from Ann');
		await say(peers, ben, 'from Ben');
		assert.deepEqual(await heard(peers, cem, ann, 1), ['from Ann']);
		assert.deepEqual(await heard(peers, cem, ben, 1), ['from Ben']);
		const less = await cem.viewer.message({ request: 'unsubscribe', streams: [{ feed: ann.id }] });
		assert.equal(less.videoroom, 'updated');
		await say(peers, ann, 'unheard');
		await say(peers, ben, 'heard');
		assert.deepEqual(await heard(peers, cem, ben, 1), ['heard']);
		await cem.viewer.message({ request: 'subscribe', streams: [{ feed: ann.id, mid: '0' }] });
		await ben.handle.detach();
		await cem.noticed('leaving', ben.id);
		await say(peers, ann, 'alone');
		assert.deepEqual(await heard(peers, cem, ann, 1), ['alone']);
	}));

test('a subscriber may leave data out, and take it again', { timeout: 60000 },
	() => inRoom(['Ann', 'Ben', 'Cem'], async ({ peers }, ann, ben, cem) => {
		await ann.publish(ONLY_DATA);
		await watch(peers, ben, ann);
		await watch(peers, cem, ann);
		await ben.viewer.message({ request: 'configure', mid: '0', send: false });
		await say(peers, ann, 'for Cem');
		assert.deepEqual(await heard(peers, cem, ann, 1), ['for Cem']);
		await ben.viewer.message({ request: 'configure', mid: '0', send: true });
		await say(peers, ann, 'for both');
		for (const one of [ben, cem])
			assert.deepEqual(await heard(peers, one, ann, 1), ['for both']);
	}));
