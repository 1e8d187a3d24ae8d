/**
 * The mesh room page: lobby, room and what connects them to `MeshClient` (guide.js).
 *
 * Query: `room=` a word, `name=` to skip typing, `server=` another mesh's WebSocket address,
 * `token`, `apisecret` as in `optionsFrom` (cardea.js).
 *
 * Peers tell each other on the data channel: `hello` (name, and whether microphone, camera and
 * screen are on), `chat` (text), `player_move` and `player_gone` (game.js). Who says no `hello` is
 * shown by its peer id and by what arrives.
 *
 * Hooks for tests, by `data-test`: lobby: as in meeting.js, without rooms to pick from; room:
 * `tile` (with `data-feed`, the peer id, and `data-self` on one's own; a `video` inside), `mute`,
 * `camera`, `screen`, `record`, `recording-time`, `recording` (the link to a file), `chat`,
 * `chat-panel`, `chat-log`, `chat-line`, `chat-text`, `chat-send`, `game`, `game-panel`,
 * `game-field`, `game-words`, `copy`, `help`, `help-dialog`, `leave`, `count`; both: `status`
 * (`data-tone` is `good` when in and well), `as-new` (in it, where the place is taken), `toasts`.
 * `window.cardeaDebug` has `pcs()`, the page's RTCPeerConnections, and `game()`.
 */
import { optionsFrom, turnServers } from './cardea.js';
import { ALONE, Chat } from './chat.js';
import { DevicePicker, LevelMeter } from './devices.js';
import { Game } from './game.js';
import { download, MeshClient, MeshError } from './guide.js';
import { Mixer } from './mixer.js';
import { OwnMedia } from './own.js';
import { Panels } from './panels.js';
import { grade, Sampler } from './stats.js';
import { Wall } from './tiles.js';
import {
	byTest,
	copyLink,
	el,
	endWithPage,
	memory,
	play,
	setToggle,
	shortcuts,
	status,
	toast,
} from './ui.js';
import { Views } from './views.js';

const LISTEN_PERIOD_MS = 200;
const FIGURES_PERIOD_MS = 2000;
const SPEECH_LEVEL = 0.02;
const SPEECH_HOLD_MS = 700;
const OWN_SPEECH_LEVEL = 0.45; /* on the meter's scale */
const NAME_MAX = 60;
const SELF = ''; /* no peer can have this id */
const UNAUTHORIZED = 401;
const TAKEN = 409;
const FULL = 503;

const query = new URLSearchParams(location.search);
const byId = (id) => document.getElementById(id);
const ownName = () => byId('name').value.trim();
const picker = new DevicePicker(byId('devices'), byId('preview'));
const wall = new Wall(byId('grid'), soundRefused);
const panels = new Panels();
const views = new Views('Mesh room', query);
const own = new OwnMedia(picker, () => changed());
const ownMeter = new LevelMeter((level) => {
	ownLevel = level;
});
const chat = new Chat(byId('chat-place'), {
	button: byId('chat'),
	isShown: () => panels.isOpen('chat'),
	send: (text) => {
		client.broadcast({ type: 'chat', text });
		return client.dataChannels.size ? '' : ALONE;
	},
});
/** Who is here: id → {name, mic, camera, screen, tracks, isConnected, sampler}. */
const people = new Map();
const lastHeard = new Map();
let ownLevel = 0;
let client = null;
let game = null;
let recording = null; /* {mixer, since} */
let timers = [];

/* ---- who we are, and where ---- */

/** Random, and kept while this tab lives: a reload takes its own place again. */
function ownId(isNew = false) {
	const make = () =>
		[...crypto.getRandomValues(new Uint8Array(8))]
			.map((byte) => byte.toString(16).padStart(2, '0'))
			.join('');
	try {
		const id = (!isNew && sessionStorage.getItem('cardea.peer')) || make();
		sessionStorage.setItem('cardea.peer', id);
		return id;
	} catch {
		return make(); /* a private window may refuse to keep it */
	}
}

function signalingUrl() {
	const { server, token, apisecret } = optionsFrom();
	const url = new URL(server ?? 'mesh', location.href);
	url.protocol = url.protocol.replace('http', 'ws');
	url.search = new URLSearchParams({ ...(token && { token }), ...(apisecret && { apisecret }) });
	url.hash = '';
	return url.href;
}

