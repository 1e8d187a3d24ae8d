// Pages of others in somebody's browser, against a server on the same machine: what they send must
// have no effect, and they must read nothing.
import { strict as assert } from 'node:assert';
import http from 'node:http';
import test, { after, before } from 'node:test';
import { admin, connect } from '../lib/api.mjs';
import { launch, openPage, shut } from '../lib/browser.mjs';
import { withServer } from '../lib/server.mjs';

const LOCAL = { core: { general: { admin_secret: '' }, web: { ip: '127.0.0.1' } },
	'transport.websockets': { general: { ws_ip: '127.0.0.1' }, admin: { admin_ws: true } } };
let browser, stranger;

before(async () => {
	stranger = http.createServer((req, res) => res.setHeader('Content-Type', 'text/html').end('<title>Stranger</title>'));
	await new Promise((resolve) => stranger.listen(0, '127.0.0.1', resolve));
	browser = await launch('chromium', ['--host-resolver-rules=MAP *.example 127.0.0.1']);
});
after(async () => {
	stranger.close();
	stranger.closeAllConnections();
	await shut(browser);
});

/** What a page gets from a request: its text, or '' when it may not read it. */
const send = (page, url, body, mode) => page.evaluate((u, b, m) => fetch(u, { method: 'POST', mode: m,
	body: JSON.stringify(b) }).then((r) => r.text(), () => ''), url, { transaction: 'x', ...body }, mode);

/** Does a WebSocket open in the page? */
const opens = (page, url, protocol) => page.evaluate((u, p) => new Promise((resolve) => {
	const ws = new WebSocket(u, p);
	ws.onopen = () => resolve(true);
	ws.onerror = () => resolve(false);
}), url, protocol);

const withPage = async (url, body) => {
	const page = await openPage(browser, url);
	await body(page).finally(() => page.close());
};

const withSession = (body) => withServer({ conf: LOCAL }, async (server) => {
	const client = await connect(server, 'ws');
	const session = await client.createSession();
	await body(server, session);
	assert.ok((await admin(server, { janus: 'list_sessions' })).sessions.includes(session.id));
	await session.request({ janus: 'keepalive' });
	await client.close();
});

test('a page of another site cannot use an Admin API without a secret', () => withSession(async (server, session) => {
	await withPage(`http://stranger.example:${stranger.address().port}/`, async (page) => {
		for (const mode of ['cors', 'no-cors'])
			for (const host of ['127.0.0.1', 'localhost', 'rebound.example']) {
				const url = `http://${host}:${server.ports.adminHttp}/admin`;
				assert.doesNotMatch(await send(page, url, { janus: 'list_sessions' }, mode), /sessions/);
				await send(page, `${url}/${session.id}`, { janus: 'destroy_session' }, mode);
			}
		assert.equal(await opens(page, server.adminWsUrl, 'janus-admin-protocol'), false);
	});
}));

test('a page under a name that was made to lead to the server cannot use its API', () => withSession(async (server) => {
	await withPage(`http://rebound.example:${server.ports.http}/`, async (page) => {
		assert.match(await page.evaluate('document.body.textContent'), /web\.hosts/);
		assert.match(await send(page, '/janus', { janus: 'create' }), /web\.hosts/);
		for (const protocol of ['janus-protocol', []])
			for (const path of ['', 'mesh', 'sfu'])
				assert.equal(await opens(page, `ws://rebound.example:${server.ports.http}/${path}`, protocol), false);
	});
	const { sessions } = await admin(server, { janus: 'list_sessions' });
	assert.equal(sessions.length, 1);
}));

test('a page of the server itself can', () => withSession(async (server) => {
	await withPage(`http://localhost:${server.ports.http}/`, async (page) => {
		assert.match(await send(page, '/janus', { janus: 'create' }), /success/);
		assert.equal(await opens(page, `ws://localhost:${server.ports.http}/`, 'janus-protocol'), true);
	});
}));
