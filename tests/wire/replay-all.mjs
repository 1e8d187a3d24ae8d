// Turns the list of transcripts into tests. REPLAY=name restricts the run to one of them,
// REPLAY_LOG=1 tells what was skipped or excused, and why.
import { strict as assert } from 'node:assert';
import fs from 'node:fs';
import test, { after } from 'node:test';
import { withServer } from '../lib/server.mjs';
import { usedRows } from './differences.mjs';
import { Replay } from './replay.mjs';
import { resign } from './resign.mjs';
import { transcripts } from './transcripts.mjs';

const CAPTURED_AT_S = 1700000000;
const here = new URL('transcripts/', import.meta.url);

function describeDifference(d) {
	const text = (v) => JSON.stringify(v)?.slice(0, 400) ?? '(absent)';
	return `step ${d.step}${d.request ? ` (${d.request})` : ''} ${d.path}: `
		+ `expected ${text(d.expected)}, got ${text(d.live)}`;
}

function tell(t, replay) {
	const excused = [...replay.excused.values()].reduce((a, b) => a + b, 0);
	t.diagnostic(`${replay.compared} messages compared, ${replay.skipped.length} steps skipped, `
		+ `${excused} differences excused`);
	if (!process.env.REPLAY_LOG)
		return;
	replay.skipped.forEach((s) => t.diagnostic(`skipped #${s.index} ${s.dir}: ${s.reason}`));
	replay.excused.forEach((n, row) => t.diagnostic(`excused ${n} × ${row.path}: ${row.reason}`));
}

async function replayOne(t, replay) {
	const failure = await replay.run().then(() => null, (e) => e);
	tell(t, replay);
	const told = replay.differences.map(describeDifference);
	if (failure)
		told.push(failure.stack);
	assert.equal(told.length, 0, `\n${told.join('\n')}`);
	assert.ok(replay.compared > 0, 'nothing was compared');
}

/** Define a test for each transcript and transport.
 *  @param media which transcripts: those that need live connections, or the others
 *  @param openPeers makes what provides live SDP for one replay */
export function replayAll({ media, openPeers }) {
	after(() => {
		if (process.env.ROWS_USED)
			fs.appendFileSync(process.env.ROWS_USED, `${media ? 'media' : 'plain'}\n${usedRows().join('\n')}\n`);
	});
	for (const transcript of transcripts) {
		const { name, conf } = transcript;
		if (Boolean(transcript.media) !== media || (process.env.REPLAY && process.env.REPLAY !== name))
			continue;
		const captured = JSON.parse(fs.readFileSync(new URL(`${name}.json`, here)));
		const entries = resign(captured, 'janus', CAPTURED_AT_S);
		for (const over of transcript.over)
			test(`replay ${name} over ${over}`, (t) => withServer({ conf }, async (server) => {
				const peers = openPeers ? await openPeers() : null;
				try {
					await replayOne(t, new Replay(server, name, entries, { over, peers }));
				} finally {
					await peers?.close();
				}
			}));
	}
}
