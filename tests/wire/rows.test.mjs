// After both kinds of replays: no row of the table of differences may be without use.
import { strict as assert } from 'node:assert';
import fs from 'node:fs';
import test from 'node:test';
import { IS_REFERENCE } from '../lib/server.mjs';
import { neededRows } from './excuses.mjs';

const file = process.env.ROWS_USED;
const used = new Set(file && fs.existsSync(file) ? fs.readFileSync(file, 'utf8').split('\n') : []);
const isFull = used.has('media') && used.has('plain') && !process.env.REPLAY;

test('every excuse for a difference is needed', {
	skip: (!isFull && 'not all transcripts were replayed') || (IS_REFERENCE && 'rows for Cardea') }, () => {
	const idle = [...neededRows()].filter(([name]) => !used.has(name))
		.map(([name, row]) => `${name}: ${row.reason} (${row.path ?? row.when ?? row.transcript})`);
	assert.equal(idle.length, 0, `\n${idle.join('\n')}`);
});
