/**
 * Cardea's client library: one WebSocket, one session, any number of plugin handles.
 *
 * It speaks the public Janus API (subprotocol `janus-protocol`) and needs nothing but a browser.
 *
 *     import { Cardea } from './cardea.js';
 *     const cardea = new Cardea();                      // the server this page came from
 *     await cardea.connect();
 *     const handle = await cardea.attach('echotest');
 *     const peer = handle.peer();                       // wraps an RTCPeerConnection
 *     for (const track of stream.getTracks())
 *         peer.pc.addTrack(track, stream);
 *     await peer.offer({ audio: true, video: true });   // sends the offer, applies the answer
 *
 * When the socket drops, Cardea opens a new one with growing pauses and claims its session. Media
 * is not touched by that. It tells its owner by events:
 *
 * | event          | detail                 | meaning                                               |
 * |----------------|------------------------|-------------------------------------------------------|
 * | `reconnecting` | `{attempt, delayMs}`   | the socket is gone; the next try starts in `delayMs`  |
 * | `reconnected`  |                        | the session is ours again; events may have been missed|
 * | `lost`         | `{reason}`             | the session is gone: `connect()` again and start over |
 *
 * Every failure is a {@link CardeaError} with a `code` and a `message` a person can read.
 */

/**
 * Seconds between `keepalive` requests; a server forgets a silent session after 60 s by default.
 */
const KEEPALIVE_S = 25;
/** How long a request may stay unanswered. A plugin may take its time, a human is waiting. */
const ANSWER_TIMEOUT_MS = 15000;
const OPEN_TIMEOUT_MS = 8000;
/** A socket that does not answer a probe this fast is taken for dead. */
const PROBE_TIMEOUT_MS = 5000;
/** Nobody waits longer for ICE servers, which most calls do without. */
const TURN_TIMEOUT_MS = 3000;
/** ICE servers are asked for again after half of their life, or of this where it is not known. */
const TURN_TTL_S = 1200;
const BACKOFF_MS = [250, 500, 1000, 2000, 4000, 8000, 10000];
/** ICE often recovers by itself from "disconnected"; after this long it gets help. */
const ICE_PATIENCE_MS = 3000;
/** What servers say to requests that they do not know. */
const NO_SUCH_REQUEST = [453, 457];
/** Candidates found within this time travel together. */
const CANDIDATE_BATCH_MS = 20;

/** Closes a socket and not what the session does: any code but 1000, 1001 and none is no goodbye. */
const COMING_BACK = 4000;

export const SESSION_GONE = 458;
/** `sendEncodings` for three layers of video, highest first as the API expects by default. */
export const SIMULCAST = [
	{ rid: 'h' },
	{ rid: 'm', scaleResolutionDownBy: 2 },
	{ rid: 'l', scaleResolutionDownBy: 4 },
];
const NO_SUCH_PLUGIN = 460;

/**
 * Why a request failed. `origin` says who refused: `core` and `plugin` carry the API's numeric
 * `code`; `network` has one of the codes `unreachable`, `dropped`, `timeout`, `closed`.
 */
export class CardeaError extends Error {
	constructor(code, message, origin) {
		super(message);
		this.name = 'CardeaError';
		this.code = code;
		this.origin = origin;
	}
}

const networkError = (code, message) => new CardeaError(code, message, 'network');
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** The API endpoint next to this page: `https://host/echo.html` gives `wss://host/janus`. */
export function defaultServer(page = location.href) {
	const url = new URL('janus', page);
	url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
	url.search = url.hash = '';
	return url.href;
}

/**
 * Options for {@link Cardea} from a page's query string: `server` (another server's WebSocket
 * address), `prefix` (plugin names begin with it), `token` and `apisecret`.
 */
export function optionsFrom(search = location.search) {
	const query = new URLSearchParams(search);
	const options = {};
	for (const key of ['server', 'prefix', 'token', 'apisecret'])
		if (query.get(key)) options[key] = query.get(key);
	return options;
}

