// The janode library, as it comes from npm, against the server: sessions, rooms, errors, the Admin
// API, and a call whose media a browser provides.
import { strict as assert } from 'node:assert';
import test, { after, before } from 'node:test';
import Janode from 'janode';
import EchoTestPlugin from 'janode/plugins/echotest';
import VideoRoomPlugin from 'janode/plugins/videoroom';
import { launch, shut } from '../lib/browser.mjs';
import { CAMERA, SEND_ONLY } from '../lib/calls.mjs';
import { Peers } from '../lib/media.mjs';
import { startServer } from '../lib/server.mjs';
import { within } from '../lib/wait.mjs';

let server;
let browser;
let peers;
let connection;
let session;

before(async () => {
	server = await startServer();
	browser = await launch('chromium');
	peers = await Peers.open(browser);
	connection = await Janode.connect({ is_admin: false, address: { url: server.wsUrl } });
	session = await connection.create();
});
after(async () => {
	await connection?.close();
	await peers?.close();
	await (browser && shut(browser));
	await server?.stop();
});

function once(emitter, name) {
	return within(10000, name, new Promise((resolve) => emitter.once(name, resolve)));
}

test('janode: info and keep-alive', async () => {
	const info = await connection.getInfo();
	assert.equal(info.janus, 'server_info');
	assert.ok(info.version >= 1102);
	assert.ok(info.plugins['janus.plugin.videoroom']);
});

test('janode: an echo call from offer to hangup', async () => {
	const handle = await session.attach(EchoTestPlugin);
	const sdp = await peers.offer('echo', CAMERA);
	const up = once(handle, Janode.EVENT.HANDLE_WEBRTCUP);
	const started = await handle.start({ audio: true, video: true, jsep: { type: 'offer', sdp } });
	assert.equal(started.jsep.type, 'answer');
	await peers.take('echo', started.jsep.sdp);
	await up;
	await peers.mediaFlows('echo');
	const down = once(handle, Janode.EVENT.HANDLE_HANGUP);
	await handle.hangup();
	assert.equal((await down).reason, 'Janus API');
	await handle.detach();
});

test('janode: a room from creation to destruction', async () => {
	const manager = await session.attach(VideoRoomPlugin);
	const { room } = await manager.create({ room: 321, description: 'By janode', secret: 's' });
	assert.equal(room, 321);
	assert.equal((await manager.exists({ room })).exists, true);
	assert.equal((await manager.exists({ room: 322 })).exists, false);
	assert.ok((await manager.list()).list.some((r) => r.room === 321));
	await assert.rejects(manager.create({ room: 321 }), /427/);
	await assert.rejects(manager.destroy({ room, secret: 'wrong' }), /433/);
	const ann = await session.attach(VideoRoomPlugin);
	const ben = await session.attach(VideoRoomPlugin);
	const joined = await ann.joinPublisher({ room, display: 'Ann' });
	await ben.joinPublisher({ room, display: 'Ben' });
	const { participants } = await manager.listParticipants({ room, secret: 's' });
	assert.deepEqual(participants.map((p) => p.display).sort(), ['Ann', 'Ben']);
	const left = once(ann, VideoRoomPlugin.EVENT.VIDEOROOM_LEAVING);
	await ben.leave();
	assert.equal(typeof (await left).feed, 'number');
	const kicked = once(ann, VideoRoomPlugin.EVENT.VIDEOROOM_LEAVING);
	await manager.kick({ room, feed: joined.feed, secret: 's' });
	assert.equal((await kicked).reason, 'kicked');
	await manager.destroy({ room, secret: 's' });
	assert.equal((await manager.exists({ room })).exists, false);
});

test('janode: publish, subscribe, watch, switch layers off and on', async () => {
	const manager = await session.attach(VideoRoomPlugin);
	const { room } = await manager.create({ description: 'Media' });
	const ann = await session.attach(VideoRoomPlugin);
	const me = await ann.joinPublisher({ room, display: 'Ann' });
	const annUp = once(ann, Janode.EVENT.HANDLE_WEBRTCUP);
	const sdp = await peers.offer('ann', SEND_ONLY);
	const published = await ann.publish({ jsep: { type: 'offer', sdp } });
	await peers.take('ann', published.jsep.sdp);
	await annUp;
	const viewer = await session.attach(VideoRoomPlugin);
	const attached = await viewer.joinSubscriber({ room, streams: [{ feed: me.feed }] });
	assert.equal(attached.streams.length, 2);
	const viewerUp = once(viewer, Janode.EVENT.HANDLE_WEBRTCUP);
	const answer = await peers.answer('viewer', attached.jsep.sdp);
	await viewer.start({ jsep: { type: 'answer', sdp: answer } });
	await viewerUp;
	await peers.mediaFlows('viewer');
	await viewer.pause();
	const counted = async () => (await peers.measure('viewer')).inbound
		.reduce((sum, i) => sum + i.packets, 0);
	let last = -1;
	await peers.until('viewer', 'silence after pause', (m) => {
		const now = m.inbound.reduce((sum, i) => sum + i.packets, 0);
		const stood = now === last;
		last = now;
		return stood;
	});
	await viewer.start({});
	const paused = await counted();
	await peers.until('viewer', 'media after start', (m) => m.inbound
		.reduce((sum, i) => sum + i.packets, 0) > paused + 20);
	const closed = once(ann, Janode.EVENT.HANDLE_HANGUP);
	await ann.unpublish();
	assert.equal((await closed).reason, 'Close PC');
	await manager.destroy({ room });
});

test('janode: sessions and handles through the Admin API', async () => {
	const admin = await Janode.connect({ is_admin: true,
		address: { url: server.adminWsUrl, apisecret: 'adminpwd' } });
	const handle = await session.attach(EchoTestPlugin);
	assert.ok((await admin.listSessions()).sessions.includes(session.id));
	assert.ok((await admin.listHandles(session.id)).handles.includes(handle.id));
	const { info } = await admin.handleInfo(session.id, handle.id);
	assert.equal(info.plugin, 'janus.plugin.echotest');
	await handle.detach();
	await admin.close();
});
