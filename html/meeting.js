/**
 * The meeting page: lobby, room and what connects them to `MeetingRoom`.
 *
 * Query: `room=` a word or number, `name=` to skip typing, `simulcast=1` to send three layers;
 * `server`, `prefix`, `token`, `apisecret` as in `optionsFrom` (cardea.js).
 *
 * Hooks for tests, by `data-test`: lobby: `name`, `room`, `public-room`, `pin`, `local-video`,
 * `meter`, `audio-select`, `video-select`, `device-notes`, `try-devices`, `join`,
 * `join-without-camera`, `join-note`; room: `tile` (with `data-feed`, the plugin's id of the
 * person, and `data-self` on one's own; a `video` inside), `reason` (on a tile), `quality` (`data-grade`), `mute`,
 * `camera`, `screen`, `people`, `people-panel`, `people-list`, `remove`, `silence`, `chat`,
 * `chat-panel`, `chat-log`, `chat-line`, `chat-text`, `chat-send`, `copy`, `record` (the host's),
 * `recording-mark`, `help`, `help-dialog`, `tones`, `leave`, `count`, `publish-again` (after a refusal); both: `status` (`data-tone`
 * is `good` when in and well), `toasts`. `window.cardeaDebug.pcs()` gives the page's
 * RTCPeerConnections: publishing first, receiving second.
 */
import { optionsFrom } from './cardea.js';
import { ALONE, Chat } from './chat.js';
import { DevicePicker, LevelMeter } from './devices.js';
import { OwnMedia } from './own.js';
import { Panels } from './panels.js';
import { NO_MEDIA, PeopleList, isSilent } from './people.js';
import { RecordingMark } from './recording-mark.js';
import { MeetingRoom, publicRooms } from './room.js';
import { grade } from './stats.js';
import { hasShown, LOOK_MS, Reasons } from './reasons.js';
import { Wall } from './tiles.js';
import {
	copyLink,
	el,
	endWithPage,
	explain,
	memory,
	play,
	shortcuts,
	status,
	toast,
} from './ui.js';
import { Views } from './views.js';

const LISTEN_PERIOD_MS = 200;
const FIGURES_PERIOD_MS = 2000;
/** Louder than this (0…1) counts as speech, and keeps counting through the gaps between words. */
const SPEECH_LEVEL = 0.02;
const SPEECH_HOLD_MS = 700;
const OWN_SPEECH_LEVEL = 0.45; /* on the meter's scale */
/** Tile heights in device pixels up to which the small and the middle layer do. */
const LAYER_UP_TO = [200, 400];
const MISSING = 429;
const UNAUTHORIZED = 433;

const query = new URLSearchParams(location.search);
const byId = (id) => document.getElementById(id);
const ownName = () => byId('name').value.trim();
const picker = new DevicePicker(byId('devices'), byId('preview'));
const wall = new Wall(byId('grid'), () =>
	toast('Your browser holds the sound back. Click anywhere to hear the others.')
);
const ownMeter = new LevelMeter((level) => {
	ownLevel = level;
});
const list = new PeopleList(byId('people-list'), {
	silence: (id, isMute) => room.silence(id, isMute),
	remove: (id) => room.remove(id),
});
const panels = new Panels();
const views = new Views('Meeting', query);
const mark = new RecordingMark();
const own = new OwnMedia(picker, () => changed());
const chat = new Chat(byId('chat-place'), {
	button: byId('chat'),
	isShown: () => panels.isOpen('chat'),
	send: (text) => {
		if (!room.people.size) return ALONE;
		return room.write(text) ? '' : 'This did not reach the others. Try again in a moment.';
	},
});
let ownLevel = 0;
let room = null;
let timers = [];
let reasons = null;
const lastHeard = new Map();
const verdicts = new Map();
const noPicture = new Set();

/* ---- lobby ---- */

