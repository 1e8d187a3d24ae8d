#!/usr/bin/env node
// A flame graph of a recording: perf record -g …; perf script -i FILE | bench/flame.mjs TITLE > flame.svg
// Each box is a function, as wide as its share of the CPU time, standing on its caller.
import fs from 'node:fs';

const [WIDTH, ROW, NARROWEST, DEEPEST] = [1200, 17, 0.0025, 40];

/** Samples of `perf script` as stacks, outermost first. */
function* stacks(text) {
	for (const sample of text.split(/\n\n+/)) {
		const lines = sample.split('\n');
		const thread = /^\s*(.+?)\s+\d+/.exec(lines[0] ?? '')?.[1];
		const frames = lines.slice(1).map((l) => /^\s*[0-9a-f]+ (.+?)(?:\+0x[0-9a-f]+)? \((.*)\)$/.exec(l))
			.filter(Boolean).map(([, name, where]) => (name === '[unknown]' ? nameOf(where) : name));
		if (thread && frames.length)
			yield [thread, ...frames.reverse()];
	}
}

function nameOf(where) {
	return where.startsWith('[') ? where : where.split('/').pop().replace(/\.so.*/, '');
}

function grow(text) {
	const root = { name: 'all', n: 0, under: new Map() };
	for (const stack of stacks(text)) {
		let at = root;
		at.n++;
		for (const name of stack.slice(0, DEEPEST)) {
			if (name === at.name) // one box for what calls itself, and for unnamed neighbours
				continue;
			if (!at.under.has(name))
				at.under.set(name, { name, n: 0, under: new Map() });
			at = at.under.get(name);
			at.n++;
		}
	}
	return root;
}

const escape = (s) => s.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

function colour(name) {
	let hash = 7;
	for (const c of name)
		hash = (hash * 31 + c.charCodeAt(0)) % 997;
	return `hsl(${20 + hash % 35} 80% ${62 + hash % 14}%)`;
}

function* boxes(node, x, depth, all) {
	const share = node.n / all;
	if (share < NARROWEST)
		return;
	yield { name: node.name, x, depth, share };
	for (const child of [...node.under.values()].sort((a, b) => (a.name < b.name ? -1 : 1))) {
		yield* boxes(child, x, depth + 1, all);
		x += child.n / all;
	}
}

function draw(root, title) {
	const all = [...boxes(root, 0, 0, root.n)];
	const height = (Math.max(...all.map((b) => b.depth)) + 1) * ROW + 40;
	const out = [`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" `
		+ 'font-family="sans-serif" font-size="11">',
	`<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
	`<text x="8" y="20" font-size="15">${escape(title)}</text>`];
	for (const b of all) {
		const [x, w] = [b.x * WIDTH, b.share * WIDTH];
		const y = height - (b.depth + 1) * ROW;
		const label = b.name.slice(0, Math.floor(w / 6.2));
		out.push(`<g><title>${escape(b.name)} ${(100 * b.share).toFixed(1)} %</title>`
			+ `<rect x="${x.toFixed(1)}" y="${y}" width="${w.toFixed(1)}" height="${ROW - 1}" `
			+ `fill="${colour(b.name)}"/>`
			+ (label.length > 2 ? `<text x="${(x + 3).toFixed(1)}" y="${y + 12}">${escape(label)}</text>` : '')
			+ '</g>');
	}
	return `${out.join('\n')}\n</svg>\n`;
}

process.stdout.write(draw(grow(fs.readFileSync(0, 'utf8')), process.argv[2] ?? ''));
