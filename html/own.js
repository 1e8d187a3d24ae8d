/**
 * What a person sends of themselves, and what on the page says so: `mute`, `camera`, `screen` and `no-preview`, by id.
 * The devices are a `DevicePicker`'s.
 */
import { setToggle, toast } from './ui.js';

const byId = (id) => document.getElementById(id);

export class OwnMedia {
	#picker;
	#changed;
	#isMuted = false;

	/** @param {() => void} changed called when something other than a device has changed */
	constructor(picker, changed) {
		this.#picker = picker;
		this.#changed = changed;
		picker.addEventListener('change', ({ detail: { kind, track } }) => {
			if (kind === 'audio' && track) track.enabled = !this.#isMuted;
		});
	}

	get isMuted() {
		return this.#isMuted;
	}

	get state() {
		const { audio, video } = this.#picker;
		return { mic: Boolean(audio) && !this.#isMuted, camera: Boolean(video) };
	}

	async toggleMute() {
		const picker = this.#picker;
		if (!picker.audio) {
			this.#isMuted = false;
			if (!(await picker.setOn('audio', true))) toast(picker.problem('audio'));
			return;
		}
		this.#isMuted = !this.#isMuted;
		picker.audio.enabled = !this.#isMuted;
		this.#changed();
	}

	async toggleCamera() {
		const picker = this.#picker;
		const isOn = Boolean(picker.video);
		if (!(await picker.setOn('video', !isOn)) && !isOn) toast(picker.problem('video'));
	}

	/** @param {() => Promise<void>} start asks for a screen and sends it */
	async shareScreen(start) {
		if (!navigator.mediaDevices) {
			toast(this.#picker.problem('video'));
			return;
		}
		try {
			await start();
		} catch (error) {
			if (error.name !== 'NotAllowedError')
				/* that one means: changed their mind */
				toast('This browser cannot share the screen.');
		}
	}

	show(isSharing) {
		const { mic, camera } = this.state;
		setToggle(byId('mute'), {
			isOn: mic,
			iconName: mic ? 'mic' : 'mic-off',
			label: mic ? 'Mute' : 'Unmute',
		});
		setToggle(byId('camera'), {
			isOn: camera,
			iconName: camera ? 'camera' : 'camera-off',
			label: camera ? 'Stop camera' : 'Start camera',
		});
		setToggle(byId('screen'), {
			isOn: isSharing,
			iconName: 'screen',
			label: isSharing ? 'Stop sharing' : 'Share screen',
		});
		byId('no-preview').hidden = camera;
	}
}