/** Rooms to pick from where the link names none; also finds out early that there is no server. */
async function offerRooms() {
	try {
		const rooms = await publicRooms(optionsFrom());
		const buttons = rooms.map(({ room: id, description, num_participants: people }) =>
			el(
				'button',
				{
					class: 'small',
					type: 'button',
					'data-test': 'public-room',
					onclick: () => {
						byId('room').value = id;
						byId('join').focus();
					},
				},
				`${description} · ${people === 1 ? '1 person' : `${people} people`}`
			)
		);
		byId('public-rooms').hidden = !rooms.length || query.has('room');
		byId('public-rooms-list').replaceChildren(...buttons);
	} catch (error) {
		if (!room) status('bad', explain(error));
	}
}

async function join() {
	if (room) return;
	memory.set('name', ownName());
	status('busy', 'Joining…');
	const mine = (room = new MeetingRoom({
		word: byId('room').value.trim(),
		name: ownName(),
		pin: byId('pin').value,
		simulcast: query.get('simulcast') === '1',
		connection: optionsFrom(),
	}));
	views.isJoinable = false;
	listenTo(mine);
	mine.tracks.audio = picker.audio;
	mine.tracks.video = picker.video;
	mine.metadata = own.state;
	try {
		await mine.enter().finally(() => {
			views.isJoinable = true;
		});
		showRoom();
	} catch (error) {
		room = null;
		refused(error);
	}
}

function refused(error) {
	const isAboutPin =
		error.origin === 'plugin' &&
		(error.code === UNAUTHORIZED || error.code === MISSING) &&
		/pin/.test(error.message);
	if (!isAboutPin) {
		views.showLobby('bad', error.code === UNAUTHORIZED ? error.message : explain(error));
		byId('join').focus();
		return;
	}
	byId('room-options').open = true;
	byId('pin').focus();
	views.showLobby(
		'bad',
		error.code === MISSING ? 'This room has a PIN. Enter it below.' : 'The PIN is wrong.'
	);
}

/* ---- room ---- */

function showRoom() {
	const word = byId('room').value.trim();
	views.showRoom(word);
	if (room.refusal) showState('bad', room.refusal);
	else showState('good', 'Connected');
	byId('chat').hidden = !room.hasChat;
	chat.clear();
	mark.tell(room.isRecorded);
	showPeople();
	showTracks();
	reasons = new Reasons(() => room.explain());
	timers = [
		setInterval(listen, LISTEN_PERIOD_MS),
		setInterval(look, LOOK_MS),
		setInterval(measure, FIGURES_PERIOD_MS),
	];
}

function listenTo(mine) {
	const on = (type, action) =>
		mine.addEventListener(type, ({ detail }) => {
			if (mine === room && views.isRoom) action(detail);
		});
	on('people', showPeople);
	on('tracks', showTracks);
	on('state', ({ tone, words }) => showState(tone, words));
	on('notice', ({ words }) => toast(words));
	on('chat', ({ id, text }) => chat.heard(room.people.get(id).name, text));
	on('recording', () => mark.tell(room.isRecorded));
	on('ended', ({ words }) => leave('bad', words));
}

/** How the connection fares; where others may be seen and one is not, with a way to ask again. */
function showState(tone, words) {
	const onclick = () => {
		byId('room-title').focus(); /* the button goes, the keyboard stays near */
		room.publishAgain();
	};
	const again = el(
		'button',
		{ class: 'small', 'data-test': 'publish-again', onclick },
		'Try again'
	);
	status(tone, words, ...(room.refusal === words ? [again] : []));
	showSelf();
}

function leave(tone = 'quiet', words = 'You left the meeting.') {
	if (!room) return;
	timers.forEach(clearInterval);
	room.leave();
	room.tracks.screen?.stop();
	room = null;
	wall.keep(() => false);
	for (const store of [verdicts, noPicture, lastHeard]) store.clear();
	panels.closeAll();
	mark.clear();
	byId('help-dialog').close();
	views.showLobby(tone, words);
	byId('join').focus();
}

