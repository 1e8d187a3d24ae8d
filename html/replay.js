/**
 * Two ways to play a recording, which the player need not tell apart: its files, by the browser, and
 * over WebRTC, by the server. Seconds are those of the file that plays.
 *
 * | event    | detail    | meaning                                              |
 * |----------|-----------|------------------------------------------------------|
 * | `change` |           | `isPaused`, `position`, `duration` or `part` changed |
 * | `ended`  |           | the end was reached                                  |
 * | `failed` | `{error}` | it cannot be played this way                         |
 */
const MS = 1000;

/** A recording's files in a <video>, one after another. */
export class FileReplay extends EventTarget {
	#video;
	#listening = new AbortController();
	#files;
	#duration;

	part = 0;
	speed = 1;

	/**
	 * @param {HTMLVideoElement} video
	 * @param {string[]} files addresses, at least one
	 * @param {number} duration seconds of the whole, for a file that does not say
	 */
	constructor(video, files, duration) {
		super();
		this.#video = video;
		this.#files = files;
		this.#duration = duration;
		const on = (types, action) => {
			for (const type of types)
				video.addEventListener(type, action, { signal: this.#listening.signal });
		};
		on(['timeupdate', 'durationchange', 'play', 'pause', 'seeked'], () => this.#emit('change'));
		on(['ended'], () => this.#next());
		on(['error'], () => this.#emit('failed', { error: video.error }));
	}

	get parts() {
		return this.#files.length;
	}
	get position() {
		return this.#video.currentTime;
	}
	get duration() {
		const { duration } = this.#video;
		return Number.isFinite(duration) ? duration : this.#duration;
	}
	get isPaused() {
		return this.#video.paused;
	}

	start() {
		return this.openPart(0);
	}

	/** Play that file from its beginning. */
	async openPart(part) {
		this.part = part;
		this.#video.srcObject = null;
		this.#video.src = this.#files[part];
		this.#video.defaultPlaybackRate = this.speed;
		await this.play();
	}

	async play() {
		this.#video.playbackRate = this.speed;
		/* held back by the browser, or closed at once: the button says that it is paused */
		await this.#video.play().catch(() => {});
	}
	pause() {
		this.#video.pause();
	}
	seek(seconds) {
		this.#video.currentTime = seconds;
	}
	setSpeed(speed) {
		this.speed = speed;
		this.#video.playbackRate = speed;
	}

	close() {
		this.#listening.abort();
		this.#video.pause();
		this.#video.removeAttribute('src');
		this.#video.load();
	}

	#next() {
		if (this.part + 1 < this.parts) this.openPart(this.part + 1);
		else this.#emit('ended');
	}

	#emit(type, detail) {
		this.dispatchEvent(new CustomEvent(type, { detail }));
	}
}

/** The same over WebRTC, by a handle of its own. */
export class WebRtcReplay extends EventTarget {
	#cardea;
	#video;
	#id;
	#handle = null;
	#peer = null;
	#state = 'over'; /* or 'calling', 'playing', 'paused' */
	#heard = { position: 0, at: 0 };
	#isClosed = false;

	parts = 1;
	part = 0;
	speed = 1;

	/** @param {Cardea} cardea a session @param {number} duration seconds, until the server tells */
	constructor(cardea, video, { id, duration }) {
		super();
		this.#cardea = cardea;
		this.#video = video;
		this.#id = id;
		this.duration = duration;
	}

	get pcs() {
		return this.#peer ? [this.#peer.pc] : [];
	}
	get isPaused() {
		return this.#state === 'paused' || this.#state === 'over';
	}
	/** The server tells once a second; in between it is reckoned. */
	get position() {
		const { position, at } = this.#heard;
		if (this.#state !== 'playing' || !at) return position;
		const now = position + ((performance.now() - at) / MS) * this.speed;
		return Math.min(now, this.duration || now);
	}

	async start() {
		try {
			this.#handle = await this.#cardea.attach('recordplay');
			this.#handle.addEventListener('message', ({ detail }) => this.#told(detail));
			this.#handle.addEventListener('hangup', () => this.#over());
			this.#handle.addEventListener('ended', () => this.#lost());
			await this.#begin(0);
		} catch (error) {
			this.#fail(error);
		}
	}

	async play() {
		if (this.#state === 'over') await this.#begin(0).catch((error) => this.#fail(error));
		else if (this.#state === 'paused') await this.#ask({ request: 'resume' }, 'playing');
	}
	pause() {
		if (this.#state === 'playing') this.#ask({ request: 'pause' }, 'paused');
	}
	seek(seconds) {
		this.#place(seconds);
		if (this.#state === 'over') this.#begin(seconds).catch((error) => this.#fail(error));
		else this.#ask({ request: 'seek', position: Math.round(seconds * MS) });
	}
	setSpeed(speed) {
		this.#place(this.position);
		this.speed = speed;
		if (this.#state !== 'over')
			this.#ask({ request: 'speed', percent: Math.round(speed * 100) });
	}

	close() {
		this.#isClosed = true;
		this.#handle?.detach();
		this.#video.srcObject = null;
	}

	/** Call, and play from there on. */
	async #begin(seconds) {
		this.#set('calling');
		const isUp = new Promise((up) =>
			this.#handle.addEventListener('webrtcup', up, { once: true })
		);
		const { jsep } = await this.#handle.message({
			request: 'play',
			id: this.#id,
			positions: true,
		});
		this.#peer = this.#handle.peer({ fresh: true });
		const stream = new MediaStream();
		this.#peer.pc.ontrack = ({ track }) => {
			stream.addTrack(track);
			this.#video.removeAttribute('src');
			this.#video.srcObject = stream;
			this.#video.play().catch(() => {});
		};
		await this.#peer.answer(jsep, { request: 'start' });
		await isUp;
		this.#place(seconds);
		this.#set('playing');
		if (this.speed !== 1) this.setSpeed(this.speed);
		if (seconds) this.seek(seconds);
	}

	#told({ data, jsep }) {
		if (data.error_code) {
			this.#fail(Object.assign(new Error(data.error), { code: data.error_code, origin: 'plugin' }));
			return;
		}
		const { status, position, duration } = data.result ?? {};
		if (duration) this.duration = duration / MS;
		if (status === 'position' || status === 'sought') this.#place(position / MS);
		/* the next file has other tracks */
		if (jsep && this.#peer)
			this.#peer.answer(jsep, { request: 'start' }).catch((error) => this.#fail(error));
	}

	async #ask(body, state) {
		try {
			await this.#handle.message(body);
			if (!state) return;
			this.#place(this.position);
			this.#set(state);
		} catch (error) {
			if (this.#state !== 'over') this.#fail(error);
		}
	}

	#place(position) {
		this.#heard = { position, at: performance.now() };
		this.#emit('change');
	}

	#over() {
		if (this.#isClosed || this.#state === 'over') return;
		this.#set('over');
		this.#emit('ended');
	}

	#lost() {
		if (this.#isClosed) return;
		this.#fail(
			Object.assign(new Error('The connection to the server was lost.'), {
				origin: 'network',
			})
		);
	}

	#fail(error) {
		if (this.#isClosed) return;
		this.#set('over');
		this.#emit('failed', { error });
	}

	#set(state) {
		this.#state = state;
		this.#emit('change');
	}
	#emit(type, detail) {
		if (!this.#isClosed) this.dispatchEvent(new CustomEvent(type, { detail }));
	}
}
