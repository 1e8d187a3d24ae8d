// What clients are told of the server's addresses follows the network, in one of the test's own.
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { runApart } from '../lib/apart.mjs';
import { IS_REFERENCE } from '../lib/server.mjs';

const script = fileURLToPath(new URL('network-apart.mjs', import.meta.url));

test('descriptions name the addresses that there are now', {
	skip: IS_REFERENCE && 'chosen once, at start', timeout: 60000,
}, () => runApart(script, [], 50000));
