/**
 * Cameras and microphones: choosing, opening, previewing, and saying plainly what is wrong with
 * them.
 */
import { el, memory } from './ui.js';

const OFF = 'off';
const METER_PERIOD_MS = 80;
const CONSTRAINTS = {
	audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
	video: { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } },
};
const KINDS = ['audio', 'video'];
const NAMES = { audio: 'microphone', video: 'camera' };
const canCapture = () => Boolean(navigator.mediaDevices?.getUserMedia);

/** Browsers hide cameras and microphones from pages that did not come over HTTPS. */
export function secureAddress(page = location) {
	return `https://${page.hostname}:8089${page.pathname}${page.search}`;
}

/**
 * What a failed getUserMedia means for the person in front of it, and what helps.
 * @param {string} name the error's name
 * @param {string[]} kinds what did not start: one kind or both
 */
function deviceProblem(name, kinds) {
	const names = kinds.map((kind) => NAMES[kind]);
	const what = names.join(' and ');
	const [are, them] = kinds.length > 1 ? ['are', 'them'] : ['is', 'it'];
	const words = {
		NotAllowedError:
			`This page may not use your ${what}. Allow ${them} with the icon next to the page's ` +
			'address, then try again.',
		NotFoundError: `No ${names.join(' and no ')} was found.`,
		NotReadableError:
			`Your ${what} ${are} busy: another program may be using ${them}. Close that ` +
			'program, then try again.',
		AbortError: `Your ${what} did not start. Unplugging and plugging in again often helps.`,
		OverconstrainedError: `The chosen ${what} ${are} not there any more. Try again.`,
		Unplugged: `Your ${what} ${kinds.length > 1 ? 'were' : 'was'} unplugged or taken away.`,
	};
	return words[name] ?? `Your ${what} did not start (${name}).`;
}

/** What it means to join with these devices only; empty where none is missing. */
export function joinNote({ mic, camera }) {
	if (mic && camera) return '';
	if (mic) return 'You join with sound only: the others will hear you, not see you.';
	if (camera) return 'You join without sound: the others will see you, not hear you.';
	return 'You join to watch and listen: the others will not see or hear you.';
}

const INSECURE = 'Your browser gives camera, microphone and screen only to secure pages.';

/** Open one device. @param {string} deviceId may be empty for "the usual one" */
async function openDevice(kind, deviceId) {
	const wanted = { ...CONSTRAINTS[kind] };
	if (deviceId) wanted.deviceId = { exact: deviceId };
	try {
		const stream = await navigator.mediaDevices.getUserMedia({ [kind]: wanted });
		return stream.getTracks()[0];
	} catch (error) {
		if (!deviceId || !['OverconstrainedError', 'NotFoundError'].includes(error.name))
			throw error;
		return openDevice(kind, ''); /* unplugged since the last visit */
	}
}

/** Both kinds with one prompt where possible; what fails together is tried apart. */
async function openBoth(audioId, videoId) {
	const constraint = (kind, id) => ({
		...CONSTRAINTS[kind],
		...(id && { deviceId: { ideal: id } }),
	});
	try {
		const stream = await navigator.mediaDevices.getUserMedia({
			audio: constraint('audio', audioId),
			video: constraint('video', videoId),
		});
		return { audio: stream.getAudioTracks()[0], video: stream.getVideoTracks()[0] };
	} catch {
		const result = {};
		for (const [kind, id] of [
			['audio', audioId],
			['video', videoId],
		])
			result[kind] = await openDevice(kind, id).catch((error) => error);
		return result;
	}
}

/** The loudness of a track, 0…1, some twelve times a second. */
export class LevelMeter {
	#context = null;
	#timer = 0;

	constructor(onLevel) {
		this.onLevel = onLevel;
	}

	watch(track) {
		this.stop();
		if (!track) return;
		this.#context = new AudioContext();
		const analyser = this.#context.createAnalyser();
		analyser.fftSize = 512;
		this.#context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
		const samples = new Float32Array(analyser.fftSize);
		this.#timer = setInterval(() => {
			if (this.#context.state === 'suspended') this.#context.resume().catch(() => {});
			analyser.getFloatTimeDomainData(samples);
			const power = samples.reduce((sum, s) => sum + s * s, 0) / samples.length;
			/* -60 dB is a quiet room, -10 dB is loud: spread that over the scale */
			const decibel = 10 * Math.log10(power + 1e-9);
			this.onLevel(Math.min(1, Math.max(0, (decibel + 60) / 50)));
		}, METER_PERIOD_MS);
	}

	stop() {
		clearInterval(this.#timer);
		this.#context?.close();
		this.#context = null;
		this.onLevel(0);
	}
}

/**
 * The choice of camera and microphone with level meter and notes about what is wrong.
 * It fills `root`, shows the camera in `preview` and fires `change` (`{kind, track}`) whenever a
 * device is opened, closed or exchanged.
 */
export class DevicePicker extends EventTarget {
	#tracks = { audio: null, video: null };
	#meter = new LevelMeter((level) => this.#showLevel(level));
	#turns = { audio: 0, video: 0 };
	#failures = { audio: null, video: null }; /* names of errors */

