// Examples for docs/api.md: requests that a server of ours is asked, with what it has answered.
import { startServer } from '../../tests/lib/server.mjs';

const MANY = 1e9; // ids from here on are chosen at random
const STUN_PORT = 3478;
const UNIX = 1795447255;
const TIMES = /since_ms|^(elapsed|created|started|age|current_time|session_last_activity)/;

/** What changes from run to run gets a fixed value: ids their own each, times and ports one. */
class Fixed {
	constructor() {
		this.ids = new Map();
	}

	number(n, key) {
		if (TIMES.test(key))
			return 1200;
		if (key === 'date_unix')
			return UNIX;
		if (key === 'port')
			return STUN_PORT;
		if (key !== 'private_id' && n < MANY)
			return n;
		const first = key === 'private_id' ? 2000000000 : 7000000000000000;
		if (!this.ids.has(n))
			this.ids.set(n, first + this.ids.size + 1);
		return this.ids.get(n);
	}

	text(s) {
		if (s.startsWith('v=0'))
			return 'v=0\r\n…';
		return s.replace(/\b[0-9a-f]{24,}\b/g, '0123456789abcdef…').replace(/\b(UDP(?: port)?) \d+/g, '$1 10000')
			.replace(/\b\d{13,17}\b/g, (n) => this.number(Number(n), ''));
	}

	value(v, key = '') {
		if (Array.isArray(v))
			return v.map((e) => this.value(e, key));
		if (v && typeof v === 'object')
			return Object.fromEntries(Object.entries(v).map(([k, e]) => [k, this.value(e, k)]));
		if (typeof v === 'number')
			return this.number(v, key);
		return typeof v === 'string' ? this.text(v) : v;
	}
}

/** A member that says what is left out. */
function only(members, answer) {
	const kept = Object.entries(answer).filter(([k]) => members.includes(k));
	return { ...Object.fromEntries(kept), '…': '…' };
}

/** The bit of `levels` in the tables: what a request is about, by the ids that it names. */
function levelOf({ session_id: session, handle_id: handle }) {
	if (handle)
		return 4;
	return session ? 2 : 1;
}

/** A server with a client that writes down what it asks. */
export class Recorder {
	constructor(server) {
		this.server = server;
		this.fixed = new Fixed();
		this.examples = new Map(); // by "area/request": { request, answer, refused: [{ code, reason }] }
		this.events = [];
		this.n = 0;
	}

	static async with(options, body) {
		const recorder = new Recorder(await startServer(options));
		try {
			await body(recorder);
		} finally {
			await recorder.server.stop();
		}
		return recorder.examples;
	}

	async post(url, request) {
		const answer = await fetch(url, { method: 'POST', body: JSON.stringify(request) });
		return answer.json();
	}

	async event(session, wants) {
		for (;;) {
			const at = this.events.findIndex(wants);
			if (at >= 0)
				return this.events.splice(at, 1)[0];
			const answer = await (await fetch(`${this.server.apiUrl}/${session}?maxev=10`)).json();
			this.events.push(...[answer].flat());
			const shown = answer.find((e) => e.plugindata?.data.result);
			if (shown && !this.examples.has('events'))
				this.examples.set('events', { answer: [this.fixed.value({ ...shown, transaction: 'abc' })] });
		}
	}

	/** @param also words before a further example: the first one is shown anyway */
	note(name, request, answer, { error, cut, also }) {
		const at = this.examples.get(name) ?? { refused: [], more: [] };
		this.examples.set(name, at);
		const fixed = this.fixed.value(answer);
		if (error && !at.refused.some((r) => r.code === error.code))
			at.refused.push(this.fixed.value(error));
		else if (!error && also)
			at.more.push({ words: also, request: this.fixed.value(request), answer: fixed });
		else if (!error && !at.answer)
			Object.assign(at, { request: this.fixed.value(request), answer: cut ? only(cut, fixed) : fixed });
	}

	/** A request of the core API or, with its secret, of the Admin API. */
	async ask(area, request, { secret, cut } = {}) {
		const full = { ...request, transaction: `t${++this.n}`, ...(secret && { admin_secret: secret }) };
		const answer = await this.post(area === 'admin' ? this.server.adminUrl : this.server.apiUrl, full);
		const shown = { ...request, transaction: 'abc', ...(secret && { admin_secret: '…' }) };
		const level = area === 'admin' ? `/${levelOf(request)}` : '';
		this.note(`${area}/${request.janus}${level}`, shown, { ...answer, transaction: 'abc' }, { error: answer.error, cut });
		return answer;
	}

	/** A message to a plugin. @return its data, with jsep */
	async message(plugin, { session, handle }, body, jsep, also) {
		const transaction = `t${++this.n}`;
		let answer = await this.post(this.server.apiUrl, { janus: 'message', session_id: session, handle_id: handle,
			transaction, body, ...(jsep && { jsep }) });
		if (answer.janus === 'ack')
			answer = await this.event(session, (e) => e.transaction === transaction);
		const data = answer.plugindata?.data ?? {};
		const error = data.error_code ? { code: data.error_code, reason: data.error } : answer.error;
		this.note(`${plugin}/${body.request ?? ''}`, { body, ...(jsep && { jsep }) },
			{ data, ...(answer.jsep && { jsep: answer.jsep }) }, { error, also });
		return { ...data, jsep: answer.jsep };
	}
}
