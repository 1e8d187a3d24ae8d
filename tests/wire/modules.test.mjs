// Plugins that do not load, crash, are of another version of the SDK, or are loaded again.
import { strict as assert } from 'node:assert';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { admin, connect, fetchHttp } from '../lib/api.mjs';
import { BIN, IS_REFERENCE, startServer, withServer } from '../lib/server.mjs';
import { until, within } from '../lib/wait.mjs';

const options = { skip: IS_REFERENCE && 'a feature of our own', timeout: 60000 };
const BUILT = path.join(path.dirname(BIN), 'tests');

function put(folder, from, as) {
	/* A new file in the place of the old one, as installers do it. */
	fs.copyFileSync(path.join(BUILT, from), path.join(folder, 'new'));
	fs.renameSync(path.join(folder, 'new'), path.join(folder, as));
}

/** Call @p body(folder, conf) with a plugins folder of the test's own. */
async function withFolder(body) {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cardea-plugins-'));
	const conf = (more = {}) => ({ core: { general: { plugins_folder: folder, ...more } } });
	try {
		await body(folder, conf);
	} finally {
		fs.rmSync(folder, { recursive: true });
	}
}

const LEFT_OUT = {
	refuses: /why="the moon is in the wrong house"/,
	other_abi: /why="it was built for version 6 of the SDK, and this server has 5"/,
	newer: /why="it was built against newer headers: its struct has \d+ bytes, and this server's \d+"/,
	too_old: /why="it was built against other headers: its struct has \d+ bytes, and this server's \d+"/,
	hookless: /why="it lacks one of the hooks attach, detach and message"/,
	nameless: /why="it has no name"/,
};

for (const [name, why] of Object.entries(LEFT_OUT))
	test(`a plugin is left out, and why is said: ${name}`, options, () => withFolder(async (folder, conf) => {
		put(folder, `others/.libs/${name}.so`, 'odd.so');
		await withServer({ conf: conf() }, async (server) => {
			await until('word of it', () => server.log.includes('module left out'));
			const line = server.log.split('\n').find((l) => l.includes('module left out'));
			assert.match(line, why);
			assert.ok(line.includes(path.join(folder, 'odd.so')), line);
		});
	}));

test('a file that is no module is named', options, () => withFolder(async (folder, conf) => {
	fs.writeFileSync(path.join(folder, 'text.so'), 'not a module\n');
	await withServer({ conf: conf() }, (server) => until('word of it', () =>
		/module left out file=\S*text.so why=".*(invalid ELF header|file too short)"/.test(server.log)));
}));

test('an older plugin, whose struct is shorter, works', options, () => withFolder(async (folder, conf) => {
	put(folder, 'others/.libs/older.so', 'odd.so');
	await withServer({ conf: conf() }, async (server) => {
		const session = await (await connect(server, 'ws')).createSession();
		const handle = await session.attach('cardea.plugin.odd');
		assert.deepEqual(await handle.message({}), { odd: 6 });
	});
}));

for (const [name, signal] of [['crashes', 'SEGV'], ['aborts', 'ABRT'], ['floods', 'SEGV']])
	test(`a plugin that ends the process at its start is named: ${name}`, options, () => withFolder(async (folder, conf) => {
		put(folder, `others/.libs/${name}.so`, 'odd.so');
		const failure = await startServer({ conf: conf() }).then(() => assert.fail('it started'), (e) => e);
		assert.match(failure.log, new RegExp(`cardea: crashed \\(SIG${signal}\\) in the plugin 'odd', hook 'start'`));
	}));

const reload = (server) => admin(server, { janus: 'reload_plugin', plugin: 'cardea.plugin.sdk' });

test('a changed plugin is loaded again when nobody uses it', options, () => withFolder(async (folder, conf) => {
	put(folder, 'modules/.libs/sdk.so', 'sdk.so');
	await withServer({ conf: conf() }, async (server) => {
		const client = await connect(server, 'ws');
		const session = await client.createSession();
		let handle = await session.attach('cardea.plugin.sdk');
		await handle.message({ request: 'metric', name: 'things_total', add: 1 });
		await handle.message({ request: 'leave_timers', n: 5 });
		const job = handle.message({ request: 'work', ms: 300 }).catch(() => {});
		put(folder, 'others/.libs/sdk_changed.so', 'sdk.so');
		const refused = await reload(server);
		assert.deepEqual(refused.error, { code: 490, reason: '1 handles are attached to it' });
		await handle.detach();
		const answer = await reload(server);
		assert.deepEqual([answer.janus, answer.version, answer.version_string], ['success', 2, '0.2.0']);
		await Promise.race([job, handle.detach().catch(() => {})]);
		handle = await session.attach('cardea.plugin.sdk');
		await handle.message({ request: 'metric', name: 'things_total', add: 1 });
		const { text } = await fetchHttp(`${server.httpUrl}/metrics`);
		assert.match(text, /^cardea_sdk_things_total 2$/m);
		assert.equal((await fetchHttp(`${server.httpUrl}/sdk/x`)).json.path, '/x');
		assert.deepEqual(await handle.message({ request: 'work', ms: 1 }), { run: true, cancelled: false });
	});
}));

test('what cannot start leaves the one before in its place', options, () => withFolder(async (folder, conf) => {
	put(folder, 'modules/.libs/sdk.so', 'sdk.so');
	await withServer({ conf: conf() }, async (server) => {
		const answers = async () => {
			const session = await (await connect(server, 'ws')).createSession();
			const handle = await session.attach('cardea.plugin.sdk');
			await handle.message({ request: 'hold', ms: 0 });
			await handle.detach();
		};
		fs.writeFileSync(path.join(folder, 'new'), 'half a file');
		fs.renameSync(path.join(folder, 'new'), path.join(folder, 'sdk.so'));
		assert.match((await reload(server)).error.reason, /sdk.so: .*(too short|invalid ELF header)/);
		await answers();
		put(folder, 'others/.libs/older.so', 'sdk.so');
		assert.match((await reload(server)).error.reason, /it is another plugin now/);
		await answers();
		fs.unlinkSync(path.join(folder, 'sdk.so'));
		assert.match((await reload(server)).error.reason, /No such file/);
		await answers();
		put(folder, 'others/.libs/sdk_changed.so', 'sdk.so');
		for (let i = 0; i < 20; i++)
			assert.equal((await reload(server)).janus, 'success');
		await within(5000, 'answer', answers());
	});
}));
