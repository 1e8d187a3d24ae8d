// Clients of all ports at once, good and bad ones mixed by chance: http_fuzz.py.
//   HTTP_FUZZ_SECONDS=600 HTTP_FUZZ_SEED=1 node run.mjs hostile/http.test.mjs
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { release, takePorts } from '../lib/ports.mjs';
import { isSanitized, withServer } from '../lib/server.mjs';
import { within } from '../lib/wait.mjs';

const PYTHON = process.env.PYTHON_BIN ?? '/usr/bin/python3';
const SCRIPT = fileURLToPath(new URL('http_fuzz.py', import.meta.url));
const SECONDS = process.env.HTTP_FUZZ_SECONDS ?? '10';
const SEED = process.env.HTTP_FUZZ_SEED ?? String(Math.floor(Math.random() * 1e9));
const LINES_MAX = 300; // of log

function portsOf({ ports, wsPort }, secure) {
	return [{ port: ports.http, tls: false, kind: 'web' }, { port: secure, tls: true, kind: 'web' },
		{ port: wsPort, tls: false, kind: 'socket' }, { port: ports.adminHttp, tls: false, kind: 'admin' },
		{ port: ports.adminWs, tls: false, kind: 'socket', admin: true }];
}

async function fuzz(server, secure) {
	const child = spawn(PYTHON, [SCRIPT, SEED, SECONDS], { stdio: ['ignore', 'pipe', 'inherit'],
		env: { ...process.env, CARDEA_PORTS: JSON.stringify(portsOf(server, secure)),
			CARDEA_HTTP: server.ports.http, CARDEA_PID: server.pid, CARDEA_SANITIZED: isSanitized() ? '1' : '0' } });
	let told = '';
	child.stdout.setEncoding('utf8').on('data', (text) => { told += text; });
	const code = await within(Number(SECONDS) * 1000 + 120000, 'end of the fuzzer',
		new Promise((resolve) => child.once('close', resolve))).finally(() => child.kill('SIGKILL'));
	return { code, told };
}

test(`clients of all kinds, seed ${SEED}`, { timeout: Number(SECONDS) * 1000 + 150000 }, async () => {
	const secure = await takePorts(1);
	await withServer({ conf: { core: { web: { secure_port: secure } } } }, async (server) => {
		const { code, told } = await fuzz(server, secure);
		if (process.env.ATTACK_LOG)
			console.error(told);
		server.check();
		assert.equal(code, 0, told);
		const lines = server.log.split('\n').length;
		assert.ok(lines < LINES_MAX + Number(SECONDS) * 2, `${lines} lines of log`);
	}).finally(() => release(secure));
});
