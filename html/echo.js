/**
 * The echo test page.
 *
 * Query: `simulcast=1` sends three layers, `data=1` opens a text channel, `acodec=` and `vcodec=`
 * wish for a codec, `opusred=1` for redundant sound; `server`, `prefix`, `token`, `apisecret` as in
 * `optionsFrom` (cardea.js).
 *
 * Hooks for tests, by `data-test`: `start`, `stop`, `local-video`, `remote-video`, `status` (its
 * `data-tone` is `good` once media flows), `mute`, `camera`, `bitrate`, `simulcast`, `data`,
 * `text`, `send-text`, `text-reply`, `figures`, `meter`, `audio-select`, `video-select`,
 * `device-notes`, `try-devices`, `reason` (why no picture moves), and `layer-0` … `layer-2`, `temporal-0` … `temporal-2`.
 * `window.cardeaDebug.pcs()` gives the page's RTCPeerConnections.
 */
import { Cardea, optionsFrom, SIMULCAST } from './cardea.js';
import { DevicePicker } from './devices.js';
import { hasSent, hasShown, LOOK_MS, Reasons, showReason } from './reasons.js';
import { Sampler } from './stats.js';
import {
	byTest,
	el,
	endWithPage,
	explain,
	keepServer,
	play,
	shortcuts,
	status,
	toast,
} from './ui.js';

const query = new URLSearchParams(location.search);
const byId = (id) => document.getElementById(id);
const FIGURES_PERIOD_MS = 1000;
const SIZES = ['Small', 'Medium', 'Large'];
const RATES = ['¼ frames', '½ frames', 'All frames'];

const picker = new DevicePicker(byId('devices'), byTest('local-video'));
const pickerReady = picker.start();
let call = null;

/** One run of the test, from Start to Stop. */
class EchoCall {
	#cardea = new Cardea(optionsFrom());
	#peer = null;
	#senders = {};
	#timers = [];
	#isOver = false;
	#echoes = { audio: true, video: true };

	get pcs() {
		return this.#peer ? [this.#peer.pc] : [];
	}

	async start() {
		status('busy', 'Calling the server…');
		this.#watchConnection();
		await this.#cardea.connect();
		await this.#begin();
	}

