/**
 * Why no picture moves. What stands still for two seconds is asked about: the server knows why it
 * sends nothing, or why nothing comes, and says it in a sentence.
 */
const PATIENCE_MS = 2000;
/** Between two questions while nothing moves. */
const PAUSE_MS = 2000;

export class Reasons {
	#ask;
	#stillSince = new Map();
	#texts = new Map();
	#askedAt = -Infinity;

	/** @param {() => Promise<{mid: string, direction: string, text: string}[]>} ask the server */
	constructor(ask) {
		this.#ask = ask;
	}

	/**
	 * @param {{mid: string, direction: 'in'|'out', moves: boolean}[]} lines with a picture that is
	 *     meant to move; whatever is not among them is forgotten
	 * @returns {Promise<(direction: string, mid: string) => string>} the reason of a line; empty
	 *     where it moves, has not stood still for long, or nothing is known
	 */
	async look(lines) {
		const now = performance.now();
		const before = this.#stillSince;
		const still = lines.filter((line) => !line.moves).map(nameOf);
		this.#stillSince = new Map(still.map((name) => [name, before.get(name) ?? now]));
		for (const name of this.#texts.keys())
			if (!this.#stillSince.has(name)) this.#texts.delete(name);
		const long = still.filter((name) => now - this.#stillSince.get(name) >= PATIENCE_MS);
		if (long.length && now - this.#askedAt >= PAUSE_MS) await this.#learn(long, now);
		return (direction, mid) => this.#texts.get(nameOf({ direction, mid })) ?? '';
	}

	async #learn(names, now) {
		this.#askedAt = now;
		const told = await this.#ask().catch(() => []);
		/* where the connection itself is not well, that is why all of it stands still */
		const all = told.filter(({ mid }) => mid === undefined);
		const texts = new Map(
			told.map(({ direction, mid, text }) => [nameOf({ direction: ours(direction), mid }), text])
		);
		for (const name of names) {
			const { text } = all.find((r) => !r.direction || name.startsWith(`${ours(r.direction)}/`)) ??
				{ text: texts.get(name) };
			if (text) this.#texts.set(name, text);
			else this.#texts.delete(name);
		}
	}
}

/** The server's directions are the other way round. */
const ours = (direction) => (direction === 'send' ? 'in' : 'out');
const nameOf = ({ direction, mid }) => `${direction}/${mid}`;
