// docs/api.md: all requests, from the tables of the program and from examples that were recorded.
const WIDTH = 110;
const LEVELS = [[1, 'the server'], [2, 'a session'], [4, 'a handle']];

/** JSON on as few lines as fit. */
function pretty(value, indent = '') {
	const flat = JSON.stringify(value, null, 1).replace(/\n\s*/g, ' ');
	if (indent.length + flat.length <= WIDTH || typeof value !== 'object' || value === null)
		return flat.replace('"…": "…"', '…');
	const inner = `${indent}  `;
	const items = Array.isArray(value) ? value.map((v) => inner + pretty(v, inner))
		: Object.entries(value).map(([k, v]) => (k === '…' ? `${inner}…`
			: `${inner}${JSON.stringify(k)}: ${pretty(v, inner)}`));
	const [open, close] = Array.isArray(value) ? '[]' : '{}';
	return `${open}\n${items.join(',\n')}\n${indent}${close}`;
}

const cell = (text) => text.replaceAll('|', '\\|');

function typeOf(field) {
	const { type, min = 0, max, one_of: words, nonempty, secret } = field;
	const bounds = [];
	if (words)
		bounds.push(`one of ${words.split('|').join(', ')}`);
	else if (/number|integer/.test(type) && (max || min))
		bounds.push(max ? `${min} to ${max}` : `${min} or more`);
	else if (/string/.test(type) && max)
		bounds.push(`at most ${max} bytes`);
	else if (max && type !== 'id')
		bounds.push(`at most ${max} ${type === 'array' ? 'elements' : 'bytes'}`);
	if (nonempty)
		bounds.push('not empty');
	return [secret ? `${type} (secret)` : type, ...bounds].join(', ');
}

/** @param stays what is absent stays as it is */
function defaultOf(field, stays) {
	if (field.required)
		return 'required';
	return field.default && !stays ? `\`${field.default}\`` : '';
}

function rows(fields, stays, before = '') {
	return fields.flatMap((f) => {
		const name = `${before}${f.name}`;
		const is = f.type === 'array' || f.name === 'candidates' ? '[].' : '.';
		return [`| \`${name}\` | ${cell(typeOf(f))} | ${defaultOf(f, stays)} | ${cell(f.note ?? f.idle ?? '')} |`,
			...rows(f.of ?? [], stays, name + is)];
	});
}

function table(fields, stays = false) {
	if (!fields.length)
		return [];
	return ['| Field | Type | Default | What it is |', '| --- | --- | --- | --- |', ...rows(fields, stays), ''];
}

const fence = (text) => ['```json', text, '```', ''];

function exampleLines(example) {
	if (!example)
		return [];
	const refused = example.refused.sort((a, b) => a.code - b.code).map((r) => `\`${r.code}\` ${r.reason}`);
	const shown = example.answer ? fence(`${pretty(example.request)}\n${pretty(example.answer)}`) : [];
	return [...shown, ...(refused.length ? ['Refused, for example:', ...refused.map((r) => `- ${r}`), ''] : [])];
}

function errorTable(errors) {
	return ['| Code | Meaning |', '| --- | --- |', ...errors.map((e) => `| ${e.code} | ${cell(e.note)} |`), ''];
}

const about = ({ levels }) => LEVELS.filter(([bit]) => levels & bit).map(([, name]) => name).join(' or ');

const titleOf = (area, name) => [area === 'core' ? '' : area, name || 'without a request name'].filter(Boolean).join(' ');

/** @param seen titles of requests by their tables: a table is printed once */
function requestLines(request, { examples, area, more, seen }) {
	const title = titleOf(area, request.name), key = JSON.stringify(request.fields);
	const same = request.fields.length > 1 && seen.get(key);
	if (!same)
		seen.set(key, title);
	return [`### ${title}`, '', [request.note, more].filter(Boolean).join(' '), '',
		...(same ? [`Its fields are those of [${same}](#${same.replaceAll(' ', '-')}).`, '']
			: table(request.fields, /absent stays/.test(request.note))),
		...exampleLines(examples.get(`${area}/${request.name}`))];
}

/** The fields of both, each once. */
const union = (a, b) => [...a, ...b.filter((f) => !a.some((g) => g.name === f.name))];

/** Requests of one name that are about several things, as one. */
function merged(requests) {
	const byName = new Map();
	for (const q of requests) {
		const known = byName.get(q.name);
		byName.set(q.name, known ? { ...known, levels: known.levels | q.levels, note: `${known.note} ${q.note}`,
			fields: union(known.fields, q.fields) } : q);
	}
	return [...byName.values()];
}

