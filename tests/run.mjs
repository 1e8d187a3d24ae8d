#!/usr/bin/env node
// Runs the end-to-end tests: `node run.mjs [wire] [clients] [browser] [hostile] [file.test.mjs …]`, all groups
// by default. One `ok` or `not ok` line per test, and `N passed, N failed, N skipped` at the end.
//
// Files run beside each other, TEST_JOBS of them (as many as processors, at most 4): they have servers and ports of
// their own. Of those with browsers, which keep a processor busy, there is one at a time; those that
// measure (hostile) have the machine to themselves, at the end.
//
// CARDEA_BIN names the program under test; TEST_SERVER=janus runs the reference server instead, to
// prove the tests themselves. TEST_FILE_MS is how long a file may take: then it ends with all that it
// has started, and the others go on.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const GROUPS = ['wire', 'clients', 'browser', 'hostile'];
const FILE_MS = Number(process.env.TEST_FILE_MS ?? 300000);
const LAST_MS = 15000; // from SIGTERM to SIGKILL
const PIPE_MS = 5000; // that a file's children may keep its output open when it has ended
// Where the replays leave word of which rows of their table they used, for rows.test.mjs.
const ROWS_USED = path.join(os.tmpdir(), `cardea-rows-${process.pid}`);
const JOBS = Number(process.env.TEST_JOBS ?? Math.min(os.availableParallelism(), 4));
const counts = { passed: 0, failed: 0, skipped: 0 };
const queue = [];
const running = new Map(); // to the end of each
const groups = new Set(); // the processes of those that run

function filesOf(name) {
	if (!GROUPS.includes(name))
		return [path.resolve(name)];
	return fs.readdirSync(path.join(HERE, name)).filter((f) => f.endsWith('.test.mjs')).sort()
		.map((f) => path.join(HERE, name, f));
}

function count(line, own) {
	if (/^ok - .* # SKIP/.test(line))
		own.skipped++;
	else if (line.startsWith('ok - '))
		own.passed++;
	else if (line.startsWith('not ok - '))
		own.failed++;
}

/** Prints the lines of one file, those of a test together; @return what it has counted. */
function printer(name) {
	const own = { passed: 0, failed: 0, skipped: 0 };
	let rest = '', test = [];
	const flush = () => {
		if (test.length)
			console.log(test.join('\n'));
		test = [];
	};
	const line = (text) => {
		if (/^(not )?ok - /.test(text))
			flush();
		count(text, own);
		test.push(text.replace(/^((not )?ok - )/, `$1${name}: `));
	};
	return { own,
		add(text) {
			const lines = (rest + text).split('\n');
			rest = lines.pop();
			lines.forEach(line);
		},
		end() {
			if (rest)
				line(rest);
			flush();
		} };
}

/** Ends a file with all that it has started. */
function endGroup(child) {
	groups.delete(child);
	try {
		process.kill(-child.pid, 'SIGKILL');
	} catch {
		// nothing is left
	}
}

/** A file has ended, and somebody still holds its output. */
function letGo(name, child) {
	console.log(`# ${name}: ended what it has left behind`);
	endGroup(child);
	child.stdout.destroy(); // it may be out of reach
	child.stderr.destroy();
}

function run(file) {
	const name = path.relative(HERE, file);
	const out = printer(name);
	// A process group of its own: whatever the file has started ends with it.
	const child = spawn(process.execPath, [`--test-reporter=${path.join(HERE, 'lib/reporter.mjs')}`,
		'--test-reporter-destination=stdout', `--import=${path.join(HERE, 'lib/ending.mjs')}`, file], { stdio: ['ignore', 'pipe', 'pipe'], detached: true,
		env: { ...process.env, ROWS_USED, PYTHONDONTWRITEBYTECODE: '1' } });
	let isLate = false;
	// First a word that lets the file's browsers and servers be ended too.
	const timer = setTimeout(() => { isLate = true; child.kill('SIGTERM'); }, FILE_MS);
	const last = setTimeout(() => { isLate = true; endGroup(child); }, FILE_MS + LAST_MS);
	groups.add(child);
	let held;
	child.once('exit', () => { held = setTimeout(() => letGo(name, child), PIPE_MS); });
	child.stdout.setEncoding('utf8').on('data', out.add);
	child.stderr.pipe(process.stderr, { end: false }); // a copy of ours would keep open what reads it
	return new Promise((resolve) => child.once('close', (code, signal) => {
		endGroup(child);
		clearTimeout(held);
		clearTimeout(timer);
		clearTimeout(last);
		out.end();
		const { passed, failed, skipped } = out.own;
		if (signal || !(passed + failed + skipped) || (code !== 0 && !failed)) {
			counts.failed++;
			console.log(`not ok - ${name}: ${isLate ? `not done in ${FILE_MS / 1000} s, ` : ''}ended with ${
				signal ?? `status ${code}`}`);
		}
		for (const key of Object.keys(counts))
			counts[key] += out.own[key];
		resolve();
	}));
}

// ---- which run beside each other ----

const isIn = (group, file) => path.dirname(file) === path.join(HERE, group);
const measures = (file) => isIn('hostile', file);
const isReplay = (file) => path.basename(file).startsWith('replay');
const hasBrowser = (file) => isIn('browser', file) || fs.readFileSync(file, 'utf8').includes('lib/browser.mjs');

/** May it begin now? The rows of a table are counted when the replays have used them. */
function mayBegin(file) {
	const others = [...running.keys()];
	if (measures(file) || others.some(measures))
		return !others.length;
	if (path.basename(file) === 'rows.test.mjs' && [...queue, ...others].some(isReplay))
		return false;
	return !hasBrowser(file) || !others.some(hasBrowser);
}

async function runAll() {
	let i;
	while (queue.length || running.size) {
		while (running.size < JOBS && (i = queue.findIndex(mayBegin)) >= 0) {
			const [file] = queue.splice(i, 1);
			running.set(file, run(file).then(() => running.delete(file)));
		}
		await Promise.race(running.values());
	}
}

if (!fs.existsSync(path.join(HERE, 'node_modules'))) {
	console.log('not ok - tests: run `npm ci` in tests/ first\n0 passed, 1 failed, 0 skipped');
	process.exit(1);
}
// Groups of their own do not hear of what ends this process.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
	process.once(signal, () => {
		groups.forEach(endGroup);
		process.kill(process.pid, signal);
	});
const wanted = process.argv.slice(2);
/** What takes longest begins first; what measures has the machine for itself, at the end. */
function rank(file) {
	if (measures(file))
		return 2;
	return hasBrowser(file) ? 0 : 1;
}
queue.push(...new Set((wanted.length ? wanted : GROUPS).flatMap(filesOf)));
queue.sort((a, b) => rank(a) - rank(b));
await runAll();
fs.rmSync(ROWS_USED, { force: true });
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed ? 1 : 0;
