/**
 * A meeting in a video room: one publishing handle, one subscription, and the list of people.
 *
 * | event    | detail            | meaning                                                    |
 * |----------|-------------------|------------------------------------------------------------|
 * | `people` |                   | `room.people` changed: someone came, went, changed a name  |
 * | `tracks` |                   | `room.received()` changed                                  |
 * | `state`  | `{tone, words}`   | how the connection fares                                   |
 * | `notice` | `{words}`         | something worth a passing word                             |
 * | `chat`   | `{id, text}`      | somebody wrote                                             |
 * | `recording` |                | `room.isRecorded` changed                                  |
 * | `ended`  | `{words}`         | the meeting is over for this person and why                |
 */
import { Cardea } from './cardea.js';
import { Publication } from './publication.js';
import { Subscription } from './subscription.js';
import { explain, memory } from './ui.js';

const NO_SUCH_ROOM = 426;
const ROOM_EXISTS = 427;
const INVALID_ELEMENT = 430;
const UNAUTHORIZED = 433;
const REJOIN_PAUSE_MS = [500, 1000, 2000, 4000, 8000];
const CAMERA_BPS = 2_000_000;
const ROOM_FOR = 32;

/**
 * The room's number for a word in a link. Digits are taken as they are. Any other word (trimmed,
 * lower case, Unicode form C) is hashed by 64-bit FNV-1a over its UTF-8 bytes; the hash is folded
 * to 52 bits (its upper 12 bits XORed onto the lowest) and 2^52 added: above every number people
 * choose by hand, below 2^53. So `standup` is room 6613852314296120.
 */
export function roomNumber(word) {
	const plain = word.trim().toLowerCase().normalize('NFC');
	if (/^[1-9]\d{0,14}$/.test(plain)) return Number(plain);
	let hash = 0xcbf29ce484222325n;
	for (const byte of new TextEncoder().encode(plain))
		hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
	const low = (hash ^ (hash >> 52n)) & ((1n << 52n) - 1n);
	return Number((1n << 52n) + low);
}

/** The rooms this server shows to everyone: `{room, description, num_participants}`. */
export async function publicRooms(connection) {
	const cardea = new Cardea(connection);
	await cardea.connect();
	try {
		const handle = await cardea.attach('videoroom');
		return (await handle.message({ request: 'list' })).data.list;
	} finally {
		cardea.close();
	}
}

export class MeetingRoom extends EventTarget {
	#cardea;
	#options;
	#handle = null;
	#subscription = null;
	#publication = null;
	#privateId = 0;
	#isIn = false;
	#isLeft = false;
	#isRejoining = false;

	/** Whether this server passes on what people write; known once in. */
	hasChat = false;
	/** Whether what everybody sends is recorded by the server. */
	isRecorded = false;
	people = new Map();
	tracks = { audio: null, video: null, screen: null };
	id = null;

