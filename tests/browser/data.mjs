// Data channels, the same for every browser: what goes up comes back, whatever the channel.
import { strict as assert } from 'node:assert';
import test, { after, before } from 'node:test';
import { connect } from '../lib/api.mjs';
import { launch, shut } from '../lib/browser.mjs';
import { callEcho, CAMERA } from '../lib/calls.mjs';
import { isData, openRelay, through } from '../lib/lossy.mjs';
import { Peers } from '../lib/media.mjs';
import { withServer } from '../lib/server.mjs';

const DATA = [{ kind: 'application', direction: 'sendrecv' }];
const WROTE = 'Janus EchoTest here! You wrote: ';
const LARGEST = 256 * 1024;

/* The client sends no keepalives. */
const conf = { core: { general: { session_timeout: 0 } } };

async function inCall(browser, body, relayed, seconds) {
	await withServer({ conf }, async (server) => {
		const relay = relayed && await openRelay(server.ports.udp, isData);
		const peers = await Peers.open(browser);
		const client = await connect(server, 'ws');
		if (relay) {
			const take = peers.take.bind(peers);
			peers.take = (name, sdp) => take(name, through(relay, sdp));
		}
		try {
			await body({ peers, relay, seconds, session: await client.createSession() });
		} finally {
			await client.close();
			await peers.close();
			relay?.close();
		}
	});
}

async function echoes({ session, peers }) {
	await callEcho(session, peers, 'me', { lines: DATA });
	assert.deepEqual(await peers.data('exchange', 'me', 0, ['one', 'zwei', '三', '']),
		['one', 'zwei', '三', ''].map((text) => WROTE + text));
	for (const size of [0, 1, 1200, 70000, LARGEST])
		assert.equal(await peers.data('exchangeBytes', 'me', 0, 3, size), 3, `${size} bytes`);
}

async function kindsOfChannels({ session, peers }) {
	await callEcho(session, peers, 'me', { lines: DATA });
	const kinds = [{ ordered: false }, { maxRetransmits: 3 }, { maxPacketLifeTime: 2000 },
		{ ordered: false, maxRetransmits: 0 }, { protocol: 'chess' },
		{ negotiated: true, id: 100 }];
	for (const [i, kind] of kinds.entries()) {
		const index = await peers.data('openChannel', 'me', `label ${i}`, kind);
		assert.deepEqual(await peers.data('exchange', 'me', index, ['hello']), [`${WROTE}hello`],
			JSON.stringify(kind));
		assert.equal(await peers.data('exchangeBytes', 'me', index, 1, 50000), 1,
			JSON.stringify(kind));
	}
}

/** A channel comes with a renegotiation, beside sound and picture that go on. */
async function joinsLater({ session, peers }) {
	const handle = await callEcho(session, peers, 'me', { lines: CAMERA });
	await peers.mediaFlows('me');
	const sdp = await peers.offer('me', DATA);
	const answer = await handle.message({ audio: true }, { type: 'offer', sdp });
	await peers.take('me', answer.jsep.sdp);
	assert.deepEqual(await peers.data('exchange', 'me', 0, ['late']), [`${WROTE}late`]);
	await peers.mediaFlows('me');
}

async function manyChannels({ session, peers }) {
	await callEcho(session, peers, 'me', { lines: DATA });
	assert.equal(await peers.data('openAndClose', 'me', 1000, 50), 1000);
	assert.deepEqual(await peers.data('exchange', 'me', 0, ['still here']), [`${WROTE}still here`]);
}

/** Opened before the association is there, so that their first words come all at once, and closed by
 *  as few requests as the browser can. */
async function manyAtOnce({ session, peers }) {
	const handle = await session.attach('janus.plugin.echotest');
	const sdp = await peers.offer('me', DATA);
	const count = await peers.data('openAhead', 'me', 500);
	const answer = await handle.message({ audio: true }, { type: 'offer', sdp });
	await peers.take('me', answer.jsep.sdp);
	assert.equal(await peers.data('echoOnAll', 'me'), count);
	assert.equal(await peers.data('closeAll', 'me'), count);
	const index = await peers.data('openChannel', 'me', 'afterwards', {});
	assert.deepEqual(await peers.data('exchange', 'me', index, ['again']), [`${WROTE}again`]);
}

