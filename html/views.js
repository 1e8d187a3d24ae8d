/**
 * The two views of a page for calls, lobby and room, of which one shows. Status and devices move along.
 * All parts are known by id: `lobby-page`, `room-page`, `lobby`, `name`, `room`, `join`, `join-plain`, `join-note` …
 */
import { joinNote } from './devices.js';
import { byTest, drawIcons, keepServer, memory, status } from './ui.js';

const byId = (id) => document.getElementById(id);

export class Views {
	#title;
	#query;

	/** @param {string} title of the lobby @param {URLSearchParams} query what the page was opened with */
	constructor(title, query) {
		this.#title = title;
		this.#query = query;
	}

	get isRoom() {
		return !byId('room-page').hidden;
	}

	#show(isRoom, title) {
		const [statusPlace, devicesPlace] = isRoom
			? ['room-status', 'devices-in-room']
			: ['lobby-status', 'devices-place'];
		document.body.classList.toggle('in-room', isRoom);
		byId(statusPlace).append(byTest('status'));
		byId(devicesPlace).append(byId('devices'));
		byId('lobby-page').hidden = isRoom;
		byId('room-page').hidden = !isRoom;
		document.title = `${title} · Cardea`;
	}

	showLobby(tone, ...content) {
		this.#show(false, this.#title);
		status(tone, ...content);
	}

	/** The room of this name, which the address then leads to. */
	showRoom(word) {
		this.#query.set('room', word);
		history.replaceState(null, '', `?${this.#query}`);
		this.#show(true, word);
		byId('room-title').textContent = word;
		byId('room-title').focus();
	}

	set isJoinable(isJoinable) {
		for (const id of ['join', 'join-plain']) byId(id).disabled = !isJoinable;
	}

	/** A missing device is no reason to stay away; what it means is said before joining. */
	noteDevices(state) {
		byId('join-note').textContent = joinNote(state);
	}

	/** The first moment of the page. @param {DevicePicker} picker @param {() => void} join what the form is for */
	begin(picker, join) {
		byId('lobby').addEventListener('submit', (event) => {
			event.preventDefault();
			join();
		});
		byId('join-plain').addEventListener('click', async () => {
			await picker.setOn('video', false);
			byId('lobby').requestSubmit();
		});
		drawIcons();
		keepServer();
		byId('name').value = this.#query.get('name') ?? memory.get('name');
		byId('room').value = this.#query.get('room') ?? '';
		const missing = ['name', 'room'].find((id) => !byId(id).value);
		byId(missing ?? 'join').focus();
	}
}
