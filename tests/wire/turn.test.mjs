// ICE servers for clients: GET /turn, credentials by secret or from a TURN REST backend.
import { strict as assert } from 'node:assert';
import { createHmac } from 'node:crypto';
import http from 'node:http';
import test from 'node:test';
import { IS_REFERENCE, withServer } from '../lib/server.mjs';
import { until } from '../lib/wait.mjs';

const options = { skip: IS_REFERENCE && 'an endpoint of our own' };
const SECRET = 'north-wind-7';
const STUN = ['stun:stun.example.com:3478'];
const TURN = ['turn:turn.example.com:3478?transport=udp', 'turns:turn.example.com:5349?transport=tcp'];

const ours = (more = {}) => ({ ice_servers: { stun: STUN, turn: TURN, turn_secret: SECRET, ...more } });
const get = (server, query = '', init = {}) => fetch(`${server.httpUrl}/turn${query}`, init);

async function given(server, query = '') {
	const answer = await get(server, query);
	assert.equal(answer.status, 200, await answer.clone().text());
	return answer.json();
}

function assertRefused(answer, status) {
	assert.equal(answer.status, status);
	assert.equal(answer.headers.get('access-control-allow-origin'), '*');
	return answer.json().then(({ error }) => {
		assert.equal(error.code, status);
		assert.ok(error.reason);
	});
}

test('credentials are made for whoever asks', options, () => withServer({
	conf: { core: ours({ turn_ttl: 600 }) },
}, async (server) => {
	const from = Math.floor(Date.now() / 1000);
	const answer = await get(server, '?user=alice');
	const to = Math.floor(Date.now() / 1000);
	assert.equal(answer.headers.get('cache-control'), 'no-store');
	assert.equal(answer.headers.get('access-control-allow-origin'), '*');
	assert.match(answer.headers.get('content-type'), /^application\/json/);
	const turn = await answer.json();
	assert.deepEqual(Object.keys(turn).sort(), ['iceServers', 'password', 'ttl', 'uris', 'username']);
	const [, expiry, user] = /^(\d+):(.*)$/.exec(turn.username);
	assert.equal(user, 'alice');
	assert.ok(expiry >= from + 600 && expiry <= to + 600, turn.username);
	assert.equal(turn.ttl, 600);
	assert.equal(turn.password, createHmac('sha1', SECRET).update(turn.username).digest('base64'));
	assert.deepEqual(turn.uris, TURN);
	assert.deepEqual(turn.iceServers, [{ urls: STUN },
		{ urls: TURN, username: turn.username, credential: turn.password }]);
	const one = await given(server);
	const other = await given(server);
	assert.notEqual(one.username, other.username);
	for (const bad of ['', 'a:b', 'a%20b', 'ä', 'x'.repeat(65)])
		await assertRefused(await get(server, `?user=${bad}`), 400);
	assert.match((await given(server, `?user=${'x'.repeat(64)}`)).username, /:x{64}$/);
}));

test('what is not configured is not given', options, async () => {
	await withServer({}, async (server) => assert.deepEqual(await given(server), { iceServers: [] }));
	await withServer({ conf: { core: { ice_servers: { stun: STUN } } } },
		async (server) => assert.deepEqual(await given(server), { iceServers: [{ urls: STUN }] }));
	await withServer({ conf: { core: { ice_servers: { turn: TURN, turn_user: 'u', turn_password: 'p' } } } },
		async (server) => assert.deepEqual(await given(server), { username: 'u', password: 'p',
			ttl: 86400, uris: TURN, iceServers: [{ urls: TURN, username: 'u', credential: 'p' }] }));
});

test('the page answers to its methods and to no other path', options, () => withServer({
	conf: { core: ours() },
}, async (server) => {
	const head = await get(server, '', { method: 'HEAD' });
	assert.equal(head.status, 200);
	const preflight = await get(server, '', { method: 'OPTIONS',
		headers: { Origin: 'https://else.where', 'Access-Control-Request-Headers': 'authorization' } });
	assert.equal(preflight.status, 204);
	assert.match(preflight.headers.get('access-control-allow-headers'), /authorization/i);
	const post = await get(server, '', { method: 'POST', body: '{}' });
	assert.match(post.headers.get('allow'), /GET/);
	await assertRefused(post, 405);
	await assertRefused(await get(server, '/secret'), 404);
}));

