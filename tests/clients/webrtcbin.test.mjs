// GStreamer's webrtcbin, as it comes (each m-line has a transport of its own) and bundled.
import { strict as assert } from 'node:assert';
import test from 'node:test';
import { Cases } from '../lib/cases.mjs';
import { withServer } from '../lib/server.mjs';

test('webrtcbin', { timeout: 90000 }, (t) => withServer({}, async (server) => {
	const calls = new Cases(new URL('webrtcbin.py', import.meta.url), { CARDEA_WS: server.wsUrl });
	for (const name of calls.names)
		await t.test(name, async () => {
			const { good, seen } = await calls.result(name);
			server.check();
			assert.ok(good, JSON.stringify(seen));
		});
	await calls.end();
}));
