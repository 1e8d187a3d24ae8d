// Clients that are scripts of Python.
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { within } from './wait.mjs';

export const PYTHON = process.env.PYTHON_BIN ?? '/usr/bin/python3';

/** Run a script to its good end. @return what it prints, parsed */
export async function python(url, args, ms) {
	const child = spawn(PYTHON, [fileURLToPath(url), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
	let out = '';
	let errors = '';
	child.stdout.on('data', (d) => { out += d; });
	child.stderr.on('data', (d) => { errors += d; });
	const code = await within(ms, 'end of the call', new Promise((resolve) => child
		.once('close', resolve))).finally(() => child.kill('SIGKILL'));
	assert.equal(code, 0, errors.slice(-2000));
	return JSON.parse(out);
}
