// PeerConnections by name, made to look like given media descriptions, for tests that hold the
// signaling in their own hands. Runs in a browser page; plain API, no library.
'use strict';

const peers = {};

async function capture(kind) {
	const want = kind === 'audio' ? { audio: true } : { video: { width: 1280, height: 720 } };
	const stream = await navigator.mediaDevices.getUserMedia(want);
	return stream.getTracks()[0];
}

/** Sound is decoded only when something listens. */
function listen(track) {
	const audio = new Audio();
	audio.srcObject = new MediaStream([track]);
	audio.play();
}

function makePeer(name, conf = { bundlePolicy: 'max-bundle' }) {
	const pc = new RTCPeerConnection(conf);
	const peer = { pc, channels: [] };
	pc.ontrack = (e) => {
		if (e.track.kind === 'audio')
			listen(e.track);
	};
	pc.ondatachannel = (e) => {
		hear(e.channel);
		peer.channels.push(e.channel);
	};
	peers[name] = peer;
	return peer;
}

function gathered(pc) {
	if (pc.iceGatheringState === 'complete')
		return Promise.resolve();
	return new Promise((resolve) => {
		pc.onicegatheringstatechange = () => pc.iceGatheringState === 'complete' && resolve();
	});
}

const SCALES = { h: 1, m: 2, l: 4 };

async function addLine(peer, line, index) {
	if (line.kind === 'application') {
		if (!peer.channels.length)
			peer.channels.push(peer.pc.createDataChannel('JanusDataChannel'));
		return;
	}
	const sends = ['sendrecv', 'sendonly'].includes(line.direction);
	let transceiver = peer.pc.getTransceivers().find((t) => t.mid === line.mid && t.mid !== null);
	if (!transceiver) {
		const encodings = (line.rids ?? []).map((rid, i) => ({ rid, active: true,
			scaleResolutionDownBy: SCALES[rid] ?? 2 ** i }));
		transceiver = peer.pc.addTransceiver(line.kind, { direction: line.direction,
			...(encodings.length && { sendEncodings: encodings }) });
	} else if (transceiver.direction !== 'stopped') {
		transceiver.direction = line.direction;
	}
	if (sends && !transceiver.sender.track)
		await transceiver.sender.replaceTrack(await capture(line.kind));
	preferCodec(transceiver, line);
	return index;
}

function preferCodec(transceiver, line) {
	if (!line.codec || !transceiver.setCodecPreferences)
		return;
	const all = RTCRtpReceiver.getCapabilities(line.kind).codecs;
	const first = all.filter((c) => c.mimeType.toLowerCase() === `${line.kind}/${line.codec}`);
	transceiver.setCodecPreferences([...first, ...all.filter((c) => !first.includes(c))]);
}

window.makeOffer = async (name, lines, { restart = false, trickle = false } = {}) => {
	const peer = peers[name] ?? makePeer(name);
	for (const [index, line] of lines.entries())
		await addLine(peer, line, index);
	const offer = await peer.pc.createOffer({ iceRestart: restart });
	await peer.pc.setLocalDescription(offer);
	if (!trickle)
		await gathered(peer.pc);
	return peer.pc.localDescription.sdp;
};

window.makeAnswer = async (name, offer, directions = {}) => {
	const peer = peers[name] ?? makePeer(name);
	await peer.pc.setRemoteDescription({ type: 'offer', sdp: offer });
	for (const transceiver of peer.pc.getTransceivers())
		if (directions[transceiver.mid])
			transceiver.direction = directions[transceiver.mid];
	await peer.pc.setLocalDescription(await peer.pc.createAnswer());
	await gathered(peer.pc);
	return peer.pc.localDescription.sdp;
};

window.takeAnswer = (name, sdp) => peers[name].pc.setRemoteDescription({ type: 'answer', sdp });

window.closePeer = (name) => {
	peers[name]?.pc.close();
	delete peers[name];
};

/** A peer sends no sound any more, without a word to anybody. */
window.dropSound = (name) => Promise.all(peers[name].pc.getSenders()
	.filter((s) => s.track?.kind === 'audio').map((s) => s.replaceTrack(null)));

/** Let what a peer films have @p fps pictures a second. */
window.setPace = (name, fps) => Promise.all(peers[name].pc.getSenders()
	.filter((s) => s.track?.kind === 'video')
	.map((s) => s.track.applyConstraints({ frameRate: fps })));

/** Everything a test wants to know about a connection's media. */
window.measure = async (name) => {
	const { pc } = peers[name];
	const out = { state: pc.connectionState, inbound: [], outbound: [] };
	(await pc.getStats()).forEach((s) => {
		if (s.type === 'inbound-rtp')
			out.inbound.push({ kind: s.kind, mid: s.mid, packets: s.packetsReceived,
				frames: s.framesDecoded ?? 0, width: s.frameWidth ?? 0, height: s.frameHeight ?? 0,
				energy: s.totalAudioEnergy ?? 0, samples: s.totalSamplesReceived ?? 0,
				freezes: s.freezeCount ?? 0, frozen_s: s.totalFreezesDuration ?? 0,
				lost: s.packetsLost ?? 0, plis: s.pliCount ?? 0,
				nacks: s.nackCount ?? 0, repaired: s.retransmittedPacketsReceived ?? 0,
				keyframes: s.keyFramesDecoded ?? 0 });
		if (s.type === 'outbound-rtp')
			out.outbound.push({ kind: s.kind, rid: s.rid, packets: s.packetsSent,
				frames: s.framesSent ?? 0,
				width: s.frameWidth ?? 0, nacks: s.nackCount ?? 0,
				repaired: s.retransmittedPacketsSent ?? 0 });
	});
	return out;
};

/** A number that tells one picture from another: the pixels of a received track's current frame. */
window.pictureOf = async (name, mid) => {
	const transceiver = peers[name].pc.getTransceivers()
		.find((t) => t.receiver.track.kind === 'video' && (mid === undefined || t.mid === mid));
	const peer = peers[name];
	if (!peer.video) {
		peer.video = document.createElement('video');
		peer.video.muted = true;
		peer.video.srcObject = new MediaStream([transceiver.receiver.track]);
		document.body.append(peer.video);
		await peer.video.play();
	}
	const canvas = new OffscreenCanvas(64, 36);
	const context = canvas.getContext('2d');
	context.drawImage(peer.video, 0, 0, 64, 36);
	const { data } = context.getImageData(0, 0, 64, 36);
	let hash = 0;
	let lit = 0;
	for (let i = 0; i < data.length; i += 4) {
		hash = (hash * 31 + data[i] * 65536 + data[i + 1] * 256 + data[i + 2]) % 4294967296;
		lit += data[i] + data[i + 1] + data[i + 2] > 48 ? 1 : 0;
	}
	return { hash, lit, width: peer.video.videoWidth };
};
