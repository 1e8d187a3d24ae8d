// docs/troubleshooting.md: why there is no picture, from the table of reasons.
const INTRO = ['# Why is there no picture', '',
	'The server says why nothing flows: to a client that asks `explain` ([protocols.md](protocols.md)), to an operator by',
	'`explain` and `handle_info` of the Admin API ([admin.md](admin.md)), and in its log when a reason has lasted for five seconds',
	'and when it ends. Each reason has a code that stays as it is. Below are their sentences (what is filled in stands in braces)',
	'and what to do. *Sends* and *receives* are the server\'s.', '',
	'Made by `make docs` from `core/control/reasons.c`; change it there.', ''];

function entry({ code, text, todo, meant }) {
	return [`## ${code}`, '', `> ${text}`, '', todo, '',
		...(meant ? ['All is well all the same (`"well": true`): somebody wants it so, or it does no harm.', ''] : [])];
}

export function reasonsPage({ reasons }) {
	const sorted = [...reasons].sort((a, b) => (a.code < b.code ? -1 : 1));
	return `${[...INTRO, ...sorted.flatMap(entry)].join('\n').trimEnd()}\n`;
}
