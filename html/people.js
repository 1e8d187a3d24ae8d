/**
 * The list of people in a meeting, with what the host may do to them.
 */
import { grade } from './stats.js';
import { qualityMark, showQuality } from './tiles.js';
import { el } from './ui.js';

export const NO_MEDIA = grade([]);

/** Muted by the host. */
const isModerated = (person) => person.streams.some((s) => s.type === 'audio' && s.moderated);

/** Muted, by whomever, or without a microphone. */
export const isSilent = (person) =>
	!person.streams.some((s) => s.type === 'audio' && !s.moderated) ||
	person.metadata.mic === false;

export class PeopleList {
	#shown = '';
	#marks = new Map();

	/**
	 * @param {Element} list
	 * @param {{silence: function(id, boolean), remove: function(id)}} host what its buttons do
	 */
	constructor(list, host) {
		this.list = list;
		this.host = host;
	}

	/**
	 * @param {string} name of this person
	 * @param {object[]} people as in {@link MeetingRoom}
	 * @param {boolean} isHost whether to show the host's buttons
	 * @param {Map} verdicts of {@link grade}, by id, one's own under `self`
	 */
	show(name, people, isHost, verdicts) {
		const key = ({ id, name: shown, ...person }) => [id, shown, isSilent(person), isModerated(person)];
		const summary = JSON.stringify([name, isHost, people.map(key)]);
		/* rebuilt only when needed: a button under someone's finger must stay where it is */
		if (summary !== this.#shown) {
			this.#shown = summary;
			this.#marks.clear();
			this.list.replaceChildren(
				this.#row('self', `${name} (you)`),
				...people.map((person) => this.#personRow(person, isHost))
			);
		}
		for (const [id, mark] of this.#marks) showQuality(mark, verdicts.get(id) ?? NO_MEDIA);
	}

	#personRow(person, isHost) {
		const note = isSilent(person) ? el('span', { class: 'soft' }, ' · muted') : '';
		const row = this.#row(person.id, person.name, note);
		if (isHost) row.lastChild.before(el('span', { class: 'group' }, ...this.#buttons(person)));
		return row;
	}

	#row(id, ...words) {
		const mark = qualityMark();
		this.#marks.set(id, mark);
		return el('li', {}, el('span', { class: 'who' }, ...words), mark);
	}

	#buttons(person) {
		const isMute = isModerated(person);
		const button = (test, words, label, onclick) =>
			el(
				'button',
				{ class: 'small', 'data-test': test, 'aria-label': label, onclick },
				words
			);
		return [
			isMute
				? button('silence', 'Let speak', `Let ${person.name} speak`, () =>
						this.host.silence(person.id, false)
					)
				: button('silence', 'Mute', `Mute ${person.name}`, () =>
						this.host.silence(person.id, true)
					),
			button('remove', 'Remove', `Remove ${person.name}`, () => this.host.remove(person.id)),
		];
	}
}
