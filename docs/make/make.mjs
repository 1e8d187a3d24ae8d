#!/usr/bin/env node
// Writes docs/api.md, docs/metrics.md, docs/troubleshooting.md and the comments of conf/*.jcfg from the
// tables of the program, html/docs.html and docs/abi.txt from the public headers (`make docs`).
//   docs/make/make.mjs [--check]   --check: write nothing, and fail where a file is not as it would be
// CARDEA_BIN   the program that is asked (default: build/cardea in the source tree)
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { BIN } from '../../tests/lib/server.mjs';
import { abiGaps, abiRecord } from './abi.mjs';
import { apiPage, gaps } from './api.mjs';
import { confFile } from './conf.mjs';
import { headerGaps, readHeaders } from './headers.mjs';
import { metricGaps, metricsPage, readMetrics } from './metrics.mjs';
import { reasonsPage } from './reasons.mjs';
import { recordAll } from './scenes.mjs';
import { sdkPage } from './sdk.mjs';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const CORE_INTRO = ['The core of the server. Every option is here; what has a # before it is off or chosen by the server.',
	'`cardea --check` reads this folder, says what is wrong, and what a browser will see.',
	'A single option can be overridden on the command line: --set cardea:media.udp_port=20000'];
const HINT = 'Every option is here, with its default unless the line is set.';

const described = spawnSync(BIN, ['--describe'], { encoding: 'utf8', maxBuffer: 1 << 26, timeout: 60000 });
if (described.status !== 0) {
	console.error(`${BIN} --describe has failed: ${described.error?.message ?? described.stderr}`);
	process.exit(1);
}
const tables = JSON.parse(described.stdout);
const examples = await recordAll();
const metrics = await readMetrics();
const headers = readHeaders(path.join(ROOT, 'core/include/cardea'));
const missing = [...gaps(tables, examples), ...metricGaps(metrics, ROOT), ...headerGaps(headers), ...abiGaps(headers, BIN)];
missing.forEach((m) => console.error(m));

const files = new Map([['docs/api.md', () => apiPage(tables, examples)],
	['docs/metrics.md', () => metricsPage(metrics)], ['docs/troubleshooting.md', () => reasonsPage(tables)],
	['html/docs.html', () => sdkPage(headers)], ['docs/abi.txt', () => abiRecord(headers, path.join(ROOT, 'core/include'))]]);
const add = (name, intro, options) => files.set(`conf/${name}.jcfg`, (old) => confFile(intro, options, old));
add('cardea', CORE_INTRO, tables.core.options);
for (const [kind, modules] of [['plugin', tables.plugins], ['transport', tables.transports], ['eventhandler', tables.eventhandlers]])
	for (const m of modules.filter((one) => one.options.length))
		add(`cardea.${kind}.${m.name}`, [m.description, HINT], m.options);

let stale = missing.length;
for (const [name, make] of files) {
	const file = path.join(ROOT, name);
	const old = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
	const text = make(old);
	if (text === old)
		continue;
	if (process.argv.includes('--check')) {
		stale++;
		console.error(`${name} is stale: make docs`);
	} else {
		fs.writeFileSync(file, text);
		console.log(name);
	}
}
process.exitCode = stale ? 1 : 0;
