/**
 * The start page: what this server is, from its own mouth.
 *
 * Query: `server`, `prefix`, `token`, `apisecret` as in `optionsFrom` (cardea.js); they are handed
 * on to the other pages. Hooks for tests, by `data-test`: `facts`, `status`, `to-echo`,
 * `to-meeting`, `to-mesh`, `to-recordings`.
 */
import { Cardea, defaultServer, optionsFrom } from './cardea.js';
import { el, explain, keepServer, status } from './ui.js';

const options = optionsFrom();
const http = new URL('janus', location.href);
http.search = http.hash = '';

/** Over HTTP from the server this page came from; any other is asked over its WebSocket. */
async function askServer() {
	if (!options.server) {
		const answer = await fetch(`${http.href}/info`).catch(() => null);
		if (answer?.ok) return answer.json();
	}
	return new Cardea(options).info();
}

function chips(packages = {}) {
	const names = Object.entries(packages).map(([name, about]) =>
		el('li', { title: about.description }, name.split('.').at(-1))
	);
	return names.length ? el('ul', { class: 'chips' }, ...names) : 'none';
}

function showFacts(info) {
	const own = info['server-name'];
	const facts = {
		Name: own && own !== info.name ? `${info.name} (${own})` : info.name,
		Version: info.version_string,
		State:
			info['accepting-new-sessions'] === false
				? 'draining: takes no new calls'
				: 'ready for calls',
		Plugins: chips(info.plugins),
		Transports: chips(info.transports),
		'Data channels': info.data_channels ? 'yes' : 'no',
		Address: info['public-ip'] ?? info['local-ip'] ?? 'unknown',
	};
	document
		.getElementById('facts')
		.replaceChildren(
			...Object.entries(facts).flatMap(([name, value]) => [
				el('dt', {}, name),
				el('dd', {}, value),
			])
		);
}

const fill = {
	ws: options.server ?? defaultServer(),
	http: http.href,
	library: new URL('cardea.js', location.href).href,
};
for (const place of document.querySelectorAll('[data-fill]'))
	place.textContent = fill[place.dataset.fill];
keepServer();

askServer().then(showFacts, (error) => {
	document
		.getElementById('facts')
		.replaceChildren(el('dt', {}, 'State'), el('dd', {}, 'no answer'));
	status('bad', explain(error));
});
