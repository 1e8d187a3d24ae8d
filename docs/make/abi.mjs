// docs/abi.txt: what modules are built against, as a compiler sees it. A change shows in it, and is a deliberate one when
// it is committed.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Split at the commas that nothing encloses. */
function atCommas(text) {
	const parts = [''];
	let depth = 0;
	for (const c of text) {
		depth += '([{'.includes(c) - ')]}'.includes(c);
		if (c === ',' && !depth)
			parts.push('');
		else
			parts[parts.length - 1] += c;
	}
	return parts;
}

/** The names that a member's declaration declares: "const char *a, *b", "void (*c)(int)", "uint8_t d[4]". */
function declared(code) {
	const nested = /^(?:struct|union)[^{;]*\{[^]*\}\s*(\w+)/.exec(code);
	if (nested)
		return [nested[1]];
	return atCommas(code).map((part) => (/\(\*\s*(\w+)\)/.exec(part) ?? /(\w+)\s*(?:\[[^\]]*\]\s*)*(?::\s*\d+)?$/.exec(part.trim()))[1]);
}

const isNumber = ({ code }) => /^#define \w+ (?!.*")\S/.test(code) && !/^#define \w+\(/.test(code);

/** A program that prints the record of one header. */
function printerOf(entries) {
	return entries.flatMap((entry) => {
		if (entry.kind === 'struct')
			return [`SIZE(struct ${entry.name})`, ...entry.members.flatMap(({ code }) => declared(code)
				.filter((name) => name && !/\[\]$/.test(code)).map((name) => `MEMBER(struct ${entry.name}, ${name})`))];
		if (entry.kind === 'enum')
			return entry.members.map(({ code }) => `VALUE(${/^\w+/.exec(code)[0]})`);
		return entry.kind === 'macro' && isNumber(entry) ? [`VALUE(${entry.name})`] : [];
	});
}

const PROGRAM = (lines) => `#include <stddef.h>
#include <stdio.h>
#include <cardea/eventhandler.h>
#include <cardea/loop.h>
#include <cardea/plugin.h>
#include <cardea/transport.h>
#define SIZE(t) printf("%s: %zu bytes\\n", #t, sizeof(t));
#define MEMBER(t, m) printf("    %zu %s, %zu bytes\\n", offsetof(t, m), #m, sizeof(((t *)NULL)->m));
#define VALUE(v) printf("%s = %lld\\n", #v, (long long)(v));
int main(void)
{
${lines.join('\n')}
	return 0;
}
`;

function run(lines, include) {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cardea-abi-'));
	try {
		const source = path.join(folder, 'abi.c'), program = path.join(folder, 'abi');
		fs.writeFileSync(source, PROGRAM(lines));
		const flags = execFileSync('pkg-config', ['--cflags', 'jansson'], { encoding: 'utf8' }).trim().split(/\s+/).filter(Boolean);
		execFileSync('cc', ['-w', '-I', include, ...flags, source, '-o', program]);
		return execFileSync(program, { encoding: 'utf8' });
	} finally {
		fs.rmSync(folder, { recursive: true });
	}
}

const HEAD = `# What modules are built against: functions, structs with the place of their members, values of enums and macros, on a
# 64-bit machine. \`make docs\` writes it. A change here is one that modules notice: those that were built before work on
# only when functions and values were added, or members at the end of a struct that begins with its size. Otherwise
# CARDEA_PLUGIN_ABI, CARDEA_TRANSPORT_ABI or CARDEA_EVENTHANDLER_ABI is raised.
`;

/** The record of @p headers, of the folder @p include/cardea. */
export function abiRecord(headers, include) {
	const functions = headers.flatMap((h) => h.entries).filter((e) => e.kind === 'function' || e.kind === 'variable')
		.map((e) => e.code.replace(/\bstatic inline\b.*?(?=\w+\s+\*?\w+\()/, '')).sort();
	return `${HEAD}\n${run(headers.flatMap((h) => printerOf(h.entries)), include)}\n${functions.join('\n')}\n`;
}

/** What the program exports and no header has, and the other way round. */
export function abiGaps(headers, program) {
	const exported = new Set(execFileSync('nm', ['-D', '--defined-only', program], { encoding: 'utf8' })
		.split('\n').map((line) => line.split(' ').pop()).filter((name) => name.startsWith('cardea_')));
	const promised = new Set(headers.flatMap((h) => h.entries)
		.filter((e) => (e.kind === 'function' || e.kind === 'variable') && !/\bstatic\b/.test(e.code)).map((e) => e.name));
	return [...[...exported].filter((name) => !promised.has(name)).map((name) => `${name} is exported, and in no public header`),
		...[...promised].filter((name) => !exported.has(name)).map((name) => `${name} is in a public header, and not exported`)];
}