/* ---- lobby ---- */

async function join(isNew = false) {
	if (client) return;
	const [room, pin, token] = [byId('room').value.trim(), byId('pin').value, query.get('token')];
	memory.set('name', ownName());
	status('busy', 'Joining…');
	const mine = new MeshClient(signalingUrl(), ownId(isNew), room, {
		...(pin && { pin }),
		...(token && { token }),
	});
	client = mine;
	listenTo(mine);
	views.isJoinable = false;
	try {
		mine.iceServers = (await turnServers(signalingUrl(), optionsFrom()))?.iceServers ?? [];
		await mine.start(new MediaStream(picker.tracks));
		showRoom(room);
	} catch (error) {
		stop(mine);
		client = null;
		refused(error);
	} finally {
		views.isJoinable = true;
	}
}

/** The devices stay open, for the preview and the next call. */
function stop(mine) {
	mine.localStream = null;
	mine.stop();
}

function refused(error) {
	if (!(error instanceof MeshError)) {
		views.showLobby(
			'bad',
			`${error.message} Is it running with the mesh plugin, and does the network let you through?`
		);
	} else if (error.code === UNAUTHORIZED && /pin/i.test(error.message)) {
		byId('room-options').open = true;
		views.showLobby('bad', 'This room has a PIN, and it is another. Enter it below.');
		byId('pin').focus();
		return;
	} else if (error.code === TAKEN) {
		views.showLobby(
			'bad',
			'Your place is taken: this page is open in another tab or window. Close that one and join ' +
				'again, or ',
			el(
				'button',
				{ class: 'small', 'data-test': 'as-new', onclick: () => join(true) },
				'Join as one more'
			)
		);
	} else {
		views.showLobby('bad', refusalWords(error));
	}
	byId('join').focus();
}

function refusalWords({ code, message }) {
	if (code === FULL) return `${message}. Try again when somebody has left.`;
	if (code === TAKEN) return 'This page is open in another tab or window, which has your place now.';
	return `The server refused you this room: ${message}.`;
}

/* ---- room ---- */

function showRoom(word) {
	views.showRoom(word);
	status('good', 'Connected');
	game = new Game(byId('game-field'), byId('game-words'), {
		room: word,
		send: (message) => client?.broadcastFresh(message),
		nameOf: (id) => people.get(id)?.name ?? 'Guest',
	});
	chat.clear();
	showAll();
	timers = [setInterval(listen, LISTEN_PERIOD_MS), setInterval(measure, FIGURES_PERIOD_MS)];
}

function listenTo(mine) {
	const on = (event, action) =>
		mine.on(event, (...args) => {
			if (mine === client) action(...args);
		});
	on('onPeerJoined', meet);
	on('onPeerLeft', forget);
	on('onPeerConnected', (id) => setConnected(id, true));
	on('onPeerDisconnected', (id) => setConnected(id, false));
	on('onRemoteStream', takeStream);
	on('onChannelOpen', (id) => mine.sendTo(id, hello()));
	on('onSignaling', showSignaling);
	on('onScreenStopped', changed);
	mine.on('onRecorded', keepRecording); /* also one that leaving has ended */
	mine.onMessage((id, message) => mine === client && heard(id, message));
}

function showSignaling({ state, error }) {
	if (!views.isRoom) return;
	if (state === 'joined') status('good', 'Connected');
	if (state === 'lost')
		status('busy', 'The line to the server dropped. Calls go on; trying again…');
	if (state === 'refused') leave('bad', refusalWords(error));
}

function meet(id) {
	people.set(id, { id, name: id, tracks: new Map(), isConnected: false });
	showAll();
}

function forget(id) {
	people.delete(id);
	lastHeard.delete(id);
	game?.left(id);
	showAll();
}

function setConnected(id, isConnected) {
	const person = people.get(id);
	if (!person) return;
	person.isConnected = isConnected;
	person.sampler = isConnected ? new Sampler(client.peers.get(id)) : null;
	showAll();
}

function takeStream(id, stream) {
	const person = people.get(id);
	if (!person) return;
	for (const track of stream.getTracks()) {
		person.tracks.set(track.kind, track);
		track.onmute = track.onunmute = showAll;
	}
	showAll();
}

