// What a client may do wrong, too much of, or in pieces: every one gets its answer, and the server
// goes on.
import { strict as assert } from 'node:assert';
import dgram from 'node:dgram';
import test, { after, before } from 'node:test';
import { admin, connect, fetchHttp, WsClient } from '../lib/api.mjs';
import { IS_REFERENCE, isSanitized, startServer, withServer } from '../lib/server.mjs';
import { within } from '../lib/wait.mjs';

const MIB = 1048576;
const unlessReference = { skip: IS_REFERENCE && 'a limit of our own' };
let server;

before(async () => { server = await startServer(); });
after(() => server?.stop());

function padded(bytes) {
	const text = JSON.stringify({ janus: 'ping', transaction: 'big', padding: '' });
	return text.replace('"padding":""', `"padding":"${'x'.repeat(bytes - text.length)}"`);
}

function nested(depth) {
	return `{"janus":"ping","transaction":"deep","x":${'['.repeat(depth)}${']'.repeat(depth)}}`;
}

async function answerTo(text, options) {
	const client = await WsClient.connect(server.wsUrl);
	try {
		client.sendRaw(text, options);
		return await client.inbox.take('an answer', () => true);
	} finally {
		client.terminate();
	}
}

async function stillAnswers() {
	server.check();
	assert.equal((await answerTo('{"janus":"ping","transaction":"alive"}')).janus, 'pong');
}

test('a message of 300 kB is taken', async () => {
	assert.equal((await answerTo(padded(300000))).janus, 'pong');
});

test('a message of more than 1 MiB is refused', unlessReference, async () => {
	const client = await WsClient.connect(server.wsUrl);
	client.sendRaw(padded(MIB + 4096));
	const end = await within(5000, 'refusal', Promise.race([client.closed,
		client.inbox.take('error', (m) => m.janus === 'error').catch(() => client.closed)]));
	assert.ok(end.janus === 'error' || [1009, 1006].includes(end.code), JSON.stringify(end));
	client.terminate();
	await stillAnswers();
});

test('an HTTP body of more than 1 MiB is refused', unlessReference, async () => {
	const answer = await fetchHttp(server.apiUrl, { method: 'POST', body: padded(MIB + 4096) })
		.catch((e) => ({ reset: e.code }));
	assert.ok([400, 413].includes(answer.status) || answer.json?.janus === 'error'
		|| ['ECONNRESET', 'EPIPE'].includes(answer.reset), JSON.stringify(answer));
	await stillAnswers();
});

test('JSON nested 32 deep is taken, nested more than 64 deep is refused', unlessReference, async () => {
	assert.equal((await answerTo(nested(32))).janus, 'pong');
	const answer = await answerTo(nested(70));
	assert.equal(answer.janus, 'error');
	assert.equal(answer.error.code, 454);
	await stillAnswers();
});

test('fragments and binary frames are reassembled', async () => {
	assert.equal((await answerTo('{"janus":"ping","transaction":"b"}', { binary: true })).janus, 'pong');
	const client = await WsClient.connect(server.wsUrl);
	client.sendRaw('{"janus":', { fin: false });
	client.sendRaw('"ping",', { fin: false });
	client.sendRaw('"transaction":"parts"}', { fin: true });
	assert.equal((await client.inbox.take('pong')).transaction, 'parts');
	await client.close();
});

test('several objects in one message are answered in order, or none of them', async () => {
	const client = await WsClient.connect(server.wsUrl);
	client.sendRaw('{"janus":"ping","transaction":"1"} {"janus":"ping","transaction":"2"}'
		+ '{"janus":"ping","transaction":"3"}');
	for (const transaction of ['1', '2', '3'])
		assert.equal((await client.inbox.take('pong')).transaction, transaction);
	client.sendRaw('{"janus":"ping","transaction":"4"} {"janus":');
	assert.equal((await client.inbox.take('error')).error.code, 454);
	client.sendRaw('{"janus":"ping","transaction":"5"}');
	assert.equal((await client.inbox.take('pong')).transaction, '5');
	await client.close();
});

test('an array is no request: 455 over HTTP, 456 over WebSocket', async () => {
	for (const text of ['[]', '[{"janus":"ping","transaction":"a"}]']) {
		for (const url of [server.apiUrl, server.adminUrl]) {
			const { status, json } = await fetchHttp(url, { method: 'POST', body: text });
			assert.equal(status, 200);
			assert.deepEqual(json, { janus: 'error', error: { code: 455, reason: 'JSON error: not an object' } });
		}
		assert.deepEqual(await answerTo(text), { janus: 'error',
			error: { code: 456, reason: 'Missing mandatory element (transaction)' } });
	}
});

test('white space after the last object is fine', unlessReference, async () => {
	assert.equal((await answerTo('{"janus":"ping","transaction":"x"} \r\n\t ')).janus, 'pong');
});

