// Who talks is told to the room, and who does not any more: muted, moderated, or silent without a word.
import { strict as assert } from 'node:assert';
import test from 'node:test';
import { connect } from '../lib/api.mjs';
import { withBrowser } from '../lib/browser.mjs';
import { createRoom, Participant } from '../lib/calls.mjs';
import { Peers } from '../lib/media.mjs';
import { withServer } from '../lib/server.mjs';

const SOUND = [{ kind: 'audio', direction: 'sendonly' }];

async function walk(session, peers) {
	const room = await createRoom(session, { audiolevel_event: true, audio_active_packets: 25,
		audio_level_average: 126, secret: 'open' });
	const ann = await Participant.join(session, peers, room, 'Ann');
	const ben = await Participant.join(session, peers, room, 'Ben');
	await ann.publish(SOUND);
	const told = (what) => ben.handle.notice(what, (d) => d.videoroom === what && d.id === ann.id);
	const listed = async () => (await ben.handle.message({ request: 'listparticipants', room }))
		.participants.find((p) => p.id === ann.id).talking;
	const begins = async () => {
		await told('talking');
		assert.equal(await listed(), true);
	};
	const ends = async (why, level) => {
		const { 'audio-level-dBov-avg': average } = await told('stopped-talking');
		assert.equal(await listed(), false, why);
		assert.equal(average, level, why);
	};
	await begins();
	await ann.handle.message({ request: 'configure', audio: false });
	await ends('muted', 127);
	await ann.handle.message({ request: 'configure', audio: true });
	await begins();
	const moderate = (mute) => ann.handle.message({ request: 'moderate', room, secret: 'open',
		id: ann.id, mid: '0', mute });
	await moderate(true);
	await ends('moderated', 127);
	await moderate(false);
	await begins();
	await peers.dropSound('Ann up');
	await ends('no sound', 127);
}

test('talking ends when the sound does', { timeout: 60000 }, () => withServer({},
	(server) => withBrowser('chromium', async (browser) => {
		const peers = await Peers.open(browser);
		const client = await connect(server, 'ws');
		try {
			await walk(await client.createSession(), peers);
		} finally {
			await client.close();
			await peers.close();
		}
	})));
