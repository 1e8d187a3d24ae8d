// The part of network.test.mjs that runs in a network of its own.
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { ADDRESS } from '../lib/apart.mjs';
import { connect } from '../lib/api.mjs';
import { Guest } from '../lib/guest.mjs';
import { handmade } from '../lib/handmade.mjs';
import { withServer } from '../lib/server.mjs';
import { until } from '../lib/wait.mjs';

const ip = (command) => execFileSync('ip', command.split(' '));

/** An offer of sound. @param version the client's ICE credentials change with it */
const offer = (version, direction = 'sendrecv') =>
	handmade([{ kind: 'audio', direction }], { version, ufrag: `uf${version}` });

/** The addresses that an SDP names: those of its candidates, and the one of o= and c= lines. */
function named(sdp) {
	const lines = [...sdp.matchAll(/^(?:o=.*|c=)IN IP[46] (\S+)$/gm)].map((m) => m[1]);
	assert.equal(new Set(lines).size, 1, sdp);
	return { address: lines[0], candidates: [...sdp.matchAll(/^a=candidate:.* (\S+) \d+ typ host/gm)].map((m) => m[1]) };
}

async function offered(handle, version) {
	const { jsep } = await handle.message({ audio: true }, { type: 'offer', sdp: offer(version) });
	return named(jsep.sdp);
}

/** Ask with a new offer until the answer names @p address: the network's news take a moment. */
async function comesToOffer(handle, address, version) {
	let last;
	await until(() => `an answer from ${address}; the last: ${JSON.stringify(last)}`, async () => {
		last = await offered(handle, version++);
		return last.address === address;
	}, { every: 50 });
	return last;
}

ip('link set v0 down'); // booted before the network
await withServer({ conf: { core: { media: { ipv6: true } } } }, async (server) => {
	assert.match(server.log, /WARN.*only loopback to offer/);
	const client = await connect(server, 'ws');
	const session = await client.createSession();
	const handle = await session.attach('janus.plugin.echotest');
	assert.deepEqual(await offered(handle, 1), { address: '127.0.0.1', candidates: ['127.0.0.1', '::1'] });

	ip('link set v0 up');
	await until('the address of an interface that came up', () => /addresses changed offered=198/.test(server.log));
	/* of an ICE restart, of a call that is there already */
	assert.deepEqual((await offered(handle, 2)).address, ADDRESS);
	ip(`addr del ${ADDRESS}/24 dev v0`);
	ip('addr add 198.51.100.77/24 dev v0');
	const next = await comesToOffer(handle, '198.51.100.77', 3);
	assert.equal(next.candidates[0], '198.51.100.77');

	/* an offer of the server's, and what those at /sfu are told */
	const guest = await Guest.join(server, 'ann');
	guest.say({ type: 'publish_track', track_id: '0', track_type: 'audio' });
	guest.say({ type: 'offer', offer: { type: 'offer', sdp: offer(1, 'sendonly') } });
	assert.equal(named((await guest.hear('answer')).answer.sdp).address, '198.51.100.77');
	const room = { request: 'join', room: 1, ptype: 'publisher' };
	const viewer = await session.attach('janus.plugin.videoroom');
	await viewer.message({ ...room, request: 'create' });
	const publisher = await session.attach('janus.plugin.videoroom');
	const { id: feed } = await publisher.message(room);
	await publisher.message({ request: 'publish' }, { type: 'offer', sdp: offer(1, 'sendonly') });
	const { jsep } = await viewer.message({ ...room, ptype: 'subscriber', streams: [{ feed }] });
	assert.equal(named(jsep.sdp).address, '198.51.100.77');

	ip('link set v0 down');
	await comesToOffer(handle, '127.0.0.1', 1000);
	await until('second warning', async () => server.log.match(/WARN.*only loopback to offer/g).length === 2);
	ip('link set v0 up');
	await comesToOffer(handle, '198.51.100.77', 2000);
	await guest.close();
	await client.close();
});
