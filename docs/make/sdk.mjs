// html/docs.html: the reference of the SDK, from the comments of the public headers. The page needs nothing but the
// pages' own style sheet.
import { threadOf } from './headers.mjs';

const INTRO = `Everything that plugins and transports can call, made from the headers that <code>make install</code> puts in place
(<code>pkg-config --cflags cardea</code>). <code>docs/plugins.md</code> is the way in: from nothing to a loaded plugin.`;
const WORDS = `<strong>borrowed</strong>: valid as long as it says, mostly until the hook returns, and not yours to free.
<strong>taken</strong>: the server's from then on, also when the call has failed. <strong>new reference</strong>: yours to give
back. A size, a length is in bytes where nothing else is said; other units are part of a name: <code>_us</code>,
<code>_ms</code>, <code>_s</code>, <code>_bps</code>.`;
const THREADS = {
	control: 'Control thread, from hooks',
	any: 'Any thread',
	web: 'Web thread',
};
const STYLE = `
	.sdk { display: grid; gap: 1.5rem; grid-template-columns: minmax(0, 1fr); }
	.sdk > nav ul { margin: 0; padding: 0 0 .4rem 1rem; list-style: none; }
	.sdk > nav li a { overflow-wrap: anywhere; font-size: .9rem; }
	.sdk > nav summary { padding: .25rem 0; cursor: pointer; }
	.sdk section { margin-bottom: 2.5rem; }
	.sdk h2 { font-size: 1.5rem; }
	.sdk h3 { font-size: 1.05rem; overflow-wrap: anywhere; }
	.sdk h2, .sdk h3, .sdk article { scroll-margin-top: 1rem; }
	.sdk article { margin: 1rem 0; }
	.sdk pre { white-space: pre-wrap; overflow-wrap: anywhere; }
	.sdk dl { margin: .4rem 0 0; }
	.sdk dt { overflow-wrap: anywhere; margin-top: .5rem; }
	.sdk dd { margin: 0 0 0 1.2rem; }
	.sdk article:target { border-color: var(--accent); }
	.thread { margin: 0 0 .5rem; color: var(--soft); font-size: .9rem; }
	@media (min-width: 1000px) {
		.sdk { grid-template-columns: 17rem minmax(0, 1fr); }
		.sdk > nav { position: sticky; top: 1rem; align-self: start; max-height: calc(100vh - 2rem); overflow-y: auto; }
	}
`;

const escape = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');

/** Names of the SDK become links to where they are described. */
class Links {
	constructor(headers) {
		this.ids = new Set(headers.flatMap((h) => h.entries.map((e) => e.id)));
		this.holders = new Map(headers.flatMap((h) => h.entries.filter((e) => e.kind === 'enum')
			.flatMap((e) => e.members.map((m) => [/^\w+/.exec(m.code)[0], e.id]))));
	}

