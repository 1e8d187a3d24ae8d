/**
 * That a meeting is recorded, for everybody in it: a mark that stays, and words and a tone when it
 * begins and ends. For the host the button that does it.
 * By id: `recording-mark`, `record`, `bar`, and the choice `tones`.
 */
import { memory, setToggle, toast } from './ui.js';

const byId = (id) => document.getElementById(id);
const TONE_S = 0.18;
const TONE_GAIN = 0.05;
const LATE_MS = 1000;
const TONES_HZ = { begins: [660, 880], ends: [880, 660] };
const SILENT = 'off';

/** Two short notes, where the browser lets the page be heard and the person wants it. */
async function play(notes) {
	if (memory.get('tones') === SILENT) return;
	const context = new AudioContext();
	const late = new Promise((done) => setTimeout(done, LATE_MS, true));
	/* a page that may not be heard waits here for a click, when the tone would mean nothing */
	if (await Promise.race([context.resume(), late])) {
		context.close();
		return;
	}
	const gain = new GainNode(context, { gain: TONE_GAIN });
	gain.connect(context.destination);
	notes.forEach((frequency, i) => {
		const note = new OscillatorNode(context, { frequency });
		note.connect(gain);
		note.start(context.currentTime + i * TONE_S);
		note.stop(context.currentTime + (i + 1) * TONE_S);
		if (i === notes.length - 1) note.onended = () => context.close();
	});
}

export class RecordingMark {
	#isOn = false;

	constructor() {
		byId('tones').checked = memory.get('tones') !== SILENT;
		byId('tones').onchange = () => memory.set('tones', byId('tones').checked ? '' : SILENT);
		this.#show(false);
	}

	get isOn() {
		return this.#isOn;
	}

	/** @param {boolean} isHost shows the button */
	set isHost(isHost) {
		byId('record').hidden = !isHost;
		byId('bar').classList.toggle('long', isHost);
	}

	/** Say what has changed, once. */
	tell(isOn) {
		if (isOn === this.#isOn) return;
		this.#show(isOn);
		toast(isOn ? 'This meeting is being recorded.' : 'The recording has ended.');
		play(isOn ? TONES_HZ.begins : TONES_HZ.ends).catch(() => {}); /* the words say it */
	}

	/** Of a meeting that was left nothing is said. */
	clear() {
		this.#show(false);
	}

	#show(isOn) {
		this.#isOn = isOn;
		byId('recording-mark').hidden = !isOn;
		byId('record').classList.toggle('is-on', isOn);
		setToggle(byId('record'), {
			isOn: true,
			iconName: 'record',
			label: isOn ? 'Stop recording' : 'Record',
		});
	}
}
