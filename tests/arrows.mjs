#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// Arrows between files point one way: no file uses another that uses it, through however many, and
// rooms use those below them alone.
//   tests/arrows.mjs [BUILD]     headers, and calls of what is compiled there; says each circle, and
//                                one way round it
// A noun is x.c, x.h and x_priv.h. It uses another whose header it includes or whose function it calls.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const top = dirname(dirname(fileURLToPath(import.meta.url)));
const rooms = ['core', 'plugins', 'transports', 'eventhandlers', 'tools', 'bench/load'];
// A noun may use those of its own row and of the rows named, and of all that these may use.
const rows = [
	['base', /^core\/base\//],
	['rtp', /^core\/rtp\//, 'base'],
	['router leaf', /^core\/router\/(peer|ring|budget|meter|ops|reason|route|track|track_stats|far\/trunk_msg|sink\/sink_msg|sink\/sink_queue|source\/source_msg)$/, 'rtp'],
	['router in', /^core\/router\/in\//, 'router leaf'],
	['router link', /^core\/router\/link$/, 'router in'],
	['router out', /^core\/router\/(out|far|sink|source)\//, 'router link'],
	['router rtcp', /^core\/router\/rtcp\//, 'router out'],
	['router', /^core\/router\//, 'router rtcp'],
	['capture', /^core\/capture\//, 'base'],
	['recorder', /^core\/recorder\//, 'router leaf'],
	['rtc', /^core\/rtc\//, 'router', 'capture'],
	['jsep', /^core\/jsep\//, 'rtc'],
	['web', /^core\/web\//, 'base'],
	['sinks', /^core\/sinks\//, 'rtc'],
	['control', /^core\/(control\/|main$)/, 'jsep', 'web', 'sinks', 'recorder'],
];
const build = process.argv[2];
if (build && !existsSync(build)) {
	console.error('usage: tests/arrows.mjs [BUILD]');
	process.exit(2);
}

const filesBelow = (folder, ending) => readdirSync(folder, { recursive: true })
	.filter(name => ending.test(name)).map(name => join(folder, name));
const nounOf = file => file.replace(/\.[cho]$/, '').replace(/_priv$/, '');

const uses = new Map(); // noun → Map(noun → by what)
const add = (from, to, by) => {
	if (!uses.has(from))
		uses.set(from, new Map());
	if (to && to !== from && !uses.get(from).has(to))
		uses.get(from).set(to, by);
};

// ---- by headers ----

for (const room of rooms) {
	for (const file of filesBelow(join(top, room), /\.[ch]$/)) {
		const name = file.slice(top.length + 1);
		add(nounOf(name));
		for (const [, other] of readFileSync(file, 'utf8').matchAll(/^#include "(.*)"/gm)) {
			const header = normalize(join(dirname(name), other));
			if (existsSync(join(top, header)))
				add(nounOf(name), nounOf(header), `#include "${other}"`);
		}
	}
}

// ---- by calls ----

// core/web/libcore_a-http.o, plugins/videoroom/videoroom_la-room.o or .libs/ of it
const sourceOf = object => object.slice(build.length + 1).replace('.libs/', '').replace(/[^/]*-([^/-]*\.o)$/, '$1');
// What was built of files that are gone does not count.
const hasSource = object => existsSync(join(top, sourceOf(object).replace(/\.o$/, '.c')));
const programOf = (room, source) => ['plugins', 'transports', 'eventhandlers'].includes(room) ? dirname(source) : room;
/** [object, symbol] of all, by one call. */
const symbolsOf = (objects, flags) => execFileSync('nm', ['-A', ...flags, ...objects],
	{ encoding: 'utf8', maxBuffer: 1 << 28 }).split('\n').filter(Boolean)
	.map(line => [line.slice(0, line.indexOf(':')), line.trim().split(' ').at(-1)]);

for (const room of rooms.filter(r => build && existsSync(join(build, r)))) {
	const objects = filesBelow(join(build, room), /\.o$/).filter(hasSource);
	if (!objects.length)
		continue;
	const definedIn = new Map();
	const key = (object, symbol) => `${programOf(room, sourceOf(object))} ${symbol}`;
	for (const [object, symbol] of symbolsOf(objects, ['-g', '--defined-only']))
		definedIn.set(key(object, symbol), nounOf(sourceOf(object)));
	for (const [object, symbol] of symbolsOf(objects, ['-u']))
		add(nounOf(sourceOf(object)), definedIn.get(key(object, symbol)), `${symbol}()`);
}

// ---- circles (Tarjan) ----

const circles = [];
const index = new Map(), low = new Map(), stack = [];
const visit = noun => {
	index.set(noun, index.size);
	low.set(noun, index.get(noun));
	stack.push(noun);
	for (const other of uses.get(noun)?.keys() ?? []) {
		if (!index.has(other))
			visit(other);
		if (stack.includes(other))
			low.set(noun, Math.min(low.get(noun), low.get(other)));
	}
	if (low.get(noun) === index.get(noun)) {
		const circle = stack.splice(stack.indexOf(noun));
		if (circle.length > 1)
			circles.push(circle);
	}
};
for (const noun of uses.keys()) {
	if (!index.has(noun))
		visit(noun);
}

/** The shortest way from a noun of a circle back to it. */
const wayRound = circle => {
	let best;
	for (const start of circle) {
		const ways = [[start]], seen = new Set();
		while (ways.length) {
			const way = ways.shift();
			for (const next of uses.get(way.at(-1)).keys()) {
				if (next === start && (!best || way.length < best.length))
					best = way;
				if (circle.includes(next) && !seen.has(next) && (!best || way.length < best.length)) {
					seen.add(next);
					ways.push([...way, next]);
				}
			}
		}
	}
	return best.map((noun, i) => {
		const next = best[(i + 1) % best.length];
		return `\t${noun} → ${next}: ${uses.get(noun).get(next)}`;
	});
};

// ---- rows ----

const below = new Map(); // row → those that it may use
for (const [name, , ...uses] of rows)
	below.set(name, new Set([name, ...uses.flatMap(other => [...below.get(other)])]));
const rowOf = noun => rows.find(([, pattern]) => pattern.test(noun))?.[0];
let wrong = 0;
for (const [noun, others] of uses) {
	for (const [other, by] of others) {
		if (!rowOf(noun) || !rowOf(other) || below.get(rowOf(noun)).has(rowOf(other)))
			continue;
		console.log(`${noun} (${rowOf(noun)}) may not use ${other} (${rowOf(other)}): ${by}`);
		wrong++;
	}
}

circles.sort((a, b) => b.length - a.length);
for (const circle of circles)
	console.log(`${circle.length} files use each other: ${circle.sort().join(' ')}\n${wayRound(circle).join('\n')}`);
process.exit(circles.length || wrong ? 1 : 0);
