// A network of the test's own, with public addresses of RFC 5737, which nothing outside sees. It is gone with the script
// that runs in it, and all that the script started.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { within } from './wait.mjs';

/** The addresses of the machine in there, beside the loopback ones. */
export const ADDRESS = '198.51.100.1';
export const ADDRESS6 = '2001:db8::1';

const SET_UP = `set -e
ip link set lo up
ip link add v0 type veth peer name v1
ip addr add ${ADDRESS}/24 dev v0
ip addr add ${ADDRESS6}/64 dev v0 nodad
ip link set v0 up
ip link set v1 up
exec "$0" "$@"`;

/** Run a Node script there. @return its standard output; a status other than 0 is a failure. */
export async function runApart(file, args = [], ms = 120000) {
	const tmp = fs.mkdtempSync(path.join(os.tmpdir(), 'cardea-apart-'));
	const user = process.getuid() === 0 ? [] : ['--map-root-user'];
	const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'unshare', ...user, '--net', '--pid',
		'--fork', '--kill-child', '--mount-proc', 'sh', '-c', SET_UP, process.execPath, file, ...args],
	{ stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, TMPDIR: tmp } });
	let out = '';
	let errors = '';
	child.stdout.setEncoding('utf8').on('data', (text) => { out += text; });
	child.stderr.setEncoding('utf8').on('data', (text) => { errors += text; });
	const ended = new Promise((resolve) => {
		child.once('error', (e) => { errors += e.message; resolve(-1); });
		child.once('close', resolve);
	});
	try {
		const status = await within(ms, `end of ${path.basename(file)}`, ended);
		if (status !== 0)
			throw new Error(`${path.basename(file)} ended with ${status}\n${out}${errors}`);
		return out;
	} finally {
		child.kill('SIGKILL');
		await ended;
		fs.rmSync(tmp, { recursive: true, force: true });
	}
}