test('a WebSocket without our subprotocol is refused, any path and order is taken', async () => {
	for (const protocol of [[], ['foo'], ['janus-admin-protocol']])
		await assert.rejects(WsClient.connect(server.wsUrl, { protocol }));
	for (const [path, protocol] of [['/', ['foo', 'janus-protocol']],
		['/any/path?x=1', ['janus-protocol', 'foo']]]) {
		const client = await WsClient.connect(server.wsUrl + path, { protocol });
		assert.equal(client.socket.protocol, 'janus-protocol');
		await client.close();
	}
	await assert.rejects(WsClient.connect(server.adminWsUrl));
});

test('mutated JSON never goes unanswered', async () => {
	const seed = '{"janus":"create","transaction":"m","id":0,"x":{"a":[1,2.5,true,null,"\\u00e9"]}}';
	const client = await WsClient.connect(server.wsUrl);
	for (let i = 0; i < 400; i++) {
		const bytes = Buffer.from(seed);
		for (let k = 0; k <= i % 4; k++)
			bytes[(i * 7 + k * 13) % bytes.length] = (i * 31 + k * 17 + 1) % 128;
		client.sendRaw(bytes.toString(), { binary: false });
		await client.inbox.take(`answer to ${JSON.stringify(bytes.toString())}`);
	}
	await client.close();
	await stillAnswers();
});

test('bytes that are not UTF-8 end at most their own connection', async () => {
	const client = await WsClient.connect(server.wsUrl);
	client.sendRaw(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x00, 0x22, 0x7d]), { binary: true });
	await within(5000, 'answer or close', Promise.race([client.closed,
		client.inbox.take('error').catch(() => client.closed)]));
	client.terminate();
	await stillAnswers();
});

test('garbage on the media port gets no answer', { skip: IS_REFERENCE && 'no shared port' }, async () => {
	const socket = dgram.createSocket('udp4');
	const got = [];
	const id = Buffer.from('0123456789ab');
	const answer = new Promise((resolve) => socket.on('message', (m) => {
		got.push(m);
		if (m.subarray(8, 20).equals(id))
			resolve();
	}));
	await new Promise((resolve) => socket.bind(0, '127.0.0.1', resolve));
	const send = (data) => new Promise((resolve) => socket.send(data, server.ports.udp, '127.0.0.1',
		resolve));
	for (let i = 0; i < 256; i++)
		await send(Buffer.from(Array.from({ length: i }, (_, k) => (i * 37 + k * 11) % 256)));
	await send(Buffer.alloc(1400, 0x80));
	// A plain STUN binding request is answered: once its answer is here, so would be any other.
	await send(Buffer.concat([Buffer.from([0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42]), id]));
	await within(3000, 'STUN answer', answer);
	socket.close();
	const others = got.filter((m) => !m.subarray(8, 20).equals(id));
	assert.deepEqual(others, []);
	await stillAnswers();
});

test('more sessions or handles than configured are refused', unlessReference, () => withServer({
	conf: { core: { general: { max_sessions: 5, max_handles: 3 } } } }, async (small) => {
	const client = await connect(small, 'ws');
	const sessions = [];
	for (let i = 0; i < 5; i++)
		sessions.push(await client.createSession());
	assert.equal((await client.request({ janus: 'create' })).janus, 'error');
	const handles = [];
	for (let i = 0; i < 3; i++)
		handles.push(await sessions[0].attach('janus.plugin.echotest'));
	const refused = await sessions[0].request({ janus: 'attach', plugin: 'janus.plugin.echotest' });
	assert.equal(refused.janus, 'error');
	await handles[0].detach();
	await sessions[0].attach('janus.plugin.echotest');
	await sessions[1].destroy();
	await client.createSession();
	await client.close();
}));

test('a smaller limit for messages is honoured', unlessReference, () => withServer({
	conf: { core: { general: { max_message_size: 65536 } } } }, async (small) => {
	const client = await WsClient.connect(small.wsUrl);
	client.sendRaw(padded(70000));
	const end = await within(5000, 'refusal', Promise.race([client.closed,
		client.inbox.take('error', (m) => m.janus === 'error').catch(() => client.closed)]));
	assert.ok(end.janus === 'error' || [1009, 1006].includes(end.code), JSON.stringify(end));
	client.terminate();
}));

async function manySessions(client, count) {
	for (let done = 0; done < count; done += 50)
		await Promise.all(Array.from({ length: 50 }, async () => {
			const session = await client.createSession();
			await session.attach('janus.plugin.echotest');
			await session.destroy();
		}));
}

test('1,000 sessions made and dropped leave no memory behind', () => withServer({}, async (fresh) => {
	const client = await WsClient.connect(fresh.wsUrl);
	await manySessions(client, 1000);
	const before = fresh.rssKib();
	await manySessions(client, 1000);
	const grown = fresh.rssKib() - before;
	assert.deepEqual((await admin(fresh, { janus: 'list_sessions' })).sessions, []);
	if (!isSanitized() && !IS_REFERENCE)
		assert.ok(grown < 1024, `grown by ${grown} KiB`);
	await client.close();
}));