function pluginLines(plugin, examples) {
	const seen = new Map();
	const out = [`## Plugin ${plugin.name}`, '', plugin.description.replace(/\.?$/, '.'), '',
		`Packages: \`cardea.plugin.${plugin.name}\`, \`janus.plugin.${plugin.name}\`.`, ''];
	if (!plugin.requests.length)
		return [...out, 'It takes no requests through a session: its own protocol is in [protocols.md](protocols.md).', ''];
	return [...out, 'Its errors come as `{"error_code": …, "error": …}` in `plugindata.data`:', '', ...errorTable(plugin.errors),
		...plugin.requests.flatMap((q) => requestLines(q, { examples, area: plugin.name, seen,
			more: q.async ? 'Answered by `ack`, then an event.' : 'Answered at once.' }))];
}

const INTRO = `# Requests

Every request of the core API, of the Admin API and of the plugins, with its fields. This page is made by \`make docs\` from
the tables that the server checks requests against, and its examples are what a server has answered: edit the tables.
Ids in examples are invented, descriptions (SDP) cut to \`v=0 …\`.

- A field of the wrong type or out of its bounds is refused by name, as is a required one that is missing. Fields that are
  not known are ignored; \`null\` is a wrong type.
- A default stands where a field is absent. Where none is named, that is \`false\`, 0 or nothing, or what the words say.
- A boolean is \`true\` or \`false\`, a whole number 0 and up. An id is a positive whole number, or a string of at most 256
  bytes where the videoroom's \`string_ids\` is on. Bytes are those of UTF-8.
- A secret is shown as \`***\` in the log.
`;

/** @param tables of \`cardea --describe\`  @param examples of recordAll() */
export function apiPage(tables, examples) {
	const { core, admin, plugins } = tables, seen = new Map();
	const parts = ['Core API', 'Admin API', ...plugins.map((p) => `Plugin ${p.name}`)];
	return [INTRO, parts.map((p) => `[${p}](#${p.toLowerCase().replaceAll(' ', '-')})`).join(' · '), '', '## Core API', '',
		'Over HTTP requests are posted to `/janus`, `/janus/<session>` and `/janus/<session>/<handle>`; over WebSocket they are texts.',
		'All requests have:', '', ...table([...core.common, ...core.secrets]),
		'An answer is `success`, `ack`, `pong`, `server_info` or `error`. Error codes, also of the Admin API:', '', ...errorTable(core.errors),
		...core.requests.flatMap((q) => requestLines(q, { examples, area: 'core', seen, more: `Sent to ${about(q)}.` })),
		'## Admin API', '',
		'Posted to `/admin` on the ports of the section `admin` in `conf/cardea.transport.http.jcfg`, or over WebSocket with the',
		'subprotocol `janus-admin-protocol`; [admin.md](admin.md) says more. `info` and `ping` are those of the core API and need no secret.',
		'', ...merged(admin.requests).flatMap((q) => requestLines(q, { examples, area: 'admin', seen, more: `Sent to ${about(q)}.` })),
		...plugins.flatMap((p) => pluginLines(p, examples))].join('\n').replace(/\n+$/, '\n');
}

function noteless(where, fields) {
	return fields.flatMap((f) => [...(f.note || f.idle ? [] : [`${where}.${f.name} has no note`]),
		...noteless(`${where}.${f.name}`, f.of ?? [])]);
}

/** What is missing: an example or a refusal of every request, words of every code and field. */
export function gaps({ core, admin, plugins, transports }, examples) {
	const areas = [['core', core.requests, core.errors], ['admin', admin.requests, core.errors],
		...plugins.map((p) => [p.name, p.requests, [...p.errors, ...core.errors]])];
	const of = (area, q) => examples.get(`${area}/${q.name}`);
	const known = (errors, code) => errors.some((e) => e.code === code);
	const requests = areas.flatMap(([area, list, errors]) => list.flatMap((q) => [
		...(q.note ? [] : [`${area}/${q.name} has no note`]), ...noteless(`${area}/${q.name}`, q.fields),
		...(of(area, q) ? [] : [`${area}/${q.name} has no example`]),
		...(of(area, q)?.refused ?? []).filter((r) => !known(errors, r.code))
			.map((r) => `code ${r.code} of ${area}/${q.name} is in no table`)]));
	const options = [core, ...plugins, ...transports].flatMap((m) => m.options
		.flatMap((s) => noteless(`${m.name ?? 'cardea'}: ${s.name}`, s.fields)));
	return [...requests, ...options];
}
