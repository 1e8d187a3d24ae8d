#!/usr/bin/env node
// Counts the instructions of a forwarded packet (valgrind's callgrind, to the last one repeatable)
// and holds them against bench/counted.json. A timing would tell less, and not the same twice.
//   count.mjs PROGRAM             check bench/micro/path, built with the usual flags
//   count.mjs PROGRAM --record    take the present figures over
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const RECORD = path.resolve(fileURLToPath(import.meta.url), '../../bench/counted.json');
const [SUBSCRIBERS, FRAMES, PACKETS] = [50, 200, 4];
// Our own code is ours to keep; the libraries' depends on their version and on the processor.
const SLACK = { own: 0.02, all: 0.1 };

/** Instructions by object file: a cost line counts for the object named last, unless it is that of
 *  a call, which is counted where it is spent. */
function byObject(file) {
	const names = new Map();
	const costs = new Map();
	let object = '';
	let isCall = false;
	for (const line of fs.readFileSync(file, 'utf8').split('\n')) {
		const named = /^ob=(\(\d+\))(?: (.*))?$/.exec(line);
		if (named) {
			if (named[2])
				names.set(named[1], named[2]);
			object = names.get(named[1]);
		} else if (/^cob=(\(\d+\)) (.*)$/.test(line)) {
			const [, id, name] = /^cob=(\(\d+\)) (.*)$/.exec(line);
			names.set(id, name);
		} else if (line.startsWith('calls=')) {
			isCall = true;
		} else if (/^[+\-*\d]\S* \d+$/.test(line)) {
			if (!isCall)
				costs.set(object, (costs.get(object) ?? 0) + Number(line.split(' ')[1]));
			isCall = false;
		}
	}
	return costs;
}

function count(program) {
	const out = path.join(os.tmpdir(), `cardea-count-${process.pid}`);
	try {
		execFileSync('valgrind', ['--tool=callgrind', `--callgrind-out-file=${out}`,
			'--toggle-collect=forward', program, SUBSCRIBERS, FRAMES].map(String),
		{ stdio: ['ignore', 'ignore', 'pipe'] });
		const costs = byObject(out);
		const sum = (names) => [...names].reduce((n, name) => n + costs.get(name), 0);
		const forwarded = SUBSCRIBERS * FRAMES * PACKETS;
		return { own: sum([...costs.keys()].filter((n) => path.basename(n) === path.basename(program)))
			/ forwarded, all: sum(costs.keys()) / forwarded };
	} finally {
		fs.rmSync(out, { force: true });
	}
}

const compiler = execFileSync('gcc', ['-dumpfullversion'], { encoding: 'utf8' }).trim();
const [program, option] = process.argv.slice(2);
const found = count(program);
const shown = (n) => n.toFixed(1);
if (option === '--record') {
	fs.writeFileSync(RECORD, `${JSON.stringify({ compiler, own: Number(shown(found.own)),
		all: Number(shown(found.all)) }, null, '\t')}\n`);
	console.log(`recorded: ${shown(found.own)} of ours, ${shown(found.all)} in all`);
	process.exit();
}
const recorded = JSON.parse(fs.readFileSync(RECORD, 'utf8'));
if (recorded.compiler !== compiler) {
	console.log(`ok - instructions of a forwarded packet # SKIP recorded with gcc ${recorded.compiler}`);
	process.exit();
}
let failed = false;
for (const what of ['own', 'all']) {
	const over = found[what] / recorded[what] - 1;
	const bad = Math.abs(over) > SLACK[what];
	failed ||= bad;
	console.log(`${bad ? 'not ok' : 'ok'} - instructions of a forwarded packet, ${what}: `
		+ `${shown(found[what])}, recorded ${shown(recorded[what])}`
		+ (bad ? ` (if that is meant: tests/count.mjs ${program} --record)` : ''));
}
process.exitCode = failed ? 1 : 0;
