// Replays a transcript: sends what its client sent, and holds what the server answers now against
// what was answered then. Requests go out in the order of the transcript, each after everything that
// was received before it has been received again; answers are told apart by their transaction,
// events by their sender and shape, since the order of answers is not part of the protocol.
import path from 'node:path';
import { EVENTS, fetchHttp, HttpClient, WsClient } from '../lib/api.mjs';
import { UnixClient } from '../lib/unix.mjs';
import { within } from '../lib/wait.mjs';
import { compare, Ids } from './compare.mjs';
import { excuseFor, isOptional, skipFor } from './excuses.mjs';

const ECHO = 'janus.plugin.echotest';
const POLL_MS = 40000;
const WAIT_MS = 8000;
const HEADERS = ['content-type', 'location', 'access-control-allow-origin', 'access-control-max-age',
	'access-control-allow-methods', 'access-control-allow-headers',
	'access-control-allow-credentials', 'vary'];

function dataOf(msg) {
	return msg?.plugindata?.data;
}

/** What makes an event that answers no request recognisable, whatever its values. */
function shapeOf(msg) {
	const data = dataOf(msg);
	if (data?.mindex !== undefined) // who talks, or no longer
		return [data.videoroom, data.id, data.mid].join();
	if (data)
		return [...Object.keys(data).filter((k) => !['display', 'metadata'].includes(k)).sort(),
			data.mid].join(); // of two m-lines that change, either may be first
	return ['mid', 'substream', 'receiving', 'uplink'].map((k) => msg[k]).join();
}

function isSame(expected, live, ids) {
	return expected.janus === live.janus && expected.transaction === live.transaction
		&& (!EVENTS.has(expected.janus) || ids.toLive(expected.sender) === live.sender)
		&& (expected.transaction !== undefined || !EVENTS.has(expected.janus)
			|| shapeOf(expected) === shapeOf(live));
}

/** Pair each answer over HTTP with its request: by transaction, else a poll by age. */
function pairHttp(entries) {
	const open = [];
	entries.forEach((entry, i) => {
		if (!entry.http)
			return;
		if (entry.dir === 'C>S') {
			open.push(i);
			return;
		}
		const transaction = entry.msg?.transaction;
		let at = open.findIndex((k) => transaction !== undefined && entries[k].msg?.transaction
			=== transaction && entries[k].http.method !== 'GET');
		const isEvent = Array.isArray(entry.msg) || EVENTS.has(entry.msg?.janus)
			|| entry.msg?.janus === 'keepalive';
		if (at < 0 && isEvent)
			at = open.findIndex((k) => entries[k].http.method === 'GET');
		if (at < 0)
			at = open.length - 1;
		entry.request = open.splice(at, 1)[0];
	});
}

function clone(entries) {
	return entries.map((e, index) => ({ ...e, index, transport: e.transport ?? 'ws' }));
}

export class Replay {
	/** @param over "ws" or "http": what carries the transcript's WebSocket traffic
	 *  @param peers makes real PeerConnections for offers and answers, or null to send the captured
	 *               SDP as it is
	 *  @param stops, wait_ms, before as in transcripts.mjs */
	constructor(server, name, entries, { over = 'ws', peers = null, stops = false, wait_ms = WAIT_MS,
		before = {} } = {}) {
		Object.assign(this, { server, name, over, peers, stops, wait_ms, before });
		this.entries = clone(entries).filter((e) => e.dir !== 'note');
		this.about = { name, over, hasMedia: peers !== null, entries: this.entries };
		pairHttp(this.entries);
		this.ids = new Ids();
		this.clients = new Map();
		this.pending = new Map();
		this.skipped = [];
		this.excused = [];
		this.differences = [];
		this.skippedTransactions = new Set();
		this.optional = [];
		this.compared = 0;
		this.knownAlive = this.findAlive();
	}

	/** Ids of sessions and handles that existed on the captured server, and the handles' plugins. */
	findAlive() {
		const alive = new Map();
		for (const { dir, msg } of this.entries) {
			if (dir !== 'S>C' || !msg || msg.janus === 'error')
				continue;
			if (msg.session_id)
				alive.set(msg.session_id, alive.get(msg.session_id) ?? 'session');
			const handle = msg.sender ?? msg.handle_id;
			if (handle)
				alive.set(handle, msg.plugindata?.plugin ?? alive.get(handle) ?? ECHO);
		}
		for (const { dir, msg } of this.entries)
			if (dir === 'C>S' && this.ids.isRandom(msg?.handle_id) && !alive.has(msg.handle_id)
				&& alive.has(msg.session_id))
				alive.set(msg.handle_id, ECHO);
		return alive;
	}

