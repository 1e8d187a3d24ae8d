// The files in conf/, from the tables of options: comments and defaults come from these, the values
// of lines that are set, and of those that show an example, from the file as it is.
const WIDTH = 110, COMMENT_COLUMN = 34, TAB = 8;
const BY_HAND = '# ---- Below this line the file is written by hand. ----';
const MADE = 'Comments are made from the tables of the program (`make docs`), values are edited here.';
const IDLE = 'Known from other servers of this API, without effect here: who sets one is warned.';
const ABSENT = /when absent|^absent|\. Absent/i;
const CONTINUES = /^#?\t {10,}# /; // a comment that goes on
const EXAMPLE_ROOM = '5678';
const WIDE = [2 ** 31 - 1, 2 ** 32 - 1]; // as good as no bound

function columns(text) {
	let n = 0;
	for (const c of text)
		n += c === '\t' ? TAB - n % TAB : 1;
	return n;
}

function wrap(text, width) {
	const lines = [''];
	for (const word of text.split(' ')) {
		if (lines.at(-1) && columns(`${lines.at(-1)} ${word}`) > width)
			lines.push('');
		lines[lines.length - 1] += (lines.at(-1) ? ' ' : '') + word;
	}
	return lines.map((l) => l.replaceAll('\u00a0', ' '));
}

