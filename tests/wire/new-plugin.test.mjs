// cardea-new-plugin makes a plugin that builds, loads and passes its own test; and docs/plugins.md says what is so.
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { connect } from '../lib/api.mjs';
import { Installed, run, skip } from '../lib/installed.mjs';
import { release, takePorts } from '../lib/ports.mjs';
import { withServer } from '../lib/server.mjs';

const GUIDE = fileURLToPath(new URL('../../docs/plugins.md', import.meta.url));
const options = { skip, timeout: 180000 };
let installed;

before(async () => {
	if (!skip)
		installed = await Installed.make();
}, { timeout: 180000 });
after(() => installed?.remove());

/** A new folder, and what cardea-new-plugin says there. */
function inFolder() {
	const cwd = fs.mkdtempSync(path.join(installed.root, 'work-'));
	const make = (...args) => run('cardea-new-plugin', args, { cwd, env: installed.env });
	const refused = async (words, ...args) => {
		const before_ = fs.readdirSync(cwd);
		await assert.rejects(make(...args), (e) => e.code === 1 && words.test(e.stderr), args.join(' '));
		assert.deepEqual(fs.readdirSync(cwd), before_);
	};
	return { cwd, make, refused };
}

test('a new plugin builds, passes its own test, and is installed', options, async () => {
	const { cwd, make } = inFolder();
	await make('my_bell2');
	const folder = path.join(cwd, 'my_bell2');
	for (const file of fs.readdirSync(folder))
		assert.doesNotMatch(file + fs.readFileSync(path.join(folder, file), 'utf8'), /hello/, file);
	const { stdout } = await run('make', ['-s', 'check', 'CFLAGS=-Wall -Wextra -Wno-missing-field-initializers -Werror'],
		{ cwd: folder, env: installed.env });
	assert.equal(stdout, 'my_bell2: all is well\n');
	await run('make', ['-s', 'install'], { cwd: folder, env: installed.env });
	const general = { plugins_folder: await installed.variable('plugindir'), transports_folder: await installed.variable('transportdir') };
	await withServer({ conf: { core: { general } } }, async (server) => {
		const client = await connect(server, 'ws');
		const session = await client.createSession();
		const handle = await session.attach('cardea.plugin.my_bell2');
		assert.deepEqual(await handle.message({ request: 'greet', name: 'Ann' }), { my_bell2: 'greeting', text: 'Good day, Ann!' });
		await client.close();
	});
});

test('its own test fails where the plugin does', options, async () => {
	const { cwd, make } = inFolder();
	await make('bell');
	const source = path.join(cwd, 'bell/bell.c');
	fs.writeFileSync(source, fs.readFileSync(source, 'utf8').replace('"Good day"', '"Go away"'));
	await assert.rejects(run('make', ['-s', 'check'], { cwd: path.join(cwd, 'bell'), env: installed.env }),
		(e) => /FAIL: .* is answered by .*Go away, Ann!/.test(e.stderr));
});

test('bad names and folders that are there are refused', options, async () => {
	const { cwd, make, refused } = inFolder();
	await refused(/one NAME is needed/);
	await refused(/one NAME is needed/, 'a', 'b');
	for (const name of ['', 'Bell', '2bell', '_bell', 'a-b', 'a b', '../bell', '/tmp/bell', 'be/ll', 'bell.so', 'ä', '-x', 'a;b', 'a&b'])
		await refused(/is no name for a plugin/, name);
	await refused(/too long/, 'x'.repeat(33));
	await refused(/already/, 'videoroom');
	await refused(/means something else/, 'janus');
	fs.mkdirSync(path.join(cwd, 'bell'));
	await refused(/there is a 'bell' here already/, 'bell');
	assert.match((await make('--help')).stdout, /Usage/);
});

/** The blocks of commands of a guide, in order. */
function commandsOf(file) {
	return [...fs.readFileSync(file, 'utf8').matchAll(/^```sh\n(.*?)^```$/gms)].map((m) => m[1]);
}

/** Run blocks in one shell, one after the other, until one fails. What is left of them is ended. */
async function shell(blocks, { cwd, env }) {
	const child = spawn('sh', ['-e', '-x', '-c', blocks.join('\n')], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
	let text = '';
	for (const stream of [child.stdout, child.stderr])
		stream.setEncoding('utf8').on('data', (more) => { text += more; });
	const closed = new Promise((resolve) => child.once('close', resolve));
	const code = await new Promise((resolve) => child.once('exit', resolve));
	try {
		process.kill(-child.pid, 'SIGTERM');
	} catch (e) {
		assert.equal(e.code, 'ESRCH'); // nothing is left
	}
	await closed;
	return { code, text };
}

test('the steps of docs/plugins.md lead to a plugin that answers', options, async () => {
	const { cwd } = inFolder();
	// What needs the machine's administrator goes below the test's folder, or is there already.
	const bin = path.join(cwd, 'bin');
	fs.mkdirSync(bin);
	fs.writeFileSync(path.join(bin, 'sudo'), '#!/bin/sh\nexec "$@"\n', { mode: 0o755 });
	fs.writeFileSync(path.join(bin, 'apt-get'), '#!/bin/sh\necho "apt-get $@"\n', { mode: 0o755 });
	const env = { ...installed.env, PATH: `${bin}:${installed.env.PATH}` };
	const ports = await takePorts(2);
	const blocks = commandsOf(GUIDE).map((block) => block.replaceAll('8088', ports).replaceAll('10000', ports + 1));
	const { code, text } = await shell(blocks, { cwd, env });
	release(ports);
	release(ports + 1);
	assert.equal(code, 0, text.slice(-3000));
	assert.equal(text.match(/doorbell: all is well/g).length, 2);
	assert.match(text, /"text": ?"Good day, Ann!"/);
	assert.match(text, /"rings": ?1/);
});
