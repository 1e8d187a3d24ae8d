// aiortc, a WebRTC stack of its own in Python, over HTTP with long poll.
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { withServer } from '../lib/server.mjs';
import { within } from '../lib/wait.mjs';

const PYTHON = process.env.PYTHON_BIN ?? '/usr/bin/python3';
const SCRIPT = fileURLToPath(new URL('aiortc_echo.py', import.meta.url));

test('aiortc: sound and pictures come back over HTTP signaling', () => withServer({},
	async (server) => {
		const child = spawn(PYTHON, [SCRIPT, server.apiUrl], { stdio: ['ignore', 'pipe', 'pipe'] });
		let out = '';
		let errors = '';
		child.stdout.on('data', (d) => { out += d; });
		child.stderr.on('data', (d) => { errors += d; });
		const code = await within(60000, 'end of the call', new Promise((resolve) => child
			.once('close', resolve))).finally(() => child.kill('SIGKILL'));
		assert.equal(code, 0, errors.slice(-2000));
		const frames = JSON.parse(out);
		assert.ok(frames.audio >= 20 && frames.video >= 20, out);
	}));
