/**
 * Small things every page needs: elements, icons, one status line, plain words for errors,
 * shortcuts.
 */

/** Make an element: `el('button', { class: 'tool', onclick }, icon('mic'), 'Mute')`. */
export function el(tag, attributes = {}, ...children) {
	const node = document.createElement(tag);
	for (const [name, value] of Object.entries(attributes)) {
		if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
		else if (value === true) node.setAttribute(name, '');
		else if (value !== false && value !== undefined && value !== null)
			node.setAttribute(name, value);
	}
	node.append(...children.filter((child) => child !== null && child !== undefined));
	return node;
}

export const byTest = (name, root = document) => root.querySelector(`[data-test="${name}"]`);

/** Outlines on a 24×24 grid; a stroke in the text colour draws them. */
const ICONS = {
	mic: 'M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3M6 11a6 6 0 0 0 12 0M12 17v4',
	'mic-off':
		'M9 9v2a3 3 0 0 0 5 2.2M15 10V6a3 3 0 0 0-5.8-1M6 11a6 6 0 0 0 9.5 4.9M18 11a6 6 0 0 1-.6 2.6M12 17v4M4 3l16 18',
	camera: 'M4 6h10a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1M15 11l6-4v10l-6-4',
	'camera-off':
		'M8 6h6a1 1 0 0 1 1 1v5M15 16v1a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1M15 11l6-4v10l-4-2.7M3 3l18 18',
	screen: 'M4 4h16a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1M12 16v4M8 20h8M12 13V7.5M9 10l3-3 3 3',
	people: 'M9 4a3.5 3.5 0 1 0 0 7a3.5 3.5 0 1 0 0-7M3 20c0-4 2.5-6 6-6s6 2 6 6M16 4.5a3.2 3.2 0 0 1 0 6M18 14.5c2 .8 3 2.7 3 5.5',
	link: 'M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.7L12 7M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.7 5.7L12 17',
	help: 'M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18M9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .8-1 1.7M12 16.8v.2',
	leave: 'M10 4H5a1 1 0 0 0-1 1v14a1 1 0 0 0 1 1h5M15 8l4 4-4 4M19 12H9',
	chat: 'M4 5h16a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1h-8l-5 4v-4H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1M8 9h8M8 12h5',
	star: 'M12 3.5l2.6 5.5 6 .8-4.4 4.2 1.1 6L12 17.1 6.7 20l1.1-6L3.4 9.8l6-.8L12 3.5',
	record: 'M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18M12 9a3 3 0 1 0 0 6a3 3 0 1 0 0-6',
	play: 'M8 5l11 7-11 7V5',
	close: 'M6 6l12 12M18 6L6 18',
	signal: 'M5 19v-4M10 19v-8M15 19V8M20 19V5',
};

export function icon(name) {
	const ns = 'http://www.w3.org/2000/svg';
	const svg = document.createElementNS(ns, 'svg');
	svg.setAttribute('viewBox', '0 0 24 24');
	svg.setAttribute('class', 'icon');
	svg.setAttribute('aria-hidden', 'true');
	const path = document.createElementNS(ns, 'path');
	path.setAttribute('d', ICONS[name]);
	svg.append(path);
	return svg;
}

/**
 * The one line that says what is going on (`data-test="status"`, a live region).
 * @param {'quiet'|'busy'|'good'|'bad'} tone
 * @param {...(string|Node)} content nothing clears the line
 */
export function status(tone, ...content) {
	const line = byTest('status');
	line.dataset.tone = tone;
	line.replaceChildren(...content);
	line.hidden = content.length === 0;
}

const TOAST_MS = 5000;
/** Slow readers need about this much per letter. */
const TOAST_LETTER_MS = 80;

/** Announce something that needs no place on the screen for long. */
export function toast(text) {
	const box = document.querySelector('.toasts');
	for (const old of [...box.children]) if (old.textContent === text) old.remove();
	const note = el('p', { class: 'toast' }, text);
	box.append(note);
	setTimeout(() => note.remove(), Math.max(TOAST_MS, text.length * TOAST_LETTER_MS));
}

