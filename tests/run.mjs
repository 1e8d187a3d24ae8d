#!/usr/bin/env node
// Runs the end-to-end tests: `node run.mjs [wire] [clients] [browser] [hostile] [file.test.mjs …]`, all groups
// by default. One `ok` or `not ok` line per test, and `N passed, N failed, N skipped` at the end.
//
// CARDEA_BIN names the program under test; TEST_SERVER=janus runs the reference server instead, to
// prove the tests themselves.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const GROUPS = ['wire', 'clients', 'browser', 'hostile'];
const FILE_MS = 300000;
// Where the replays leave word of which rows of their table they used, for rows.test.mjs.
const ROWS_USED = path.join(os.tmpdir(), `cardea-rows-${process.pid}`);
const counts = { passed: 0, failed: 0, skipped: 0 };

function filesOf(name) {
	if (!GROUPS.includes(name))
		return [path.resolve(name)];
	return fs.readdirSync(path.join(HERE, name)).filter((f) => f.endsWith('.test.mjs')).sort()
		.map((f) => path.join(HERE, name, f));
}

function count(line) {
	if (/^ok - .* # SKIP/.test(line))
		counts.skipped++;
	else if (line.startsWith('ok - '))
		counts.passed++;
	else if (line.startsWith('not ok - '))
		counts.failed++;
}

function run(file) {
	const name = path.relative(HERE, file);
	const before = counts.passed + counts.failed + counts.skipped;
	const child = spawn(process.execPath, [`--test-reporter=${path.join(HERE, 'lib/reporter.mjs')}`,
		'--test-reporter-destination=stdout', file], { stdio: ['ignore', 'pipe', 'inherit'],
		env: { ...process.env, ROWS_USED } });
	// First a word that lets the file's browsers and servers be ended too.
	const timer = setTimeout(() => child.kill('SIGTERM'), FILE_MS);
	const last = setTimeout(() => child.kill('SIGKILL'), FILE_MS + 15000);
	let rest = '';
	child.stdout.setEncoding('utf8').on('data', (text) => {
		const lines = (rest + text).split('\n');
		rest = lines.pop();
		for (const line of lines) {
			count(line);
			console.log(line.replace(/^((not )?ok - )/, `$1${name}: `));
		}
	});
	return new Promise((resolve) => child.once('close', (code, signal) => {
		clearTimeout(timer);
		clearTimeout(last);
		const told = counts.passed + counts.failed + counts.skipped > before;
		if (signal || !told || (code !== 0 && counts.failed === 0)) {
			counts.failed++;
			console.log(`not ok - ${name}: ended with ${signal ?? `status ${code}`}`);
		}
		resolve();
	}));
}

if (!fs.existsSync(path.join(HERE, 'node_modules'))) {
	console.log('not ok - tests: run `npm ci` in tests/ first\n0 passed, 1 failed, 0 skipped');
	process.exit(1);
}
const wanted = process.argv.slice(2);
for (const file of (wanted.length ? wanted : GROUPS).flatMap(filesOf))
	await run(file);
fs.rmSync(ROWS_USED, { force: true });
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed ? 1 : 0;