async function muchUnderLoss({ session, peers, relay }) {
	await callEcho(session, peers, 'me', { lines: DATA });
	await peers.data('exchange', 'me', 0, ['up']);
	relay.everyNth = 50;
	assert.equal(await peers.data('exchangeBytes', 'me', 0, 160, 65536), 160);
	assert.ok(relay.dropped.up > 20 && relay.dropped.down > 20, JSON.stringify(relay.dropped));
}

/** Cut to pieces of all sizes, by what the sender's congestion window has left. */
async function largest({ session, peers }) {
	await callEcho(session, peers, 'me', { lines: DATA });
	assert.equal(await peers.data('exchangeBytes', 'me', 0, 60, LARGEST), 60);
}

/** Large messages that may be given up in their middle: what has arrived of them is in nobody's way. */
async function givenUp({ session, peers, relay }) {
	await callEcho(session, peers, 'me', { lines: DATA });
	await peers.data('exchange', 'me', 0, ['up']);
	for (const kind of [{ ordered: false, maxPacketLifeTime: 100 }, { ordered: false, maxRetransmits: 0 },
		{ maxRetransmits: 0 }]) {
		const index = await peers.data('openChannel', 'me', JSON.stringify(kind), kind);
		relay.everyNth = 20;
		const { answered } = await peers.data('floodBeside', 'me', index, 60000, 4000, 0);
		relay.everyNth = 0;
		assert.ok(answered, JSON.stringify(kind));
		assert.deepEqual(await peers.data('exchange', 'me', 0, ['still here']), [`${WROTE}still here`]);
	}
}

async function closedUnderLoss({ session, peers, relay }) {
	await callEcho(session, peers, 'me', { lines: DATA });
	await peers.data('exchange', 'me', 0, ['up']);
	relay.everyNth = 20;
	assert.equal(await peers.data('openAndClose', 'me', 300, 20), 300);
}

/** The server opens its own channels for what it has to say; here the client does, while both are busy. */
async function openedMeanwhile({ session, peers }) {
	await callEcho(session, peers, 'me', { lines: DATA });
	const other = await peers.data('openChannel', 'me', 'other', {});
	const both = Promise.all([0, other].map((i) => peers.data('exchangeBytes', 'me', i, 60, 200000)));
	for (let i = 0; i < 60; i++)
		await peers.data('openChannel', 'me', `meanwhile ${i}`, {});
	assert.deepEqual(await both, [60, 60]);
}

async function steadily({ session, peers, seconds }) {
	await callEcho(session, peers, 'me', { lines: DATA });
	const count = seconds * 1000;
	assert.equal(await peers.data('exchangeSteadily', 'me', 0, count, 1000), count);
}

const calls = { 'texts and bytes of any size come back': [echoes],
	'channels of every kind': [kindsOfChannels],
	'a channel joins a running call': [joinsLater],
	'a thousand channels come and go': [manyChannels],
	'five hundred channels at once': [manyAtOnce],
	'ten megabytes each way under loss': [muchUnderLoss, true],
	'sixty of the largest messages': [largest, true],
	'large messages given up under loss': [givenUp, true],
	'channels closed under loss': [closedUnderLoss, true],
	'channels opened between large messages': [openedMeanwhile],
	'a thousand messages a second': [steadily] };

/** Define all of them for one kind of browser. @param seconds of steady messages */
export function testData(kind, seconds) {
	let browser;
	before(async () => { browser = await launch(kind); });
	after(() => browser && shut(browser));
	for (const [name, [body, relayed]] of Object.entries(calls))
		test(`${kind}: ${name}`, { timeout: 120000 }, () => inCall(browser, body, relayed, seconds));
}