/** What people can do about an error, by the codes of the core and the plugins. */
const CORE_WORDS = {
	403: 'The server wants a token or secret that this page does not have.',
	405: 'Your token does not allow this on this server.',
	460: 'The server runs without the plugin this page needs.',
	472: 'The server takes no new calls at the moment. Try again in a few minutes.',
};
const ROOM_WORDS = {
	426: 'This room does not exist.',
	432: 'The room is full: no more people can be seen or heard here.',
	433: 'The server refused you this room.',
	437: 'The server could not make sense of what this browser offered.',
};

export function explain(error) {
	if (error.origin === 'network' && error.code === 'unreachable')
		return `${error.message} Is it running, and does the network let you through?`;
	if (error.origin === 'network') return error.message;
	const words = { core: CORE_WORDS, plugin: ROOM_WORDS }[error.origin];
	return words?.[error.code] ?? `Something went wrong: ${error.message}`;
}

/** Keep small choices from visit to visit; private windows may refuse, which is fine. */
export const memory = {
	get(key, fallback = '') {
		try {
			return localStorage.getItem(`cardea.${key}`) ?? fallback;
		} catch {
			return fallback;
		}
	},
	set(key, value) {
		try {
			localStorage.setItem(`cardea.${key}`, value);
		} catch {
			/* then it is asked for again next time */
		}
	},
};

/**
 * One-letter shortcuts, dead while typing, while a dialog is open or with a modifier held.
 * @param {Object<string, function()>} actions by lower-case key
 */
export function shortcuts(actions) {
	document.addEventListener('keydown', (event) => {
		const isTyping = event.target.closest?.('input, select, textarea, [contenteditable]');
		if (
			isTyping ||
			event.ctrlKey ||
			event.metaKey ||
			event.altKey ||
			event.repeat ||
			document.querySelector('dialog[open]')
		)
			return;
		const action = actions[event.key.toLowerCase()];
		if (action) {
			event.preventDefault();
			action();
		}
	});
}

/**
 * Set a two-state button. Its label says what a press does, so there is no `aria-pressed`: one
 * would contradict the other.
 */
export function setToggle(button, { isOn, iconName, label }) {
	button.classList.toggle('is-off', !isOn);
	button.setAttribute('aria-label', label);
	button.title = label + (button.dataset.key ? ` (${button.dataset.key})` : '');
	button.querySelector('svg')?.replaceWith(icon(iconName));
	const words = button.querySelector('.words');
	if (words) words.textContent = label;
}

/** Put an icon into every element that asks for one with `data-icon`. */
export function drawIcons(root = document) {
	for (const node of root.querySelectorAll('[data-icon]')) node.prepend(icon(node.dataset.icon));
}

/** Play, or say how to: browsers may refuse sound before the first click. */
export async function play(video, onRefused = () => {}) {
	try {
		await video.play();
	} catch (error) {
		if (error.name === 'NotAllowedError') onRefused();
	}
}

/** Links to the other pages lead to the same server as this one. */
export function keepServer() {
	const here = new URLSearchParams(location.search);
	const kept = new URLSearchParams(
		[...here].filter(([name]) => ['server', 'prefix', 'token', 'apisecret'].includes(name))
	);
	for (const link of document.querySelectorAll('a[href$=".html"]')) link.search = kept;
}

/** Put the address of this page, without what is personal in it, on the clipboard. */
export async function copyLink() {
	const link = new URL(location.href);
	for (const personal of ['name', 'token', 'apisecret']) link.searchParams.delete(personal);
	try {
		await navigator.clipboard.writeText(link.href);
		toast('The link is copied. Send it to the others.');
	} catch {
		toast(`Copy this link: ${link.href}`);
	}
}

/**
 * End the call by @p end when its page is left. A browser that kept the page and shows it again by
 * "back" loads it anew, for what it shows is over.
 */
export function endWithPage(end) {
	addEventListener('pagehide', () => end());
	addEventListener('pageshow', ({ persisted }) => persisted && location.reload());
}
