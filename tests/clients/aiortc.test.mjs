// aiortc, a WebRTC stack of its own in Python, over HTTP with long poll.
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { isData, openRelay } from '../lib/lossy.mjs';
import { withServer } from '../lib/server.mjs';
import { within } from '../lib/wait.mjs';

const PYTHON = process.env.PYTHON_BIN ?? '/usr/bin/python3';

/** Run a script of this folder to its good end. @return what it prints, parsed */
async function python(script, args, ms) {
	const path = fileURLToPath(new URL(script, import.meta.url));
	const child = spawn(PYTHON, [path, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
	let out = '';
	let errors = '';
	child.stdout.on('data', (d) => { out += d; });
	child.stderr.on('data', (d) => { errors += d; });
	const code = await within(ms, 'end of the call', new Promise((resolve) => child
		.once('close', resolve))).finally(() => child.kill('SIGKILL'));
	assert.equal(code, 0, errors.slice(-2000));
	return JSON.parse(out);
}

test('aiortc: sound and pictures come back over HTTP signaling', () => withServer({},
	async (server) => {
		const frames = await python('aiortc_echo.py', [server.apiUrl], 60000);
		assert.ok(frames.audio >= 20 && frames.video >= 20, JSON.stringify(frames));
	}));

test('aiortc: ten megabytes each way on a data channel, under loss', () => withServer({},
	async (server) => {
		const relay = await openRelay(server.ports.udp, isData);
		relay.everyNth = 50;
		const told = await python('aiortc_data.py', [server.apiUrl, '10', `${relay.port}`], 120000)
			.finally(relay.close);
		assert.deepEqual(told, { sent: 320, good: 320 });
		assert.ok(relay.dropped.up > 20 && relay.dropped.down > 20, JSON.stringify(relay.dropped));
	}));