test('an address that asks too often is told when to come again', options, () => withServer({
	conf: { core: ours({ requests_per_second: 1 }) },
}, async (server) => {
	const answers = await Promise.all(Array.from({ length: 20 }, () => get(server)));
	const refused = answers.filter((a) => a.status === 429);
	assert.ok(refused.length > 0 && refused.length <= 10, `${refused.length} of 20 refused`);
	assert.match(refused[0].headers.get('retry-after'), /^\d+$/);
	await assertRefused(refused[0], 429);
	await until('an answer again', async () => (await get(server)).status === 200, { every: 250 });
}));

function signedToken(secret, ttl, rest) {
	const data = `${Math.floor(Date.now() / 1000) + ttl},${rest}`;
	return `${data}:${createHmac('sha1', secret).update(data).digest('base64')}`;
}

test('where the API asks for credentials, so does this', options, () => withServer({
	conf: { core: { ...ours(), general: { api_secret: 'sesame', token_auth: true,
		token_auth_secret: 'janus' } } },
}, async (server) => {
	const bearer = (token) => get(server, '', { headers: { Authorization: `Bearer ${token}` } });
	const none = await get(server);
	assert.equal(none.headers.get('www-authenticate'), 'Bearer');
	await assertRefused(none, 401);
	await assertRefused(await get(server, '?apisecret=guess'), 403);
	await assertRefused(await get(server, '?token=guess'), 403);
	await assertRefused(await bearer('guess'), 403);
	await assertRefused(await bearer(signedToken('janus', -10, 'janus')), 403);
	const token = signedToken('janus', 60, 'janus');
	assert.ok((await given(server, '?apisecret=sesame')).password);
	assert.ok((await given(server, `?token=${encodeURIComponent(token)}`)).password);
	assert.equal((await bearer(token)).status, 200);
}));

test('a secret is shown nowhere', options, async () => {
	let server;
	await withServer({ conf: { core: { ...ours(), general: { debug_level: 7 },
		nat: { turn_rest_api: 'http://127.0.0.1:9/', turn_rest_api_key: 'south-wind-8' } } } },
	async (s) => {
		server = s;
		const told = [await given(s), await (await fetch(`${s.apiUrl}/info`)).json(),
			await (await fetch(`${s.httpUrl}/metrics`)).text()];
		for (const janus of ['info', 'get_status', 'list_sessions'])
			told.push(await (await fetch(s.adminUrl, { method: 'POST', body: JSON.stringify(
				{ janus, transaction: 't', admin_secret: 'adminpwd' }) })).json());
		assert.doesNotMatch(JSON.stringify(told), /north-wind|south-wind/);
	});
	assert.match(server.log, /'turn_rest_api' in section 'nat': it has no effect/);
	assert.doesNotMatch(server.log, /north-wind|south-wind/);
});

/* ---- a TURN REST backend ---- */

/** A backend that keeps what it is asked, and answers with what `answer(response)` does. */
async function withBackend(answer, body) {
	const asked = [];
	const backend = http.createServer(async (request, response) => {
		let text = '';
		for await (const chunk of request)
			text += chunk;
		asked.push({ method: request.method, url: request.url, body: text, headers: request.headers });
		backend.answer(response);
	});
	Object.assign(backend, { answer, asked });
	await new Promise((resolve) => backend.listen(0, '127.0.0.1', resolve));
	backend.url = `http://127.0.0.1:${backend.address().port}/turn`;
	try {
		return await body(backend);
	} finally {
		backend.closeAllConnections();
		backend.close();
	}
}

const GOOD = { username: '99:them', password: 'pw', ttl: 1000, uris: [...TURN, 'turn:x?transport=tls', 7] };
const says = (o) => (response) => response.end(JSON.stringify(o));
const behind = (backend, more = {}) => ({ conf: { core: { ice_servers: { stun: STUN },
	nat: { turn_rest_api: backend.url, turn_rest_api_key: 'a key&', ...more } } } });
const STUN_ALONE = { iceServers: [{ urls: STUN }] };

