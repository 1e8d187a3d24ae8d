// Structural comparison of a captured message with a live one. What differs is told as a list of
// {path, expected, live, parent}; whether it was meant to differ is not decided here. `parent` is the
// live object that the member belongs to; within an SDP `sdp` is its meaning, `section` the m-line's,
// `expectedSdp` the captured one's meaning.
import { sdpMeaning } from '../lib/sdp.mjs';

// Members whose value is made up by the server at run time.
const ID_KEYS = new Set(['id', 'room', 'private_id', 'session_id', 'sender', 'feed', 'feed_id',
	'publisher_id', 'leaving', 'unpublished', 'kicked']);
const UNORDERED = new Set(['list', 'participants', 'sessions', 'handles', 'allowed', 'publishers',
	'attendees']);
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const SMALLEST_RANDOM_ID = 100000;

/** Which live value stands for which captured one: ids, learned as they appear. */
export class Ids {
	constructor() {
		this.live = new Map();
	}

	learn(captured, live) {
		this.live.set(captured, live);
	}

	isRandom(value) {
		return (typeof value === 'number' && value >= SMALLEST_RANDOM_ID)
			|| (typeof value === 'string' && UUID.test(value));
	}

	/** A captured value (of any depth) as it has to be sent now. */
	toLive(value) {
		if (Array.isArray(value))
			return value.map((v) => this.toLive(v));
		if (value && typeof value === 'object')
			return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, this.toLive(v)]));
		return this.live.get(value) ?? (typeof value === 'string' ? this.textToLive(value) : value);
	}

	/** Replace the ids that stand inside a text. */
	textToLive(text) {
		return text.replace(/\d{6,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g,
			(m) => this.live.get(UUID.test(m) ? m : Number(m)) ?? m);
	}
}

function sortKey(item) {
	return JSON.stringify(item?.room ?? item?.id ?? item);
}

function ordered(key, array, ids) {
	if (!UNORDERED.has(key))
		return array;
	return [...array].sort((a, b) => {
		const [x, y] = [sortKey(ids.toLive(a)), sortKey(ids.toLive(b))];
		return x < y ? -1 : Number(x > y);
	});
}

/** What of an SDP's addresses is not of the machine: those of RFC 5737's last block, which only the
 *  configuration (nat_1_1_mapping) can have named, and whether UDP candidates have others besides. */
function addressesOf(text) {
	const given = (address) => address.startsWith('203.0.113.');
	const all = [...text.matchAll(/^a=candidate:\S+ 1 udp \d+ (\d+(?:\.\d+){3}) /gm)].map((m) => m[1]);
	return { mapped: all.filter(given).sort(), has_private: all.some(given) && !all.every(given),
		connection: [...text.matchAll(/^(?:o=.* |c=)IN IP4 (\S+)/gm)].map((m) => m[1]).filter(given) };
}

function compareSdp(expected, live, path, context) {
	const [e, l] = [sdpMeaning(expected), sdpMeaning(live)];
	for (const [meaning, text] of [[e, expected], [l, live]]) {
		meaning.addresses = addressesOf(text);
		// The version counts from what the offer said, so its value is the live offer's.
		delete meaning.version;
		meaning.media = Object.fromEntries(meaning.media.map((m, i) => [`${i} ${m.kind}`, m]));
	}
	const found = [];
	compareValues(e, l, path, { ...context, found });
	for (const difference of found) {
		const line = difference.path.slice(`${path}/media/`.length).split('/')[0];
		context.found.push({ ...difference, expectedSdp: e, sdp: l, section: l.media[line] });
	}
}

function compareValues(expected, live, path, context) {
	const { ids, found, parent } = context;
	const key = path.slice(path.lastIndexOf('/') + 1);
	if (Array.isArray(expected) && Array.isArray(live)) {
		const [e, l] = [ordered(key, expected, ids), ordered(key, live, ids)];
		for (let i = 0; i < Math.max(e.length, l.length); i++)
			compareValues(e[i], l[i], `${path}/${i}`, context);
		return;
	}
	if (expected && live && typeof expected === 'object' && typeof live === 'object'
		&& Array.isArray(expected) === Array.isArray(live)) {
		const isPartial = '(other fields)' in expected;
		const told = Object.keys(expected).filter((k) => k !== '(other fields)');
		for (const k of new Set([...told, ...(isPartial ? [] : Object.keys(live))]))
			compareValues(expected[k], live[k], `${path}/${k.replaceAll('/', '|')}`,
				{ ...context, parent: live });
		return;
	}
	if (key === 'sdp' && typeof expected === 'string' && typeof live === 'string') {
		compareSdp(expected, live, path, context);
		return;
	}
	const isNewId = ID_KEYS.has(key) && ids.isRandom(expected) && typeof live === typeof expected
		&& !ids.live.has(expected);
	if (isNewId) {
		ids.learn(expected, live);
		return;
	}
	if (ids.toLive(expected) !== live)
		found.push({ path, expected, live, parent });
}

/** Compare, and learn the ids that appear. @return the differences. */
export function compare(expected, live, ids) {
	const found = [];
	compareValues(expected, live, '', { ids, found });
	return found;
}
