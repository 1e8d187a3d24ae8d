// SPDX-License-Identifier: Apache-2.0
// Turns the lines of JSON that the client wrote into the table of targets.
// usage: node report.mjs RUNS OUT [KEY=VALUE…]   writes OUT.md and OUT.json, prints the table
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { sections, workers } from './targets.mjs';

const [, , input, out, ...about] = process.argv;
const runs = readFileSync(input, 'utf8').split('\n').filter(Boolean).map((text) => JSON.parse(text));

const say = (command, ...args) => {
	try {
		return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
	} catch {
		return '';
	}
};

function median(values) {
	const v = [...values].sort((a, b) => a - b), half = v.length >> 1;
	return v.length % 2 ? v[half] : (v[half - 1] + v[half]) / 2;
}

/** What @p take finds in the runs of a case on a server: median and spread of those that are valid; when none is, of
 *  all, marked. Undefined: there is nothing. */
function figure(of, name, take) {
	const all = runs.filter((r) => r.label?.startsWith(`${of}|${name}|`) && r.kind !== 'level');
	const values = (list) => list.map(take).filter((x) => typeof x === 'number' && Number.isFinite(x));
	const valid = values(all.filter((r) => !r.invalid && !r.skipped));
	const used = valid.length ? valid : values(all);
	if (!used.length)
		return all.some((r) => r.skipped) ? { skipped: all.find((r) => r.skipped).skipped } : undefined;
	return { median: median(used), min: Math.min(...used), max: Math.max(...used), n: used.length,
		isValid: valid.length > 0, reasons: [...new Set(all.flatMap((r) => r.invalid ?? []))], runs: all };
}

const num = (x, digits) => x.toFixed(digits);

const times = (x, digits) => (x === undefined ? '–' : `${num(x, digits)}×`);

function cell(f, row) {
	if (!f)
		return '–';
	if (f.skipped)
		return 'not run';
	const spread = f.n > 1 ? ` (${num(f.min, row.digits)}–${num(f.max, row.digits)})` : '';
	return `${f.isValid ? '' : 'not valid: '}${num(f.median, row.digits)}${spread}`;
}

/** How many times better we are; undefined where that says nothing. */
function better(row, theirs, ours) {
	if (!theirs?.isValid || !ours?.isValid || !(theirs.median > 0) || !(ours.median > 0))
		return undefined;
	return row.atLeast === undefined ? theirs.median / ours.median : ours.median / theirs.median;
}

const ENOUGH = 3; // repetitions, before a ratio to the bare forwarder is worth more than the noise

/** How many times the bare forwarder's cost is within the target: as often as when the target was written. */
function overFloor(row, bare) {
	return bare?.isValid ? row.atMost / row.floor?.[bare.runs.find((r) => r.gcm)?.gcm] || undefined : undefined;
}

function verdict(row, ours, ratios, bare) {
	if (!target(row) || !ours)
		return '';
	if (ours.skipped || !ours.isValid)
		return 'not measured';
	const tests = [], isLow = ours.median <= row.atMost;
	const isByFloor = row.atMost !== undefined && !isLow && Math.min(ours.n, bare?.n) >= ENOUGH
		&& ours.median / bare.median <= overFloor(row, bare);
	if (row.atMost !== undefined)
		tests.push(isLow || isByFloor);
	if (row.atLeast !== undefined)
		tests.push(ours.median >= row.atLeast);
	row.cheaper?.forEach((wanted, i) => ratios[i] !== undefined && tests.push(ratios[i] >= wanted));
	const words = ours.runs.some((r) => row.isEstimate?.(r)) ? ', by estimate' : '';
	if (!tests.length)
		return 'not measured';
	if (!tests.every(Boolean))
		return `**no**${words}${isByFloor ? `; ≤ ${row.atMost} by floor` : ''}`;
	return `yes${words}${isByFloor ? ', by floor' : ''}`;
}

function target(row, bare) {
	const most = overFloor(row, bare);
	let limit = row.atLeast !== undefined ? `≥ ${row.atLeast}` : '';
	if (row.atMost !== undefined)
		limit = `≤ ${row.atMost}`;
	return [limit + (most ? ` or ${times(most, 2)} bare` : ''),
		row.cheaper && `${row.cheaper.map((x) => `${x}×`).join(' / ')} cheaper`].filter(Boolean).join(', ');
}

const notes = new Set();
function takeNotes(row, servers) {
	for (const [name, f] of servers) {
		f?.reasons?.forEach((why) => notes.add(`${row.of}, ${name}: ${f.isValid ? 'a repetition was left out' :
			'not valid'}: ${why}`));
		if (f?.skipped)
			notes.add(`${row.of}, ${name}: not run: ${f.skipped}`);
		if (row.note && f?.runs)
			f.runs.map(row.note).filter(Boolean).forEach((text) => notes.add(`${row.what}, ${name}: ${text}`));
	}
}

