/**
 * Why no picture moves. What stands still is asked about: the server knows why it sends nothing, or
 * why nothing comes, and says it in a sentence, within two seconds. A caller looks each LOOK_MS.
 */
export const LOOK_MS = 250;
/** A picture that has moved, and stands still for so long, is asked about … */
const STILL_MS = 1000;
/** … one that often does so without harm, as screens do, later … */
const SELDOM_MS = 1500;
/** … and one that has yet to begin: connections take a moment … */
const BEGINS_MS = 1250;
/** … of which so much is no fault of theirs. */
const SETUP_MS = 750;
/** Between two questions while the same pictures stand still; each time twice as long. */
const PAUSE_MS = [LOOK_MS, 2000];

export class Reasons {
	#ask;
	#lines = new Map();
	#asked = { at: -Infinity, pauseMs: 0, names: '', isOver: true };

	/** @param {() => Promise<object[]>} ask the server, see {@link Handle.explain} */
	constructor(ask) {
		this.#ask = ask;
	}

	/**
	 * @param {{mid: string, direction: 'in'|'out', moves: boolean, isScreen?: boolean}[]} lines with
	 *     a picture that is meant to move; whatever is not among them is forgotten
	 * @returns {Promise<(direction: string, mid: string) => ?{code: string, text: string}>} the
	 *     reason of a line; null where it moves, has not stood still for long, or nothing is known
	 */
	async look(lines) {
		const now = performance.now();
		this.#lines = new Map(
			lines.map((line) => [nameOf(line), this.#seen(this.#lines.get(nameOf(line)), line, now)])
		);
		const long = [...this.#lines].filter(([, line]) => now - line.at >= line.patienceMs);
		if (long.length) await this.#learn(long.map(([name]) => name), now);
		else this.#asked.names = '';
		return (direction, mid) => this.#lines.get(nameOf({ direction, mid }))?.reason ?? null;
	}

	#seen(before, { moves, isScreen }, now) {
		const patienceMs = isScreen ? SELDOM_MS : STILL_MS;
		if (moves) return { at: now, patienceMs, setupMs: 0, reason: null };
		return before ?? { at: now, patienceMs: BEGINS_MS, setupMs: SETUP_MS, reason: null };
	}

	async #learn(names, now) {
		const asked = this.#asked;
		const isNew = asked.names !== names.join();
		const pauseMs = isNew ? PAUSE_MS[0] : asked.pauseMs;
		if (!asked.isOver || now - asked.at < pauseMs) return;
		const nextMs = Math.min(2 * pauseMs, PAUSE_MS[1]);
		const mine = (this.#asked = { at: now, pauseMs: nextMs, names: names.join(), isOver: false });
		const told = await this.#ask().catch(() => null);
		mine.isOver = true;
		/* whoever could not be asked leaves what is known */
		for (const name of told ? names : []) {
			const line = this.#lines.get(name);
			if (line && now - line.at >= line.patienceMs)
				line.reason = reasonOf(told, name, line.setupMs);
		}
	}
}

/** Where the connection itself is not well, that is why all of it stands still. */
function reasonOf(told, name, setupMs) {
	const isAbout = ({ direction, mid }) => nameOf({ direction: ours(direction), mid }) === name;
	const isAboutAll = ({ direction, mid, since_ms: sinceMs = setupMs }) =>
		mid === undefined &&
		sinceMs >= setupMs &&
		(!direction || name.startsWith(`${ours(direction)}/`));
	const found = told.find(isAboutAll) ?? told.find(isAbout);
	return found ? { code: found.code, text: found.visitor ?? found.text } : null;
}

/** The server's directions are the other way round. */
const ours = (direction) => (direction === 'send' ? 'in' : 'out');
const nameOf = ({ direction, mid }) => `${direction}/${mid}`;

/**
 * Say it. Who listens instead of reading hears it once: the words of a reason are not said again as
 * long as the reason is the same.
 * @param {HTMLElement} element a live region
 * @param {?{code: string, text: string}} reason null: all is well
 */
export function showReason(element, reason) {
	const code = reason?.code ?? '';
	if ((element.dataset.code ?? '') === code) return;
	element.dataset.code = code;
	element.textContent = reason?.text ?? '';
}

const counts = new WeakMap();

function grew(what, count) {
	const before = counts.get(what) ?? 0;
	counts.set(what, count);
	return count !== before;
}

/** Has a new picture been shown since this was asked last? */
export const hasShown = (video) => grew(video, video.getVideoPlaybackQuality().totalVideoFrames);

/** Has something been sent since this was asked last? */
export async function hasSent(sender) {
	const report = await sender.getStats();
	const sent = [...report.values()].filter((s) => s.type === 'outbound-rtp');
	return grew(
		sender,
		sent.reduce((sum, s) => sum + s.bytesSent, 0)
	);
}