	#target(kind, name) {
		if (kind && this.ids.has(`${kind}-${name}`))
			return `${kind}-${name}`;
		return this.ids.has(name) ? name : this.holders.get(name);
	}

	/** @param self what is described there needs no link to itself */
	code(text, self) {
		return escape(text).replace(/(?:\b(struct|enum) )?\b((?:cardea|CARDEA)_\w+)/g, (all, kind, name) => {
			const target = this.#target(kind, name);
			return target && target !== self ? `<a href="#${target}">${all}</a>` : all;
		});
	}

	prose(text, self) {
		return text.split(/(`[^`]*`)/).map((part) => {
			if (/^`.*`$/.test(part))
				return `<code>${this.code(part.slice(1, -1), self)}</code>`;
			return escape(part).replace(/@p (\*?\w+)/g, '<code>$1</code>')
				.replace(/(?:\b(?:struct|enum) )?\b(?:cardea|CARDEA)_\w+(?:\(\))?/g, (name) => `<code>${this.code(name, self)}</code>`);
		}).join('');
	}
}

function comment({ comment: c, id }, links) {
	if (!c)
		return '';
	const params = c.tags.filter((t) => t.kind === 'param').map((t) => `<dt><code>${escape(t.name.replaceAll(',', ', '))}</code></dt>
			<dd>${links.prose(t.text, id)}</dd>`);
	const returns = c.tags.filter((t) => t.kind === 'return').map((t) => `<dt>Returns</dt>\n\t\t\t<dd>${links.prose(t.text, id)}</dd>`);
	const list = [...params, ...returns];
	return `${c.text ? `<p>${links.prose(c.text[0].toUpperCase() + c.text.slice(1), id)}</p>` : ''}
		${list.length ? `<dl>\n\t\t\t${list.join('\n\t\t\t')}\n\t\t</dl>` : ''}`.trim();
}

function members(entry, links) {
	const one = (m) => `<dt><code>${links.code(m.code, entry.id)}</code></dt>${m.comment
		? `\n\t\t\t<dd>${links.prose([m.comment.text, ...m.comment.tags.map((t) => (t.kind === 'return' ? `Returns ${t.text}`
			: `@p ${t.name}: ${t.text}`))].filter(Boolean).join(' '), entry.id)}</dd>` : ''}`;
	return `<dl>\n\t\t\t${entry.members.map(one).join('\n\t\t\t')}\n\t\t</dl>`;
}

const titleOf = (e) => ({ struct: `struct ${e.name}`, opaque: `struct ${e.name}`, enum: e.unnamed ? `enum of ${e.name} …` : `enum ${e.name}`,
	function: `${e.name}()` })[e.kind] ?? e.name;

function article(header, entry, links) {
	const thread = entry.kind === 'function' ? `<p class="thread">${THREADS[threadOf(header, entry)]}</p>` : '';
	const code = ['function', 'macro', 'variable'].includes(entry.kind)
		? `<pre tabindex="0" aria-label="Declaration of ${entry.name}"><code>${links.code(entry.code, entry.id)}</code></pre>` : '';
	return [`\t<article class="card" id="${entry.id}">`, `<h3>${titleOf(entry)}</h3>`, code, thread, comment(entry, links),
		entry.members ? members(entry, links) : '', '</article>'].filter(Boolean).join('\n\t\t').replace(/\t<\/article>$/, '</article>');
}

function section(header, links) {
	return `<section id="${header.name}.h" aria-labelledby="title-${header.name}">
	<h2 id="title-${header.name}">cardea/${header.name}.h</h2>
	<p class="lead">${links.prose(header.intro.text)}</p>
${header.entries.map((e) => article(header, e, links)).join('\n')}
</section>`;
}

function contents(header) {
	return `<details><summary><a href="#${header.name}.h">cardea/${header.name}.h</a></summary><ul>
${header.entries.map((e) => `\t<li><a href="#${e.id}">${titleOf(e)}</a></li>`).join('\n')}
</ul></details>`;
}

export function sdkPage(headers) {
	const links = new Links(headers);
	return `<!doctype html>
<!-- Made by \`make docs\` from core/include/cardea; change it there. -->
<html lang="en">
<head>
	<meta charset="utf-8">
	<meta name="viewport" content="width=device-width, initial-scale=1">
	<title>The SDK: Cardea</title>
	<link rel="icon" href="favicon.svg">
	<link rel="stylesheet" href="style.css">
	<style>${STYLE}	</style>
</head>
<body>
	<header class="top">
		<a class="brand" href="index.html"><img src="favicon.svg" alt="">Cardea</a>
		<nav aria-label="Pages">
			<a href="echo.html">Echo test</a>
			<a href="meeting.html">Meeting</a>
			<a href="mesh.html">Mesh room</a>
			<a href="recordings.html">Record and play</a>
			<a href="docs.html" aria-current="page">SDK</a>
		</nav>
	</header>
	<main class="page">
<h1>The SDK</h1>
<p class="lead">${INTRO}</p>
<p>${WORDS}</p>
<div class="sdk">
<nav aria-label="Headers">
${headers.map(contents).join('\n')}
</nav>
<div>
${headers.map((h) => section(h, links)).join('\n')}
</div>
</div>
	</main>
</body>
</html>
`;
}
