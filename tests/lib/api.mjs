// Clients of the server's JSON API, over WebSocket and over HTTP with long poll. Both offer the same
// verbs, so that a test can be written once and run over either.
import http from 'node:http';
import https from 'node:https';
import WebSocket from 'ws';
import { Inbox, within } from './wait.mjs';

export const EVENTS = new Set(['event', 'trickle', 'webrtcup', 'media', 'slowlink', 'hangup',
	'ice-failed', 'detached', 'timeout']);

let transactions = 0;

/** A transaction string that no other request of this process uses. */
export function newTransaction() {
	return `t${++transactions}`;
}

/** What all clients can do: each has its own send(). */
export class Client {
	constructor() {
		this.inbox = new Inbox();
	}

	/** Send a request and wait for its direct answer (not for the event that may follow an ack). */
	async request(request, ms = 5000) {
		const transaction = request.transaction ?? newTransaction();
		await this.send({ ...request, transaction });
		return this.inbox.take(`answer to ${JSON.stringify(request).slice(0, 200)}`,
			(m) => m.transaction === transaction && !EVENTS.has(m.janus), ms);
	}

	/** Wait for an event that @p wants accepts. */
	event(what, wants, ms = 5000) {
		return this.inbox.take(what, (m) => EVENTS.has(m.janus) && wants(m), ms);
	}

	async createSession(extra = {}) {
		const answer = await this.request({ janus: 'create', ...extra });
		if (answer.janus !== 'success')
			throw new Error(`create: ${JSON.stringify(answer)}`);
		const session = new Session(this, answer.data.id, extra);
		await this.sessionCreated(session.id, extra);
		return session;
	}

	async sessionCreated() {}
}

class Session {
	constructor(client, id, credentials) {
		this.client = client;
		this.id = id;
		const { apisecret, token } = credentials;
		this.credentials = { ...(apisecret && { apisecret }), ...(token && { token }) };
	}

	request(request) {
		return this.client.request({ session_id: this.id, ...this.credentials, ...request });
	}

	async attach(plugin, extra = {}) {
		const answer = await this.request({ janus: 'attach', plugin, ...extra });
		if (answer.janus !== 'success')
			throw new Error(`attach: ${JSON.stringify(answer)}`);
		return new Handle(this, answer.data.id);
	}

	destroy() {
		return this.request({ janus: 'destroy' });
	}
}

class Handle {
	constructor(session, id) {
		this.session = session;
		this.id = id;
	}

	request(request) {
		return this.session.request({ handle_id: this.id, ...request });
	}

	/** Send a plugin message. @return the plugin's data of its answer, with `jsep` where there is one,
	 *  whether it came at once or as an event. */
	async message(body, jsep) {
		const transaction = newTransaction();
		const answer = await this.request({ janus: 'message', body, transaction,
			...(jsep && { jsep }) });
		if (answer.janus === 'error')
			throw new Error(`message: ${JSON.stringify(answer)}`);
		const full = answer.janus === 'success' ? answer
			: await this.session.client.event(`event for ${JSON.stringify(body)}`,
				(m) => m.janus === 'event' && m.transaction === transaction);
		return { ...full.plugindata.data, ...(full.jsep && { jsep: full.jsep }) };
	}

	/** Wait for an event of this handle that answers no request. */
	notice(what, wants = () => true, ms = 5000) {
		return this.session.client.event(what, (m) => m.sender === this.id && !m.transaction
			&& (m.janus !== 'event' || wants(m.plugindata.data, m)) && (m.janus === 'event'), ms)
			.then((m) => ({ ...m.plugindata.data, ...(m.jsep && { jsep: m.jsep }) }));
	}

	/** Wait for the core's event @p name about this handle. */
	core(name, wants = () => true, ms = 5000) {
		return this.session.client.event(`${name} of handle ${this.id}`,
			(m) => m.janus === name && m.sender === this.id && wants(m), ms);
	}

	detach() {
		return this.request({ janus: 'detach' });
	}
}

