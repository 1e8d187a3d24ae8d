// What docs/protocols.md shows: its dialogues, and the page in it.
import fs from 'node:fs';

const TEXT = fs.readFileSync(new URL('../../docs/protocols.md', import.meta.url), 'utf8');
export const ANY = '\u2026';

/** Fenced blocks whose first words are @p info, with the line on which each begins. */
function blocks(info) {
	const found = [];
	for (const match of TEXT.matchAll(/^```(.*)\n([^]*?)^```$/gm))
		if (match[1] === info)
			found.push({ line: TEXT.slice(0, match.index).split('\n').length, text: match[2] });
	return found;
}

/** One line: "ann> {…}" says, "ann< {…}" hears, "ann closes". */
function turn(text, line) {
	const [, who, sign, rest] = /^(\w+)(>|<| closes$) ?(.*)$/.exec(text) ?? [];
	if (!who)
		throw new Error(`docs/protocols.md:${line}: no line of a dialogue: ${text}`);
	const verb = { '>': 'says', '<': 'hears', ' closes': 'closes' }[sign];
	return { line, who, verb, message: rest && JSON.parse(rest.replaceAll(`:${ANY}`, `:"${ANY}"`)) };
}

/** The dialogues at an endpoint, each a list of {line, who, verb, message}. */
export function dialogues(endpoint) {
	return blocks(`dialogue ${endpoint}`).map(({ line, text }) => ({ line,
		turns: text.trim().split('\n').map((t, i) => turn(t, line + 1 + i)) }));
}

/** The page, and its JavaScript. */
export const page = () => blocks('html')[0].text;
export const script = () => blocks('js')[0].text;

/** Is what was heard what is shown, member by member, but for what is left open? */
export function fits(shown, heard) {
	if (shown === ANY)
		return heard !== undefined;
	if (typeof shown !== 'object' || shown === null || typeof heard !== 'object' || heard === null)
		return shown === heard;
	const names = Object.keys(shown);
	return Array.isArray(shown) === Array.isArray(heard)
		&& names.length === Object.keys(heard).length && names.every((n) => fits(shown[n], heard[n]));
}