	/**
	 * @param {object} options `word` (room name or number), `name` (of this person), `pin`,
	 *     `simulcast`, `connection` (for {@link Cardea})
	 */
	constructor(options) {
		super();
		this.#options = options;
		this.roomId = roomNumber(options.word);
		this.#cardea = new Cardea(options.connection);
		this.#cardea.addEventListener('reconnecting', () =>
			this.#state('busy', 'The line to the server dropped. Trying again…')
		);
		this.#cardea.addEventListener('reconnected', () => this.#resync());
		this.#cardea.addEventListener('lost', () => this.#rejoin());
	}

	get pcs() {
		return [this.#publication?.pc, this.#subscription?.pc].filter(Boolean);
	}
	/** Why the others neither see nor hear this person, in words; empty when all is well. */
	get refusal() {
		return this.#publication?.refusal ?? '';
	}
	/** Known only where this browser opened the room; told to no other server. */
	get hostSecret() {
		return memory.get(this.#hostKey);
	}
	get #hostKey() {
		const { origin, pathname } = new URL(this.#cardea.server, location.href);
		return `host.${origin}${pathname}.${this.roomId}`;
	}
	get #access() {
		return { room: this.roomId, ...(this.#options.pin && { pin: this.#options.pin }) };
	}

	/** Connect and join; the room is opened when it is not there. Rejects when that fails. */
	async enter() {
		try {
			await this.#cardea.connect();
			await this.#join();
		} catch (error) {
			this.#isLeft = true;
			this.#cardea.close();
			throw error;
		}
	}

	/** Leave for good. Quick: safe to call while the page goes away. */
	async leave() {
		if (this.#isLeft) return;
		this.#isLeft = true;
		const isLast = this.people.size === 0 && this.hostSecret;
		if (isLast && this.#cardea.state === 'open')
			await this.#handle
				?.message({ request: 'destroy', room: this.roomId, secret: this.hostSecret })
				.catch(() => {}); /* someone else may have done so */
		this.#subscription?.close();
		this.#cardea.close();
	}

	/**
	 * Send this track as `audio`, `video` or `screen`, or nothing. The first time costs a
	 * negotiation, later exchanges do not.
	 */
	setTrack(slot, track) {
		this.tracks[slot] = track;
		if (this.#isIn) this.#publication.update(slot);
	}

	/** Ask once more to be seen and heard, after a {@link refusal}. */
	publishAgain() {
		this.#publication.start().catch((error) => this.#notice(explain(error)));
	}

	/** Tell the others what they cannot see: whether microphone and camera are on. */
	tell(metadata) {
		this.metadata = metadata;
		if (this.#isIn)
			this.#handle.message({ request: 'configure', metadata }).catch(() => {}); /* a nicety */
	}

	/** Write to everybody. @returns whether it could be sent */
	write(text) {
		return this.#publication?.say(JSON.stringify({ type: 'chat', text })) ?? false;
	}

	/** Only where {@link hostSecret} is known. */
	remove(id) {
		return this.#moderate({ request: 'kick', id });
	}

	silence(id, mute) {
		const mic = this.people.get(id)?.streams.find((s) => s.type === 'audio');
		return mic ? this.#moderate({ request: 'moderate', id, mid: mic.mid, mute }) : undefined;
	}

	/** Record everybody, or stop; likewise the host's. */
	async record(isOn) {
		const answer = await this.#moderate({ request: 'enable_recording', record: isOn });
		if (!answer) return;
		this.#recorded(isOn); /* also where the server tells nobody */
		if (answer.data.warning) this.#notice(answer.data.warning);
	}

	/** What arrives from whom; see {@link Subscription.received}. */
	received() {
		return this.#subscription?.received() ?? [];
	}
	setLayer(mid, substream) {
		this.#subscription?.setLayer(mid, substream);
	}

	/** Figures of both directions, see stats.js. */
	async sample() {
		const [sent, got] = await Promise.all([
			this.#publication?.sample() ?? [],
			this.#subscription?.sample() ?? [],
		]);
		return [
			...sent.filter((f) => f.direction === 'out'),
			...got.filter((f) => f.direction === 'in'),
		];
	}

	get cameraMid() {
		return this.#publication?.cameraMid ?? null;
	}

	/** Where {@link cameraMid} is known, see {@link Publication.cameraMoves}. */
	async cameraMoves() {
		return this.#publication.cameraMoves();
	}

	/** Why something does not move, see {@link Handle.explain}. */
	async explain() {
		const [sent, got] = await Promise.all([
			this.#publication?.explain() ?? [],
			this.#subscription?.explain() ?? [],
		]);
		/* what is said of a whole connection has no direction of its own */
		return [
			...sent.map((r) => ({ direction: 'recv', ...r })).filter((r) => r.direction === 'recv'),
			...got.map((r) => ({ direction: 'send', ...r })).filter((r) => r.direction === 'send'),
		];
	}

	async #join() {
		const handle = (this.#handle = await this.#cardea.attach('videoroom'));
		this.hasChat = (await this.#cardea.info()).data_channels === true;
		this.#isIn = false;
		handle.addEventListener('message', ({ detail }) => this.#told(handle, detail.data));
		const joined = await this.#joinOrOpen(handle);
		this.id = joined.id;
		this.#recorded(joined.recording === true);
		this.people.clear();
		for (const person of [...(joined.attendees ?? []), ...joined.publishers])
			this.#meet(person);
		this.#privateId = joined.private_id;
		this.#subscription = new Subscription(this.#cardea, {
			...this.#access,
			private_id: this.#privateId,
		});
		this.#subscription.addEventListener('tracks', () => this.#emit('tracks'));
		this.#subscription.addEventListener('said', ({ detail }) => this.#said(detail));
		this.#peopleChanged();
		if (!joined.attendees) await this.#meetListeners();
		this.#publication = this.#newPublication(handle);
		this.#isIn = true;
		await this.#publication.start();
	}

	#newPublication(handle) {
		const publication = new Publication(handle, this.tracks, {
			withLayers: this.#options.simulcast,
			withData: this.hasChat,
		});
		publication.addEventListener('notice', ({ detail }) => this.#emit('notice', detail));
		publication.addEventListener('state', ({ detail }) => {
			/* without a line to the server there is something more important to tell */
			if (this.#cardea.state === 'open') this.#emit('state', detail);
		});
		return publication;
	}

	async #joinOrOpen(handle) {
		const join = () =>
			handle.message({
				request: 'join',
				ptype: 'publisher',
				display: this.#options.name,
				...(this.metadata && { metadata: this.metadata }),
				...this.#access,
			});
		try {
			return (await join()).data;
		} catch (error) {
			if (error.code === INVALID_ELEMENT && this.roomId !== this.#options.word) {
				this.roomId = this.#options.word; /* a server whose rooms have names */
				return this.#joinOrOpen(handle);
			}
			if (error.code !== NO_SUCH_ROOM) throw error;
		}
		await this.#open(handle);
		return (await join()).data;
	}

	async #open(handle) {
		const secret = crypto.getRandomValues(new Uint32Array(4)).join('-');
		try {
			await handle.message({
				request: 'create',
				...this.#access,
				secret,
				is_private: true,
				description: this.#options.word,
				publishers: ROOM_FOR,
				require_pvtid: true, /* who is removed does not go on watching */
				notify_joining: true,
				bitrate: CAMERA_BPS,
				videocodec: 'vp8,h264',
			});
			memory.set(this.#hostKey, secret);
		} catch (error) {
			if (error.code === UNAUTHORIZED)
				error.message =
					'This room does not exist, and this server does not let visitors open rooms.';
			if (error.code !== ROOM_EXISTS) throw error;
		}
	}

	/** Rooms that do not announce listeners still list them. */
	async #meetListeners() {
		const { data } = await this.#handle.message({
			request: 'listparticipants',
			room: this.roomId,
		});
		for (const person of data.participants)
			if (person.id !== this.id && !this.people.has(person.id)) this.#meet(person);
		this.#peopleChanged();
	}

	#meet({ id, display, metadata, streams, dummy }) {
		if (id === this.id || dummy) return;
		const before = this.people.get(id) ?? { id, name: 'Guest', streams: [], metadata: {} };
		this.people.set(id, {
			...before,
			name: display ?? before.name,
			metadata: metadata ?? before.metadata,
			streams: streams?.filter((s) => !s.disabled) ?? before.streams,
		});
	}

	#peopleChanged() {
		this.#subscription?.want(
			[...this.people.values()].flatMap((person) =>
				person.streams.map(({ mid }) => ({ feed: person.id, mid }))
			)
		);
		this.#emit('people');
	}

	#told(handle, data) {
		if (handle !== this.#handle || this.#isLeft) return;
		if (data.videoroom === 'destroyed') {
			this.#finish('The room was closed.');
			return;
		}
		if (data.videoroom === 'slow_link')
			this.#notice('Your network loses part of what you send.');
		if (data.videoroom !== 'event') return;
		if (data.leaving === 'ok')
			this.#finish(
				data.reason === 'kicked'
					? 'The host removed you from the meeting.'
					: 'You left the meeting.'
			);
		for (const person of data.publishers ?? []) {
			this.#meet(person);
			this.#subscription?.announced(person.id);
		}
		if (typeof data.recording === 'boolean') this.#recorded(data.recording);
		if (data.reason && 'recording' in data) this.#leftOut(data);
		if (data.joining) this.#meet(data.joining);
		this.#toldAboutPerson(data);
		this.#peopleChanged();
	}

	#recorded(isRecorded) {
		this.isRecorded = isRecorded;
		this.#emit('recording');
	}

	/** The recording of one person has ended by itself. */
	#leftOut({ id, reason }) {
		const who = id === this.id ? 'You are' : `${this.people.get(id)?.name ?? 'Somebody'} is`;
		this.#notice(`${who} not recorded any more: ${reason}`);
	}

	/** Clients of another make may send plain text. */
	#said({ feed, text }) {
		const person = [...this.people.values()].find(({ id }) => String(id) === feed);
		let message = { type: 'chat', text };
		try {
			message = JSON.parse(text);
		} catch {
			/* plain text it is */
		}
		if (person && message?.type === 'chat' && typeof message.text === 'string')
			this.#emit('chat', { id: person.id, text: message.text });
	}

	#toldAboutPerson(data) {
		const gone = [data.leaving, data.kicked].find((id) => this.people.has(id));
		if (gone !== undefined) this.people.delete(gone);
		const person = this.people.get(data.id);
		if (this.people.has(data.unpublished)) this.people.get(data.unpublished).streams = [];
		if (data.moderation && data.id === this.id) this.#moderated(data);
		else if (data.moderation && person)
			for (const stream of person.streams.filter((s) => s.mid === data.mid))
				stream.moderated = data.moderation === 'muted';
		else if (person) this.#meet(data); /* a new name, a new state of microphone or camera */
	}

	#moderated({ mid, moderation }) {
		const isMuted = moderation === 'muted';
		const isCamera = mid === this.cameraMid;
		this.#publication?.moderated(mid, isMuted);
		if (isCamera) this.#notice(`The host turned your camera ${isMuted ? 'off' : 'on again'}.`);
		else this.#notice(isMuted ? 'The host muted you.' : 'The host lets you speak again.');
	}

	/** The plugin says nothing about what happened while the line was down: compare. */
	async #resync() {
		if (!this.#isIn) return; /* whoever is joining hears of the drop by an error */
		if (this.refusal) this.#state('bad', this.refusal);
		else this.#state('good', 'Connected again');
		const now = await this.#handle
			.message({ request: 'listparticipants', room: this.roomId })
			.catch(() => null);
		if (!now || this.#isLeft) return; /* dropped again, or worse: another event follows */
		const others = now.data.participants.filter((p) => p.id !== this.id);
		if (others.length === now.data.participants.length) {
			this.#startAgain();
			return;
		}
		this.#recorded(now.data.recording === true);
		await this.#compare(others).catch(() => {}); /* somebody left just now: an event tells */
		if (this.#subscription.isStale) this.#subscription.renew();
		else this.#subscription.repairIfBroken();
		this.#publication.repairIfBroken();
	}

	async #compare(others) {
		for (const id of [...this.people.keys()])
			if (!others.some((p) => p.id === id)) this.people.delete(id);
		const isKnown = (p) => this.people.get(p.id)?.streams.length;
		const news = others.filter((p) => p.publisher && !p.dummy && !isKnown(p)).map((p) => p.id);
		const streams = news.length ? await this.#lookAt(news) : [];
		for (const person of others) {
			const theirs = streams.filter((s) => s.feed_id === person.id);
			const seen = theirs.map((s) => ({
				mid: s.feed_mid,
				type: s.type,
				description: s.feed_description,
			}));
			const shown = seen.length ? seen : undefined;
			this.#meet({ ...person, streams: person.publisher ? shown : [] });
		}
		this.#peopleChanged();
	}

	/**
	 * What some people send. Only subscribing tells, so subscribe for a moment, without any media.
	 */
	async #lookAt(feeds) {
		const handle = await this.#cardea.attach('videoroom');
		try {
			const { data } = await handle.message({
				request: 'join',
				ptype: 'subscriber',
				...this.#access,
				private_id: this.#privateId,
				streams: feeds.map((feed) => ({ feed })),
			});
			return data.streams;
		} finally {
			handle.detach();
		}
	}

	/** A new handle in the same session, when the room has forgotten us. */
	async #startAgain() {
		this.#subscription?.close();
		await this.#handle.detach();
		await this.#join().catch(() => {
			this.#cardea.close();
			this.#rejoin();
		});
	}

	/** The session is gone: a new one, and in again, for as long as it takes. */
	async #rejoin() {
		if (this.#isRejoining) return; /* lost again on the way in: the loop below sees to it */
		this.#isRejoining = true;
		for (let attempt = 0; !this.#isLeft; attempt++) {
			this.#state('busy', 'The server lost this meeting. Joining again…');
			this.#subscription?.close();
			try {
				await this.#cardea.connect();
				await this.#join();
				break;
			} catch (error) {
				if (error.origin !== 'network') {
					this.#finish(explain(error));
					break;
				}
				this.#cardea.close(); /* it may be reconnecting: one of us has to give way */
				const ms = REJOIN_PAUSE_MS[Math.min(attempt, REJOIN_PAUSE_MS.length - 1)];
				await new Promise((done) => setTimeout(done, ms));
			}
		}
		this.#isRejoining = false;
	}

	#moderate(body) {
		return this.#handle
			.message({ room: this.roomId, secret: this.hostSecret, ...body })
			.catch((error) => {
				if (error.code === UNAUTHORIZED)
					memory.set(this.#hostKey, ''); /* another room by the same name */
				this.#notice(explain(error));
				this.#emit('people');
			});
	}

	#finish(words) {
		if (this.#isLeft) return;
		this.#isLeft = true;
		this.#subscription?.close();
		this.#cardea.close();
		this.#emit('ended', { words });
	}

	#state(tone, words) {
		this.#emit('state', { tone, words });
	}
	#notice(words) {
		this.#emit('notice', { words });
	}
	#emit(type, detail) {
		this.dispatchEvent(new CustomEvent(type, { detail }));
	}
}
