// Offers and answers by the book, from a peer that says what it wants.
import { strict as assert } from 'node:assert';
import test from 'node:test';
import { Cases } from '../lib/cases.mjs';
import { withServer } from '../lib/server.mjs';

test('negotiation', { timeout: 60000 }, (t) => withServer({}, async (server) => {
	const cases = new Cases(new URL('negotiation.py', import.meta.url), { CARDEA_WS: server.wsUrl });
	for (const name of cases.names)
		await t.test(name, async () => {
			const { good, seen } = await cases.result(name);
			server.check();
			assert.ok(good, JSON.stringify(seen));
		});
	await cases.end();
}));