function heard(id, message) {
	const person = people.get(id);
	if (!person) return; /* gone already */
	if (message.type === 'hello') {
		person.name = String(message.name || 'Guest').slice(0, NAME_MAX);
		for (const flag of ['mic', 'camera', 'screen']) person[flag] = message[flag] === true;
		showAll();
	} else if (message.type === 'chat' && typeof message.text === 'string') {
		chat.heard(person.name, message.text);
	} else {
		game.heard(id, message);
	}
}

function leave(tone = 'quiet', words = 'You left the room.') {
	if (!client) return;
	timers.forEach(clearInterval);
	panels.closeAll();
	stopRecording();
	const mine = client;
	client = null;
	stop(mine);
	people.clear();
	lastHeard.clear();
	wall.keep(() => false);
	byId('help-dialog').close();
	views.showLobby(tone, words);
	byId('join').focus();
}

const isSharing = () => Boolean(client?.screenStream);
const hello = () => ({ type: 'hello', name: ownName(), ...own.state, screen: isSharing() });

function showSelf() {
	const { mic, camera } = own.state;
	own.show(isSharing());
	setToggle(byId('record'), {
		isOn: Boolean(recording),
		iconName: 'record',
		label: recording ? 'Stop recording' : 'Record',
	});
	if (!client) return;
	const tile = wall.ensure(SELF, { isSelf: true });
	tile.element.dataset.feed = client.peerId;
	tile.setName(ownName(), isSharing() ? ' (you, sharing your screen)' : ' (you)');
	tile.setTracks(picker.video ? [picker.video] : []);
	tile.setPicture(camera);
	tile.setMuted(!mic);
}

function showPerson(person) {
	const { id, name, tracks } = person;
	const [audio, video] = [tracks.get('audio'), tracks.get('video')];
	/* Chromium plays no sound beside a picture that never comes */
	if (video && !video.muted) person.moving = video;
	const picture = person.moving === video ? video : null;
	const suffix = person.isConnected ? '' : ' · connecting…';
	const tile = wall.ensure(id);
	tile.setName(name, suffix);
	tile.setMuted(person.mic === false || (person.mic === undefined && audio?.muted !== false));
	tile.setTracks([audio, person.screen ? null : picture].filter(Boolean), soundRefused);
	tile.setPicture(!person.screen && (person.camera ?? video?.muted === false));
	if (!person.screen) return;
	const screen = wall.ensure(id, { isScreen: true });
	screen.setName(name, ': screen');
	screen.setPicture(true);
	screen.setTracks(picture ? [picture] : []);
}

function showAll() {
	if (!client || !views.isRoom) return;
	showSelf();
	for (const person of people.values()) showPerson(person);
	wall.keep(
		(tile) =>
			tile.element.dataset.self ||
			(people.has(tile.feed) && (!tile.isScreen || people.get(tile.feed).screen))
	);
	byId('head-count').textContent = people.size
		? `${people.size + 1} people`
		: 'Only you so far. Send the link to others.';
	recording?.mixer.hear(sounds());
}

function soundRefused() {
	toast('Your browser holds the sound back. Click anywhere to hear the others.');
	addEventListener('click', () => wall.tiles.forEach((tile) => play(tile.video)), { once: true });
}

/** Who speaks: the loudness comes with the sound, no decoding needed. */
function listen() {
	const now = performance.now();
	if (ownLevel > OWN_SPEECH_LEVEL && !own.isMuted) lastHeard.set(SELF, now);
	for (const [id, pc] of client.peers)
		for (const receiver of pc.getReceivers())
			if (receiver.getSynchronizationSources()[0]?.audioLevel > SPEECH_LEVEL)
				lastHeard.set(id, now);
	for (const tile of wall.tiles)
		tile.setSpeaking(
			!tile.isScreen && now - (lastHeard.get(tile.feed) ?? -Infinity) < SPEECH_HOLD_MS
		);
	showRecordingTime();
}

