/**
 * The page for recordings: make one, and play, download or delete what is there.
 *
 * Query: `server`, `prefix`, `token`, `apisecret` as in `optionsFrom` (cardea.js).
 *
 * Hooks for tests, by `data-test`: `status`, `local-video`, `name`, `quality`, `record`, `pause`,
 * `stop`, `elapsed`, `refresh`, `empty`, `list`; in it per recording `entry` (with `data-id`),
 * `play`, `thumbnail` (`data-drawn` once it shows a picture), `duration`, `facts`, `download`,
 * `delete`; `delete-dialog`, `keep`, `delete-now`; `player`, `player-video`, `player-toggle`,
 * `player-time`, `player-how`, `player-close`, `seek`, `part`, `speed`, `full`; and those of the
 * devices. `window.cardeaDebug.pcs()` gives the page's RTCPeerConnections.
 */
import { Cardea, optionsFrom } from './cardea.js';
import { DevicePicker } from './devices.js';
import { Player } from './player.js';
import { Recorder } from './recorder.js';
import { clock, explainRecording, Own } from './recordplay.js';
import { Shelf } from './shelf.js';
import { byTest, drawIcons, endWithPage, keepServer, status } from './ui.js';

const byId = (id) => document.getElementById(id);
const CLOCK_PERIOD_MS = 250;
/** A file is listed when it is whole, which long ones take a while for. */
const LISTED_AFTER_MS = [0, 500, 1000, 2000, 4000, 8000, 16000];
const STATE_WORDS = { calling: 'Calling…', recording: 'Recording', paused: 'Paused' };
const LINE_DROPPED = 'The line to the server dropped. Trying again…';
const RECORDING = 'Recording.';
const PAUSED = 'Paused. What happens now is left out.';
const NO_PATH = 'Nothing was recorded: sound and pictures found no way to the server.';
const NOT_FOUND = 416;

const options = optionsFrom();
const own = new Own(options.server);
const picker = new DevicePicker(byId('devices'), byId('preview'));
const devicesReady = picker.start();
const player = new Player(session, options.server);
const shelf = new Shelf(
	byId('list'),
	{ play: (entry) => player.open(entry), remove, isOwn: (id) => Boolean(own.secretOf(id)) },
	options.server
);
let connecting = null; /* to a session, or to what became of it */
let listHandle = null;
let recorder = null;
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/* ---- the server ---- */

/** The page's session, opened anew when the last one was lost. */
function session() {
	connecting ??= connect().catch((error) => {
		connecting = null;
		throw error;
	});
	return connecting;
}

async function connect() {
	const cardea = new Cardea(options);
	cardea.addEventListener('reconnecting', () =>
		status('busy', `${LINE_DROPPED}${recorder ? ' Recording may go on meanwhile.' : ''}`)
	);
	cardea.addEventListener('reconnected', connectedAgain);
	cardea.addEventListener('lost', () => {
		connecting = listHandle = null;
		if (!recorder) refresh().then((list) => list && connectedAgain());
	});
	await cardea.connect();
	return cardea;
}

/** What holds now, in the place of the line's trouble; other words are of more weight. */
function connectedAgain() {
	if (!byTest('status').textContent.startsWith(LINE_DROPPED)) return;
	if (recorder?.state === 'recording') status('good', RECORDING);
	else if (recorder?.state === 'paused') status('quiet', PAUSED);
	else if (!recorder) status('good', 'Connected again.');
}

async function ask(body) {
	const cardea = await session();
	listHandle ??= await cardea.attach('recordplay');
	return (await listHandle.message(body)).data;
}

/* ---- the list ---- */

/** @returns {Promise<?object[]>} what is listed now; null where the server did not say */
async function refresh() {
	try {
		const { list } = await ask({ request: 'list' });
		shelf.show(list);
		if (list.length) showList();
		else showInstead('quiet', 'Nothing has been recorded here yet. What you record above will be listed here.');
		return list;
	} catch (error) {
		showInstead('bad', `The list cannot be shown. ${explainRecording(error)}`);
		return null;
	}
}

/** The same, and with what others have put into the server's folder or taken from it. */
async function readAgain() {
	await ask({ request: 'update' }).catch(() => {}); /* may be the operator's alone */
	await refresh();
}

function showList() {
	byId('list').hidden = false;
	byId('empty').hidden = true;
}

/** In the place of the list: why there is none. */
function showInstead(tone, words) {
	byId('list').hidden = true;
	byId('empty').hidden = false;
	byId('empty').dataset.tone = tone;
	byId('empty').textContent = words;
}

/** @returns whether it came */
async function waitForEntry(id) {
	for (const ms of LISTED_AFTER_MS) {
		await pause(ms);
		if ((await refresh())?.some((entry) => entry.id === id)) return true;
	}
	return false;
}