/**
 * The STUN and TURN servers that a server gives at `turn` next to its WebSocket address.
 * @param {object} [credentials] `token` and `apisecret`, where the server asks for them
 * @returns {Promise<?{iceServers: RTCIceServer[], ttl: number}>} `ttl`: seconds they are good for,
 *     absent without TURN; null where the server has none to give or does not answer in time
 */
export async function turnServers(server = defaultServer(), { token, apisecret } = {}) {
	try {
		const url = new URL('turn', server);
		url.protocol = url.protocol === 'wss:' ? 'https:' : 'http:';
		url.search = new URLSearchParams({ ...(token && { token }), ...(apisecret && { apisecret }) });
		const answer = await fetch(url, { signal: AbortSignal.timeout(TURN_TIMEOUT_MS) });
		const turn = await answer.json();
		return Array.isArray(turn.iceServers) ? turn : null;
	} catch {
		return null; /* most calls do without */
	}
}

/** A connection and its session. */
export class Cardea extends EventTarget {
	#socket = null;
	#session = 0;
	#state = 'closed';
	#pending = new Map();
	#handles = new Map();
	#keepaliveTimer = 0;
	#count = 0;
	#ready = null;
	#wake = () => {};
	#credentials = {};
	#iceServers = [];
	#turnDueMs = 0;
	#online = () => this.#networkBack();

	/**
	 * @param {object} [options]
	 * @param {string} [options.server] WebSocket address; by default `janus` next to the page
	 * @param {string} [options.prefix] `cardea` or `janus`; by default `cardea`, and `janus` where
	 *     a server does not know the former
	 * @param {string} [options.token] sent with every request
	 * @param {string} [options.apisecret] sent with every request
	 */
	constructor({ server = defaultServer(), prefix = '', token, apisecret } = {}) {
		super();
		this.server = server;
		this.prefix = prefix;
		if (token) this.#credentials.token = token;
		if (apisecret) this.#credentials.apisecret = apisecret;
	}

	/** `closed`, `connecting`, `open`, `reconnecting` or `lost`. */
	get state() {
		return this.#state;
	}
	get session() {
		return this.#session;
	}
	/** What the server said at `turn`, for RTCPeerConnection. Known once connected. */
	get iceServers() {
		return this.#iceServers;
	}

