// docs/metrics.md: what /metrics has, asked of a server that has just started.
import fs from 'node:fs';
import path from 'node:path';
import { withServer } from '../../tests/lib/server.mjs';

const INTRO = ['# Metrics', '',
	'`GET /metrics` on the web port has these as text, for Prometheus and the like ([deploy.md](deploy.md)). They count from the start',
	'of the server; those that are a number of things right now are marked *now*. `…_drops` is what was thrown away, and is not zero',
	'on a healthy server either: strangers send to every open port. [security.md](security.md) says which bound is behind a drop.', '',
	'A name is `cardea_<area>_<what>_<unit>`. Made by `make docs` from the `struct metric`s of the source; change the words there.', ''];
const AREAS = { capture: 'Captures of the Admin API', control: 'Sessions and requests', data: 'Data channels', dtls: 'DTLS', events: 'Event handlers', ice: 'ICE',
	recorder: 'The recorder', router: 'The router', rtc: 'PeerConnections and workers', srtp: 'SRTP', udp: 'UDP', web: 'HTTP and WebSockets' };
const NOW = /\bnow\b|^cardea_(control_playbacks|rtc_peers|web_sockets|web_kept_bytes)$/;

/** All families of /metrics. @return [{ name, help }], by name */
export async function readMetrics() {
	let text;
	await withServer({ conf: { core: { general: { token_auth: true } } } }, async (server) => {
		text = await (await fetch(`${server.httpUrl}/metrics`)).text();
	});
	return [...text.matchAll(/^# HELP (\S+) ?(.*)$/gm)].map(([, name, help]) => ({ name, help }))
		.sort((a, b) => (a.name < b.name ? -1 : 1));
}

const areaOf = ({ name }) => name.split('_')[1];
const row = ({ name, help }) =>
	`| \`${name}\` | ${help.replace(/\.$/, '').replaceAll('|', '\\|')}${NOW.test(name) || NOW.test(help) ? ' (*now*)' : ''} |`;

export function metricsPage(metrics) {
	const areas = [...new Set(metrics.map(areaOf))];
	const parts = areas.map((area) => [`## ${AREAS[area]}`, '', '| Name | What it counts |', '| --- | --- |',
		...metrics.filter((m) => areaOf(m) === area).map(row), '']);
	return `${[...INTRO, ...parts.flat()].join('\n').trimEnd()}\n`;
}

/** What is missing: words, a heading, or a metric that another page speaks of. @param root the source tree */
export function metricGaps(metrics, root) {
	const known = new Set(metrics.map((m) => m.name));
	const named = fs.readdirSync(path.join(root, 'docs')).filter((f) => f.endsWith('.md') && f !== 'metrics.md')
		.flatMap((f) => [...fs.readFileSync(path.join(root, 'docs', f), 'utf8')
			.matchAll(/\bcardea_(?:capture|control|data|dtls|events|ice|recorder|router|rtc|srtp|udp|web)_\w+\b(?!\()/g)]
			.map(([name]) => ({ f, name })));
	return [...metrics.filter((m) => !m.help || !AREAS[areaOf(m)]).map((m) => `${m.name} has no words, or no heading in docs/make/metrics.mjs`),
		...named.filter(({ name }) => !known.has(name)).map(({ f, name }) => `docs/${f} names ${name}, which is not at /metrics`)];
}
