// Turns the list of transcripts into tests. REPLAY=name restricts the run to one of them,
// REPLAY_LOG=1 tells what was skipped or excused, and why.
import { strict as assert } from 'node:assert';
import fs from 'node:fs';
import { after, describe, test } from 'node:test';
import { IS_REFERENCE, withServer } from '../lib/server.mjs';
import { usedRows } from './excuses.mjs';
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
	t.diagnostic(`${replay.compared} messages compared, ${replay.skipped.length} steps skipped, `
		+ `${replay.excused.length} differences excused`);
	replay.skipped.forEach((s) => t.diagnostic(`skipped #${s.index} ${s.dir}: ${s.reason}`));
	replay.excused.forEach((d) => t.diagnostic(`excused ${describeDifference(d)}: ${d.reason}`));
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

function read(name) {
	return resign(JSON.parse(fs.readFileSync(new URL(`${name}.json`, here))), 'janus', CAPTURED_AT_S);
}

/** The steps of a transcript, behind those of the call it belongs to. */
function stepsOf({ name, opening }) {
	const call = opening ? read(opening) : [];
	return [...call.slice(0, call.findIndex((e) => e.dir === 'note')), ...read(name)];
}

/** Define a test for each transcript and transport.
 *  @param media which transcripts: those that need live connections, or the others
 *  @param openPeers makes what provides live SDP for the replay of a transcript
 *  @param atOnce how many may run side by side: each has a server of its own */
export function replayAll({ media, openPeers, atOnce = 1 }) {
	after(() => {
		if (process.env.ROWS_USED)
			fs.appendFileSync(process.env.ROWS_USED, `${media ? 'media' : 'plain'}\n${usedRows().join('\n')}\n`);
	});
	const mine = transcripts.filter((t) => Boolean(t.media) === media
		&& (!process.env.REPLAY || process.env.REPLAY === t.name));
	describe('replays', { concurrency: atOnce }, () => {
		for (const transcript of mine)
			for (const over of transcript.over)
				test(`replay ${transcript.name} over ${over}`, {
					skip: IS_REFERENCE && transcript.everyNth && 'full ICE finds a way around the lossy path',
				}, (t) => withServer(transcript, async (server) => {
					const peers = openPeers ? await openPeers(server, transcript) : null;
					try {
						await replayOne(t, new Replay(server, transcript.name, stepsOf(transcript),
							{ ...transcript, over, peers }));
					} finally {
						await peers?.close();
					}
				}));
	});
}
