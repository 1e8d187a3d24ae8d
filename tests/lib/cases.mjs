// A Python script with many cases, which runs them all at once and prints a line of JSON for each:
// {name, good, seen}. With --list it prints their names.
import { execFileSync, spawn } from 'node:child_process';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';

const PYTHON = process.env.PYTHON_BIN ?? '/usr/bin/python3';

export class Cases {
	/** @param env what the script needs to know of the server */
	constructor(url, env) {
		const script = fileURLToPath(url);
		this.names = execFileSync(PYTHON, ['-B', script, '--list'], { encoding: 'utf8' }).trim().split('\n');
		this.results = new Map(this.names.map((name) => [name, deferred()]));
		this.child = spawn(PYTHON, ['-B', script], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
		this.errors = '';
		this.child.stderr.setEncoding('utf8').on('data', (text) => { this.errors += text; });
		readline.createInterface(this.child.stdout).on('line', (line) => {
			const told = JSON.parse(line);
			this.results.get(told.name).resolve(told);
		});
		this.ended = new Promise((resolve) => this.child.once('close', (code) => {
			for (const { resolve: settle } of this.results.values())
				settle({ good: false, seen: `the script has ended with ${code}: ${this.errors.slice(-2000)}` });
			resolve(code);
		}));
	}

	/** What came of a case. */
	result(name) {
		return this.results.get(name).promise;
	}

	end() {
		this.child.kill('SIGKILL');
		return this.ended;
	}
}

function deferred() {
	const d = {};
	d.promise = new Promise((resolve) => { d.resolve = resolve; });
	return d;
}