	/** Also the way back after the session was lost. */
	async #begin() {
		this.handle = await this.#cardea.attach('echotest');
		this.handle.addEventListener('message', ({ detail }) => this.#told(detail.data));
		this.handle.addEventListener('webrtcup', () =>
			status('good', 'Connected: this is your echo.')
		);
		this.handle.addEventListener('hangup', ({ detail }) => this.#hungUp(detail.reason));
		this.#peer = this.handle.peer();
		this.#peer.addEventListener('trouble', () => this.#repair());
		this.#addMedia(this.#peer.pc);
		await this.#peer.offer({ ...this.#wishes(), bitrate: Number(byId('bitrate').value) });
		this.#watchFigures();
	}

	/** What is said along with every offer. */
	#wishes() {
		const body = { ...this.#echoes };
		if (query.get('acodec')) body.audiocodec = query.get('acodec');
		if (query.get('vcodec')) body.videocodec = query.get('vcodec');
		if (['1', 'true'].includes(query.get('opusred'))) body.opusred = true;
		return body;
	}

	#addMedia(pc) {
		const remote = new MediaStream();
		const screen = byTest('remote-video');
		this.#senders = {};
		pc.ontrack = ({ track }) => {
			remote.addTrack(track);
			screen.srcObject = remote;
			play(screen, () =>
				status('bad', 'Your browser holds the sound back. Click the picture to hear it.')
			);
		};
		screen.onclick = () => play(screen);
		byId('waiting').textContent = picker.video
			? 'Waiting for the picture…'
			: 'Sound only: you should hear yourself.';
		screen.onresize = () => {
			byId('waiting').hidden = screen.videoWidth > 0;
		};
		if (picker.audio) this.#senders.audio = pc.addTransceiver(picker.audio, {}).sender;
		if (picker.video)
			this.#senders.video = pc.addTransceiver(
				picker.video,
				byId('simulcast').checked ? { sendEncodings: SIMULCAST } : {}
			).sender;
		if (byId('data').checked) this.#openText(pc);
	}

	#openText(pc) {
		this.channel = pc.createDataChannel('echo');
		this.channel.onopen = () => {
			byId('text-form').hidden = false;
		};
		this.channel.onclose = () => {
			byId('text-form').hidden = true;
		};
		this.channel.onmessage = ({ data }) => {
			byId('text-reply').textContent = `Server: ${data}`;
		};
	}

	/** Ask the plugin for something while the call runs; a refusal is shown, the call goes on. */
	async ask(body) {
		try {
			await this.handle.message(body);
		} catch (error) {
			toast(explain(error));
		}
	}

	/** Have the server echo a kind, or not. @returns whether it does now */
	toggle(kind) {
		this.#echoes[kind] = !this.#echoes[kind];
		this.ask({ [kind]: this.#echoes[kind] });
		return this.#echoes[kind];
	}

	/** A device was exchanged: the same m-line goes on with another track. */
	replace(kind, track) {
		if (this.#senders[kind]) this.#senders[kind].replaceTrack(track).catch(() => {});
		else if (track && this.#peer) this.#add(kind, track);
	}

	/** The first of its kind costs a negotiation. */
	async #add(kind, track) {
		this.#senders[kind] = this.#peer.pc.addTransceiver(track, {}).sender;
		try {
			await this.#peer.offer({ ...this.#echoes }, { update: true });
		} catch (error) {
			toast(explain(error));
		}
	}

	#told(data) {
		if (data.event === 'slow_link')
			toast(`Your network loses part of the ${data.media === 'audio' ? 'sound' : 'picture'} you send.`);
		if (data.substream !== undefined) markCurrent('layer', data.substream);
		if (data.temporal !== undefined) markCurrent('temporal', data.temporal);
	}

	#watchConnection() {
		this.#cardea.addEventListener('reconnecting', () =>
			status(
				'busy',
				'The line to the server dropped. Trying again… Picture and sound may go on meanwhile.'
			)
		);
		this.#cardea.addEventListener('reconnected', () => status('good', 'Connected again.'));
		this.#cardea.addEventListener('lost', () => this.#startOver());
	}

	async #startOver() {
		status('busy', 'The server lost this session. Starting over…');
		try {
			await this.#cardea.connect();
			await this.#begin();
		} catch (error) {
			if (!this.#isOver) finish('bad', explain(error));
		}
	}

	#repair() {
		status('busy', 'The network changed. Looking for a new path…');
		this.#peer.restart(this.#wishes()).then(
			() => status('good', 'Connected: this is your echo.'),
			(error) => status('bad', explain(error))
		);
	}

	#hungUp(reason) {
		if (!this.#isOver)
			finish('bad', `The server ended the call: ${reason || 'no reason given'}.`);
	}

	#watchFigures() {
		this.#timers.forEach(clearInterval);
		const { handle } = this;
		const sampler = new Sampler(this.#peer.pc);
		const reasons = new Reasons(() => handle.explain());
		const isCurrent = () => handle === this.handle && !this.#isOver;
		const measure = async () => {
			const figures = await sampler.sample();
			if (isCurrent()) showFigures(figures);
		};
		const look = async () => {
			if (document.hidden) return;
			const lines = await this.#pictures();
			const reasonOf = await reasons.look(lines);
			if (!isCurrent()) return;
			const found = lines.map(({ direction, mid }) => reasonOf(direction, mid));
			showReason(byId('reason'), found.find(Boolean) ?? null);
		};
		this.#timers = [setInterval(measure, FIGURES_PERIOD_MS), setInterval(look, LOOK_MS)];
	}

	/** The pictures that are meant to move: what is sent, and its echo unless that is off. */
	async #pictures() {
		const lines = [];
		for (const { mid, sender } of this.#peer.pc.getTransceivers()) {
			if (sender.track?.kind !== 'video') continue;
			lines.push({ mid, direction: 'out', moves: await hasSent(sender) });
			if (this.#echoes.video !== false)
				lines.push({ mid, direction: 'in', moves: hasShown(byTest('remote-video')) });
		}
		return lines;
	}

	end() {
		this.#isOver = true;
		this.#timers.forEach(clearInterval);
		this.#cardea.close();
		byTest('remote-video').srcObject = null;
	}
}

const round = (value, digits = 0) => (value ?? 0).toFixed(digits);

