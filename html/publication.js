/**
 * Everything one person sends into a video room: microphone, camera and screen, over the handle
 * that also listens to the room.
 *
 * Changes are carried out one after the other. Events: `state` (`{tone, words}`) and `notice`
 * (`{words}`), as {@link MeetingRoom} has them.
 */
import { SIMULCAST } from './cardea.js';
import { hasSent } from './reasons.js';
import { Sampler } from './stats.js';
import { explain } from './ui.js';

const SLOTS = ['audio', 'video', 'screen'];
/** What is said on a channel of this name is passed on to those who receive this person. */
const DATA_LABEL = 'JanusDataChannel';

export class Publication extends EventTarget {
	#handle;
	#tracks;
	#withLayers;
	#withData;
	#channel = null;
	#peer = null;
	#sampler = null;
	#slots = {};
	#moderated = new Set();
	#isPublished = false;
	#refusal = '';
	#last = Promise.resolve();

	/**
	 * @param {Handle} handle joined to a room as publisher
	 * @param {{audio, video, screen}} tracks borrowed: what to send is read from here each time
	 * @param {boolean} [more.withLayers] send the camera in three sizes
	 * @param {boolean} [more.withData] be able to {@link say} something, even without any track
	 */
	constructor(handle, tracks, { withLayers = false, withData = false } = {}) {
		super();
		this.#withData = withData;
		this.#handle = handle;
		this.#tracks = tracks;
		this.#withLayers = withLayers;
		handle.addEventListener('hangup', () => this.#hungUp());
	}

	get pc() {
		return this.#peer?.pc ?? null;
	}

	/** The m-line of the camera; null: it is not sent. */
	get cameraMid() {
		return this.#tracks.video ? (this.#slots.video?.mid ?? null) : null;
	}

	/** Is the camera's picture passed on, and has it been sent since this was asked last? */
	async cameraMoves() {
		const { mid, sender } = this.#slots.video;
		const isSent = await hasSent(sender);
		return isSent && !this.#moderated.has(mid);
	}

	/** The host has muted one of the m-lines, or lets it pass again. */
	moderated(mid, isMuted) {
		if (isMuted) this.#moderated.add(mid);
		else this.#moderated.delete(mid);
	}

	/** Why the plugin takes nothing from this person, in words; empty when it does. */
	get refusal() {
		return this.#refusal;
	}

	/**
	 * Start sending, if there is anything to send. A full room still lets people watch; call this
	 * again to ask once more.
	 */
	start() {
		return this.#then(() => this.#isPublished || this.#publish());
	}

	/** A track came, went or was exchanged. Only the first of its kind costs a negotiation. */
	update(slot) {
		return this.#then(() => this.#update(slot)).catch((error) => this.#notice(explain(error)));
	}

	/** Find a new path where the old one broke; a new PeerConnection where there is none. */
	repairIfBroken() {
		if (['failed', 'disconnected'].includes(this.pc?.connectionState)) this.#repair();
	}

	/** Send a text to all who receive this person. @returns whether it could be sent */
	say(text) {
		if (this.#channel?.readyState !== 'open') return false;
		this.#channel.send(text);
		return true;
	}

	/** Why something does not arrive at the server, see {@link Handle.explain}. */
	async explain() {
		return this.#handle.explain();
	}

	async sample() {
		return this.#sampler ? this.#sampler.sample() : [];
	}

	#then(job) {
		const run = this.#last.then(job);
		this.#last = run.catch(() => {});
		return run;
	}

	async #publish() {
		const slots = SLOTS.filter((slot) => this.#tracks[slot]);
		this.#refusal = '';
		if (slots.length || this.#withData) await this.#publishSlots(slots);
		if (this.#refusal) this.#state('bad', this.#refusal);
		else this.#state('good', 'Connected');
	}

	async #publishSlots(slots) {
		this.#peer = this.#handle.peer({ fresh: true });
		this.#sampler = new Sampler(this.#peer.pc);
		this.#peer.addEventListener('trouble', () => this.#repair());
		this.#slots = {};
		this.#moderated.clear();
		slots.forEach((slot) => this.#addSlot(slot));
		this.#channel = this.#withData ? this.#peer.pc.createDataChannel(DATA_LABEL) : null;
		try {
			await this.#offer('publish');
			this.#isPublished = true;
		} catch (error) {
			if (error.origin !== 'plugin') throw error;
			await this.#handle.hangup();
			this.#peer = this.#sampler = null;
			this.#refusal = `${explain(error)} You can watch and listen.`;
		}
	}

	async #update(slot) {
		if (!this.#isPublished) {
			await this.#publish();
			return;
		}
		this.#forgetStopped();
		const track = this.#tracks[slot];
		const transceiver = this.#slots[slot];
		if (!transceiver && !track) return;
		if (!transceiver) this.#addSlot(slot);
		else await transceiver.sender.replaceTrack(track);
		/* a stopped camera keeps its place, it will be back; a stopped screen makes room */
		const direction = slot === 'screen' && !track ? 'inactive' : 'sendonly';
		if (transceiver?.direction === direction) return;
		this.#slots[slot].direction = direction;
		await this.#offer('configure', { update: true });
	}

	#addSlot(slot) {
		const layers = slot === 'video' && this.#withLayers ? { sendEncodings: SIMULCAST } : {};
		this.#slots[slot] = this.#peer.pc.addTransceiver(this.#tracks[slot], {
			direction: 'sendonly',
			...layers,
		});
	}

	/** A server may close the m-line of a screen that stopped; the next screen gets another. */
	#forgetStopped() {
		for (const [slot, transceiver] of Object.entries(this.#slots))
			if (transceiver.currentDirection === 'stopped') delete this.#slots[slot];
	}

	/** The description of an m-line is its slot: by that others tell a screen from a camera. */
	#offer(request, extras) {
		this.#forgetStopped();
		const describe = ([description, { mid }]) => ({ mid, description });
		const body = () => ({ request, descriptions: Object.entries(this.#slots).map(describe) });
		return this.#peer.offer(body, extras);
	}

	async #repair() {
		this.#state('busy', 'The network changed. Looking for a new path…');
		try {
			await this.#offer('configure', { iceRestart: true, update: true });
			this.#state('good', 'Connected');
		} catch (error) {
			if (error.code !== 'dropped') this.#hungUp();
			/* a dropped line comes back, and then this is tried again */
		}
	}

	/** The PeerConnection is of no more use: make another. */
	#hungUp() {
		if (!this.#isPublished || this.#handle.isEnded) return;
		this.#isPublished = false;
		this.start().catch((error) => this.#notice(explain(error)));
	}

	#state(tone, words) {
		this.dispatchEvent(new CustomEvent('state', { detail: { tone, words } }));
	}

	#notice(words) {
		this.dispatchEvent(new CustomEvent('notice', { detail: { words } }));
	}
}
