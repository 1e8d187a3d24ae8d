// What recordplay answers where no media flows: its list, the folder behind it, and each error of its requests.
import { strict as assert } from 'node:assert';
import fs from 'node:fs';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { admin, connect } from '../lib/api.mjs';
import { handmade, handmadeAnswer } from '../lib/handmade.mjs';
import { message, silence, writeMjr } from '../lib/mjr.mjs';
import { IS_REFERENCE, startServer, withServer } from '../lib/server.mjs';

const PLUGIN = 'janus.plugin.recordplay';
const own = { skip: IS_REFERENCE && 'not so there' };
const UNIX_US = 1700000000000000;
const offer = (lines = [{ kind: 'audio' }]) => ({ type: 'offer', sdp: handmade(lines) });
let server, client, session, folder;

before(async () => {
	if (IS_REFERENCE)
		return;
	server = await startServer({});
	folder = path.join(server.folder, 'state/recordings');
	fs.mkdirSync(folder, { recursive: true });
	client = await connect(server, 'ws');
	session = await client.createSession();
});
after(async () => {
	await client?.close();
	await server?.stop();
});

const putNfo = (id, more = '', to = folder) => fs.writeFileSync(path.join(to, `${id}.nfo`),
	`[${id}]\nname = Film ${id}\ndate = 2026-11-23 15:20:55\nprivate = false\n${more}`);

/** A second of sound. */
function putSound(name) {
	writeMjr(path.join(folder, name), { t: 'a', c: 'opus', s: UNIX_US, u: UNIX_US },
		Array.from({ length: 50 }, (_, n) => silence(n, UNIX_US + n * 20000)));
}

async function refused(handle, body, code, error, jsep) {
	const answer = await handle.message(body, jsep);
	assert.equal(answer.recordplay, 'event', JSON.stringify([body, answer]));
	assert.equal(answer.error_code, code, JSON.stringify([body, answer]));
	assert.match(answer.error, error);
	assert.equal(answer.jsep, undefined);
}

test('what no request may be', own, async () => {
	const handle = await session.attach(PLUGIN);
	await refused(handle, { request: 'foo' }, 413, /^Unknown request 'foo'$/);
	await refused(handle, {}, 415, /\(request\)$/);
	await refused(handle, { request: 5 }, 414, /\(request should be a string\)$/);
	const wrong = [['configure', 'video-bitrate-max', -1], ['configure', 'video-keyframe-interval', 'x'],
		['list', 'admin_key', 5], ['play', 'id', 'x'], ['play', 'id', -1], ['play', 'shared', 'x'], ['record', 'name', 5],
		['record', 'id', -1], ['record', 'is_private', 'x'], ['record', 'filename', 5], ['record', 'textdata', 1],
		['record', 'audiocodec', 1], ['record', 'update', 'x'], ['seek', 'position', -1], ['speed', 'percent', 10],
		['delete', 'id', 'x']];
	for (const [request, field, value] of wrong)
		await refused(handle, { request, id: 1, name: 'x', position: 1, percent: 100, [field]: value }, 414,
			new RegExp(field), request === 'record' ? offer() : undefined);
	for (const [request, field] of [['play', 'id'], ['record', 'name'], ['seek', 'position'], ['speed', 'percent'],
		['delete', 'id']])
		await refused(handle, { request }, 415, new RegExp(`\\(${field}\\)$`),
			request === 'record' ? offer() : undefined);
});

