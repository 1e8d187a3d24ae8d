// The examples are built out of tree, as their READMEs say, against what `make install` installs, and a server
// runs with the installed plugins and them.
import { strict as assert } from 'node:assert';
import net from 'node:net';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { connect, fetchHttp } from '../lib/api.mjs';
import { withBrowser } from '../lib/browser.mjs';
import { CAMERA } from '../lib/calls.mjs';
import { Installed, run, skip } from '../lib/installed.mjs';
import { Peers } from '../lib/media.mjs';
import { Plain } from '../lib/plain.mjs';
import { release, takePorts } from '../lib/ports.mjs';
import { withServer } from '../lib/server.mjs';
import { Inbox, until, within } from '../lib/wait.mjs';

const options = { skip, timeout: 180000 };
let installed, folders, plugins;

before(async () => {
	if (skip)
		return;
	installed = await Installed.make();
	plugins = await installed.variable('plugindir');
	folders = { general: { plugins_folder: plugins, transports_folder: await installed.variable('transportdir') } };
	for (const name of ['echo', 'hello', 'ticker', 'walkie', 'transport'])
		await installed.example(name);
}, { timeout: 180000 });
after(() => installed?.remove());

const served = (body, more = {}) => withServer({ conf: { core: folders, ...more } }, body);

async function attach(server, name) {
	const client = await connect(server, 'ws');
	const session = await client.createSession();
	const handle = await session.attach(`cardea.plugin.${name}`);
	return { client, handle, ask: (body, jsep) => handle.message(body, jsep) };
}

test('echo sends back what comes', options, () => served(async (server) => {
	assert.match(server.log, /plugin loaded name=echo /);
	assert.match(server.log, /plugin loaded name=videoroom /);
	const { client, handle, ask } = await attach(server, 'echo');
	assert.deepEqual(await ask({ request: 'echo', paused: true }), { echo: 'event', result: 'ok' });
	assert.deepEqual(await ask({ request: 'echo', paused: 'yes' }), { echo: 'event', error_code: 3,
		error: 'Invalid element type (paused should be a boolean)' });
	assert.equal((await ask({ request: 'sing' })).error_code, 1);
	assert.equal((await ask({ paused: true })).error_code, 2);
	await withBrowser('chromium', async (browser) => {
		const peers = await Peers.open(browser);
		const { result, jsep } = await ask({ request: 'echo' }, { type: 'offer', sdp: await peers.offer('ann', CAMERA) });
		assert.equal(result, 'ok');
		await peers.take('ann', jsep.sdp);
		await handle.notice('that it is connected', (data) => data.connected === true);
		await peers.mediaFlows('ann');
		await peers.close();
	});
	await client.close();
}));

test('hello greets, in the words of its configuration', options, () => served(async (server) => {
	const { client, ask } = await attach(server, 'hello');
	assert.deepEqual(await ask({ request: 'greet', name: 'Ann' }), { hello: 'greeting', text: 'Ahoy, Ann!' });
	assert.deepEqual(await ask({ request: 'greet' }), { hello: 'event', error_code: 2,
		error: 'Missing mandatory element (name)' });
	await client.close();
}, { 'plugin.hello': { general: { words: 'Ahoy' } } }));

test('hello passes the test of its own', options, async () => {
	const { stdout } = await run('make', ['-s', 'check'], { cwd: path.join(installed.root, 'examples/hello'), env: installed.env });
	assert.match(stdout, /hello: all is well/);
});

test('walkie lets one talk at a time', options, () => served((server) => withBrowser('chromium', async (browser) => {
	const peers = await Peers.open(browser);
	const join = async (name) => {
		const member = await attach(server, 'walkie');
		const sdp = await peers.offer(name, [CAMERA[0]]);
		const { jsep, ...joined } = await member.ask({ request: 'join', room: 'yard', name }, { type: 'offer', sdp });
		await peers.take(name, jsep.sdp);
		await member.handle.core('webrtcup', undefined, 15000);
		return { ...member, joined };
	};
	const floor = (member, talking) => member.handle.notice(`the floor of ${talking}`,
		(data) => data.walkie === 'floor' && data.talking === talking);
	const packets = async (name) => (await peers.measure(name)).inbound.reduce((sum, i) => sum + i.packets, 0);

	const stranger = await attach(server, 'walkie');
	assert.equal((await stranger.ask({ request: 'talk' })).error_code, 6);
	assert.equal((await stranger.ask({ request: 'join', room: 'yard', name: 'Eve' })).error_code, 4);
	const ann = await join('Ann');
	assert.deepEqual(ann.joined, { walkie: 'joined', room: 'yard', members: 1, talking: null });
	const bob = await join('Bob');
	assert.equal(bob.joined.members, 2);
	assert.equal(await packets('Bob'), 0);

	assert.deepEqual(await ann.ask({ request: 'talk' }), { walkie: 'granted' });
	await floor(bob, 'Ann');
	await peers.mediaFlows('Bob', { video: 0 });
	assert.deepEqual(await bob.ask({ request: 'talk' }), { walkie: 'event', error_code: 8, error: 'Ann has the floor' });
	const cid = await join('Cid');
	assert.equal(cid.joined.talking, 'Ann');
	await peers.mediaFlows('Cid', { video: 0 });
	assert.equal(await packets('Ann'), 0);

	assert.deepEqual(await ann.ask({ request: 'release' }), { walkie: 'released' });
	await floor(bob, null);
	assert.deepEqual(await bob.ask({ request: 'talk' }), { walkie: 'granted' });
	await floor(ann, 'Bob');
	await peers.mediaFlows('Ann', { video: 0 });
	await bob.handle.session.destroy(); // without a word to the plugin
	await floor(ann, null);
	assert.deepEqual(await cid.ask({ request: 'talk' }), { walkie: 'granted' });
	await floor(ann, 'Cid');
	assert.deepEqual(await cid.ask({ request: 'leave' }), { walkie: 'left' });
	await floor(ann, null);
	await peers.close();
	for (const { client } of [ann, cid, stranger])
		await client.close();
}), { 'plugin.walkie': { general: { members: 3 } } }));

