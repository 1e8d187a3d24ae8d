// The reference of the SDK: whole, as the headers are, and served; and a header that says too little is named.
import { strict as assert } from 'node:assert';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { abiGaps, abiRecord } from '../../docs/make/abi.mjs';
import { headerGaps, readHeaders, threadOf } from '../../docs/make/headers.mjs';
import { sdkPage } from '../../docs/make/sdk.mjs';
import { fetchHttp } from '../lib/api.mjs';
import { BIN, IS_REFERENCE, withServer } from '../lib/server.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const HEADERS = path.join(ROOT, 'core/include/cardea');
const options = { skip: IS_REFERENCE && 'a feature of our own', timeout: 60000 };

function written(t, text) {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cardea-headers-'));
	t.after(() => fs.rmSync(folder, { recursive: true }));
	fs.writeFileSync(path.join(folder, 'some.h'), `/* SPDX-License-Identifier: Apache-2.0 */\n#pragma once\n#include <cardea/log.h>\n${text}`);
	return readHeaders(folder);
}

test('each function and struct says what it is', options, () => {
	assert.deepEqual(headerGaps(readHeaders(HEADERS)), []);
});

test('what says nothing is named', options, (t) => {
	const headers = written(t, `/** @file
 * Some. Any thread. */
/** Has a word. */
struct cardea_some {
	int a, b; /**< both */
	/** Called.
	 *  @return 0 */
	int (*fn)(struct cardea_some *s, int x);
};
struct cardea_bare {
	int a;
};
/** @return 1; a brace { in a comment is none */
CARDEA_API int cardea_one(
	const char *fmt, ...) __attribute__((format(printf, 1, 2)));
CARDEA_API int cardea_two(void); /**< Two. Control thread. */
CARDEA_API int cardea_three(void);
#define CARDEA_FOUR \\
	(1u << 4)       /**< four */
enum { CARDEA_A, CARDEA_B }; /**< letters */
`);
	assert.deepEqual(headerGaps(headers), ['cardea/some.h: cardea_bare has no comment', 'cardea/some.h: cardea_three has no comment']);
	const [some, , one, two, , four, letters] = headers[0].entries;
	assert.deepEqual(some.members.map((m) => m.code), ['int a, b', 'int (*fn)(struct cardea_some *s, int x)']);
	assert.equal(some.members[0].comment.text, 'both');
	assert.deepEqual(some.members[1].comment, { text: 'Called.', tags: [{ kind: 'return', name: '', text: '0' }] });
	assert.equal(one.code, 'int cardea_one(const char *fmt, ...);');
	assert.deepEqual(one.comment, { text: '', tags: [{ kind: 'return', name: '', text: '1; a brace { in a comment is none' }] });
	assert.equal(threadOf(headers[0], one), 'any');
	assert.equal(threadOf(headers[0], two), 'control');
	assert.equal(four.code, '#define CARDEA_FOUR (1u << 4)');
	assert.equal(four.comment.text, 'four');
	assert.deepEqual(letters.members.map((m) => m.code), ['CARDEA_A', 'CARDEA_B']);
});

test('the page is as the headers are, and complete', options, () => {
	const page = fs.readFileSync(path.join(ROOT, 'html/docs.html'), 'utf8');
	assert.ok(page === sdkPage(readHeaders(HEADERS)), 'html/docs.html is stale: make docs');
	for (const file of fs.readdirSync(HEADERS)) {
		const text = fs.readFileSync(path.join(HEADERS, file), 'utf8');
		for (const [, name] of text.matchAll(/^(?:extern )?CARDEA_API[^;(]*?(\w+)(?:\(|;)/gm))
			assert.ok(page.includes(`<article class="card" id="${name}">`), `${name} of ${file}`);
		for (const [, kind, name] of text.matchAll(/^(struct|enum) (\w+) \{/gm))
			assert.ok(page.includes(`<article class="card" id="${kind}-${name}">`), `${kind} ${name} of ${file}`);
	}
	const ids = [...page.matchAll(/ id="([^"]*)"/g)].map((m) => m[1]);
	assert.equal(new Set(ids).size, ids.length);
	for (const [, target] of page.matchAll(/href="#([^"]*)"/g))
		assert.ok(ids.includes(target), `#${target}`);
	assert.doesNotMatch(page, /(?:src|href)="(?:[a-z]+:|\/)/);
});

test('the record of what modules are built against shows a change', options, (t) => {
	const include = fs.mkdtempSync(path.join(os.tmpdir(), 'cardea-include-'));
	t.after(() => fs.rmSync(include, { recursive: true }));
	const folder = path.join(include, 'cardea'), file = path.join(folder, 'route.h');
	fs.cpSync(HEADERS, folder, { recursive: true });
	const before = abiRecord(readHeaders(folder), include);
	assert.ok(before === fs.readFileSync(path.join(ROOT, 'docs/abi.txt'), 'utf8'), 'docs/abi.txt is stale: make docs');
	const text = fs.readFileSync(file, 'utf8');
	fs.writeFileSync(file, text.replace(/(struct cardea_want \{\n[^;]*;[^\n]*\n)/, '$1\tdouble added;\n'));
	const after = abiRecord(readHeaders(folder), include);
	const changed = after.split('\n').filter((line) => !before.includes(`${line}\n`));
	assert.ok(changed.includes('    8 added, 8 bytes'), changed.join('\n'));
	assert.match(changed.join('\n'), /16 max_layer, 4 bytes/);
});

test('what is exported is public, and the other way round', options, () => {
	const headers = readHeaders(HEADERS);
	assert.deepEqual(abiGaps(headers, BIN), []);
	const [first] = headers.flatMap((h) => h.entries).filter((e) => e.kind === 'function');
	for (const header of headers)
		header.entries = header.entries.filter((e) => e !== first);
	assert.deepEqual(abiGaps(headers, BIN), [`${first.name} is exported, and in no public header`]);
});

test('it is served at /docs, from the start page', options, () => withServer({}, async (server) => {
	const start = await fetchHttp(`${server.httpUrl}/`);
	assert.match(start.text, /<nav aria-label="Pages">[^]*href="docs.html"[^]*<\/nav>/);
	const { status, text } = await fetchHttp(`${server.httpUrl}/docs`);
	assert.equal(status, 200);
	assert.match(text, /<h3>cardea_route\(\)<\/h3>/);
}));