async function remove(entry) {
	const dialog = byId('delete-dialog');
	byId('delete-words').textContent = `“${entry.name}” will be gone from the server, for everybody. There is no way back.`;
	dialog.returnValue = 'keep';
	dialog.showModal();
	await new Promise((closed) => dialog.addEventListener('close', closed, { once: true }));
	if (dialog.returnValue !== 'delete') return;
	try {
		await ask({ request: 'delete', id: entry.id, secret: own.secretOf(entry.id) });
		status('quiet', `“${entry.name}” was deleted.`);
		own.forget(entry.id);
	} catch (error) {
		if (error.origin === 'plugin' && error.code === NOT_FOUND) own.forget(entry.id);
		status('bad', `“${entry.name}” was not deleted. ${explainRecording(error)}`);
	}
	await refresh();
	byId('list-title').focus(); /* the button is gone */
}

/* ---- recording ---- */

function showRecorder() {
	const state = recorder?.state ?? 'over';
	const isOn = state !== 'over';
	byId('record').hidden = isOn;
	byId('pause').hidden = byId('stop').hidden = !isOn;
	byId('pause').disabled = state === 'calling';
	byId('stop').disabled = recorder?.id === null;
	byId('pause').textContent = state === 'paused' ? 'Go on' : 'Pause';
	byId('name').disabled = byId('quality').disabled = isOn;
	byId('mark').hidden = !isOn;
	byId('mark').classList.toggle('is-paused', state !== 'recording');
	byId('mark-words').textContent = STATE_WORDS[state] ?? '';
	showElapsed();
}

function showElapsed() {
	byId('elapsed').textContent = clock(recorder?.elapsed);
}

const defaultName = () =>
	`Recording of ${new Date().toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })}`;

async function record() {
	if (recorder) return;
	await alone(devicesReady);
	if (!picker.tracks.length) {
		status('bad', ['There is nothing to record: no camera and no microphone is on.', ...picker.problems].join(' '));
		return;
	}
	const secret = Own.secret();
	const name = byId('name').value.trim() || defaultName();
	try {
		status('busy', 'Calling the server…');
		const mine = (recorder = new Recorder(await alone(session())));
		recorder.addEventListener('state', () => {
			if (mine.id !== null) own.keep(mine.id, secret);
			showRecorder();
		});
		recorder.addEventListener('over', ({ detail }) => over(mine, 'bad', detail.words));
		showRecorder();
		await mine.start({ name, secret, bitrate: Number(byId('quality').value) }, picker);
		if (mine.state !== 'recording') return;
		status('good', RECORDING);
		byId('stop').focus();
	} catch (error) {
		giveUp(error);
	}
}

/** Wait for @p what, while nobody can ask for another recording. */
async function alone(what) {
	byId('record').disabled = true;
	try {
		return await what;
	} finally {
		byId('record').disabled = false;
	}
}

function giveUp(error) {
	recorder = null;
	showRecorder();
	status('bad', `Nothing is recorded. ${explainRecording(error)}`);
	byId('record').focus();
}

/** It has ended: show that, and what came of it. */
async function over(mine, tone, words) {
	if (recorder !== mine) return;
	recorder = null;
	showRecorder();
	byId('record').focus();
	status(tone, words);
	if (mine.isPrivate) {
		status(tone, `${words} This server keeps new recordings private: only its operator lists them.`);
		return;
	}
	const isListed = mine.id !== null && (await waitForEntry(mine.id));
	if (tone === 'bad') return;
	byId('name').value = '';
	byId('name').placeholder = defaultName();
	if (isListed) status('good', 'Saved. It is the first in the list.');
	else status('quiet', 'The server is still at it. Refresh the list in a while.');
}

async function stop() {
	const mine = recorder;
	const isEmpty = mine.state === 'calling';
	status('busy', 'Saving…');
	try {
		await mine.stop();
		if (isEmpty) await over(mine, 'bad', NO_PATH);
		else await over(mine, 'busy', 'Saving…');
	} catch (error) {
		await over(mine, 'bad', explainRecording(error));
	}
}

async function togglePause() {
	try {
		if (recorder.state === 'paused') {
			await recorder.resume();
			status('good', RECORDING);
		} else {
			await recorder.pause();
			status('quiet', PAUSED);
		}
	} catch (error) {
		status('bad', explainRecording(error));
	}
}

/* ---- the page ---- */

byId('record-form').addEventListener('submit', (event) => {
	event.preventDefault();
	record();
});
byId('stop').addEventListener('click', stop);
byId('pause').addEventListener('click', togglePause);
byId('refresh').addEventListener('click', readAgain);
picker.addEventListener('change', ({ detail: { kind, track } }) => {
	byId('no-preview').hidden = Boolean(picker.video);
	recorder?.replace(kind, track);
});
document.addEventListener('visibilitychange', () => {
	if (!document.hidden) refresh();
});
setInterval(showElapsed, CLOCK_PERIOD_MS);
endWithPage(() => connecting?.then((cardea) => cardea.close()).catch(() => {}));
window.cardeaDebug = { pcs: () => [...(recorder?.pcs ?? []), ...player.pcs] };

byId('name').placeholder = defaultName();
drawIcons();
keepServer();
refresh();
