// The server is told to end while it reads what a crash has left: files that are long, and have nothing
// in them. What cannot be finished in time is as it was, for the next start.
import { strict as assert } from 'node:assert';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { IS_REFERENCE, withServer } from '../lib/server.mjs';
import { until } from '../lib/wait.mjs';

const GIB = 2 ** 30;
const FILES = 8;
/** EBML and Segment, of a length that is not known. */
const HEAD = Buffer.from(
	'1a45dfa39f4286810142f7810142f2810442f381084282847765626d42878104428581021853806701ffffffffffffff', 'hex');

function leave(folder) {
	for (let i = 0; i < FILES; i++) {
		const file = path.join(folder, `call "${i}" x=y.webm.part`);
		fs.writeFileSync(file, HEAD);
		fs.truncateSync(file, 16 * GIB); // which take no room
	}
}

test('what is left is no reason to stay', { skip: IS_REFERENCE && 'not so there', timeout: 60000 }, async () => {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cardea-left-'));
	leave(folder);
	const conf = { core: { recordings: { folder, min_free_space: 0 } } };
	try {
		await withServer({ conf }, async (server) => {
			await until('the first file', () => server.log.includes('a crash has left'));
			// A name makes no pairs of its own.
			assert.match(server.log, /file="[^ ]*\/call \\"\d\\" x=y\.webm"/);
		});
		assert.equal(fs.readdirSync(folder).filter((name) => name.endsWith('.part')).length, FILES);
	} finally {
		fs.rmSync(folder, { recursive: true });
	}
});
