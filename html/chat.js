/**
 * The chat of a room: a log that is read out, a line to write in, and a count of what was missed.
 */
import { el } from './ui.js';

export const TEXT_MAX = 2000;
export const ALONE = 'Nobody else is here to read this yet.';
const LINES_MAX = 500;

export class Chat {
	#unread = 0;

	/**
	 * @param {Element} root is filled
	 * @param {object} options
	 * @param {function(string): string} options.send takes what was written; says why nobody gets it,
	 *     or nothing
	 * @param {Element} options.button opens the chat; carries the count of unread lines
	 * @param {function(): boolean} options.isShown whether the log can be seen
	 */
	constructor(root, { send, button, isShown }) {
		this.send = send;
		this.isShown = isShown;
		this.button = button;
		this.badge = el('span', { class: 'badge', 'aria-hidden': 'true', hidden: true });
		button.append(this.badge);
		this.log = el('div', {
			class: 'log',
			role: 'log',
			'aria-live': 'polite',
			'aria-label': 'Messages',
			tabindex: 0,
			'data-test': 'chat-log',
		});
		this.input = el('input', {
			'aria-label': 'Your message',
			placeholder: 'Write to everyone',
			maxlength: TEXT_MAX,
			autocomplete: 'off',
			'data-test': 'chat-text',
		});
		root.append(
			this.log,
			el(
				'form',
				{ class: 'write', onsubmit: (event) => this.#submit(event) },
				this.input,
				el('button', { class: 'primary', 'data-test': 'chat-send' }, 'Send')
			)
		);
		this.clear();
	}

	/** Somebody else wrote. */
	heard(name, text) {
		this.#add(name, text.slice(0, TEXT_MAX));
		if (!this.isShown()) this.#setUnread(this.#unread + 1);
	}

	/** The log came to be seen. */
	shown() {
		this.#setUnread(0);
		this.log.scrollTop = this.log.scrollHeight;
		this.input.focus();
	}

	clear() {
		this.log.replaceChildren(el('p', { class: 'soft' }, 'Nothing written yet.'));
		this.#setUnread(0);
	}

	#submit(event) {
		event.preventDefault();
		const text = this.input.value.trim();
		if (!text) return;
		const trouble = this.send(text);
		this.#add('You', text, 'mine');
		if (trouble) this.#note(trouble);
		this.input.value = '';
	}

	#add(name, text, kind = '') {
		const time = new Date().toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
		this.#append(
			el(
				'p',
				{ class: `said ${kind}`, 'data-test': 'chat-line' },
				el('b', {}, name),
				' ',
				el('span', { class: 'soft' }, time),
				el('span', { class: 'text' }, text)
			)
		);
	}

	#note(words) {
		this.#append(el('p', { class: 'soft' }, words));
	}

	#append(line) {
		/* someone who scrolled up to read stays there */
		const isAtEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 40;
		if (!this.log.querySelector('.said')) this.log.replaceChildren();
		this.log.append(line);
		while (this.log.childElementCount > LINES_MAX) this.log.firstChild.remove();
		if (isAtEnd) this.log.scrollTop = this.log.scrollHeight;
	}

	#setUnread(count) {
		this.#unread = count;
		this.badge.textContent = count > 99 ? '99+' : count;
		this.badge.hidden = count === 0;
		const label = count ? `Chat, ${count} unread` : 'Chat';
		this.button.setAttribute('aria-label', label);
	}
}
