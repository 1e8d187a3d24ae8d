// Simulcast by rid: three encodings go up, one comes down, and which one is the client's choice.
import { strict as assert } from 'node:assert';
import test, { after, before } from 'node:test';
import { connect } from '../lib/api.mjs';
import { launch, shut } from '../lib/browser.mjs';
import { callEcho, createRoom, Participant } from '../lib/calls.mjs';
import { Peers } from '../lib/media.mjs';
import { withServer } from '../lib/server.mjs';

const LAYERS = [{ kind: 'video', direction: 'sendrecv', rids: ['h', 'm', 'l'] }];
const UP_LAYERS = [{ ...LAYERS[0], direction: 'sendonly' }];
const WIDTHS = [320, 640, 1280];
const RAMP_UP_MS = 30000; // a browser begins with its smallest encoding alone
let browser;

before(async () => { browser = await launch('chromium'); });
after(() => browser && shut(browser));

async function inCall(body) {
	await withServer({}, async (server) => {
		const peers = await Peers.open(browser);
		const client = await connect(server, 'ws');
		try {
			await body({ peers, session: await client.createSession() });
		} finally {
			await client.close();
			await peers.close();
		}
	});
}

const videoOf = (measured) => measured.inbound.find((i) => i.kind === 'video');

async function allLayersGoUp(peers, name) {
	await peers.until(name, 'three encodings', (m) => WIDTHS.every((w) => m.outbound
		.some((o) => o.width === w && o.packets > 30)), RAMP_UP_MS);
}

/** Wait until the picture has the width of @p substream, and goes on in it. */
async function arrives(peers, name, substream) {
	const { frames } = videoOf(await peers.until(name, `width ${WIDTHS[substream]}`,
		(m) => videoOf(m)?.width === WIDTHS[substream]));
	await peers.until(name, 'further frames', (m) => videoOf(m).frames > frames + 15);
	assert.equal(videoOf(await peers.measure(name)).width, WIDTHS[substream]);
	await peers.pictureChanges(name);
}

/** Ask for one layer after another; @p ask sends the wish, @p told waits for the plugin's notice. */
async function walkLayers(peers, name, ask, told) {
	const before = videoOf(await peers.measure(name));
	for (const substream of [0, 2, 1, 2]) {
		await ask(substream);
		await told(substream);
		await arrives(peers, name, substream);
	}
	const { lost, plis } = videoOf(await peers.measure(name));
	assert.deepEqual({ lost, plis }, { lost: 0, plis: before.plis }); // nothing undecodable came
}

test('simulcast: the echo test shows the layer that is asked for', { timeout: 120000 },
	() => inCall(async ({ peers, session }) => {
		const handle = await callEcho(session, peers, 'me', { lines: LAYERS });
		await allLayersGoUp(peers, 'me');
		await arrives(peers, 'me', 2);
		await walkLayers(peers, 'me', (substream) => handle.message({ substream }),
			(substream) => handle.notice(`substream ${substream}`,
				(d) => d.echotest === 'event' && d.substream === substream, 15000));
	}));

test('simulcast: each subscriber of a room has a layer of its own', { timeout: 120000 },
	() => inCall(async ({ peers, session }) => {
		const room = await createRoom(session, { bitrate: 0 });
		const ann = await Participant.join(session, peers, room, 'Ann');
		await ann.publish(UP_LAYERS);
		const [ben, cem] = [await Participant.join(session, peers, room, 'Ben'),
			await Participant.join(session, peers, room, 'Cem')];
		assert.equal(ben.others[0].streams[0].simulcast, true);
		for (const viewer of [ben, cem])
			await viewer.watch([ann.id]);
		await allLayersGoUp(peers, 'Ann up');
		await arrives(peers, 'Cem down', 2);
		await walkLayers(peers, 'Ben down', (substream) => ben.viewer.message({
			request: 'configure', streams: [{ mid: '0', substream }] }),
		(substream) => ben.viewer.notice(`substream ${substream}`,
			(d) => d.mid === '0' && d.substream === substream, 15000));
		await arrives(peers, 'Cem down', 2);
	}));

// As a shared screen on which little moves: two pictures a second, then one, on all layers.
test('simulcast: a slow picture keeps its best layer, and is not told to stop and go',
	{ timeout: 120000 }, () => inCall(async ({ peers, session }) => {
		const handle = await callEcho(session, peers, 'me', { lines: LAYERS });
		await allLayersGoUp(peers, 'me');
		await arrives(peers, 'me', 2);
		const { messages } = session.client.inbox;
		const count = () => messages.filter((m) => m.sender === handle.id
			&& (m.janus === 'media' || m.plugindata?.data.substream !== undefined)).length;
		const told = count();
		for (const fps of [2, 1]) {
			await peers.setPace('me', fps);
			const { frames, keyframes } = videoOf(await peers.measure('me'));
			await peers.until('me', `pictures, ${fps} a second`, (m) => {
				assert.equal(videoOf(m).width, WIDTHS[2]);
				return videoOf(m).frames > frames + 6;
			});
			assert.ok(videoOf(await peers.measure('me')).keyframes - keyframes <= 1);
		}
		// of each layer once that it stopped and came, perhaps, until its pace was known
		assert.ok(count() - told <= 6, JSON.stringify(messages));
	}));