	async client(channel) {
		if (!this.clients.has(channel))
			this.clients.set(channel, await this.newClient(channel));
		return this.clients.get(channel);
	}

	/** "unix-seqpacket#2" comes when the first of them has gone. */
	async newUnixClient(channel) {
		const first = channel.replace(/#2$/, '');
		if (first !== channel) {
			await this.clients.get(first).close();
			this.clients.delete(first);
		}
		return UnixClient.connect(this.server.folder, path.join(this.server.folder,
			first.endsWith('-admin') ? 'admin' : 'api'), first.includes('dgram') ? 'SOCK_DGRAM' : 'SOCK_SEQPACKET');
	}

	newClient(channel) {
		if (channel.startsWith('unix'))
			return this.newUnixClient(channel);
		if (channel.startsWith('admin-ws'))
			return WsClient.connect(this.server.adminWsUrl, { protocol: 'janus-admin-protocol' });
		return this.over === 'http' ? new HttpClient(this.server.apiUrl) : WsClient.connect(this.server.wsUrl);
	}

	/** A transcript may begin in the middle of things: make what it takes for granted. */
	async provide(channel, msg) {
		const { session_id: session, handle_id: handle } = msg;
		const client = await this.client(channel);
		if (this.knownAlive.has(session) && !this.ids.live.has(session)) {
			const live = await client.createSession();
			this.ids.learn(session, live.id);
		}
		if (this.knownAlive.has(handle) && !this.ids.live.has(handle)) {
			const plugin = this.knownAlive.get(handle);
			const answer = await client.request({ janus: 'attach', session_id: this.ids.live.get(session),
				plugin });
			this.ids.learn(handle, answer.data.id);
		}
	}

	skip(entry, reason) {
		this.skipped.push({ index: entry.index, dir: entry.dir, reason });
		if (entry.dir === 'C>S')
			this.afterSkippedRaw = entry.raw === true;
		if (entry.dir === 'C>S' && entry.msg?.transaction !== undefined)
			this.skippedTransactions.add(`${entry.transport} ${entry.msg.transaction}`);
	}

	/** The Admin API's transcripts list what was made before they began. */
	async provideAll() {
		const hasCreate = this.entries.some((e) => e.dir === 'C>S' && e.msg?.janus === 'create');
		for (const { msg } of hasCreate ? [] : this.entries)
			if (msg?.session_id && msg.handle_id)
				await this.provide('ws', msg);
	}

	async run() {
		try {
			await this.provideAll();
			for (const entry of this.entries) {
				const reason = skipFor(this.about, entry)
					?? (this.answersSkipped(entry) ? 'its request is skipped' : null);
				if (reason)
					this.skip(entry, reason);
				else if (isOptional(this.about, entry))
					this.optional.push(entry);
				else if (entry.dir === 'C>S')
					await this.send(entry);
				else
					await this.expect(entry);
			}
			await this.findUnexpected();
		} finally {
			for (const client of this.clients.values())
				await client.close();
			await Promise.allSettled(this.pending.values());
		}
		return this;
	}

	answersSkipped(entry) {
		if (entry.dir === 'C>S') {
			this.afterSkippedRaw = false;
			return false;
		}
		if (this.afterSkippedRaw)
			return true;
		if (entry.request !== undefined)
			return this.skipped.some((s) => s.index === this.entries[entry.request].index);
		const transaction = entry.msg?.transaction;
		return [...this.skippedTransactions].some((s) => s === `${entry.transport} ${transaction}`
			|| (transaction !== undefined && s.endsWith(` ${transaction}`)));
	}

	async send(entry) {
		if (entry.http)
			return this.sendHttp(entry);
		await this.before[entry.label]?.(this.server);
		const client = await this.client(entry.transport);
		if (entry.raw || typeof entry.msg === 'string') {
			client.sendRaw(this.ids.textToLive(entry.msg));
			return undefined;
		}
		await this.provide(entry.transport, entry.msg);
		const live = this.ids.toLive(entry.msg);
		if (this.peers && live.jsep?.sdp?.startsWith('v=0'))
			live.jsep = await this.peers.local(entry.msg.handle_id, live.jsep);
		return client.send(live);
	}

	async sendHttp(entry) {
		if (entry.msg && !entry.raw && entry.transport === 'admin-http')
			await this.provide('ws', entry.msg);
		const base = entry.transport === 'admin-http' ? this.server.adminUrl : this.server.apiUrl;
		const path = this.ids.textToLive(entry.http.path);
		let body;
		if (entry.msg !== null)
			body = entry.raw ? this.ids.textToLive(entry.msg) : this.ids.toLive(entry.msg);
		if (body?.folder === '/tmp')
			body.folder = this.server.folder; // what is written there goes with the test
		const answer = fetchHttp(new URL(path, base), { method: entry.http.method, body,
			headers: entry.http.headers ?? {} });
		answer.catch(() => {});
		this.pending.set(entry.index, answer);
		if (entry.http.method === 'GET' && entry.transport === 'http')
			await this.arrived();
	}

	/** A poll has no answer that tells it has arrived. Its bytes left before those of the first question here, so
	 *  the server has read them by the time it answers the second. */
	async arrived() {
		for (let i = 0; i < 2; i++)
			await fetchHttp(`${this.server.apiUrl}/info`, { agent: false });
	}

	/** The captured page closed some connections: seen only by what the server said next. */
	closesBefore(entry) {
		const hangup = this.entries.slice(this.entries.indexOf(entry))
			.find((e) => e.dir === 'C>S' || e.msg?.janus === 'hangup');
		return hangup?.dir === 'S>C' && hangup.msg.reason === 'DTLS alert' && !hangup.isClosed
			? hangup : null;
	}

	async expect(entry) {
		if (entry.http)
			return this.expectHttp(entry);
		const closing = this.peers && entry.msg.transaction === undefined && this.closesBefore(entry);
		if (closing) {
			closing.isClosed = true;
			await this.peers.hangUp(closing.msg.sender);
		}
		if (this.peers && this.stops && entry.msg.receiving === false)
			await this.peers.stopSending(entry.msg.sender);
		const { inbox } = await this.client(entry.transport);
		const live = await inbox.take(`#${entry.index} ${JSON.stringify(entry.msg).slice(0, 300)}`,
			(m) => isSame(entry.msg, m, this.ids), this.wait_ms);
		this.note(entry, compare(entry.msg, live, this.ids));
		if (this.over === 'http' && entry.msg.janus === 'success' && !entry.msg.session_id
			&& live.data?.id)
			(await this.client(entry.transport)).sessionCreated(live.data.id);
		if (this.peers && live.jsep)
			await this.peers.remote(entry.msg.sender, live.jsep);
		if (this.peers && ['hangup', 'detached'].includes(live.janus))
			await this.peers.hangUp(entry.msg.sender);
		return undefined;
	}

	async expectHttp(entry) {
		const request = this.entries[entry.request];
		const answer = await within(POLL_MS, `HTTP answer #${entry.index}`,
			this.pending.get(request.index));
		const headers = (all) => Object.fromEntries(HEADERS.map((h) => [h, all[h]]));
		const expected = { status: entry.http.status, headers: headers(entry.http.headers ?? {}),
			body: entry.msg ?? undefined };
		this.note(entry, compare(expected, { status: answer.status, headers: headers(answer.headers),
			body: answer.json }, this.ids));
	}

	/** Anything received that the transcript does not have is a difference too. What may or may not
	 *  come is looked for here, where it has had its time. */
	async findUnexpected() {
		for (const [channel, client] of this.clients) {
			await client.request({ janus: 'ping' });
			for (const entry of this.optional.filter((e) => e.transport === channel)) {
				const at = client.inbox.messages.findIndex((m) => isSame(entry.msg, m, this.ids));
				if (at >= 0)
					this.note(entry, compare(entry.msg, client.inbox.messages.splice(at, 1)[0], this.ids));
			}
			for (const live of client.inbox.messages) {
				const entry = { index: 'end', dir: 'S>C', transport: channel, msg: live };
				if (![...this.skippedTransactions].some((s) => s.endsWith(` ${live.transaction}`)))
					this.note(entry, [{ path: `/unexpected/${live.janus}`, live }]);
			}
		}
	}

	note(entry, found) {
		this.compared++;
		for (const difference of found) {
			const request = this.requestOf(entry);
			const told = { step: entry.index, request: request?.label, ...difference };
			const row = excuseFor({ ...this.about, request }, difference);
			if (row)
				this.excused.push({ ...told, reason: row.reason });
			else
				this.differences.push(told);
		}
	}

	requestOf(entry) {
		if (entry.request !== undefined)
			return this.entries[entry.request];
		return this.entries.find((e) => e.dir === 'C>S' && e.msg?.transaction !== undefined
			&& e.msg.transaction === entry.msg?.transaction);
	}
}
