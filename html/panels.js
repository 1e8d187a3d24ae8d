/**
 * Panels beside the pictures, of which one is open at a time, each with its button in the bar.
 */
const byId = (id) => document.getElementById(id);

export class Panels {
	#all = new Map();

	/**
	 * @param {string} name the id of the button; `name-panel` and `name-close` belong to it
	 * @param {object} [actions] `opened` and `closed`, called after
	 */
	add(name, { opened = () => {}, closed = () => {} } = {}) {
		this.#all.set(name, { opened, closed });
		for (const id of [name, `${name}-close`])
			byId(id).addEventListener('click', () => this.toggle(name));
		/* also from a line being written in, where shortcuts are dead */
		byId(`${name}-panel`).addEventListener('keydown', (event) => {
			if (event.key === 'Escape') this.escape();
		});
	}

	isOpen(name) {
		return !byId(`${name}-panel`).hidden;
	}

	toggle(name) {
		if (this.isOpen(name)) {
			this.#set(name, false);
			byId(name).focus();
			return;
		}
		this.closeAll();
		this.#set(name, true);
	}

	/** @returns whether one was open */
	closeAll() {
		const open = [...this.#all.keys()].find((name) => this.isOpen(name));
		if (open) this.#set(open, false);
		return open;
	}

	/** As Escape does: the keyboard goes back to the button. */
	escape() {
		const closed = this.closeAll();
		if (closed) byId(closed).focus();
	}

	#set(name, isOpen) {
		byId(`${name}-panel`).hidden = !isOpen;
		byId(name).setAttribute('aria-expanded', String(isOpen));
		this.#all.get(name)[isOpen ? 'opened' : 'closed']();
	}
}