function line(row) {
	const [theirs, tuned, ours, bare] = ['janus', 'janus-tuned', 'cardea', 'floor'].map((t) =>
		figure(t, row.of, row.take));
	if (!theirs && !tuned && !ours && !bare)
		return undefined;
	const ratios = [better(row, theirs, ours), better(row, tuned, ours)];
	takeNotes(row, [['janus default', theirs], ['janus tuned', tuned], ['Cardea', ours],
		['bare forwarder', bare]]);
	if (row.cheaper?.some((wanted, i) => ratios[i] < wanted) && bare?.isValid)
		notes.add(`${row.what}: the bare forwarder itself is ${[theirs, tuned].map((t) => better(row, t, bare))
			.filter(Boolean).map((r) => times(r, 1)).join(' and ')} cheaper than janus here`);
	return `| ${[`${row.what}${row.unit && `, ${row.unit}`}`, cell(theirs, row), cell(tuned, row), cell(ours, row),
		cell(bare, row), times(better(row, ours, bare), 2), ...ratios.map((r) => times(r, 1)), target(row, bare),
		verdict(row, ours, ratios, bare)]
		.join(' | ')} |`;
}

function workerLines() {
	const two = figure('workers2', workers.two, workers.cost), one = figure('cardea', workers.one, workers.cost);
	if (!two)
		return [];
	const isShared = two.runs?.some(workers.isShared);
	if (two.skipped || !two.isValid || !one?.isValid || !isShared) {
		const why = two.skipped ?? (!isShared ? 'the server left the second worker idle' : two.reasons.join('; ')
			|| `${workers.one} is needed in the same run`);
		notes.add(`two workers: not measured: ${why}`);
		return ['| two workers against one | – | – | not run | – | – | – | – | '
			+ `throughput ≥ ${workers.throughputAtLeast}×, cost ≤ ${workers.costAtMost}× | not measured |`];
	}
	const gain = figure('workers2', workers.two, workers.throughput).median
		/ figure('cardea', workers.one, workers.throughput).median, cost = two.median / one.median;
	const row = (what, x, words, met) => `| two workers against one, ${what} | – | – | ${num(x, 2)}× | – | – | – | – `
		+ `| ${words}× | ${met ? 'yes' : '**no**'} |`;
	return [row('throughput', gain, `≥ ${workers.throughputAtLeast}`, gain >= workers.throughputAtLeast),
		row('cost of a packet', cost, `≤ ${workers.costAtMost}`, cost <= workers.costAtMost)];
}

function table() {
	const head = ['| | janus default | janus tuned | Cardea | bare forwarder | × bare | better than default | than tuned '
		+ '| target | met |', '|---|---|---|---|---|---|---|---|---|---|'];
	const body = sections.flatMap(({ title, rows }) => {
		const lines = rows.map(line).filter(Boolean);
		return lines.length ? [`| **${title}** | | | | | | | | | |`, ...lines] : [];
	});
	return [...head, ...body, ...workerLines()].join('\n');
}

const version = (name) => say('dpkg-query', '-W', '-f', '${Version}', name) || 'not there';
const facts = {
	date: new Date().toISOString(),
	cpu: os.cpus()[0]?.model ?? '?', cores: os.cpus().length, memory_gib: Math.round(os.totalmem() / 2 ** 30),
	kernel: os.release(),
	versions: Object.fromEntries(['janus', 'libnice10', 'libsrtp2-1', 'libssl3', 'libwebsockets17']
		.map((name) => [name, version(name)])),
	...Object.fromEntries(about.map((a) => [a.slice(0, a.indexOf('=')), a.slice(a.indexOf('=') + 1)])),
};

const numbers = (key) => runs.map((r) => r[key]).filter((x) => typeof x === 'number');
function noise() {
	const others = numbers('others_pct'), steal = numbers('steal_pct'), load = numbers('load_average');
	return others.length === 0 ? '' : `- Others on the machine: ${num(median(others), 0)} % of a core in the median, `
		+ `${num(Math.max(...others), 0)} % at worst; steal at most ${num(Math.max(...steal), 1)} %; `
		+ `load average ${num(Math.min(...load), 1)} to ${num(Math.max(...load), 1)}, this test included\n`;
}

const text = `# Load, ${facts.date.slice(0, 16).replace('T', ' ')} UTC

- ${facts.cpu}, ${facts.cores} cores, ${facts.memory_gib} GiB, Linux ${facts.kernel}
- ${facts.cardea}, commit ${facts.commit || 'unknown'}; options: ${facts.options || 'none'}
- ${Object.entries(facts.versions).map(([k, v]) => `${k} ${v}`).join(', ')}
- Server on CPU ${facts.server_cpu}, client on CPU ${facts.client_cpu}, ${facts.nice ? `nice ${facts.nice}` :
	'usual priority'}; loopback
${noise()}
${table()}
${notes.size ? `\n${[...notes].map((n) => `- ${n}`).join('\n')}\n` : ''}`;

writeFileSync(`${out}.md`, text);
const everyRun = runs.map((r) => `  ${JSON.stringify(r)}`).join(',\n');
writeFileSync(`${out}.json`, `{ "facts": ${JSON.stringify(facts, null, 1)},\n "runs": [\n${everyRun}\n ] }\n`);
console.log(text);
