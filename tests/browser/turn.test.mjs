// A TURN server as it is shipped, coturn with conf/turnserver.conf, takes the credentials of GET /turn.
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { runApart } from '../lib/apart.mjs';
import { IS_REFERENCE } from '../lib/server.mjs';

const options = { skip: IS_REFERENCE && 'an endpoint of our own', timeout: 150000 };
const script = fileURLToPath(new URL('turn-apart.mjs', import.meta.url));

test('a call that may only be relayed goes by our credentials', options,
	() => runApart(script, ['call']));
test('the pages reach the server itself by a relay', options, () => runApart(script, ['pages']));
test('credentials are refused once they have expired', options, () => runApart(script, ['expiry']));
test('nobody is relayed into a private network', options, () => runApart(script, ['private']));