	/** Open the socket if needed and make a session. Also the way back from `lost`. */
	async connect() {
		if (this.#state !== 'closed' && this.#state !== 'lost')
			throw networkError('closed', 'This connection is already in use.');
		this.#state = 'connecting';
		try {
			await Promise.all([this.#open(), this.#refreshTurn()]);
			const answer = await this.#send({ janus: 'create' });
			if (this.#state !== 'connecting')
				throw networkError('closed', 'The connection was closed.');
			this.#session = answer.data.id;
		} catch (error) {
			this.#dropSocket();
			this.#state = 'closed';
			throw error;
		}
		this.#state = 'open';
		this.#keepaliveTimer = setInterval(() => this.#keepalive(), KEEPALIVE_S * 1000);
		globalThis.addEventListener?.('online', this.#online);
	}

	/** What the server says about itself. Works without a session, so also before `connect()`. */
	async info() {
		await this.#open();
		const answer = await this.#send({ janus: 'info' });
		if (this.#state === 'closed') this.#dropSocket();
		return answer;
	}

	/**
	 * Use a plugin. @param {string} plugin its short name (`videoroom`) or its full one.
	 * @param {string} [opaqueId] a label for the operator's logs and events
	 * @returns {Promise<Handle>}
	 */
	async attach(plugin, opaqueId) {
		const names = plugin.includes('.')
			? [plugin]
			: (this.prefix ? [this.prefix] : ['cardea', 'janus']).map(
					(p) => `${p}.plugin.${plugin}`
				);
		for (const name of names) {
			try {
				const answer = await this.request({
					janus: 'attach',
					plugin: name,
					opaque_id: opaqueId,
				});
				const handle = new Handle(this, answer.data.id, name);
				this.#handles.set(handle.id, handle);
				return handle;
			} catch (error) {
				if (error.code !== NO_SUCH_PLUGIN || name === names.at(-1)) throw error;
			}
		}
	}

	/**
	 * Send a request for this session and wait for its direct answer. While reconnecting it waits
	 * for the session first; a request that was under way when the socket dropped fails with
	 * `dropped`.
	 */
	async request(body, onAnswer) {
		if (this.#state === 'reconnecting') await this.#ready.promise;
		if (this.#state !== 'open')
			throw networkError('closed', 'There is no session with the server.');
		return this.#send({ ...body, session_id: this.#session }, onAnswer);
	}

	/** Skip the pause before the next reconnect attempt. */
	retryNow() {
		this.#wake();
	}

	/** End the session and close the socket. Quick enough for `pagehide`: nothing is waited for. */
	close() {
		if (this.#session && this.#socket?.readyState === WebSocket.OPEN)
			this.#socket.send(
				JSON.stringify({
					janus: 'destroy',
					session_id: this.#session,
					transaction: 'bye',
					...this.#credentials,
				})
			);
		this.#end('closed', networkError('closed', 'The connection was closed.'));
		this.#dropSocket();
	}

	/** Forget a handle; {@link Handle.detach} calls it. */
	forget(handle) {
		this.#handles.delete(handle.id);
	}

	#emit(type, detail) {
		this.dispatchEvent(new CustomEvent(type, { detail }));
	}

	#open() {
		if (this.#socket?.readyState === WebSocket.OPEN) return Promise.resolve();
		this.#dropSocket();
		return new Promise((resolve, reject) => {
			let socket;
			const refuse = () => {
				clearTimeout(timer);
				reject(
					networkError('unreachable', `The server at ${this.server} does not answer.`)
				);
			};
			const timer = setTimeout(() => socket?.close(), OPEN_TIMEOUT_MS);
			try {
				socket = this.#socket = new WebSocket(this.server, 'janus-protocol');
			} catch {
				refuse();
				return;
			}
			socket.onopen = () => {
				clearTimeout(timer);
				resolve();
			};
			socket.onmessage = (event) => this.#receive(event.data);
			socket.onclose = () => {
				refuse(); /* no effect once open */
				if (this.#socket === socket) this.#dropped();
			};
		});
	}

	#dropSocket(code) {
		const socket = this.#socket;
		this.#socket = null;
		if (socket) {
			socket.onmessage = null;
			socket.close(code);
		}
		this.#failPending(networkError('dropped', 'The connection to the server dropped.'));
	}

	#failPending(error) {
		const pending = [...this.#pending.values()];
		this.#pending.clear();
		for (const entry of pending) {
			clearTimeout(entry.timer);
			entry.reject(error);
		}
	}

	/**
	 * onAnswer may look at each answer and return false to keep waiting (an `ack` before its
	 * `event`).
	 */
	#send(body, onAnswer = () => true, timeoutMs = ANSWER_TIMEOUT_MS) {
		return new Promise((resolve, reject) => {
			if (this.#socket?.readyState !== WebSocket.OPEN) {
				reject(networkError('dropped', 'There is no connection to the server.'));
				return;
			}
			const transaction = `c${++this.#count}`;
			const timer = setTimeout(() => {
				this.#pending.delete(transaction);
				reject(networkError('timeout', 'The server took too long to answer.'));
			}, timeoutMs);
			this.#pending.set(transaction, { resolve, reject, onAnswer, timer });
			this.#socket.send(JSON.stringify({ ...body, transaction, ...this.#credentials }));
		});
	}

	#receive(text) {
		let message;
		try {
			message = JSON.parse(text);
		} catch {
			return; /* not ours to repair; the request behind it will time out */
		}
		const entry = this.#pending.get(message.transaction);
		if (entry && this.#complete(entry, message)) return;
		if (message.janus === 'timeout' && message.session_id === this.#session)
			this.#lose('The server ended the session because it heard nothing for too long.');
		else if (message.sender) this.#handles.get(message.sender)?.receive(message);
	}

	/** @returns whether the message was an answer and is used up */
	#complete(entry, message) {
		if (message.janus !== 'error' && !entry.onAnswer(message)) return message.janus === 'ack';
		this.#pending.delete(message.transaction);
		clearTimeout(entry.timer);
		if (message.janus !== 'error') {
			entry.resolve(message);
			return true;
		}
		const { code = 490, reason = 'The server refused without a reason.' } = message.error ?? {};
		entry.reject(new CardeaError(code, reason, 'core'));
		if (code === SESSION_GONE && message.session_id === this.#session && this.#state === 'open')
			this.#lose('The server does not know this session any more.');
		return true;
	}

	async #refreshTurn() {
		if (performance.now() < this.#turnDueMs) return;
		const turn = await turnServers(this.server, this.#credentials);
		this.#turnDueMs = performance.now() + ((turn?.ttl ?? TURN_TTL_S) * 1000) / 2;
		if (turn) this.#iceServers = turn.iceServers;
	}

	#keepalive() {
		this.#probe();
		this.#refreshTurn();
	}

	async #probe() {
		if (this.#state !== 'open') return;
		const socket = this.#socket;
		try {
			await this.#send(
				{ janus: 'keepalive', session_id: this.#session },
				undefined,
				PROBE_TIMEOUT_MS
			);
		} catch (error) {
			if (error.code === 'timeout' && this.#socket === socket && this.#state === 'open') {
				this.#dropSocket(COMING_BACK); /* half-dead: do not wait for TCP to notice */
				this.#reconnect();
			}
		}
	}

	#networkBack() {
		this.retryNow();
		this.#probe();
	}

	#dropped() {
		this.#dropSocket();
		if (this.#state === 'open') this.#reconnect();
	}

	async #reconnect() {
		this.#state = 'reconnecting';
		const ready = (this.#ready = {});
		ready.promise = new Promise((resolve, reject) => Object.assign(ready, { resolve, reject }));
		ready.promise.catch(() => {}); /* nobody may be waiting */
		for (let attempt = 1; this.#state === 'reconnecting'; attempt++) {
			const delayMs = BACKOFF_MS[Math.min(attempt, BACKOFF_MS.length) - 1];
			this.#emit('reconnecting', { attempt, delayMs });
			await Promise.race([
				pause(delayMs),
				new Promise((wake) => {
					this.#wake = wake;
				}),
			]);
			if (this.#state === 'reconnecting' && (await this.#claim())) return;
		}
	}

	/** @returns whether the matter is settled, one way or the other */
	async #claim() {
		try {
			await this.#open();
			await this.#send({ janus: 'claim', session_id: this.#session });
		} catch (error) {
			if (this.#state !== 'reconnecting') return true;
			if (error.origin === 'network') return false;
			this.#lose('The server has ended the session in the meantime.');
			return true;
		}
		if (this.#state !== 'reconnecting') return true;
		this.#state = 'open';
		this.#ready.resolve();
		this.#emit('reconnected');
		return true;
	}

	#lose(reason) {
		this.#end('lost', networkError('closed', reason));
		this.#emit('lost', { reason });
	}

	#end(state, error) {
		this.#state = state;
		this.#session = 0;
		clearInterval(this.#keepaliveTimer);
		globalThis.removeEventListener?.('online', this.#online);
		this.#failPending(error);
		this.#ready?.reject(error);
		this.#wake();
		const handles = [...this.#handles.values()];
		this.#handles.clear();
		for (const handle of handles) handle.ended();
	}
}

/**
 * One use of a plugin.
 *
 * Events: `message` (`{data, jsep}`, what the plugin says unasked), `webrtcup`, `media`,
 * `slowlink`, `hangup`, `ice-failed`, `detached` (details as the server sent them) and `ended`,
 * once, when the handle is of no more use for whatever reason.
 */
export class Handle extends EventTarget {
	#cardea;
	#peer = null;
	#ended = false;

	/** Use {@link Cardea.attach}. */
	constructor(cardea, id, plugin) {
		super();
		this.#cardea = cardea;
		this.id = id;
		this.plugin = plugin;
	}

	get isEnded() {
		return this.#ended;
	}

	/**
	 * Ask the plugin something. Resolves to `{data, jsep}` whether the plugin answers at once or by
	 * a later event; a refusal by the plugin (`error_code`) rejects like any other error.
	 */
	async message(body, jsep) {
		const answer = await this.request(
			{ janus: 'message', body, jsep },
			(m) => m.janus !== 'ack'
		);
		const data = answer.plugindata?.data ?? {};
		if (data.error_code)
			throw new CardeaError(data.error_code, data.error ?? 'The plugin refused.', 'plugin');
		return { data, jsep: answer.jsep };
	}

	/** Send candidates: an array of RTCIceCandidate, or `null` for "that was all". */
	trickle(candidates) {
		const body = candidates === null ? { candidate: { completed: true } } : { candidates };
		return this.request({ janus: 'trickle', ...body });
	}

	/** Close the PeerConnection, keep the handle. */
	async hangup() {
		this.#closePeer();
		await this.request({ janus: 'hangup' });
	}

	/** Give the handle back. Never rejects: a handle that is gone already is what was wanted. */
	async detach() {
		if (this.#ended) return;
		const farewell = this.request({ janus: 'detach' });
		this.#cardea.forget(this);
		this.ended();
		await farewell.catch(() => {});
	}

	/** The handle's PeerConnection, made anew when there is none or `fresh` is asked for. */
	peer({ fresh = false, ...config } = {}) {
		if (fresh) this.#closePeer();
		this.#peer ??= new Peer(this, { iceServers: this.#cardea.iceServers, ...config });
		return this.#peer;
	}

	request(body, onAnswer) {
		if (this.#ended)
			return Promise.reject(networkError('closed', 'This handle was given back.'));
		return this.#cardea.request({ ...body, handle_id: this.id }, onAnswer);
	}

	/**
	 * Why nothing moves on the handle's m-lines, as far as the server knows. Servers that cannot say
	 * give no reasons.
	 * @returns {Promise<{mid: string, kind: string, direction: 'send'|'recv', code: string,
	 *     visitor: string, text: string, todo: string}[]>} `direction` is the server's; `visitor` is
	 *     for whoever misses the picture, `text` and `todo` for who runs the server
	 */
	async explain() {
		try {
			const answer = await this.request({ janus: 'explain' });
			return answer.data?.reasons ?? [];
		} catch (error) {
			if (NO_SUCH_REQUEST.includes(error.code)) return [];
			throw error;
		}
	}

	/** Called by Cardea with everything the server sends for this handle. */
	receive(message) {
		if (message.janus === 'event')
			this.#emit('message', { data: message.plugindata?.data ?? {}, jsep: message.jsep });
		else if (message.janus === 'trickle') this.#peer?.remoteCandidate(message.candidate);
		else this.#emit(message.janus, message);
		if (message.janus === 'detached') {
			this.#cardea.forget(this);
			this.ended();
		}
	}

	/** Called by Cardea when the session ends. */
	ended() {
		if (this.#ended) return;
		this.#ended = true;
		this.#closePeer();
		this.#emit('ended');
	}

	#closePeer() {
		this.#peer?.close();
		this.#peer = null;
	}

	#emit(type, detail) {
		this.dispatchEvent(new CustomEvent(type, { detail }));
	}
}

/**
 * An RTCPeerConnection that negotiates through a handle. Offers and answers never overlap: each
 * waits for the one before.
 *
 * Events: `state` (detail: the `connectionState`), `trouble` when the path is broken and an ICE
 * restart is due; what message carries that restart is the plugin's affair, so the owner calls
 * {@link Peer.restart}.
 */
export class Peer extends EventTarget {
	#handle;
	#last = Promise.resolve();
	#outbox = [];
	#outboxTimer = 0;
	#inbox = [];
	#troubleTimer = 0;

	constructor(handle, config) {
		super();
		this.#handle = handle;
		this.pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle', ...config });
		this.pc.onicecandidate = ({ candidate }) => this.#localCandidate(candidate);
		this.pc.onconnectionstatechange = () => this.#stateChanged();
	}

	/**
	 * Offer what the PeerConnection has, send it with `body`, apply the answer. A function as
	 * `body` is called when the offer is made, for requests that name m-lines by their `mid`.
	 * @param {object} [more] `iceRestart` and further members of the jsep (`e2ee`, `svc`, …)
	 * @returns the plugin's data
	 */
	offer(body, { iceRestart = false, ...extras } = {}) {
		return this.#serial(async () => {
			await this.pc.setLocalDescription(await this.pc.createOffer({ iceRestart }));
			try {
				const { type, sdp } = this.pc.localDescription;
				const { data, jsep } = await this.#handle.message(
					typeof body === 'function' ? body() : body,
					{ type, sdp, ...extras }
				);
				if (!jsep)
					throw networkError(
						'timeout',
						'The server accepted the call but sent no answer.'
					);
				await this.#applyRemote(jsep);
				return data;
			} catch (error) {
				if (this.pc.signalingState === 'have-local-offer')
					await this.pc.setLocalDescription({ type: 'rollback' }).catch(() => {});
				throw error;
			}
		});
	}

	/** Apply the server's offer and send the answer with `body`. @returns the plugin's data */
	answer(jsep, body) {
		return this.#serial(async () => {
			await this.#applyRemote(jsep);
			await this.pc.setLocalDescription(await this.pc.createAnswer());
			const { type, sdp } = this.pc.localDescription;
			return (await this.#handle.message(body, { type, sdp })).data;
		});
	}

	/** Find a new path after a network change, with the same media. */
	restart(body) {
		return this.offer(body, { iceRestart: true });
	}

	remoteCandidate(candidate) {
		if (!candidate || candidate.completed) return;
		if (this.pc.remoteDescription)
			this.pc
				.addIceCandidate(candidate)
				.catch(() => {}); /* one bad candidate is no reason to stop */
		else this.#inbox.push(candidate);
	}

	close() {
		clearTimeout(this.#outboxTimer);
		clearTimeout(this.#troubleTimer);
		this.pc.onicecandidate = this.pc.onconnectionstatechange = null;
		this.pc.close();
		this.#emit('state', 'closed');
	}

	#serial(job) {
		const run = this.#last.then(job);
		this.#last = run.catch(() => {});
		return run;
	}

	async #applyRemote(jsep) {
		await this.pc.setRemoteDescription(jsep);
		this.#inbox.splice(0).forEach((candidate) => this.remoteCandidate(candidate));
	}

	#localCandidate(candidate) {
		if (candidate?.candidate) this.#outbox.push(candidate.toJSON());
		clearTimeout(this.#outboxTimer);
		if (candidate) this.#outboxTimer = setTimeout(() => this.#flush(), CANDIDATE_BATCH_MS);
		else this.#flush(true);
	}

	#flush(isLast = false) {
		const candidates = this.#outbox.splice(0);
		if (candidates.length)
			this.#handle.trickle(candidates).catch(() => {}); /* ICE tells if it mattered */
		if (isLast) this.#handle.trickle(null).catch(() => {});
	}

	#stateChanged() {
		const state = this.pc.connectionState;
		clearTimeout(this.#troubleTimer);
		if (state === 'failed') this.#emit('trouble');
		else if (state === 'disconnected')
			this.#troubleTimer = setTimeout(() => this.#emit('trouble'), ICE_PATIENCE_MS);
		this.#emit('state', state);
	}

	#emit(type, detail) {
		this.dispatchEvent(new CustomEvent(type, { detail }));
	}
}
