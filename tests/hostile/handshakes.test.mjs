// Handshakes that a stranger or the peer itself makes difficult: handshakes.py, one after another.
import { strict as assert } from 'node:assert';
import { execFileSync, spawn } from 'node:child_process';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { withServer } from '../lib/server.mjs';
import { within } from '../lib/wait.mjs';

const PYTHON = process.env.PYTHON_BIN ?? '/usr/bin/python3';
const SCRIPT = fileURLToPath(new URL('handshakes.py', import.meta.url));
const conf = { core: { nat: { ice_enforce_list: '127.0.0.1' } } };

for (const name of execFileSync(PYTHON, [SCRIPT], { encoding: 'utf8' }).trim().split('\n'))
	test(name, { timeout: 90000 }, () => withServer({ conf }, async (server) => {
		const child = spawn(PYTHON, [SCRIPT, name], { stdio: ['ignore', 'pipe', 'inherit'],
			env: { ...process.env, CARDEA_WS: server.wsUrl } });
		let told = '';
		child.stdout.setEncoding('utf8').on('data', (text) => { told += text; });
		const code = await within(80000, `end of ${name}`,
			new Promise((resolve) => child.once('close', resolve))).finally(() => child.kill('SIGKILL'));
		if (process.env.ATTACK_LOG)
			console.error(name, told.trim());
		assert.equal(code, 0, told);
	}));
