/**
 * One recording being made: a handle of recordplay that sends camera and microphone.
 *
 * | event   | detail    | meaning                                                          |
 * |---------|-----------|------------------------------------------------------------------|
 * | `state` |           | `state` changed (`calling`, `recording`, `paused`, `over`) or `id` |
 * | `over`  | `{words}` | it ended without being asked to, and why                         |
 */
const MS = 1000;

export class Recorder extends EventTarget {
	#cardea;
	#handle = null;
	#peer = null;
	#senders = {};
	#body = {};
	#reason = ''; /* why the server ends it, a sentence */
	#elapsedMs = 0;
	#since = 0; /* when it last began to run; 0: it does not */

	state = 'calling';
	/** The server's number for it, and whether lists leave it out; known when it may be stopped. */
	id = null;
	isPrivate = false;

	/** @param {Cardea} cardea a session */
	constructor(cardea) {
		super();
		this.#cardea = cardea;
	}

	/** Seconds that have been recorded, without the pauses. */
	get elapsed() {
		return (this.#elapsedMs + (this.#since ? performance.now() - this.#since : 0)) / MS;
	}

	get pcs() {
		return this.#peer ? [this.#peer.pc] : [];
	}

	/**
	 * @param {object} what `name`, `secret`, `bitrate` (bits per second at most)
	 * @param {{audio: ?MediaStreamTrack, video: ?MediaStreamTrack}} tracks
	 */
	async start(what, tracks) {
		try {
			await this.#call(what, tracks);
		} catch (error) {
			this.#run('over');
			this.#handle?.detach();
			throw error;
		}
	}

	async #call({ name, secret, bitrate }, tracks) {
		this.#handle = await this.#cardea.attach('recordplay');
		this.#handle.addEventListener('message', ({ detail }) => this.#told(detail.data));
		this.#handle.addEventListener('ended', () =>
			this.#end('The connection to the server was lost. What it had until then is kept.')
		);
		await this.#handle.message({ request: 'configure', 'video-bitrate-max': bitrate });
		this.#peer = this.#handle.peer();
		this.#peer.addEventListener('trouble', () => this.#update({ iceRestart: true }));
		const isUp = new Promise((up) => {
			this.#handle.addEventListener('webrtcup', up, { once: true });
			this.#handle.addEventListener('ended', up, { once: true });
		});
		for (const kind of ['audio', 'video']) if (tracks[kind]) this.#send(kind, tracks[kind]);
		this.#body = { request: 'record', name };
		const { result } = await this.#peer.offer({ ...this.#body, secret });
		this.id = result.id;
		this.isPrivate = result.is_private === true;
		this.dispatchEvent(new CustomEvent('state'));
		await isUp;
		if (this.state === 'calling') this.#run('recording');
	}

	/** A device was exchanged, or is there only now. */
	replace(kind, track) {
		if (this.state === 'over') return;
		if (this.#senders[kind]) this.#senders[kind].replaceTrack(track).catch(() => {});
		else if (track && this.#peer) {
			this.#send(kind, track);
			this.#update();
		}
	}

	async pause() {
		await this.#handle.message({ request: 'pause' });
		this.#run('paused');
	}

	async resume() {
		await this.#handle.message({ request: 'resume' });
		this.#run('recording');
	}

	/** End it, and wait until the server has. */
	async stop() {
		this.#run('over');
		await this.#handle.message({ request: 'stop' }).finally(() => this.#handle.detach());
	}

	#send(kind, track) {
		this.#senders[kind] = this.#peer.pc.addTransceiver(track, { direction: 'sendonly' }).sender;
	}

	#update(more) {
		/* without it the recording goes on with what arrives */
		this.#peer.offer({ ...this.#body, update: true }, more).catch(() => {});
	}

	#told({ result, error }) {
		if (error) this.#reason = error;
		if (result?.status === 'done')
			this.#end(
				`The server ended the recording${this.#reason ? `: ${this.#reason}` : '.'} What it had until then is kept.`
			);
	}

	#end(words) {
		if (this.state === 'over') return;
		this.#run('over');
		this.#handle?.detach();
		this.dispatchEvent(new CustomEvent('over', { detail: { words } }));
	}

	#run(state) {
		this.#elapsedMs = this.elapsed * MS;
		this.#since = state === 'recording' ? performance.now() : 0;
		this.state = state;
		this.dispatchEvent(new CustomEvent('state'));
	}
}