	constructor(root, preview) {
		super();
		this.preview = preview;
		this.#build(root);
		navigator.mediaDevices?.addEventListener('devicechange', () => this.#list());
	}

	get audio() {
		return this.#tracks.audio;
	}
	get video() {
		return this.#tracks.video;
	}
	get tracks() {
		return Object.values(this.#tracks).filter(Boolean);
	}

	/** Open what was chosen last time, or the usual devices. Problems are shown, never thrown. */
	async start() {
		if (!canCapture()) {
			this.#showNotes();
			return;
		}
		const wanted = KINDS.filter((kind) => memory.get(kind) !== OFF);
		if (wanted.length === KINDS.length) {
			const both = openBoth(memory.get('audio'), memory.get('video'));
			await Promise.all(
				KINDS.map((kind) =>
					this.#open(
						kind,
						both.then((opened) => opened[kind])
					)
				)
			);
		} else {
			await Promise.all(
				wanted.map((kind) => this.#open(kind, openDevice(kind, memory.get(kind))))
			);
		}
		await this.#list();
	}

	/** Switch a kind on or off, by the page's own buttons. @returns whether it is on now */
	async setOn(kind, isOn) {
		if (!isOn) this.#take(kind, null);
		else if (canCapture()) await this.#open(kind, openDevice(kind, this.#chosen(kind)));
		await this.#list();
		return Boolean(this.#tracks[kind]);
	}

	stop() {
		for (const kind of KINDS) this.#take(kind, null);
	}

	/** Why a kind is not there, for a page that says it elsewhere. */
	problem(kind) {
		return canCapture() ? deviceProblem(this.#failures[kind], [kind]) : INSECURE;
	}

	/** All that is wrong, one sentence for both kinds where both have the same trouble. */
	get problems() {
		const { audio, video } = this.#failures;
		if (!canCapture()) return [`${INSECURE} Open ${secureAddress()} instead.`];
		if (video && video === audio) return [deviceProblem(video, ['video', 'audio'])];
		return ['video', 'audio']
			.filter((kind) => this.#failures[kind])
			.map((kind) => deviceProblem(this.#failures[kind], [kind]));
	}

	#chosen(kind) {
		const id = memory.get(kind);
		return id === OFF ? '' : id;
	}

	/**
	 * Opening takes as long as the person thinks about the prompt; what was wanted since then
	 * counts.
	 */
	async #open(kind, opening) {
		const turn = ++this.#turns[kind];
		const result = await opening.catch((error) => error);
		if (turn === this.#turns[kind]) this.#take(kind, result);
		else if (result instanceof MediaStreamTrack) result.stop();
	}

	#take(kind, trackOrError) {
		this.#turns[kind]++;
		const isTrack = trackOrError instanceof MediaStreamTrack;
		const track = isTrack ? trackOrError : null;
		this.#tracks[kind]?.stop();
		this.#tracks[kind] = track;
		this.#failures[kind] = isTrack || !trackOrError ? null : trackOrError.name;
		if (track) track.onended = () => this.#unplugged(kind, track);
		if (kind === 'video') this.preview.srcObject = track ? new MediaStream([track]) : null;
		else this.#meter.watch(track);
		this.#showNotes();
		this.dispatchEvent(new CustomEvent('change', { detail: { kind, track } }));
	}

	#unplugged(kind, track) {
		if (this.#tracks[kind] !== track) return;
		this.#take(kind, null);
		this.#failures[kind] = 'Unplugged';
		this.#showNotes();
		this.#list();
	}

	#build(root) {
		const select = (kind) =>
			el('select', {
				'data-test': `${kind}-select`,
				onchange: (event) => this.#choose(kind, event.target.value),
			});
		this.selects = { audio: select('audio'), video: select('video') };
		this.bar = el('span', { class: 'level' });
		this.meter = el(
			'div',
			{
				class: 'meter',
				role: 'meter',
				'aria-label': 'Microphone level',
				'aria-valuemin': 0,
				'aria-valuemax': 100,
				'aria-valuenow': 0,
				'data-test': 'meter',
			},
			this.bar
		);
		this.notes = el('div', { class: 'notes', role: 'status', 'data-test': 'device-notes' });
		this.again = el(
			'button',
			{
				class: 'small',
				type: 'button',
				'data-test': 'try-devices',
				onclick: () => this.#tryAgain(),
			},
			'Try again'
		);
		root.replaceChildren(
			el('label', { class: 'field' }, el('span', {}, 'Camera'), this.selects.video),
			el('label', { class: 'field' }, el('span', {}, 'Microphone'), this.selects.audio),
			this.meter,
			this.notes
		);
		this.#list();
	}

	async #choose(kind, value) {
		memory.set(kind, value);
		await this.setOn(kind, value !== OFF);
	}

	async #list() {
		const devices = canCapture() ? await navigator.mediaDevices.enumerateDevices() : [];
		for (const kind of KINDS) {
			const mine = devices.filter((device) => device.kind === `${kind}input`);
			const used = this.#tracks[kind]?.getSettings().deviceId ?? OFF;
			/* before permission is given the labels, and sometimes the ids, are empty */
			const options = mine.map((device, i) =>
				el('option', { value: device.deviceId }, device.label || `${NAMES[kind]} ${i + 1}`)
			);
			options.push(el('option', { value: OFF }, `No ${NAMES[kind]}`));
			this.selects[kind].replaceChildren(...options);
			this.selects[kind].value = used;
		}
	}

	#showNotes() {
		const link = el('a', { href: secureAddress() }, secureAddress());
		const notes = canCapture()
			? this.problems.map((words) => el('p', {}, words))
			: [el('p', {}, `${INSECURE} Open `, link, ' instead.')];
		if (canCapture()) notes.at(-1)?.append(' ', this.again);
		this.notes.replaceChildren(...notes);
	}

	async #tryAgain() {
		for (const kind of KINDS.filter((k) => this.#failures[k]))
			await this.setOn(kind, true);
		const next = this.again.isConnected ? this.again : this.selects.video;
		next.focus(); /* its note was made anew */
	}

	#showLevel(level) {
		if (!this.bar) return;
		this.bar.style.transform = `scaleX(${level.toFixed(2)})`;
		this.meter.setAttribute('aria-valuenow', Math.round(level * 100));
	}
}