/** What an existing file says of each option: { value, is_set, is_example }, by "section.option". */
function readValues(text) {
	const values = new Map(), lines = text.split('\n');
	let section = '';
	for (let i = 0; i < lines.length; i++) {
		const opens = /^[#\s]*([\w<>*-]+): \{$/.exec(lines[i]);
		const option = /^([#\s]*)(\w+) = ("(?:[^"\\]|\\.)*"|[[(].*|[^#\s]+)\s*(#.*)?$/.exec(lines[i]);
		if (opens)
			section = opens[1].replace(`room-${EXAMPLE_ROOM}`, 'room-*');
		if (!option || values.has(`${section}.${option[2]}`))
			continue;
		let value = option[3];
		while (/^[[(]/.test(value) && !/[\])]/.test(value))
			value += ` ${lines[++i].replace(/^[#\s]*/, '')}`;
		value = value.replace(/(?<=[\])])\s*#.*$/, '').replace(/\s+$/, '');
		let words = lines[i];
		for (let next = i + 1; CONTINUES.test(lines[next] ?? ''); next++)
			words += lines[next];
		values.set(`${section}.${option[2]}`, { value, is_set: !option[1].includes('#'),
			is_example: /\bdefault: /.test(words) });
	}
	return values;
}

function defaultText(field) {
	if (field.default === undefined)
		return undefined;
	return field.type === 'string' ? JSON.stringify(field.default) : String(field.default);
}

function bounds({ type, min = 0, max, one_of: words }) {
	if (words)
		return words.split('|').join(', ');
	if (max === undefined || WIDE.includes(max))
		return min ? `${min} or more` : '';
	if (/string/.test(type))
		return `at most ${max} bytes`;
	return /number|integer/.test(type) ? `${min} to ${max}` : '';
}

/** The words behind an option. */
function comment(field, value) {
	const is = defaultText(field);
	const differs = is !== undefined && value !== is && !ABSENT.test(field.note ?? '');
	const more = [bounds(field), differs && `default: ${is}`].filter(Boolean);
	if (field.idle)
		return field.idle;
	const inBrackets = more.length ? `(${more.join(', ')})`.replaceAll(' ', '\u00a0') : ''; // on one line
	return [field.note, inBrackets].filter(Boolean).join(' ');
}

/** Of a section that is commented out these are the options that somebody who takes it in gets, as they are. */
function hasDefault({ default: is, type, note, idle }) {
	return !idle && (is !== undefined || !(/string|array/.test(type) || ABSENT.test(note)));
}

/** The lines of one option. @param mark before each line of a section that is commented out */
function optionLines(field, told, mark) {
	const is = defaultText(field);
	const keeps = told && (told.is_set || told.is_example || is === undefined || ABSENT.test(field.note ?? ''));
	const value = keeps ? told.value : is ?? '"…"';
	const off = (mark ? !hasDefault(field) : !told?.is_set) ? '#' : '';
	const start = `${mark}\t${off}${field.name} = ${value}`;
	const words = field.words ?? comment(field, value);
	if (!words)
		return [start];
	if (columns(start) + 2 > COMMENT_COLUMN + 26)
		return [...wrap(words, WIDTH - TAB - 2).map((l) => `${mark}\t# ${l}`), start];
	const column = Math.max(COMMENT_COLUMN + TAB, columns(start) + 2);
	const rest = wrap(words, Math.max(WIDTH - column - 2, 40));
	const blank = `${mark}\t`;
	return rest.map((l, i) => {
		const before = i ? blank : start;
		return `${before}${' '.repeat(column - columns(before))}# ${l}`;
	});
}

/** Options of a section that are printed: what a room's section below has with the same default is left out. */
function ownFields(section, all) {
	const rooms = all.find((s) => s.name.endsWith('*') && s !== section);
	const shared = new Map((rooms?.fields ?? []).map((f) => [f.name, f]));
	const own = section.fields.filter((f) => {
		const same = shared.get(f.name);
		return !same || same.default !== f.default;
	});
	return { own, has_rooms: section.fields.some((f) => shared.has(f.name)) };
}

/** Options without effect: a sentence that stands for three or more of them is printed once, before them. */
function idleLines(idle, option, mark) {
	const groups = new Map();
	for (const f of idle)
		groups.set(f.idle, [...(groups.get(f.idle) ?? []), f]);
	const shared = [...groups].filter(([, fields]) => fields.length > 2);
	const single = idle.filter((f) => groups.get(f.idle).length <= 2);
	return [...single.flatMap(option), ...shared.flatMap(([why, fields]) => [
		...wrap(`Each of these: ${why}.`, WIDTH - TAB - 2).map((l) => `${mark}\t# ${l}`),
		...fields.flatMap((f) => option({ ...f, words: '' }))])];
}

function sectionLines(section, all, values) {
	const mark = section.name.endsWith('*') ? '#' : '';
	const { own, has_rooms: hasRooms } = ownFields(section, all);
	const out = section.note ? wrap(section.note, WIDTH - 2).map((l) => `# ${l}`) : [];
	const idle = own.filter((f) => f.idle), live = own.filter((f) => !f.idle);
	const option = (f) => optionLines(f, values.get(`${section.name}.${f.name}`), mark);
	const heading = (text) => [...(out.at(-1).endsWith('{') ? [] : [mark]), ...wrap(text, WIDTH - TAB - 2).map((l) => `${mark}\t# ${l}`)];
	out.push(`${mark ? '# ' : ''}${section.name.replace('*', EXAMPLE_ROOM)}: {`);
	for (const field of live) {
		if (field.group)
			out.push(...heading(field.group));
		out.push(...option(field));
	}
	if (hasRooms)
		out.push(`${mark}\t# … and every option of a room below.`);
	if (idle.length)
		out.push(...heading(IDLE), ...idleLines(idle, option, mark));
	out.push(mark ? '# }' : '}');
	return out;
}

/** One file. @param intro what it is for  @param old its present text ('' where there is none) */
export function confFile(intro, options, old) {
	const cut = old.indexOf(BY_HAND);
	const values = readValues(cut < 0 ? old : old.slice(0, cut));
	const head = [...intro, MADE].flatMap((l) => wrap(l, WIDTH - 2)).map((l) => `# ${l}`);
	const body = options.flatMap((s) => ['', ...sectionLines(s, options, values)]);
	return `${[...head, ...body].join('\n')}\n${cut < 0 ? '' : `\n${old.slice(cut)}`}`;
}
