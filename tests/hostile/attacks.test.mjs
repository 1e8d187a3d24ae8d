// A call of three goes on, without a picture that freezes or a packet that is lost, while a hostile
// peer does beside it what no browser would: attacks.py, one attack after another.
import { strict as assert } from 'node:assert';
import { execFileSync, spawn } from 'node:child_process';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { admin, connect } from '../lib/api.mjs';
import { launch, shut } from '../lib/browser.mjs';
import { createRoom, Participant } from '../lib/calls.mjs';
import { Peers } from '../lib/media.mjs';
import { isSanitized, startServer } from '../lib/server.mjs';
import { within } from '../lib/wait.mjs';

const PYTHON = process.env.PYTHON_BIN ?? '/usr/bin/python3';
const SCRIPT = fileURLToPath(new URL('attacks.py', import.meta.url));
const SECONDS = process.env.ATTACK_SECONDS ?? '3';
const ATTACKS = execFileSync(PYTHON, [SCRIPT], { encoding: 'utf8' }).trim().split('\n');
const NAMES = ['Ann', 'Ben', 'Cem'];
const LINES_MAX = 300; // of log, from one attack …
// … but for sessions and handles, which have their lines: of each kind so many.
const LINES_OF_LIFE = { sessions_flood: 1500, subscriptions: 1500 };
// A busy machine stumbles by itself, more so with sanitizers; ATTACK_FROZEN_S=0 is for a quiet one.
const FROZEN_S = Number(process.env.ATTACK_FROZEN_S ?? (isSanitized() ? 1.4 : 0.7));
const GROWTH_KIB = 32 << 10; // of memory

/** Addresses of all PeerConnections, as the server has them. */
async function addresses(server) {
	const found = [];
	const { sessions } = await admin(server, { janus: 'list_sessions' });
	for (const session_id of sessions)
		for (const handle_id of (await admin(server, { janus: 'list_handles', session_id })).handles) {
			const { info } = await admin(server, { janus: 'handle_info', session_id, handle_id });
			const pair = info.webrtc?.ice?.['selected-pair'];
			if (pair)
				found.push(/<-> (\S+) /.exec(pair)[1]);
		}
	return found;
}

function smallCamera() {
	const original = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
	navigator.mediaDevices.getUserMedia = (wanted) => original({ ...wanted,
		...(wanted.video && { video: { width: 320, height: 180, frameRate: 15 } }) });
}

/** @return what there is to say against the pictures and sounds between two looks */
function troubles(before, after) {
	return after.flatMap((now, i) => {
		const then = before[i];
		const grown = (member) => now[member] - then[member];
		if (now.kind === 'audio')
			return grown('packets') > 0 && !grown('lost') ? [] : [`sound ${now.mid}: ${grown('packets')} packets, ${grown('lost')} lost`];
		return grown('frames') >= 10 && grown('frozen_s') <= FROZEN_S && !grown('lost') ? []
			: [`picture ${now.mid}: ${grown('frames')} frames, ${grown('freezes')} freezes of `
				+ `${grown('frozen_s').toFixed(2)} s, ${grown('lost')} lost`];
	});
}

class Call {
	static async begin() {
		const call = new Call();
		call.server = await startServer({ conf: { core: { nat: { ice_enforce_list: '127.0.0.1' } } } });
		call.browser = await launch('chromium', ['--use-fake-device-for-media-stream=fps=15']);
		call.peers = await Peers.open(call.browser);
		await call.peers.page.evaluate(smallCamera);
		call.client = await connect(call.server, 'ws');
		const session = call.session = await call.client.createSession();
		call.room = await createRoom(session, { publishers: 12, bitrate: 400000 });
		const people = [];
		for (const name of NAMES) {
			const one = await Participant.join(session, call.peers, call.room, name);
			await one.publish();
			people.push(one);
		}
		for (const one of people)
			await one.watch(people.filter((p) => p !== one).map((p) => p.id));
		await Promise.all(NAMES.map((name) => call.peers.until(`${name} down`, 'pictures', (m) => m.inbound
			.filter((i) => i.kind === 'video' && i.frames > 30).length === 2, 30000)));
		call.victims = await addresses(call.server);
		assert.equal(call.victims.length, 6);
		return call;
	}

	async look() {
		const all = await Promise.all(NAMES.map((name) => this.peers.measure(`${name} down`)));
		return all.flatMap((m) => m.inbound);
	}

	/** @return what the attacker saw, as text */
	async attack(name) {
		const child = spawn(PYTHON, [SCRIPT, name, SECONDS], { stdio: ['ignore', 'pipe', 'inherit'],
			env: { ...process.env, CARDEA_WS: this.server.wsUrl,
				CARDEA_HTTP: this.server.httpUrl, CARDEA_UDP: this.server.ports.udp,
				CARDEA_ROOM: this.room, CARDEA_VICTIMS: this.victims.join(',') } });
		let told = '';
		child.stdout.setEncoding('utf8').on('data', (text) => { told += text; });
		const code = await within(Number(SECONDS) * 1000 + 60000, `end of ${name}`,
			new Promise((resolve) => child.once('close', resolve))).finally(() => child.kill('SIGKILL'));
		return { code, told };
	}

	async end() {
		await this.client.close();
		await this.peers.close();
		await shut(this.browser);
		await this.server.stop();
	}
}

test('a call of three, beside a hostile peer', { timeout: 280000 }, async (t) => {
	const call = await Call.begin();
	for (const name of ATTACKS)
		await t.test(name, async () => {
			await call.session.request({ janus: 'keepalive' });
			const before = await call.look();
			const logged = call.server.log.length;
			const grown = call.server.rssKib();
			const { code, told } = await call.attack(name);
			call.server.check();
			const after = await call.look();
			if (process.env.ATTACK_LOG)
				console.error(name, told.trim());
			assert.deepEqual(troubles(before, after), [], told);
			assert.equal(code, 0, told);
			const lines = call.server.log.slice(logged).split('\n').length;
			assert.ok(lines < (LINES_OF_LIFE[name] ?? LINES_MAX), `${lines} lines of log`);
			const kib = call.server.rssKib() - grown;
			assert.ok(kib < GROWTH_KIB || isSanitized(), `${kib} KiB more memory`);
		});
	await call.end();
});
