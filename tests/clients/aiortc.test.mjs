// aiortc, a WebRTC stack of its own in Python, over HTTP with long poll.
import { strict as assert } from 'node:assert';
import test from 'node:test';
import { isData, openRelay } from '../lib/lossy.mjs';
import { python } from '../lib/python.mjs';
import { withServer } from '../lib/server.mjs';

const here = (name) => new URL(name, import.meta.url);

test('aiortc: sound and pictures come back over HTTP signaling', () => withServer({},
	async (server) => {
		const frames = await python(here('aiortc_echo.py'), [server.apiUrl], 60000);
		assert.ok(frames.audio >= 20 && frames.video >= 20, JSON.stringify(frames));
	}));

test('aiortc: ten megabytes each way on a data channel, under loss', () => withServer({},
	async (server) => {
		const relay = await openRelay(server.ports.udp, isData);
		relay.everyNth = 50;
		const told = await python(here('aiortc_data.py'), [server.apiUrl, '10', `${relay.port}`], 120000)
			.finally(relay.close);
		assert.deepEqual(told, { sent: 320, good: 320 });
		assert.ok(relay.dropped.up > 20 && relay.dropped.down > 20, JSON.stringify(relay.dropped));
	}));
