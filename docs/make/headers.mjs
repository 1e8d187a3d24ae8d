// The public headers as data: what is declared in each, and what their comments say of it.
import fs from 'node:fs';
import path from 'node:path';

const FIRST = ['plugin', 'message', 'json', 'conf', 'handle', 'media', 'route'];
const LAST = ['log', 'transport'];

/** A comment without its frame: paragraphs of what it says, and its tags. */
function readComment(raw) {
	const lines = raw.replace(/^\/\*\*?<?/, '').replace(/\*\/$/, '').split('\n').map((l) => l.replace(/^\s*\* ?/, '').trim());
	const text = lines.join(' ').replace(/\s+/g, ' ').replace(/@file\b/, '').trim();
	const [said, ...tags] = ` ${text}`.split(/(?=@(?:param|return)\b)/);
	return { text: said.trim(), tags: tags.map((tag) => {
		const [, kind, rest] = /^@(\w+)\s*(.*)$/.exec(tag.trim());
		const name = kind === 'param' ? /^[\w,]+/.exec(rest)[0] : '';
		return { kind, name, text: rest.slice(name.length).trim() };
	}) };
}

const COMMENT = /\/\*[^]*?\*\//y;
const without = (code) => code.replace(/\/\*[^]*?\*\//g, '').replace(/[ \t]+$/gm, '').replace(/\n\s*\n/g, '\n');

/** Where a declaration ends: behind the ; that no brace or bracket encloses. */
function endOf(text, from) {
	let depth = 0;
	for (let i = from; i < text.length; i++) {
		if (text.startsWith('/*', i))
			i = text.indexOf('*/', i) + 1;
		else if ('{(['.includes(text[i]))
			depth++;
		else if ('})]'.includes(text[i]))
			depth--;
		else if (text[i] === ';' && !depth)
			return i + 1;
	}
	throw new Error(`no end of: ${text.slice(from, from + 60)}`);
}

/** Walk a text of declarations: those of a file, or the members of a struct (separated by @p mark). */
function walk(text, onDeclaration, { mark = ';' } = {}) {
	let at = 0, before = null;
	for (;;) {
		at += /^\s*/.exec(text.slice(at))[0].length;
		if (at >= text.length)
			return;
		COMMENT.lastIndex = at;
		const comment = COMMENT.exec(text)?.[0];
		if (comment) {
			at += comment.length;
			if (/@file\b/.test(comment))
				onDeclaration({ comment });
			else if (comment.startsWith('/**') && !comment.startsWith('/**<'))
				before = comment;
			continue;
		}
		let end = mark === ';' ? text.length : nextComma(text, at);
		if (text[at] === '#')
			end = at + /^(?:[^\n]*\\\n)*[^\n]*/.exec(text.slice(at).replace(/\/\*[^]*?\*\//g, (c) => ' '.repeat(c.length)))[0].length;
		else if (mark === ';')
			end = endOf(text, at);
		const trailing = /^[ \t]*(?:\n[ \t]*)?(\/\*\*<[^]*?\*\/)/.exec(text.slice(end))
			?? (text[at] === '#' && /(\/\*\*<[^]*?\*\/)\s*$/.exec(text.slice(at, end)));
		onDeclaration({ code: without(text.slice(at, end)).trim(), full: text.slice(at, end), before, after: trailing ? trailing[1] : null });
		at = end;
		before = null;
	}
}

function nextComma(text, from) {
	let depth = 0;
	for (let i = from; i < text.length; i++) {
		if (text.startsWith('/*', i))
			i = text.indexOf('*/', i) + 1;
		else if ('([{'.includes(text[i]))
			depth++;
		else if (')]}'.includes(text[i]))
			depth--;
		else if (text[i] === ',' && !depth)
			return i + 1;
	}
	return text.length;
}

function commentOf({ before, after }) {
	return before || after ? readComment(before ?? after) : null;
}

/** What stands between the braces: members of a struct, or names of an enum. */
function membersOf(full, isEnum) {
	const body = full.slice(full.indexOf('{') + 1, full.lastIndexOf('}'));
	const members = [];
	walk(body, (d) => {
		if (d.code)
			members.push({ code: d.code.replace(/[;,]$/, '').replace(/\s+/g, ' '), comment: commentOf(d) });
	}, { mark: isEnum ? ',' : ';' });
	return members;
}

function entryOf(d) {
	const { code } = d;
	const comment = commentOf(d);
	let name = /^#define (\w+)/.exec(code)?.[1];
	if (name)
		return { id: name, kind: 'macro', name, comment, code: code.replace(/\s*\\\n\s*/g, ' ').replace(/[ \t]+/g, ' ') };
	const type = /^(struct|enum)\s*(\w*)\s*(\{|;)/.exec(code);
	if (type && type[3] === ';')
		return { id: `struct-${type[2]}`, kind: 'opaque', name: type[2], comment, code };
	if (type)
		return { id: type[2] ? `${type[1]}-${type[2]}` : /\w+/.exec(code.slice(code.indexOf('{')))[0], kind: type[1], name: type[2] || /\w+/.exec(code.slice(code.indexOf('{')))[0], comment, unnamed: !type[2],
			members: membersOf(d.full, type[1] === 'enum') };
	const plain = code.replace(/\bCARDEA_API\s+/, '').replace(/\s*__attribute__\(\(.*\)\)(?=;)/s, '').replace(/\s+/g, ' ').replace(/\( /g, '(');
	name = /(\w+)\s*\(/.exec(plain)?.[1] ?? /(\w+);/.exec(plain)[1];
	return { id: name, kind: plain.includes('(') ? 'function' : 'variable', name, comment, code: plain };
}

const HIDDEN = /^(CARDEA_API)$/;

function readHeader(folder, name) {
	const header = { name, intro: null, entries: [] };
	const seen = new Set();
	walk(fs.readFileSync(path.join(folder, `${name}.h`), 'utf8'), (d) => {
		if (d.comment)
			header.intro = readComment(d.comment);
		if (d.comment || /^#(pragma|include)/.test(d.code))
			return;
		const entry = entryOf(d);
		if (!HIDDEN.test(entry.name) && !(entry.kind === 'opaque' && !entry.comment) && !seen.has(entry.id)) {
			seen.add(entry.id);
			header.entries.push(entry);
		}
	});
	return header;
}

const rank = (name) => (FIRST.includes(name) ? FIRST.indexOf(name) : 50 + (LAST.indexOf(name) + 1) * 10);

/** All headers of a folder, the plugins' first. */
export function readHeaders(folder) {
	return fs.readdirSync(folder).filter((f) => f.endsWith('.h')).map((f) => f.slice(0, -2))
		.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1)).map((name) => readHeader(folder, name));
}

const said = ({ comment }) => comment && `${comment.text} ${comment.tags.map((t) => t.text).join(' ')}`;

/** The thread that a function may be called on: its own word, else its header's, which else is plugin.h's. */
export function threadOf(header, entry) {
	const words = said(entry) ?? '';
	const own = /\b(any|web|control) thread\b/i.exec(words);
	if (own)
		return own[1].toLowerCase();
	if (/Thread, arguments, return as/.test(words))
		return 'control';
	const all = /\b(any|control) thread\b/i.exec(header.intro?.text ?? '')?.[1].toLowerCase();
	return all ?? (header.name === 'transport' ? null : 'control');
}

/** What is public and says nothing of itself. */
export function headerGaps(headers) {
	const gaps = [];
	for (const header of headers) {
		const where = `cardea/${header.name}.h`;
		if (!header.intro?.text)
			gaps.push(`${where} has no @file comment`);
		for (const entry of header.entries) {
			if (entry.kind !== 'macro' && !said(entry)?.trim())
				gaps.push(`${where}: ${entry.name} has no comment`);
			else if (entry.kind === 'function' && !threadOf(header, entry))
				gaps.push(`${where}: ${entry.name} does not say on which thread`);
		}
	}
	return gaps;
}
