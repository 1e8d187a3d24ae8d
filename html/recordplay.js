/**
 * What the pages know of the plugin recordplay: its list, its words for errors, where a recording's
 * files are, and which recordings are this browser's own.
 */
import { defaultServer } from './cardea.js';
import { explain, memory } from './ui.js';

const WORDS = {
	416: 'This recording is gone.',
	417: 'The files of this recording cannot be read or written on the server.',
	440: 'The server refused this: it is not your recording.',
};

/** What people can do about an error of this plugin or of the server. */
export function explainRecording(error) {
	return (error.origin === 'plugin' && WORDS[error.code]) || explain(error);
}

// Players land a little before the second that they are asked for.
const wholeOf = (seconds) => Math.max(0, Math.floor((seconds || 0) + 0.05));

/** `m:ss`, or `h:mm:ss` where there are hours. @param {number} seconds */
export function clock(seconds) {
	const whole = wholeOf(seconds);
	const two = (n) => String(n).padStart(2, '0');
	const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
	return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** The same, to be heard. */
export function spoken(seconds) {
	const whole = wholeOf(seconds);
	const part = (n, word) => (n ? [`${n} ${word}${n === 1 ? '' : 's'}`] : []);
	const words = [
		...part(Math.floor(whole / 3600), 'hour'),
		...part(Math.floor(whole / 60) % 60, 'minute'),
		...part(whole % 60, 'second'),
	];
	return words.join(' ') || '0 seconds';
}

/** On one line, unit and all. @param {number} bytes */
export function size(bytes) {
	if (bytes < 1e6) return `${Math.max(1, Math.round(bytes / 1e3))}\u00a0kB`;
	return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)}\u00a0MB` : `${(bytes / 1e9).toFixed(2)}\u00a0GB`;
}

/** The recordings that are this browser's own, with the secrets that delete them. */
export class Own {
	#key;

	/** @param {string} [server] the WebSocket's address: a secret is for this server alone */
	constructor(server = defaultServer()) {
		const { origin, pathname } = new URL(server);
		this.#key = `recordings.${origin}${pathname}`;
	}

	/** A new secret, to be kept by {@link keep}. */
	static secret() {
		return crypto.getRandomValues(new Uint32Array(4)).join('-');
	}

	/** @returns {string|undefined} */
	secretOf(id) {
		return this.#all[id];
	}

	keep(id, secret) {
		memory.set(this.#key, JSON.stringify({ ...this.#all, [id]: secret }));
	}

	forget(id) {
		const all = this.#all;
		delete all[id];
		memory.set(this.#key, JSON.stringify(all));
	}

	get #all() {
		try {
			return JSON.parse(memory.get(this.#key, '{}'));
		} catch {
			return {}; /* somebody wrote there by hand */
		}
	}
}

/**
 * The address of a recording's file, for a link.
 * @param {string} url as in the list
 * @param {string} [server] the WebSocket's address
 */
export function fileAddress(url, server = defaultServer()) {
	const address = new URL(url, server);
	address.protocol = address.protocol.replace('ws', 'http');
	return address.href;
}

const CODECS = { vp8: 'vp8', vp9: 'vp09.00.10.08', av1: 'av01.0.05M.08', h264: 'avc1.42E01F',
	h265: 'hvc1.1.6.L93.B0', opus: 'opus' };
const TYPES = { webm: 'webm', mp4: 'mp4', mkv: 'x-matroska' };

/**
 * The files of a recording that this page can show: all of them, or none where the browser lacks a
 * codec or they come from another server, which pages may not take media from.
 * @returns {string[]} addresses
 */
export function playableFiles(entry, server = defaultServer()) {
	const codecs = [entry.video && entry.video_codec, entry.audio && entry.audio_codec].filter(Boolean);
	const known = codecs.map((codec) => CODECS[codec.toLowerCase()]);
	if (known.includes(undefined)) return [];
	const video = document.createElement('video');
	const canPlay = ({ name, url }) => {
		const type = TYPES[name.split('.').at(-1)];
		return (
			type &&
			new URL(fileAddress(url, server)).origin === location.origin &&
			video.canPlayType(`video/${type}; codecs="${known.join(', ')}"`) !== ''
		);
	};
	const files = entry.files ?? [];
	return files.every(canPlay) ? files.map(({ url }) => fileAddress(url, server)) : [];
}
