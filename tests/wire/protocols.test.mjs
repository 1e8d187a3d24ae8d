// The dialogues of docs/protocols.md, played against a server.
import { strict as assert } from 'node:assert';
import test from 'node:test';
import { withBrowser } from '../lib/browser.mjs';
import { SEND_ONLY } from '../lib/calls.mjs';
import { Peers } from '../lib/media.mjs';
import { Plain } from '../lib/plain.mjs';
import { ANY, dialogues, fits } from '../lib/protocols.mjs';
import { IS_REFERENCE, withServer } from '../lib/server.mjs';

const options = { skip: IS_REFERENCE && 'protocols of our own', timeout: 90000 };
const SHOWN = {
	mesh: ['join', 'room_peers', 'peer_joined', 'peer_left', 'offer', 'answer', 'ice_candidate', 'leave', 'error'],
	sfu: ['join_room', 'room_joined', 'participant_joined', 'publish_track', 'offer', 'answer', 'track_available',
		'subscribe_track', 'subscribed', 'unsubscribe_track', 'unsubscribed', 'unpublish_track',
		'track_unavailable', 'ice_candidate', 'leave_room', 'room_left', 'participant_left', 'record_room', 'recording',
		'error'],
};
const HEAR_MS = 10000; // a connection may have to come up first

/** What fills the gaps of a mesh's messages: the server looks at none of it. */
class Anything {
	fill(who, type) { return { type, sdp: `${type} of ${who}` }; }
	async heard() {}
}

/** What fills those at /sfu: descriptions of a browser's PeerConnections. */
class Browser {
	constructor(peers) {
		this.peers = peers;
		this.offered = {}; // by participant: the server's last offer
	}

	async fill(who, type) {
		if (type === 'ice_candidate')
			return { candidate: '', sdpMid: '0' };
		return { type, sdp: type === 'offer' ? await this.peers.offer(`${who} up`, SEND_ONLY)
			: await this.peers.answer(`${who} down`, this.offered[who]) };
	}

	async heard(who, message) {
		if (message.type === 'answer')
			await this.peers.take(`${who} up`, message.answer.sdp);
		if (message.type === 'offer')
			this.offered[who] = message.offer.sdp;
	}
}

async function say(filler, who, connection, message) {
	const filled = { ...message };
	for (const [name, value] of Object.entries(message))
		if (value === ANY)
			filled[name] = await filler.fill(who, message.type);
	connection.say(filled);
}

async function play(server, endpoint, { turns }, filler) {
	const connections = {};
	for (const { line, who, verb, message } of turns) {
		const here = connections[who] ??= await Plain.connect(`ws://127.0.0.1:${server.ports.http}/${endpoint}`);
		if (verb === 'says')
			await say(filler, who, here, message);
		if (verb === 'closes')
			await here.close();
		if (verb !== 'hears')
			continue;
		const heard = await here.inbox.take(`docs/protocols.md:${line}: ${JSON.stringify(message)}`, () => true, HEAR_MS);
		assert.ok(fits(message, heard),
			`docs/protocols.md:${line}: shown ${JSON.stringify(message)}, heard ${JSON.stringify(heard)}`);
		await filler.heard(who, heard);
	}
	for (const [who, { inbox }] of Object.entries(connections))
		assert.deepEqual(inbox.messages, [], `${who} hears more than is shown`);
	await Promise.all(Object.values(connections).map((c) => c.close()));
}

test('the dialogues at /mesh', options, () => withServer({}, async (server) => {
	for (const dialogue of dialogues('mesh'))
		await play(server, 'mesh', dialogue, new Anything());
}));

test('every message of both is shown', options, () => {
	for (const [endpoint, types] of Object.entries(SHOWN)) {
		const shown = new Set(dialogues(endpoint).flatMap((d) => d.turns).map((t) => t.message?.type));
		assert.deepEqual(types.filter((t) => !shown.has(t)), [], endpoint);
	}
});

test('the dialogues at /sfu', options, () => withServer({}, (server) =>
	withBrowser('chromium', async (browser) => {
		for (const dialogue of dialogues('sfu')) {
			const peers = await Peers.open(browser);
			await play(server, 'sfu', dialogue, new Browser(peers));
			await peers.close();
		}
	})));
