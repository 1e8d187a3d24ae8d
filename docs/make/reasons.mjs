// docs/troubleshooting.md: why there is no picture, from the table of reasons.
const INTRO = ['# Why is there no picture', '',
	'The server says why nothing flows: to a client that asks `explain` ([protocols.md](protocols.md)), to an operator by',
	'`explain` and `handle_info` of the Admin API ([admin.md](admin.md)), and in its log when a reason has lasted for five seconds',
	'and when it ends. Each reason has a code that stays as it is, and is one of the connection as a whole or of an m-line: of what',
	'the server sends there, or of what it receives. Below are their sentences (what is filled in stands in braces), what to do,',
	'and how our pages say it to whoever misses the picture.', '',
	'Made by `make docs` from `core/control/reasons.c`; change it there.', ''];

const OF = {
	connection: 'Of the connection as a whole.',
	sending: 'Of an m-line that the server sends.',
	receiving: 'Of an m-line that the server receives.',
	both: 'Of an m-line, in either direction.',
};

function entry({ code, of, text, todo, visitor, meant }) {
	return [`## ${code}`, '', OF[of], '', `> ${text}`, '', todo, '', `Visitors read: “${visitor}”`, '',
		...(meant ? ['All is well all the same (`"well": true`): somebody wants it so, or it does no harm.', ''] : [])];
}

export function reasonsPage({ reasons }) {
	const sorted = [...reasons].sort((a, b) => (a.code < b.code ? -1 : 1));
	return `${[...INTRO, ...sorted.flatMap(entry)].join('\n').trimEnd()}\n`;
}
