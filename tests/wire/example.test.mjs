// The example of a plugin is built out of tree, as its README says, against what `make install` installs, and the server
// runs with the installed plugins and it.
import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { connect } from '../lib/api.mjs';
import { withBrowser } from '../lib/browser.mjs';
import { CAMERA } from '../lib/calls.mjs';
import { Peers } from '../lib/media.mjs';
import { BIN, IS_REFERENCE, withServer } from '../lib/server.mjs';

const run = promisify(execFile);
const BUILD = path.dirname(BIN);
const EXAMPLE = fileURLToPath(new URL('../../examples/echo', import.meta.url));
const skip = (IS_REFERENCE && 'a feature of our own')
	|| (!fs.existsSync(path.join(BUILD, 'Makefile')) && 'the program is not in a folder that it was built in');

/** Install Cardea and the example below a temporary folder. @return where the plugins are */
async function install(root) {
	// A package is made in the same way: files lie below DESTDIR, and name the places that they are for.
	const make = (...args) => run('make', ['-s', ...args], { env: { ...process.env, DESTDIR: root } });
	await make('-C', BUILD, 'install');
	const { stdout } = await run('find', [root, '-name', 'cardea.pc']);
	const folder = path.dirname(stdout.trim());
	const env = { ...process.env, PKG_CONFIG_PATH: folder };
	const variable = async name => (await run('pkg-config', [`--variable=${name}`, 'cardea'], { env })).stdout.trim();
	const prefix = await variable('prefix');
	const copy = path.join(root, 'echo');
	fs.cpSync(EXAMPLE, copy, { recursive: true });
	fs.rmSync(path.join(copy, 'echo.so'), { force: true });
	await run('make', ['-s', '-C', copy, 'install', 'CFLAGS=-O2 -Wall -Wextra -Wno-missing-field-initializers -Werror',
		`PKG_CONFIG=pkg-config --define-variable=prefix=${root}${prefix}`], { env });
	return `${root}${await variable('plugindir')}`;
}

test('the example is built and installed out of tree, and serves', { skip, timeout: 180000 }, async () => {
	const root = fs.mkdtempSync(path.join(os.tmpdir(), 'cardea-example-'));
	try {
		const folder = await install(root);
		assert.ok(fs.existsSync(path.join(folder, 'echo.so')), `there is no echo.so in ${folder}`);
		const conf = { core: { general: { plugins_folder: folder } } };
		await withServer({ conf }, async (server) => {
			assert.match(server.log, /plugin loaded name=echo /);
			assert.match(server.log, /plugin loaded name=videoroom /);
			const client = await connect(server, 'ws');
			const session = await client.createSession();
			const handle = await session.attach('cardea.plugin.echo');
			const ask = (body, jsep) => handle.message(body, jsep);
			assert.deepEqual(await ask({ request: 'echo', paused: true }), { echo: 'event', result: 'ok' });
			assert.deepEqual(await ask({ request: 'echo', paused: 'yes' }), { echo: 'event', error_code: 3,
				error: 'Invalid element type (paused should be a boolean)' });
			assert.equal((await ask({ request: 'sing' })).error_code, 1);
			assert.equal((await ask({ paused: true })).error_code, 2);
			await withBrowser('chromium', async (browser) => {
				const peers = await Peers.open(browser);
				const { result, jsep } = await ask({ request: 'echo' },
					{ type: 'offer', sdp: await peers.offer('ann', CAMERA) });
				assert.equal(result, 'ok');
				await peers.take('ann', jsep.sdp);
				await handle.notice('that it is connected', data => data.connected === true);
				await peers.mediaFlows('ann');
				await peers.close();
			});
			await client.close();
		});
	} finally {
		fs.rmSync(root, { recursive: true, force: true });
	}
});