function showFigures(figures) {
	const words = {
		'out/audio': 'Sound sent',
		'out/video': 'Picture sent',
		'in/audio': 'Sound back',
		'in/video': 'Picture back',
	};
	byId('figures').replaceChildren(
		...figures.map((f) =>
			el(
				'tr',
				{},
				el(
					'th',
					{ scope: 'row' },
					`${words[`${f.direction}/${f.kind}`]}${f.codec ? `, ${f.codec}` : ''}`
				),
				el('td', {}, f.width ? `${f.width}×${f.height}, ${round(f.fps)} fps` : '–'),
				el('td', {}, round(f.kbps)),
				el(
					'td',
					{},
					f.rttMs === undefined ? '–' : `${round(f.rttMs, f.rttMs < 10 ? 1 : 0)} ms`
				),
				el('td', {}, `${round(f.lossPercent, 1)} %`)
			)
		)
	);
	const back = figures.find((f) => f.direction === 'in' && f.width);
	if (back)
		byId('echo-caption').textContent =
			`Back from the server · ${back.width}×${back.height} · ${round(back.kbps)} kbit/s`;
}

function markCurrent(group, layer) {
	for (const button of byId('layers').querySelectorAll(`[data-group="${group}"]`)) {
		const isCurrent = Number(button.dataset.layer) === layer;
		button.classList.toggle('is-current', isCurrent);
		button.title = isCurrent ? 'This is what you get at the moment' : '';
	}
}

function layerButtons(group, title, words, field) {
	const buttons = [0, 1, 2].map((layer) =>
		el(
			'button',
			{
				class: 'small choice',
				'aria-pressed': String(layer === 2),
				'data-group': group,
				'data-layer': layer,
				'data-test': `${group}-${layer}`,
				onclick: (event) => {
					for (const other of byId('layers').querySelectorAll(`[data-group="${group}"]`))
						other.setAttribute('aria-pressed', String(other === event.currentTarget));
					call?.ask({ [field]: layer });
				},
			},
			words(layer)
		)
	);
	return el('span', { class: 'group', role: 'group', 'aria-label': title }, ...buttons);
}

function showRunning(isRunning) {
	byId('start').hidden = isRunning;
	for (const id of ['stop', 'audio', 'video']) byId(id).hidden = !isRunning;
	byId('layers').hidden = !isRunning || !byId('simulcast').checked;
	byId('simulcast').disabled = byId('data').disabled = isRunning;
	for (const kind of ['audio', 'video']) byId(kind).setAttribute('aria-pressed', 'true');
	byId('layers').replaceChildren(
		layerButtons('layer', 'Size', (n) => SIZES[n], 'substream'),
		layerButtons('temporal', 'Frame rate', (n) => RATES[n], 'temporal')
	);
}

/** End the call, whoever wanted it, and say why. */
function finish(tone, words) {
	call?.end();
	call = null;
	byId('text-form').hidden = true;
	byId('waiting').hidden = false;
	showReason(byId('reason'), null);
	byId('waiting').textContent = 'Press Start to send your picture to the server and back.';
	byId('echo-caption').textContent = 'Back from the server';
	showRunning(false);
	status(tone, words);
}

async function start() {
	await pickerReady;
	if (
		!picker.tracks.length &&
		!(await picker.setOn('audio', true)) &&
		!(await picker.setOn('video', true))
	) {
		status('bad', ['There is nothing to send.', ...picker.problems].join(' '));
		return;
	}
	const mine = (call = new EchoCall());
	showRunning(true);
	try {
		await mine.start();
	} catch (error) {
		if (call === mine) finish('bad', explain(error));
	}
}

function toggle(kind) {
	if (call) byId(kind).setAttribute('aria-pressed', String(call.toggle(kind)));
}

byId('simulcast').checked = query.get('simulcast') === '1';
byId('data').checked = query.get('data') === '1';
byId('start').addEventListener('click', start);
byId('stop').addEventListener('click', () => {
	finish('quiet', 'Stopped.');
	byId('start').focus();
});
byId('audio').addEventListener('click', () => toggle('audio'));
byId('video').addEventListener('click', () => toggle('video'));
byId('bitrate').addEventListener('change', (event) =>
	call?.ask({ bitrate: Number(event.target.value) })
);
byId('text-form').addEventListener('submit', (event) => {
	event.preventDefault();
	call?.channel?.send(byId('text').value);
	byId('text').select();
});
picker.addEventListener('change', ({ detail: { kind, track } }) => {
	byId('no-preview').hidden = Boolean(picker.video);
	call?.replace(kind, track);
});
shortcuts({ m: () => toggle('audio'), v: () => toggle('video') });
endWithPage(() => call?.end());
keepServer();
window.cardeaDebug = { pcs: () => call?.pcs ?? [] };
