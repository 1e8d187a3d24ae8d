/**
 * Everything one person receives in a video room, over a single handle and PeerConnection.
 *
 * The owner says which streams it wants; this class asks the plugin for the difference to what it
 * has, one request at a time, and keeps the map from m-lines to people. Events: `tracks`, the map
 * changed; `said` (`{feed, text}`), a text from a feed, whose id is a string here.
 */
import { Sampler } from './stats.js';

const UPDATE_TIMEOUT_MS = 5000;
const RENEW_PAUSE_MS = [500, 1500, 5000, 15000, 30000];
const NO_SUCH_FEED = 428;
const DATA_LABEL = 'JanusDataChannel';
const key = (feed, mid) => `${feed}/${mid}`;

export class Subscription extends EventTarget {
	#cardea;
	#joinBody;
	#handle = null;
	#peer = null;
	#sampler = null;
	#hasData = false;
	#wanted = new Map();
	#asked = new Set();
	#lines = [];
	#layers = new Map();
	#generation = 0;
	#failures = 0;
	#renewTimer = 0;
	#isBusy = false;
	#isStale = false;
	#isClosed = false;

	/** @param {object} joinBody what every `join` of this room carries: room, pin, private_id */
	constructor(cardea, joinBody) {
		super();
		this.#cardea = cardea;
		this.#joinBody = joinBody;
	}

	get pc() {
		return this.#peer?.pc ?? null;
	}
	get isStale() {
		return this.#isStale;
	}

	/** @param {{feed, mid: string}[]} streams all that should be received from now on */
	want(streams) {
		this.#wanted = new Map(streams.map((s) => [key(s.feed, s.mid), s]));
		for (const asked of this.#asked) if (!this.#wanted.has(asked)) this.#asked.delete(asked);
		this.#sync();
	}

	/** A feed was announced anew: what was not to be had before may be there now. */
	announced(feed) {
		for (const asked of this.#asked)
			if (asked.startsWith(`${feed}/`)) this.#asked.delete(asked);
	}

	/**
	 * @returns {{feed, feedMid, mid, type, description, hasLayers, receiver}[]} what arrives now
	 */
	received() {
		const transceivers = this.pc?.getTransceivers() ?? [];
		return this.#lines.flatMap((line) => {
			const receiver = transceivers.find((t) => t.mid === line.mid)?.receiver;
			return receiver
				? [
						{
							feed: line.feed_id,
							feedMid: line.feed_mid,
							mid: line.mid,
							type: line.type,
							description: line.feed_description,
							hasLayers: Boolean(line.simulcast),
							receiver,
						},
					]
				: [];
		});
	}