test('a TURN REST backend is asked, and its answer is given', options, () => withBackend(says(GOOD),
	(backend) => withServer(behind(backend), async (server) => {
		const turn = await given(server);
		assert.ok(turn.ttl > 990 && turn.ttl <= 1000);
		assert.deepEqual({ ...turn, ttl: 0 }, { username: '99:them', password: 'pw', ttl: 0, uris: TURN,
			iceServers: [{ urls: STUN }, { urls: TURN, username: '99:them', credential: 'pw' }] });
		await Promise.all(Array.from({ length: 20 }, () => given(server)));
		assert.equal(backend.asked.length, 1);
		const query = 'service=turn&api=a%20key%26&key=a%20key%26&username=CardeaRef';
		const { method, url, body, headers } = backend.asked[0];
		assert.deepEqual({ method, url, body }, { method: 'POST', url: `/turn?${query}`, body: query });
		assert.equal(headers['content-type'], 'application/x-www-form-urlencoded');
	})));

test('it may be asked by GET, and whoever comes first waits for it', options, () => {
	let late;
	return withBackend((response) => { late = response; }, (backend) => withServer(
		behind(backend, { turn_rest_api_method: 'get' }), async (server) => {
			await until('question', () => late);
			const waiting = Promise.all([given(server), given(server, '?user=me')]);
			assert.equal(backend.asked[0].method, 'GET');
			assert.equal(backend.asked[0].body, '');
			/* those who wait are behind it: the server has read their requests */
			await until('requests', async () => /cardea_web_requests_total [2-9]/.test(
				await (await fetch(`${server.httpUrl}/metrics`)).text()));
			says(GOOD)(late);
			assert.deepEqual((await waiting).map((t) => t.password), ['pw', 'pw']);
			assert.equal(backend.asked.length, 1);
		}));
});

test('an old answer is given until there is a new one', options, () => withBackend(
	says({ ...GOOD, ttl: 10 }), (backend) => withServer(behind(backend), async (server) => {
		await given(server);
		backend.answer = says({ ...GOOD, password: 'new' });
		const passwords = new Set();
		await until('the new answer', async () => {
			const { password } = await given(server);
			passwords.add(password);
			return password === 'new';
		}, { every: 150 });
		assert.deepEqual([...passwords], ['pw', 'new']);
	})));

test('a backend that fails leaves STUN, one warning, and is asked again', options, () => withBackend(
	(response) => response.writeHead(500).end('south-wind-8'),
	(backend) => withServer(behind(backend, { turn_rest_api_key: 'south-wind-8' }), async (server) => {
		const failures = [
			(r) => r.writeHead(302, { Location: '/elsewhere' }).end(),
			(r) => r.end('no JSON'), says([]), says({}), says({ ...GOOD, username: '' }),
			says({ ...GOOD, password: 7 }), says({ ...GOOD, uris: [] }), says({ ...GOOD, uris: ['http:x'] }),
			says({ ...GOOD, password: 'x'.repeat(600) }),
			says({ ...GOOD, more: 'x'.repeat(20000) }), (r) => r.destroy()];
		assert.deepEqual(await given(server), STUN_ALONE);
		for (const failure of failures) {
			const before = backend.asked.length;
			backend.answer = failure;
			await until('another try', async () => {
				assert.deepEqual(await given(server), STUN_ALONE);
				return backend.asked.length > before;
			}, { every: 150 });
		}
		backend.answer = says(GOOD);
		await until('the answer', async () => (await given(server)).password === 'pw', { every: 150 });
		assert.equal(server.log.match(/no TURN credentials from the backend/g).length, 1);
		assert.doesNotMatch(server.log, /south-wind/);
	})));

test('a backend that does not answer holds nobody for long', options, () => withBackend(() => {},
	(backend) => withServer(behind(backend, { turn_rest_api_timeout: 1 }), async (server) => {
		assert.deepEqual(await given(server), STUN_ALONE);
		await until('the warning', () => /no TURN credentials.*[Tt]ime/.test(server.log));
		await until('another question', async () => {
			get(server).catch(() => {}); /* the server ends before it is answered */
			return backend.asked.length > 1;
		}, { every: 250 });
	})));

test('the end does not wait for a backend that does not answer', options, () => withBackend(() => {},
	(backend) => withServer(behind(backend, { turn_rest_api_timeout: 60 }),
		() => until('the question', () => backend.asked.length > 0))));