export class WsClient extends Client {
	static async connect(url, { protocol = 'janus-protocol', ...options } = {}) {
		const client = new WsClient();
		const socket = new WebSocket(url, protocol, options);
		client.socket = socket;
		client.closed = new Promise((resolve) => socket.once('close', (code, reason) => {
			client.inbox.fail(new Error(`connection closed (${code} ${reason})`));
			resolve({ code, reason: String(reason) });
		}));
		socket.on('message', (data) => client.inbox.put(JSON.parse(data.toString())));
		await within(5000, `WebSocket connection to ${url}`, new Promise((resolve, reject) => {
			socket.once('open', resolve);
			socket.on('error', reject);
		}));
		return client;
	}

	async send(request) {
		this.sendRaw(JSON.stringify(request));
	}

	sendRaw(text, options = {}) {
		this.socket.send(text, options);
	}

	async close() {
		this.socket.close();
		await within(5000, 'close of the WebSocket', this.closed);
	}

	/** Vanish: no close frame, no goodbye. */
	terminate() {
		this.socket.terminate();
	}
}

/** One HTTP exchange. @return {status, headers, text, json}; json is undefined for an empty body. */
export function fetchHttp(url, { method = 'GET', body, headers = {}, agent, signal, ca } = {}) {
	return new Promise((resolve, reject) => {
		const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
		const length = text === undefined ? {} : { 'Content-Length': Buffer.byteLength(text) };
		const request = (String(url).startsWith('https') ? https : http).request(url, { method, agent, signal, ca,
			headers: { ...length, ...headers } }, (answer) => {
			const chunks = [];
			answer.on('data', (c) => chunks.push(c)).on('error', reject).on('end', () => {
				const got = Buffer.concat(chunks).toString();
				let json;
				try {
					json = got ? JSON.parse(got) : undefined;
				} catch { /* not every answer is JSON: the caller sees its text */ }
				resolve({ status: answer.statusCode, headers: answer.headers, text: got, json });
			});
		});
		request.on('error', reject);
		request.end(text);
	});
}

export class HttpClient extends Client {
	constructor(base, { polls = true, maxev = 10 } = {}) {
		super();
		this.base = base;
		this.polls = polls;
		this.maxev = maxev;
		this.agent = new http.Agent({ keepAlive: true });
		this.stop = new AbortController();
		this.loops = [];
	}

	async send(request) {
		const answer = await fetchHttp(this.base, { method: 'POST', body: request, agent: this.agent });
		if (answer.status !== 200 || answer.json === undefined)
			throw new Error(`HTTP ${answer.status} ${answer.text} for ${JSON.stringify(request)}`);
		this.inbox.put(answer.json);
	}

	async sessionCreated(id, { apisecret, token } = {}) {
		if (!this.polls)
			return;
		const query = new URLSearchParams({ maxev: this.maxev, ...(apisecret && { apisecret }),
			...(token && { token }) });
		this.loops.push(this.pollAll(`${this.base}/${id}?${query}`));
	}

	/** Poll a session's events until it is gone or the client closes. */
	async pollAll(url) {
		while (!this.stop.signal.aborted) {
			const answer = await fetchHttp(url, { agent: this.agent, signal: this.stop.signal })
				.catch((e) => {
					if (!this.stop.signal.aborted)
						this.inbox.fail(e);
				});
			if (!answer || answer.status !== 200)
				return;
			for (const event of [answer.json].flat())
				if (event.janus !== 'keepalive')
					this.inbox.put(event);
		}
	}

	async close() {
		this.stop.abort();
		await Promise.all(this.loops);
		this.agent.destroy();
	}
}

/** A client over the named transport. */
export async function connect(server, transport) {
	return transport === 'ws' ? WsClient.connect(server.wsUrl) : new HttpClient(server.apiUrl);
}

/** Ask the Admin API over HTTP. */
export async function admin(server, request, { secret = 'adminpwd' } = {}) {
	const answer = await fetchHttp(server.adminUrl, { method: 'POST',
		body: { transaction: newTransaction(), admin_secret: secret, ...request } });
	return answer.json;
}