/** How good the line to each person is; one's own mark shows the worst that leaves. */
async function measure() {
	const sent = [];
	for (const [id, { sampler, camera }] of people) {
		const figures = (await sampler?.sample().catch(() => [])) ?? [];
		sent.push(...figures.filter((f) => f.direction === 'out'));
		const got = figures.filter((f) => f.direction === 'in');
		/* a picture that is not meant to move is no sign of a bad line */
		const verdict = grade(got.filter((f) => f.kind === 'audio' || camera !== false));
		wall.get(id)?.setQuality(verdict);
		wall.get(id, true)?.setQuality(verdict);
	}
	wall.get(SELF)?.setQuality(grade(sent));
}

/* ---- recording ---- */

const sounds = () =>
	[
		picker.audio,
		...[...people.values()].map((person) => person.tracks.get('audio')),
	].filter(Boolean);

const pictures = () =>
	wall.tiles.map((tile) => ({
		video: tile.video,
		name: tile.who.textContent,
		hasPicture: !tile.element.classList.contains('no-picture'),
	}));

function toggleRecording() {
	if (recording) {
		stopRecording();
		return;
	}
	const mixer = new Mixer(pictures);
	try {
		mixer.hear(sounds());
		client.startRecording(mixer.stream);
		recording = { mixer, since: performance.now() };
		toast('Recording on this device. Tell the others.');
	} catch (error) {
		mixer.stop();
		toast(`This browser cannot record: ${error.message}`);
	}
	showSelf();
	showRecordingTime();
}

function stopRecording() {
	if (!recording) return;
	client.stopRecording();
	recording.mixer.stop();
	recording = null;
	showRecordingTime();
	showSelf();
}

function showRecordingTime() {
	const place = byId('recording-time');
	const seconds = recording ? Math.floor((performance.now() - recording.since) / 1000) : 0;
	if (recording)
		place.textContent = `● recording ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
	else if (!place.querySelector('a')) place.textContent = '';
	place.hidden = !place.textContent;
}

/** Save it; a link stays for those whose browser asked and was told no by mistake. */
function keepRecording(blob, name) {
	const href = URL.createObjectURL(blob);
	const size = Math.max(0.1, blob.size / 1e6).toFixed(1);
	const old = byTest('recording');
	if (old) URL.revokeObjectURL(old.href);
	const link = el(
		'a',
		{ href, download: name, 'data-test': 'recording' },
		`Save the recording (${size} MB)`
	);
	byId('recording-time').replaceChildren(link);
	byId('recording-time').hidden = false;
	download(href, name);
}

/* ---- controls ---- */

async function toggleScreen() {
	if (isSharing()) {
		await client.stopScreenShare();
		return;
	}
	await own.shareScreen(async () => {
		await client.startScreenShare();
		changed();
	});
}

function changed() {
	views.noteDevices(own.state);
	showSelf();
	showAll();
	client?.broadcast(hello());
}

picker.addEventListener('change', ({ detail: { kind, track } }) => {
	if (kind === 'audio') ownMeter.watch(track);
	if (client?.localStream) client.setTrack(kind, track);
	changed();
});

const inRoom = (action) => () => (client && views.isRoom ? action() : undefined);
const showHelp = () => byId('help-dialog').showModal();
panels.add('chat', { opened: () => chat.shown() });
panels.add('game', {
	opened: () => {
		game.open();
		byId('game-field').focus();
	},
	closed: () => game.close(),
});
const actions = {
	mute: () => own.toggleMute(),
	camera: () => own.toggleCamera(),
	screen: toggleScreen,
	record: toggleRecording,
	copy: copyLink,
	help: showHelp,
	leave: () => leave(),
};
for (const [id, action] of Object.entries(actions))
	byId(id).addEventListener('click', inRoom(action));
shortcuts({
	m: inRoom(() => own.toggleMute()),
	v: inRoom(() => own.toggleCamera()),
	s: inRoom(toggleScreen),
	r: inRoom(toggleRecording),
	c: inRoom(() => panels.toggle('chat')),
	g: inRoom(() => panels.toggle('game')),
	l: inRoom(() => leave()),
	'?': inRoom(showHelp),
	escape: inRoom(() => panels.escape()),
});
endWithPage(() => leave());
window.cardeaDebug = { pcs: () => [...(client?.peers.values() ?? [])], game: () => game };

views.begin(picker, () => join());
showSelf();
picker.start().then(() => views.noteDevices(own.state));