function showSelf() {
	const { mic, camera } = own.state;
	own.show(Boolean(room?.tracks.screen));
	if (!room) return;
	const tile = wall.ensure('self', { isSelf: true });
	tile.element.dataset.feed = room.id;
	tile.setName(ownName(), room.refusal ? ' (only you see this)' : ' (you)');
	tile.setTracks(picker.video ? [picker.video] : []);
	tile.setPicture(camera);
	tile.setMuted(!mic || Boolean(room.refusal));
}

function showPeople() {
	for (const person of room.people.values()) {
		const tile = wall.ensure(person.id);
		tile.setName(person.name);
		tile.setMuted(isSilent(person));
		tile.setPicture(hasPicture(person));
	}
	wall.keep(
		(tile) =>
			tile.element.dataset.self ||
			(room.people.has(tile.feed) && (!tile.isScreen || screenOf(tile.feed)))
	);
	const count = room.people.size + 1;
	byId('head-count').textContent =
		count === 1 ? 'Only you so far. Send the link to others.' : `${count} people`;
	const isHost = Boolean(room.hostSecret);
	mark.isHost = isHost;
	list.show(ownName(), [...room.people.values()], isHost, verdicts);
}

const hasPicture = (person) =>
	(person.metadata.camera ?? !noPicture.has(person.id)) &&
	person.streams.some((s) => s.type === 'video' && s.description !== 'screen');
const screenOf = (feed) => room.received().find((r) => r.feed === feed && isScreen(r));
const isScreen = (stream) => stream.type === 'video' && stream.description === 'screen';

/** Give every tile the tracks that arrive for it. */
function showTracks() {
	const received = room.received();
	for (const feed of new Set(received.map((r) => r.feed))) {
		const person = room.people.get(feed);
		if (!person) continue; /* gone already; the m-line follows */
		const theirs = received.filter((r) => r.feed === feed);
		const screen = theirs.find(isScreen);
		wall.ensure(feed).setTracks(
			theirs.filter((r) => r !== screen).map((r) => r.receiver.track),
			soundRefused
		);
		if (!screen) continue;
		const tile = wall.ensure(feed, { isScreen: true });
		tile.setName(person.name, ': screen');
		tile.setPicture(true);
		tile.setTracks([screen.receiver.track]);
	}
	showPeople();
}

function soundRefused() {
	wall.onRefused();
	addEventListener('click', () => wall.tiles.forEach((tile) => play(tile.video)), { once: true });
}

/** Who speaks: the loudness comes with the sound, no decoding needed. */
function listen() {
	const now = performance.now();
	if (ownLevel > OWN_SPEECH_LEVEL && !own.isMuted) lastHeard.set('self', now);
	for (const { feed, type, receiver } of room.received()) {
		const source = type === 'audio' ? receiver.getSynchronizationSources()[0] : undefined;
		if (source?.audioLevel > SPEECH_LEVEL) lastHeard.set(feed, now);
	}
	for (const tile of wall.tiles)
		tile.setSpeaking(
			!tile.isScreen && now - (lastHeard.get(tile.feed) ?? -Infinity) < SPEECH_HOLD_MS
		);
}

/** Every picture that is meant to move, and whether it does. */
async function pictures() {
	const lines = [];
	for (const line of room.received().filter((r) => r.type === 'video')) {
		const tile = wall.get(line.feed, isScreen(line));
		const isOff = room.people.get(line.feed)?.metadata.camera === false;
		if (tile && (isScreen(line) || !isOff))
			lines.push({
				tile,
				mid: line.mid,
				direction: 'in',
				isScreen: isScreen(line),
				moves: hasShown(tile.video),
			});
	}
	const tile = wall.get('self');
	const mid = room.cameraMid;
	if (tile && mid !== null)
		lines.push({ tile, mid, direction: 'out', moves: await room.cameraMoves() });
	return lines;
}

/** On each tile whose picture stands still: why. A hidden page shows no pictures, so it cannot tell. */
async function look() {
	if (document.hidden) return;
	const mine = room;
	const lines = await pictures();
	if (mine !== room) return;
	const reasonOf = await reasons.look(lines);
	if (mine !== room) return;
	for (const tile of wall.tiles) {
		const line = lines.find((l) => l.tile === tile);
		tile.setReason(line ? reasonOf(line.direction, line.mid) : null);
	}
}

