/**
 * The list of recordings, and their thumbnails, which are made from the files themselves.
 */
import { clock, fileAddress, playableFiles, size, spoken } from './recordplay.js';
import { el, icon } from './ui.js';

const THUMBNAIL = { width: 320, height: 180 };
/** Where in a recording its picture is taken: the very first one is often black. */
const THUMBNAIL_AT = 0.1;
const THUMBNAIL_MS = 10000;

/** One after another: a page full of them would ask for a lot at once. */
class Thumbnails {
	#due = new Map(); /* place → entry, while they are not seen */
	#begun = new WeakSet();
	#last = Promise.resolve();
	#seen = new IntersectionObserver((changes) => {
		for (const { isIntersecting, target } of changes) if (isIntersecting) this.#begin(target);
	});

	constructor(server) {
		this.server = server;
	}

	/** Draw it in @p place when that is on the screen, once. */
	want(place, entry) {
		if (this.#begun.has(place)) return;
		this.#due.set(place, entry);
		this.#seen.observe(place);
	}

	forget(place) {
		this.#due.delete(place);
		this.#seen.unobserve(place);
	}

	#begin(place) {
		const entry = this.#due.get(place);
		this.forget(place);
		this.#begun.add(place);
		if (entry) this.#last = this.#last.then(() => this.#draw(place, entry)).catch(() => {});
	}

	async #draw(place, entry) {
		const [file] = entry.video ? playableFiles(entry, this.server) : [];
		if (!file || !place.isConnected) return; /* the icon stays */
		const video = el('video', { preload: 'metadata', muted: true, playsinline: true });
		video.muted = true;
		try {
			await firstPicture(video, `${file}#t=${((entry.duration_ms ?? 0) * THUMBNAIL_AT) / 1000}`);
			place.replaceChildren(drawn(video));
			place.dataset.drawn = '';
		} finally {
			video.removeAttribute('src');
			video.load();
		}
	}
}

/** Rejects where there is none in good time. */
function firstPicture(video, address) {
	return new Promise((resolve, reject) => {
		const timer = setTimeout(reject, THUMBNAIL_MS);
		const settle = (done) => () => {
			clearTimeout(timer);
			done();
		};
		video.onloadeddata = settle(resolve);
		video.onerror = settle(reject);
		video.src = address;
	});
}

/** Covers the place, cut at the longer side. */
function drawn(video) {
	const canvas = el('canvas', { ...THUMBNAIL, 'aria-hidden': 'true' });
	const { videoWidth, videoHeight } = video;
	const scale = Math.max(THUMBNAIL.width / videoWidth, THUMBNAIL.height / videoHeight);
	const [width, height] = [videoWidth * scale, videoHeight * scale];
	canvas
		.getContext('2d')
		.drawImage(video, (THUMBNAIL.width - width) / 2, (THUMBNAIL.height - height) / 2, width, height);
	return canvas;
}

/** "1 Dec 2026, 14:05", in the words and the zone of the reader, who may be far from the server. */
function when({ date, date_unix: seconds }) {
	if (seconds === undefined) return date;
	const time = new Date(seconds * 1000);
	return time.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}

const placeOf = (element) => element.querySelector('.thumbnail');

export class Shelf {
	#list;
	#actions;
	#server;
	#rows = new Map(); /* id → {key, entry, element} */
	#thumbnails;

	/**
	 * @param {HTMLUListElement} list
	 * @param {object} actions `play(entry)`, `remove(entry)`, `isOwn(id)`
	 * @param {string} [server] the WebSocket's address
	 */
	constructor(list, actions, server) {
		this.#list = list;
		this.#actions = actions;
		this.#server = server;
		this.#thumbnails = new Thumbnails(server);
	}

	/** @param {object[]} entries as the server lists them, oldest first */
	show(entries) {
		const rows = new Map();
		for (const entry of [...entries].reverse()) rows.set(entry.id, this.#row(entry));
		/* a row that is as it was stays, with its picture and whoever has the focus there */
		for (const [id, row] of this.#rows) if (rows.get(id) !== row) this.#drop(row);
		this.#rows = rows;
		let before = null;
		for (const { element, entry } of [...rows.values()].reverse()) {
			if (element.nextSibling !== before || !element.isConnected)
				this.#list.insertBefore(element, before);
			before = element;
			this.#thumbnails.want(placeOf(element), entry);
		}
	}

	#drop({ element }) {
		this.#thumbnails.forget(placeOf(element));
		element.remove();
	}

	#row(entry) {
		const isOwn = this.#actions.isOwn(entry.id);
		const key = JSON.stringify([entry, isOwn]);
		const old = this.#rows.get(entry.id);
		if (old?.key === key) return old;
		return { key, entry, element: this.#element(entry, isOwn) };
	}

	#element(entry, isOwn) {
		const { id, name } = entry;
		const seconds = (entry.duration_ms ?? 0) / 1000;
		const facts = [
			when(entry),
			entry.bytes ? size(entry.bytes) : null,
			entry.video ? null : 'sound only',
			entry.is_private ? 'private' : null,
		];
		return el(
			'li',
			{ class: 'recording', 'data-test': 'entry', 'data-id': id },
			el(
				'button',
				{
					class: 'thumbnail-button',
					'data-test': 'play',
					'aria-label': `Play ${name}${seconds ? `, ${spoken(seconds)}` : ''}`,
					onclick: () => this.#actions.play(entry),
				},
				el(
					'span',
					{ class: 'thumbnail', 'data-test': 'thumbnail' },
					icon(entry.video ? 'camera' : 'mic')
				),
				el('span', { class: 'play-mark', 'aria-hidden': 'true' }, icon('play')),
				seconds
					? el('span', { class: 'length', 'data-test': 'duration' }, clock(seconds))
					: null
			),
			el('h3', {}, name),
			el('p', { class: 'soft', 'data-test': 'facts' }, facts.filter(Boolean).join(' · ')),
			el('div', { class: 'row' }, ...this.#links(entry), isOwn ? this.#deleteButton(entry) : null)
		);
	}

	#links({ name, files = [] }) {
		return files.map(({ url }, i) => {
			const part = files.length > 1 ? ` part ${i + 1}` : '';
			return el(
				'a',
				{
					class: 'button small',
					href: `${fileAddress(url, this.#server)}?download`,
					'data-test': 'download',
					'aria-label': `Download ${name}${part && `,${part}`}`,
				},
				`Download${part}`
			);
		});
	}

	#deleteButton(entry) {
		return el(
			'button',
			{
				class: 'small',
				'data-test': 'delete',
				'aria-label': `Delete ${entry.name}`,
				onclick: () => this.#actions.remove(entry),
			},
			'Delete'
		);
	}
}