	/** Which simulcast layer is wanted on an m-line: 0 is the smallest. */
	setLayer(mid, substream) {
		if (this.#layers.get(mid) === substream) return;
		this.#layers.set(mid, substream);
		this.#handle
			?.message({ request: 'configure', streams: [{ mid, substream }] })
			.catch(() => this.#layers.delete(mid));
	}

	async sample() {
		return this.#sampler ? this.#sampler.sample() : [];
	}

	/** Why something does not come, see {@link Handle.explain}. */
	async explain() {
		return this.#handle ? this.#handle.explain() : [];
	}

	/** Start over with a fresh handle, after events may have been missed. */
	async renew() {
		const old = this.#handle;
		clearTimeout(this.#renewTimer);
		this.#generation++;
		this.#forgetHandle();
		this.#isStale = false;
		await old?.detach();
		this.#sync();
	}

	/** Find a new path after a network change. */
	async restart() {
		const { jsep } = await this.#handle.message({ request: 'configure', restart: true });
		if (jsep) await this.#peer.answer(jsep, { request: 'start' });
	}

	repairIfBroken() {
		if (['failed', 'disconnected'].includes(this.pc?.connectionState))
			this.restart().catch((error) => this.#failed(error));
	}

	close() {
		this.#isClosed = true;
		clearTimeout(this.#renewTimer);
		this.#handle?.detach();
		this.#forgetHandle();
	}

	#forgetHandle() {
		this.#handle = this.#peer = this.#sampler = null;
		this.#hasData = false;
		this.#lines = [];
		this.#asked.clear();
		this.#layers.clear();
	}

	async #sync() {
		if (this.#isBusy) return; /* the loop below looks again before it ends */
		const generation = this.#generation;
		this.#isBusy = true;
		try {
			while (!this.#isClosed && (await this.#step()));
			this.#failures = 0;
		} catch (error) {
			if (generation === this.#generation) this.#failed(error);
		} finally {
			this.#isBusy = false;
		}
		if (generation !== this.#generation) this.#sync();
	}

	/**
	 * A dropped line is waited for: the owner renews when it is back. Anything else is tried again.
	 */
	#failed(error) {
		this.#isStale = true;
		if (this.#isClosed || error.code === 'dropped') return;
		const ms = RENEW_PAUSE_MS[Math.min(this.#failures++, RENEW_PAUSE_MS.length - 1)];
		clearTimeout(this.#renewTimer);
		this.#renewTimer = setTimeout(() => this.renew(), ms);
	}

	/** @returns whether there was something to do */
	async #step() {
		const have = new Set(this.#lines.map((line) => key(line.feed_id, line.feed_mid)));
		const add = [...this.#wanted]
			.filter(([k]) => !have.has(k) && !this.#asked.has(k))
			.map(([, s]) => s);
		const drop = this.#lines.filter(
			(line) => !this.#wanted.has(key(line.feed_id, line.feed_mid))
		);
		if (!add.length && (!drop.length || !this.#handle)) return false;
		try {
			await this.#ask(add, drop);
		} catch (error) {
			if (error.code !== NO_SUCH_FEED) throw error;
			await this.#askApart(add);
		}
		return true;
	}

	/** Somebody in the list has just left; the others shall not wait for that. */
	async #askApart(streams) {
		for (const stream of streams) {
			try {
				await this.#ask([stream], []);
			} catch (error) {
				if (error.code !== NO_SUCH_FEED) throw error;
			}
		}
	}

	async #ask(add, drop) {
		const subscribe = add.map(({ feed, mid }) => ({ feed, mid }));
		let reply;
		for (const { feed, mid } of add) this.#asked.add(key(feed, mid));
		if (!this.#handle) {
			const handle = await this.#attach();
			reply = await handle
				.message({
					request: 'join',
					ptype: 'subscriber',
					// A stream for each person: browsers keep a stream's sound and picture in step.
					use_msid: true,
					streams: subscribe,
					...this.#joinBody,
				})
				.catch((error) => {
					handle.detach();
					throw error;
				});
			this.#adopt(handle);
		} else {
			const body = { request: 'update' };
			if (subscribe.length) body.subscribe = subscribe;
			if (drop.length) body.unsubscribe = drop.map((line) => ({ sub_mid: line.mid }));
			reply = await this.#handle.message(body);
			this.#lines = this.#lines.filter((line) => !drop.includes(line));
		}
		if (reply.data.videoroom === 'updating') await this.#nextOffer();
		else await this.#negotiate(reply);
	}

	async #attach() {
		const handle = await this.#cardea.attach('videoroom');
		handle.addEventListener('message', ({ detail }) => this.#told(handle, detail));
		handle.addEventListener('hangup', () => this.#hungUp(handle));
		return handle;
	}

	#adopt(handle) {
		this.#handle = handle;
		this.#peer = handle.peer();
		this.#sampler = new Sampler(this.#peer.pc);
		this.#peer.pc.ondatachannel = ({ channel }) => this.#listenTo(channel);
		this.#peer.addEventListener('trouble', () =>
			this.restart().catch((error) => this.#failed(error))
		);
	}

	/** Servers may hold words back until a channel is opened from here, as common clients do. */
	#openData({ sdp }) {
		if (this.#hasData || !/^m=application [1-9]/m.test(sdp)) return;
		this.#hasData = true;
		this.#listenTo(this.#peer.pc.createDataChannel(DATA_LABEL));
	}

	/** A channel is named after the feed whose words it brings. */
	#listenTo(channel) {
		channel.onmessage = ({ data }) => {
			const detail = { feed: channel.label, text: data };
			if (typeof data === 'string') this.dispatchEvent(new CustomEvent('said', { detail }));
		};
	}

	/** The server combines postponed changes into one offer that comes by itself. */
	#nextOffer() {
		return new Promise((resolve) => {
			const done = () => {
				clearTimeout(timer);
				this.removeEventListener('tracks', done);
				resolve();
			};
			const timer = setTimeout(done, UPDATE_TIMEOUT_MS);
			this.addEventListener('tracks', done);
		});
	}

	#told(handle, { data, jsep }) {
		if (handle !== this.#handle) return;
		if (data.videoroom === 'updated')
			this.#negotiate({ data, jsep }).then(
				() => this.#sync(),
				(error) => this.#failed(error)
			);
		if (data.substream !== undefined)
			this.dispatchEvent(
				new CustomEvent('layer', { detail: { mid: data.mid, substream: data.substream } })
			);
	}

	async #negotiate({ data, jsep }) {
		const peer = this.#peer;
		if (jsep) this.#openData(jsep);
		if (jsep) await peer.answer(jsep, { request: 'start' });
		if (peer !== this.#peer) return; /* renewed meanwhile */
		if (data.streams)
			this.#lines = data.streams.filter((line) => line.active && line.feed_id !== undefined);
		this.dispatchEvent(new CustomEvent('tracks'));
	}

	#hungUp(handle) {
		if (handle === this.#handle)
			this.#failed(new Error('The server closed the connection that brings the pictures.'));
	}
}
