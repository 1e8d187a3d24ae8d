// Threads that hang: the process ends for its supervisor to start it anew, and SIGTERM ends it in any case. A plugin of
// the tests' own (modules/hang.c) holds them up.
import { strict as assert } from 'node:assert';
import path from 'node:path';
import test from 'node:test';
import { connect, fetchHttp } from '../lib/api.mjs';
import { BIN, IS_REFERENCE, startServer, withServer } from '../lib/server.mjs';
import { until, within } from '../lib/wait.mjs';

const options = { skip: IS_REFERENCE && 'a feature of our own', timeout: 60000 };
const HOUR_MS = 3600000;
const EXIT = 70;

function conf(watchdog) {
	return { core: { general: { watchdog, plugins_folder: path.join(path.dirname(BIN), 'tests/modules') } } };
}

async function hang(server, loop, ms) {
	const client = await connect(server, 'ws');
	const session = await client.createSession();
	const handle = await session.attach('cardea.plugin.hang');
	await client.send({ janus: 'message', session_id: session.id, handle_id: handle.id, body: { loop, ms }, transaction: 'h' });
	await until(`word of the stuck loop "${loop}"`, () => server.log.includes(`loop is stuck loop=${loop} `));
	return client;
}

/** A server whose thread @p loop hangs ends with what @p body gives it. */
async function ends(watchdog, loop, body) {
	const server = await startServer({ conf: conf(watchdog) });
	try {
		const client = await hang(server, loop, HOUR_MS);
		await body(server);
		const status = await within(30000, 'end of the server', server.exited);
		client.terminate();
		return { ...status, log: server.log };
	} finally {
		server.child.kill('SIGKILL');
		await server.exited;
		server.giveBack();
	}
}

for (const loop of ['control', 'web']) {
	test(`the process ends when the loop "${loop}" hangs`, options, async () => {
		const { signal, log } = await ends(3, loop, () => {});
		assert.equal(signal, 'SIGABRT');
		assert.match(log, new RegExp(`loop hangs: the process ends, to be started anew loop=${loop} seconds=3`));
		assert.match(log, new RegExp(`stuck at loop=${loop} frame=.*hang.so`));
	});

	test(`SIGTERM ends it when the loop "${loop}" hangs`, options, async () => {
		const { code, log } = await ends(0, loop, (server) => server.child.kill('SIGTERM'));
		assert.equal(code, EXIT);
		assert.match(log, new RegExp(`asked to end, which does not come to its end: ending now seconds=\\d+ stuck=${loop}`));
	});
}

test('a loop that goes on is forgiven', options, () => withServer({ conf: conf(5) }, async (server) => {
	const client = await hang(server, 'web', 3000);
	await until('word that it turns', () => server.log.includes('loop turns again loop=web'));
	assert.equal((await fetchHttp(`${server.httpUrl}/health`)).status, 200);
	await client.close();
}));