test('what makes no sense while nothing is recorded or played', own, async () => {
	const handle = await session.attach(PLUGIN);
	await refused(handle, { request: 'play', id: 42 }, 416, /^No such recording$/);
	await refused(handle, { request: 'delete', id: 42, secret: 'x' }, 416, /^No such recording$/);
	await refused(handle, { request: 'start' }, 418, /^Not a playout session, can't start$/);
	await refused(handle, { request: 'play', id: 42, restart: true }, 418, /./);
	await refused(handle, { request: 'seek', position: 0 }, 418, /./);
	await refused(handle, { request: 'speed', percent: 100 }, 418, /./);
	await refused(handle, { request: 'record', name: 'x', update: true }, 418, /./, offer());
	for (const request of ['pause', 'resume'])
		assert.deepEqual(await handle.message({ request }), { recordplay: 'event' });
	assert.deepEqual(await handle.message({ request: 'stop' }),
		{ recordplay: 'event', result: { status: 'stopped' } });
});

test('what cannot be recorded leaves nothing behind', own, async () => {
	const handle = await session.attach(PLUGIN);
	const before = fs.readdirSync(folder);
	const body = { request: 'record', name: 'x' };
	await refused(handle, body, 415, /^Missing SDP offer$/);
	await refused(handle, body, 419, /./, offer([{ kind: 'application' }]));
	await refused(handle, { ...body, videocodec: 'vp9', audiocodec: 'pcmu' }, 419, /./, offer());
	for (const name of ['', '  ', '\n'])
		await refused(handle, { ...body, name }, 414, /name/, offer());
	for (const filename of ['', '../x', '/tmp/x', 'a//b', '.x', 'a/..', 'a\nb', ' a', 'x'.repeat(201)])
		await refused(handle, { ...body, filename }, 414, /filename/, offer());
	for (const secret of [' x', 'x ', 'x\ny'])
		await refused(handle, { ...body, secret }, 414, /secret/, offer());
	assert.deepEqual(fs.readdirSync(folder), before);
});

test('a number is one recording\'s, also while it is made', own, async () => {
	const handle = await session.attach(PLUGIN);
	const other = await session.attach(PLUGIN);
	const body = { request: 'record', name: 'x', id: 77, is_private: true };
	const { result, jsep } = await handle.message(body, offer());
	assert.deepEqual(result, { status: 'recording', id: 77, is_private: true });
	assert.match(jsep.sdp, /^a=recvonly\r$/m);
	await refused(other, body, 420, /^Recording 77 already exists$/, offer());
	await refused(handle, { ...body, id: 78 }, 418, /./, offer());
	await refused(handle, { request: 'play', id: 77 }, 418, /./);
	await refused(other, { request: 'play', id: 77 }, 416, /./);
	assert.deepEqual((await handle.message({ request: 'pause' })).result, { status: 'paused', id: 77 });
	assert.deepEqual((await handle.message({ request: 'resume' })).result, { status: 'resumed', id: 77 });
	assert.deepEqual((await handle.message({ request: 'stop' })).result,
		{ status: 'stopped', id: 77, is_private: true });
	const done = await handle.notice('done', (d) => d.result?.status === 'done');
	assert.deepEqual(done.result, { status: 'done', id: 77, is_private: 1 });
	assert.equal((await handle.core('hangup')).reason, 'Close PC');
	assert.deepEqual((await other.message({ request: 'list' })).list, []); // nothing was sent
});

test('settings are the handle\'s', own, async () => {
	const [handle, other] = [await session.attach(PLUGIN), await session.attach(PLUGIN)];
	const settings = (h, more) => h.message({ request: 'configure', ...more }).then((a) => a.settings);
	assert.deepEqual(await settings(handle, { 'video-bitrate-max': 512000 }),
		{ 'video-keyframe-interval': 15000, 'video-bitrate-max': 512000 });
	assert.deepEqual(await settings(handle, { 'video-keyframe-interval': 2000 }),
		{ 'video-keyframe-interval': 2000, 'video-bitrate-max': 512000 });
	assert.deepEqual(await settings(other), { 'video-keyframe-interval': 15000, 'video-bitrate-max': 1048576 });
});

/** A request by the Admin API. */
async function asked(of, request) {
	const answer = await admin(of, { janus: 'message_plugin', plugin: PLUGIN, request });
	assert.equal(answer.janus, 'success', JSON.stringify(answer));
	return answer.response;
}

test('files that others put there are listed after an update, by either API', own, async () => {
	const handle = await session.attach(PLUGIN);
	const list = async () => (await handle.message({ request: 'list' })).list.map((r) => r.name);
	putNfo(5, 'audio = a\naudio_codec = opus\n');
	putNfo(6, 'audio = ../a\n');
	assert.deepEqual(await list(), []);
	assert.deepEqual(await asked(server, { request: 'update' }), { recordplay: 'ok' });
	assert.deepEqual((await handle.message({ request: 'list' })).list, [{ id: 5, is_private: false, name: 'Film 5',
		date: '2026-11-23 15:20:55', date_unix: new Date(2026, 10, 23, 15, 20, 55) / 1000, audio: true, audio_codec: 'opus', video: false, data: false, files: [] }]);
	assert.equal((await asked(server, { request: 'list' })).list[0].id, 5);
	for (const request of ['configure', 'record', 'play', 'stop'])
		assert.ok((await asked(server, { request, id: 5, name: 'x' })).error_code >= 411, request);
	fs.unlinkSync(path.join(folder, '5.nfo'));
	assert.deepEqual(await list(), ['Film 5']);
	assert.deepEqual(await handle.message({ request: 'update' }), { recordplay: 'ok' });
	assert.deepEqual(await list(), []);
});

test('broken files are told, and others play', own, async () => {
	const handle = await session.attach(PLUGIN);
	putNfo(8, 'audio = none\n');
	putNfo(9, 'media = junk.webm\n');
	putNfo(10, 'audio = sound.mjr\nvideo = junk.mjr\n');
	for (const name of ['junk.webm', 'junk.mjr'])
		fs.writeFileSync(path.join(folder, name), 'no recording');
	putSound('sound.mjr');
	await handle.message({ request: 'update' });
	await refused(handle, { request: 'play', id: 8 }, 417, /./);
	await refused(handle, { request: 'play', id: 9 }, 417, /^(?!.*state\/recordings).*junk.webm/);
	await refused(handle, { request: 'play', id: 10 }, 414, /jsep/, offer());
	const { result, jsep } = await handle.message({ request: 'play', id: 10 });
	assert.deepEqual({ ...result, warning: '' }, { status: 'preparing', id: 10, warning: '' });
	assert.match(result.warning, /^Broken video file, playing the rest: junk.mjr is no MJR file$/);
	assert.match(jsep.sdp, /^s=Recording 10\r$/m);
	assert.doesNotMatch(jsep.sdp, /^m=video/m);
	await refused(handle, { request: 'play', id: 10 }, 418, /./);
	await refused(handle, { request: 'record', name: 'x' }, 418, /./, offer());
	await refused(handle, { request: 'start' }, 415, /^Missing SDP answer$/);
	const answer = { type: 'answer', sdp: handmadeAnswer(jsep.sdp) };
	assert.deepEqual(await handle.message({ request: 'start' }, answer),
		{ recordplay: 'event', result: { status: 'playing' } });
	assert.deepEqual((await handle.message({ request: 'stop' })).result,
		{ status: 'stopped', id: 10, is_private: false });
	const done = await handle.notice('done', (d) => d.result?.status === 'done');
	assert.deepEqual(done.result, { status: 'done', id: 10, is_private: 0 });
	assert.equal((await handle.message({ request: 'play', id: 10 })).result.status, 'preparing'); // again
});

test('messages alone can be offered to a player with sound', own, async () => {
	const handle = await session.attach(PLUGIN);
	putNfo(11, 'audio = sound\ndata = words\n');
	putSound('sound.mjr');
	writeMjr(path.join(folder, 'words.mjr'), { t: 'd', c: 'text', s: UNIX_US, u: UNIX_US }, [message(UNIX_US, 'x')]);
	await handle.message({ request: 'update' });
	const { result, jsep } = await handle.message({ request: 'play', id: 11 });
	assert.deepEqual(result, { status: 'preparing', id: 11 });
	assert.deepEqual(jsep.sdp.match(/^m=\w+/gm), ['m=audio', 'm=application']);
});

test('who shares a playback is offered it, and steers it when nobody has watched longer', own, async () => {
	const [first, second, alone] = await Promise.all([1, 2, 3].map(() => session.attach(PLUGIN)));
	putNfo(12, 'audio = sound\n');
	putSound('sound.mjr');
	await first.message({ request: 'update' });
	const play = async (handle, shared) => (await handle.message({ request: 'play', id: 12, shared })).result;
	for (const [handle, shared] of [[first, true], [second, true], [alone, false]])
		assert.deepEqual(await play(handle, shared), { status: 'preparing', id: 12 });
	for (const request of ['pause', 'resume'])
		await refused(second, { request }, 418, /longest/);
	const paused = { status: 'paused', id: 12 };
	assert.deepEqual((await first.message({ request: 'pause' })).result, paused);
	assert.deepEqual((await second.notice('paused', (d) => d.result?.status === 'paused')).result, paused);
	assert.deepEqual((await alone.message({ request: 'pause' })).result, paused);
	await first.message({ request: 'stop' });
	await first.notice('done', (d) => d.result?.status === 'done');
	assert.deepEqual((await second.message({ request: 'resume' })).result, { status: 'resumed', id: 12 });
	assert.deepEqual(await play(first, true), { status: 'preparing', id: 12 });
	await refused(first, { request: 'pause' }, 418, /longest/);
	await refused(second, { request: 'seek', position: 0 }, 418, /^Nothing plays$/); // nobody is connected
});

test('the admin_key opens what is private', own, () => withServer({ conf: { 'plugin.recordplay': { general: {
	admin_key: 'chief', private: true } } } }, async (keyed) => {
	const to = path.join(keyed.folder, 'state/recordings');
	fs.mkdirSync(to, { recursive: true });
	const inner = await connect(keyed, 'ws');
	const handle = await (await inner.createSession()).attach(PLUGIN);
	putNfo(1, 'audio = a\n', to);
	putNfo(2, 'audio = b\nsecret = mine\n', to);
	fs.appendFileSync(path.join(to, '2.nfo'), 'private = true\n');
	await refused(handle, { request: 'update' }, 440, /admin_key/);
	await refused(handle, { request: 'update', admin_key: 'x' }, 440, /admin_key/);
	await refused(handle, { request: 'list', admin_key: 'x' }, 440, /admin_key/);
	assert.deepEqual(await handle.message({ request: 'update', admin_key: 'chief' }), { recordplay: 'ok' });
	const ids = async (more) => (await handle.message({ request: 'list', ...more })).list.map((r) => r.id);
	assert.deepEqual(await ids(), [1]);
	assert.deepEqual(await ids({ admin_key: 'chief' }), [1, 2]);
	await refused(handle, { request: 'delete', id: 1, secret: '' }, 440, /secret/);
	await refused(handle, { request: 'delete', id: 2, secret: 'x' }, 440, /secret/);
	assert.deepEqual(await handle.message({ request: 'delete', id: 2, secret: 'mine' }), { recordplay: 'ok' });
	assert.deepEqual(await handle.message({ request: 'delete', id: 1, admin_key: 'chief' }), { recordplay: 'ok' });
	const begun = await handle.message({ request: 'record', name: 'x', id: 3 }, offer());
	assert.deepEqual(begun.result, { status: 'recording', id: 3, is_private: true }); // as configured
	await inner.close();
}));
