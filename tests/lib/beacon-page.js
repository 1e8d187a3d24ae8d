// A camera and microphone that flash and beep together once a second. Runs in a browser page, after
// peers-page.js, whose capture() it takes the place of.
'use strict';

const LENGTH_S = 0.15;

/** Beeps of an AudioContext, whose clock leads: pictures follow what it has got to. */
async function beeps(hz) {
	const sound = new AudioContext({ sampleRate: 48000, latencyHint: 'interactive' });
	const tone = sound.createOscillator();
	const gain = sound.createGain();
	const out = sound.createMediaStreamDestination();
	gain.gain.value = 0;
	tone.frequency.value = hz;
	tone.connect(gain).connect(out);
	tone.start();
	for (let s = 1; s < 3600; s++) {
		gain.gain.setValueAtTime(0.5, s);
		gain.gain.setValueAtTime(0, s + LENGTH_S);
	}
	const silence = sound.createConstantSource();
	silence.connect(sound.destination);
	silence.start();
	await sound.resume();
	return { track: out.stream.getTracks()[0], now: () => sound.currentTime, follow() {} };
}

/** Beeps of a fake microphone that hums: where there is no sound card, Firefox runs no AudioContext. */
async function hum() {
	const [track] = (await navigator.mediaDevices.getUserMedia({ audio: true })).getTracks();
	track.enabled = false;
	return { track, now: () => performance.now() / 1000,
		follow(lit) {
			if (track.enabled !== lit)
				track.enabled = lit;
		} };
}

/** @param hz of the tone, where a browser lets us choose it */
window.beacon = async (width = 640, height = 360, fps = 30, hz = 1000) => {
	const canvas = document.createElement('canvas');
	const context = canvas.getContext('2d');
	const sound = await (navigator.userAgent.includes('Firefox') ? hum() : beeps(hz));
	const began = Math.floor(sound.now());
	let count = 0;
	Object.assign(canvas, { width, height });
	const draw = () => {
		const now = sound.now() - began;
		const lit = now >= 1 && now % 1 < LENGTH_S;
		sound.follow(lit);
		context.fillStyle = lit ? '#ffffff' : '#101010';
		context.fillRect(0, 0, canvas.width, canvas.height);
		context.fillStyle = lit ? '#000000' : '#6080a0';
		context.fillRect((count++ * 7) % canvas.width, canvas.height / 2, 16, 16);
	};
	setInterval(draw, 1000 / fps);
	const stream = canvas.captureStream(fps);
	window.capture = async (kind) => (kind === 'audio' ? sound.track : stream.getTracks()[0]);
	/** Let a connection send nothing of a kind, without a word to anybody, or go on. */
	window.hold = (name, kind, on) => Promise.all(peers[name].pc.getTransceivers()
		.filter((t) => t.receiver.track.kind === kind)
		.map(async (t) => t.sender.replaceTrack(on ? null : await window.capture(kind))));
	/** Let a layer of simulcast be sent or not. */
	window.setLayer = (name, rid, on) => Promise.all(peers[name].pc.getSenders()
		.filter((sender) => sender.track?.kind === 'video').map((sender) => {
			const parameters = sender.getParameters();
			parameters.encodings.find((e) => e.rid === rid).active = on;
			return sender.setParameters(parameters);
		}));
	window.speak = async (name, text) => {
		const [channel] = peers[name].channels;
		if (channel.readyState !== 'open')
			await new Promise((resolve) => { channel.onopen = resolve; });
		channel.send(text);
	};
	window.beaconSize = (w, h) => Object.assign(canvas, { width: w, height: h });
};
