/**
 * The player of the page for recordings: a dialog with a seek bar, pause, speed and full screen.
 * Its parts are known by id: `player`, `player-video`, `seek`, `speed`, …
 */
import { clock, explainRecording, playableFiles, spoken } from './recordplay.js';
import { FileReplay, WebRtcReplay } from './replay.js';

const byId = (id) => document.getElementById(id);
const SHOW_PERIOD_MS = 200;
/** Seconds that an arrow key goes, in recordings shorter and longer than a minute. */
const STEP_S = { short: 1, long: 5 };
const MINUTE_S = 60;

export class Player {
	#getSession;
	#server;
	#entry = null;
	#replay = null;
	#timer = 0;
	#isDragged = false;

	/**
	 * @param {function(): Promise<Cardea>} getSession for playing over WebRTC
	 * @param {string} [server] the WebSocket's address
	 */
	constructor(getSession, server) {
		this.#getSession = getSession;
		this.#server = server;
		byId('player-close').onclick = () => byId('player').close();
		byId('player').addEventListener('close', () => this.#closed());
		byId('player-toggle').onclick = () => this.#toggle();
		byId('player-video').onclick = () => this.#toggle();
		byId('part').onchange = () => this.#replay.openPart(Number(byId('part').value));
		byId('speed').onchange = () => this.#replay?.setSpeed(Number(byId('speed').value));
		byId('full').onclick = () => byId('player-video').requestFullscreen?.().catch(() => {});
		this.#wireSeek();
	}

	get pcs() {
		return this.#replay?.pcs ?? [];
	}

	/** @param {object} entry as the server lists it */
	open(entry) {
		this.#entry = entry;
		byId('player-title').textContent = entry.name;
		byId('speed').value = '1';
		byId('seek').value = 0;
		byId('player').showModal();
		byId('player-toggle').focus();
		this.#timer = setInterval(() => this.#show(), SHOW_PERIOD_MS);
		const files = playableFiles(entry, this.#server);
		if (files.length) this.#playFiles(files);
		else this.#playOverWebRtc();
	}

	#playFiles(files) {
		const replay = new FileReplay(byId('player-video'), files, this.#seconds);
		this.#use(replay, 'The file is played by your browser.');
		replay.addEventListener('failed', () => {
			/* it promised to know the type, and does not, or the file has moved */
			replay.close();
			if (this.#replay === replay) this.#playOverWebRtc();
		});
		replay.start();
	}

	async #playOverWebRtc() {
		const entry = this.#entry;
		try {
			this.#say('Calling the server…');
			const session = await this.#getSession();
			if (entry !== this.#entry) return;
			const replay = new WebRtcReplay(session, byId('player-video'), {
				id: entry.id,
				duration: this.#seconds,
			});
			this.#use(replay, 'The server plays it over WebRTC: your browser does not play the file.');
			replay.addEventListener('failed', ({ detail }) => {
				if (this.#replay === replay) this.#fail(detail.error);
			});
			await replay.start();
		} catch (error) {
			if (entry === this.#entry) this.#fail(error);
		}
	}

	#fail(error) {
		this.#say(explainRecording(error));
		byId('player-how').textContent = '';
	}

	#use(replay, how) {
		this.#replay = replay;
		replay.speed = Number(byId('speed').value);
		byId('player-how').textContent = how;
		this.#say(this.#entry.video ? '' : 'Sound only');
		replay.addEventListener('change', () => this.#show());
		replay.addEventListener('ended', () => this.#show());
		const parts = Array.from({ length: replay.parts }, (_, i) => new Option(i + 1, i));
		byId('part').replaceChildren(...parts);
		byId('part-field').hidden = replay.parts < 2;
		this.#show();
	}

	get #seconds() {
		return (this.#entry.duration_ms ?? 0) / 1000;
	}

	#say(words) {
		byId('player-words').textContent = words;
	}

	#toggle() {
		if (this.#replay?.isPaused) this.#replay.play();
		else this.#replay?.pause();
	}

	#wireSeek() {
		const bar = byId('seek');
		bar.oninput = () => {
			this.#isDragged = true;
			this.#showTime(Number(bar.value));
		};
		bar.onchange = () => this.#seek(Number(bar.value));
		bar.onkeydown = (event) => {
			const way = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
			if (!way || !this.#replay) return;
			event.preventDefault();
			const max = Number(bar.max);
			const step = max < MINUTE_S ? STEP_S.short : STEP_S.long;
			this.#seek(Math.min(max, Math.max(0, this.#replay.position + way * step)));
		};
	}

	#seek(seconds) {
		this.#isDragged = false;
		this.#replay?.seek(seconds);
		byId('seek').value = seconds;
		this.#speakTime(seconds);
	}

	/** For who cannot see the bar; only what they did themselves is worth saying. */
	#speakTime(seconds) {
		byId('seek').setAttribute(
			'aria-valuetext',
			`${spoken(seconds)} of ${spoken(this.#replay?.duration)}`
		);
	}

	#show() {
		const replay = this.#replay;
		if (!replay) return;
		byId('player-toggle').textContent = replay.isPaused ? 'Play' : 'Pause';
		byId('part').value = replay.part;
		byId('seek').max = replay.duration || 0;
		if (this.#isDragged) return;
		byId('seek').value = replay.position;
		this.#showTime(replay.position);
		if (document.activeElement !== byId('seek')) this.#speakTime(replay.position);
	}

	#showTime(position) {
		byId('player-time').textContent = `${clock(position)} / ${clock(this.#replay?.duration)}`;
	}

	#closed() {
		clearInterval(this.#timer);
		this.#replay?.close();
		this.#replay = this.#entry = null;
		this.#isDragged = false;
	}
}
