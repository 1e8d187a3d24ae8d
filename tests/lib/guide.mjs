// The guide's four classes, cut word for word out of browser/guide.txt, which is its JavaScript.
import { strict as assert } from 'node:assert';
import fs from 'node:fs';

const text = fs.readFileSync(new URL('../browser/guide.txt', import.meta.url), 'utf8');

export const CLASSES = ['WebRTCClient', 'DataChannelClient', 'ScreenShareClient', 'RecordingClient'];

/** The source of class @p name: up to the brace that closes its first one. */
export function cut(name) {
	const start = text.search(new RegExp(`^class ${name} `, 'm'));
	assert.ok(start >= 0, `no class ${name}`);
	let depth = 0;
	for (let i = text.indexOf('{', start); i < text.length; i++) {
		depth += { '{': 1, '}': -1 }[text[i]] ?? 0;
		if (depth === 0)
			return text.slice(start, i + 1);
	}
	throw new Error(`class ${name} does not end`);
}

/** A page that holds nothing but the classes. */
export function guidePage() {
	const script = CLASSES.map(cut).join('\n');
	return `<!doctype html><title>guide</title><script>${script}</script>`;
}
