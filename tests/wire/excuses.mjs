// Looks differences and steps up in the table, and remembers which of its rows were of use.
import { IS_REFERENCE } from '../lib/server.mjs';
import { optionals, rows, skips } from './differences.mjs';

const SERVER = IS_REFERENCE ? 'janus' : 'cardea';

function agrees(pattern, value) {
	if (typeof pattern === 'function')
		return pattern(value);
	if (pattern instanceof RegExp)
		return typeof value === 'string' && pattern.test(value);
	return pattern === value;
}

function requestName(entry) {
	const msg = entry?.msg;
	return msg?.body?.request ?? msg?.janus ?? entry?.http?.method ?? '';
}

function holds(row, of) {
	return (!row.server || row.server === SERVER) && (!row.over || row.over === of.over)
		&& (!row.transcript || row.transcript.test(of.name))
		&& (row.hasMedia === undefined || row.hasMedia === of.hasMedia);
}

const used = new Set();

function note(row, path) {
	if (row)
		used.add(rows.includes(row) ? nameOf(row, rows.indexOf(row), path) : `skip ${skips.indexOf(row)}`);
	return row;
}

function nameOf(row, i, path) {
	return `row ${i}${row.exactly ? ` ${path}` : ''}`;
}

/** Names of the rows that this process has used so far. */
export function usedRows() {
	return [...used];
}

/** The rows that a full run has to use, by name. */
export function neededRows() {
	const mine = (row) => (!row.server || row.server === SERVER) && !row.sometimes;
	const named = [...rows.flatMap((row, i) => (row.exactly ? Object.keys(row.exactly) : [row.path])
		.map((path) => [nameOf(row, i, path), row])),
		...skips.map((row, i) => [`skip ${i}`, row])];
	return new Map(named.filter(([, row]) => mine(row)));
}

function isAbout(row, difference) {
	const { path, expected, live } = difference;
	if (row.exactly)
		return path in row.exactly && agrees(row.exactly[path][0], expected)
			&& agrees(row.exactly[path][1], live);
	return row.path.test(path) && (!('live' in row) || agrees(row.live, live))
		&& (!('expected' in row) || agrees(row.expected, expected));
}

/** The row that excuses a difference, or undefined. */
export function excuseFor(of, difference) {
	return note(rows.find((row) => holds(row, of) && isAbout(row, difference)
		&& (!row.request || row.request.test(requestName(of.request)))
		&& (!row.label || row.label.test(of.request?.label ?? ''))
		&& (!row.when || row.when(difference, of.request))), difference.path);
}

/** Why a step is not replayed, or undefined when it is. */
export function skipFor(of, entry) {
	return note(skips.find((row) => holds(row, of) && row.when(entry, of.entries)))?.reason;
}

/** Whether a step's message may as well not come. */
export function isOptional(of, entry) {
	return entry.dir === 'S>C' && optionals.some((row) => holds(row, of) && row.when(entry, of.entries));
}