test('ticker tells the time', options, () => served(async (server) => {
	const asked = await fetchHttp(`${server.httpUrl}/time`);
	assert.equal(asked.status, 200);
	assert.ok(Math.abs(JSON.parse(asked.text).unix_ms - Date.now()) < 60000);
	assert.equal((await fetchHttp(`${server.httpUrl}/time/zone`)).status, 404);
	assert.equal((await fetchHttp(`${server.httpUrl}/time`, { method: 'DELETE' })).status, 405);

	const client = await Plain.connect(`ws://127.0.0.1:${server.ports.http}/ticker`);
	const tick = () => client.inbox.take('the time', (m) => m.type === 'time');
	const error = async (message) => {
		client.say(message);
		return (await client.inbox.take('an error', (m) => m.type === 'error')).reason;
	};
	client.say({ type: 'subscribe', interval_ms: 100 });
	const times = [];
	for (let i = 0; i < 4; i++)
		times.push((await tick()).unix_ms);
	assert.ok(times[3] - times[0] >= 250 && times[3] - times[0] < 5000, `${times}`);
	assert.match(await error({ type: 'sing' }), /Unknown type 'sing'/);
	assert.match(await error({ type: 'subscribe', interval_ms: 1 }), /interval_ms/);
	client.say({ type: 'unsubscribe' });
	client.say({ type: 'subscribe' });
	await tick();
	await client.close();
}));

/** A client of the transport: lines. */
class Lines {
	static async open(port) {
		const it = new Lines();
		it.inbox = new Inbox();
		it.socket = net.connect(port, '127.0.0.1');
		let rest = '';
		it.closed = new Promise((resolve) => it.socket.once('close', resolve));
		it.socket.on('error', () => {}).setEncoding('utf8').on('data', (text) => {
			const lines = (rest + text).split('\n');
			rest = lines.pop();
			lines.forEach((line) => it.inbox.put(JSON.parse(line)));
		});
		await within(5000, 'connection', new Promise((resolve) => it.socket.once('connect', resolve)));
		return it;
	}

	async ask(request) {
		this.socket.write(`${JSON.stringify(request)}\n`);
		return this.inbox.take(`answer to ${request.janus}`, (m) => m.transaction === request.transaction);
	}
}

test('the transport carries the API, whatever its clients do', options, async () => {
	const port = await takePorts(1);
	const conf = { core: folders,
		'transport.jsonlines': { general: { port } } };
	await withServer({ conf }, async (server) => {
		const ann = await Lines.open(port);
		const { data: { id } } = await ann.ask({ janus: 'create', transaction: 'a' });
		const attached = await ann.ask({ janus: 'attach', session_id: id, plugin: 'cardea.plugin.hello', transaction: 'b' });
		const greet = (transaction, name = 'Ann') => ({ janus: 'message', session_id: id, handle_id: attached.data.id, transaction,
			body: { request: 'greet', name } });
		assert.equal((await ann.ask(greet('c'))).plugindata.data.text, 'Good day, Ann!');

		// A line in pieces, several in one, and what is no request at all.
		const line = `${JSON.stringify(greet('d', 'Änn'))}\n`;
		for (const byte of Buffer.from(line)) {
			ann.socket.write(Buffer.of(byte));
			await new Promise(setImmediate);
		}
		ann.socket.write(`\n\r\n${JSON.stringify(greet('e'))}\r\n${JSON.stringify(greet('f'))}\n`);
		for (const t of ['d', 'e', 'f'])
			await ann.inbox.take(`answer ${t}`, (m) => m.transaction === t && m.janus === 'success');
		for (const bad of ['{"janus":', '{} {}', 'hello', '\0'])
			ann.socket.write(`${bad}\n`);
		for (let i = 0; i < 4; i++)
			assert.equal((await ann.inbox.take('the error', (m) => m.janus === 'error')).error.code, 454);

		// A line without end is refused once, and what comes after it served.
		for (let i = 0; i < 64; i++)
			ann.socket.write('x'.repeat(1 << 18));
		ann.socket.write('\n');
		assert.match((await ann.inbox.take('the error', (m) => m.janus === 'error', 20000)).error.reason, /too long/);
		assert.equal((await ann.ask(greet('g'))).janus, 'success');

		// Who does not read is dropped, and nobody else notices.
		const mute = await Lines.open(port);
		mute.socket.pause();
		const flood = `${JSON.stringify(greet('h', 'x'.repeat(90)))}\n`.repeat(1000);
		const pour = () => mute.socket.destroyed || mute.socket.write(flood, () => setImmediate(pour));
		pour();
		await until('that it is read no more, or dropped', () => mute.socket.writableNeedDrain || mute.socket.destroyed);
		assert.equal((await ann.ask(greet('i'))).janus, 'success');
		mute.socket.destroy();
		await until('its end', () => /client gone/.test(server.log));
		assert.equal((await ann.ask(greet('j'))).janus, 'success');
		ann.socket.end();
		await ann.closed;
	});
	release(port);
});