/** Connection quality per person, still pictures, and the layer each tile is worth. */
async function measure() {
	const mine = room;
	const figures = await mine.sample();
	if (mine !== room) return;
	const received = mine.received();
	const wanted = LAYER_UP_TO.filter((limit) => wall.tilePixels > limit).length;
	verdicts.set('self', grade(figures.filter((f) => f.direction === 'out')));
	for (const [feed, person] of mine.people) {
		const lines = received.filter((r) => r.feed === feed);
		const theirs = figures.filter(
			(f) => f.direction === 'in' && lines.some((r) => r.mid === f.mid)
		);
		const camera = lines.find((r) => r.type === 'video' && !isScreen(r));
		const picture = camera && theirs.find((f) => f.mid === camera.mid);
		/*
		 * for those who do not tell: a camera switched off sends nothing, and no picture beats a
		 * frozen one
		 */
		if (picture && picture.newFrames === 0) noPicture.add(feed);
		else noPicture.delete(feed);
		/* a picture that is not meant to move is no sign of a bad line */
		const counted = hasPicture(person) ? theirs : theirs.filter((f) => f !== picture);
		verdicts.set(
			feed,
			person.streams.some((s) => s.type !== 'data')
				? grade(counted)
				: { grade: 'unknown', words: 'only listening' }
		);
		for (const line of lines.filter((r) => r.hasLayers)) mine.setLayer(line.mid, wanted);
	}
	for (const tile of wall.tiles) tile.setQuality(verdicts.get(tile.feed) ?? NO_MEDIA);
	showPeople();
}

/* ---- controls ---- */

async function toggleScreen() {
	const old = room.tracks.screen;
	if (old) {
		old.stop();
		setScreen(null);
		return;
	}
	await own.shareScreen(async () => {
		const stream = await navigator.mediaDevices.getDisplayMedia({ video: true });
		const track = stream.getVideoTracks()[0];
		track.contentHint = 'detail';
		track.onended = () => setScreen(null);
		setScreen(track);
	});
}

function setScreen(track) {
	room?.setTrack('screen', track);
	showSelf();
}

function toggleRecording() {
	room.record(!mark.isOn);
}

function changed() {
	showSelf();
	views.noteDevices(own.state);
	room?.tell(own.state);
}

picker.addEventListener('change', ({ detail: { kind, track } }) => {
	if (kind === 'audio') ownMeter.watch(track);
	room?.setTrack(kind, track);
	changed();
});

const inRoom = (action) => () => (room && views.isRoom ? action() : undefined);
const showHelp = () => byId('help-dialog').showModal();
panels.add('people', { opened: () => byId('people-close').focus() });
panels.add('chat', { opened: () => chat.shown() });
const actions = {
	mute: () => own.toggleMute(),
	camera: () => own.toggleCamera(),
	screen: toggleScreen,
	copy: copyLink,
	record: toggleRecording,
	help: showHelp,
	leave: () => leave(),
};
for (const [id, action] of Object.entries(actions))
	byId(id).addEventListener('click', inRoom(action));
shortcuts({
	m: inRoom(() => own.toggleMute()),
	v: inRoom(() => own.toggleCamera()),
	s: inRoom(toggleScreen),
	p: inRoom(() => panels.toggle('people')),
	c: inRoom(() => room.hasChat && panels.toggle('chat')),
	r: inRoom(() => room.hostSecret && toggleRecording()),
	l: inRoom(() => leave()),
	'?': inRoom(showHelp),
	escape: inRoom(() => panels.escape()),
});
endWithPage(() => room?.leave());
window.cardeaDebug = { pcs: () => room?.pcs ?? [] };

views.begin(picker, () => join());
showSelf();
picker.start().then(() => views.noteDevices(own.state));
offerRooms();
