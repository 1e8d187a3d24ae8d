// Captures of a handle's packets: files that other programs read, and that end whole whatever ends them.
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { admin, connect } from '../lib/api.mjs';
import { withBrowser } from '../lib/browser.mjs';
import { callEcho } from '../lib/calls.mjs';
import { Peers } from '../lib/media.mjs';
import { metrics } from '../lib/metrics.mjs';
import { IS_REFERENCE, startServer, withServer } from '../lib/server.mjs';
import { until } from '../lib/wait.mjs';

const options = { timeout: 90000, skip: IS_REFERENCE && 'limits and files of our own' };
const ECHO = 'janus.plugin.echotest';
const AT_ONCE = 8;
const PCAP_HEAD = 24;
const ETHERNET_MIN = 60; // text2pcap fills up what is shorter

/** Run @p body with a folder of its own. */
async function withFolder(body) {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cardea-capture-'));
	try {
		return await body(folder);
	} finally {
		fs.rmSync(folder, { recursive: true });
	}
}

/** The Admin API's requests about one handle. */
function adminOf(server, session, handle) {
	const ask = (janus, more = {}) => admin(server, { janus, session_id: session.id,
		handle_id: handle.id, ...more });
	const done = async (...request) => {
		const answer = await ask(...request);
		assert.equal(answer.janus, 'success', JSON.stringify(answer));
		return answer;
	};
	const refused = async (reason, ...request) => {
		const { error } = await ask(...request);
		assert.deepEqual({ code: error?.code, reason: error?.reason }, { code: 490, reason });
	};
	return { ask, done, refused, info: async () => (await done('handle_info')).info };
}

/** Run @p body with an echo call, of a page that sends sound and pictures. @p begin is called with
 *  the handle before there is a PeerConnection. */
const withCall = (conf, begin, body) => withServer({ conf }, (server) => withBrowser('chromium',
	(browser) => withFolder(async (folder) => {
		const peers = await Peers.open(browser);
		const client = await connect(server, 'ws');
		const session = await client.createSession();
		const attach = session.attach.bind(session);
		session.attach = async (...args) => {
			const handle = await attach(...args);
			await begin(adminOf(server, session, handle), folder);
			return handle;
		};
		const handle = await callEcho(session, peers, 'ann');
		await body(adminOf(server, session, handle), { server, client, session, handle, peers, folder });
		await client.close();
		await peers.close();
	})));

/** The packets of a pcap file, as tshark reads them. */
function packets(file) {
	const fields = ['ip.src', 'rtp.ssrc', 'rtp.p_type', 'rtcp.pt', 'rtcp.senderssrc', '_ws.malformed',
		'frame.len', 'frame.cap_len', 'frame.time_epoch'];
	const text = execFileSync('tshark', ['-r', file, '-d', 'udp.port==1000,rtp', '-T', 'fields',
		...fields.flatMap((f) => ['-e', f])], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'],
		maxBuffer: 1 << 26 });
	return text.split('\n').filter(Boolean).map((line) => {
		const [ip, ssrc, pt, rtcp, sender, malformed, len, kept, at] = line.split('\t');
		return { isOut: ip === '10.2.2.2', ssrc: ssrc ? Number(ssrc) : null, pt: Number(pt),
			rtcp: rtcp ? rtcp.split(',').map(Number) : null, sender: sender.split(',').map(Number)[0],
			malformed, len: Number(len), kept: Number(kept), at: Number(at) };
	});
}

/** Totals of the handle's m-lines, by our SSRC or the peer's. */
function totals(info) {
	const lines = Object.values(info.webrtc.media);
	return lines.map((m) => ({
		in: { ssrcs: [m.ssrc['ssrc-peer'], m.ssrc['ssrc-peer-rtx']], n: m.stats.in.packets },
		out: { ssrcs: [m.ssrc.ssrc, m.ssrc['ssrc-rtx']], n: m.stats.out.packets },
	}));
}

function checkCounts(all, before, after) {
	for (const [i, line] of totals(after).entries())
		for (const way of ['in', 'out']) {
			const n = all.filter((p) => p.isOut === (way === 'out') && line[way].ssrcs.includes(p.ssrc)).length;
			const least = totals(before)[i][way].n;
			assert.ok(least > 10, `${way} ${i}: too few packets: ${least}`);
			assert.ok(n >= least && n <= line[way].n, `${way} ${i}: ${n} captured of ${least} to ${line[way].n}`);
		}
	const known = totals(after).flatMap((l) => [...l.in.ssrcs, ...l.out.ssrcs]);
	for (const p of all.filter((q) => q.ssrc !== null))
		assert.ok(known.includes(p.ssrc), `nobody's SSRC: ${p.ssrc}`);
}

function checkRtcp(all) {
	for (const isOut of [true, false]) {
		const kinds = new Set(all.filter((p) => p.isOut === isOut && p.rtcp).flatMap((p) => p.rtcp));
		assert.ok(kinds.has(200), `sender reports, ${isOut ? 'out' : 'in'}`);
		assert.ok(kinds.has(201) || kinds.has(205), `reports or feedback, ${isOut ? 'out' : 'in'}`);
	}
	assert.deepEqual(all.filter((p) => p.ssrc === null && !p.rtcp), []);
	assert.deepEqual(all.filter((p) => p.malformed), []);
}

/** Reports have gone both ways: an answer to ours has come, which tells the round trip, and the server's own. */
const reportsCross = (peers, name) => until('reports both ways', () => peers.page.evaluate(async (n) => {
	const all = [...(await peers[n].pc.getStats()).values()];
	return all.some((s) => s.type === 'remote-outbound-rtp')
		&& all.some((s) => s.type === 'remote-inbound-rtp' && s.roundTripTimeMeasurements > 0);
}, name), { ms: 20000, every: 100 });

const grows = (file, bytes) => until(`${bytes} bytes in the file`, () => fs.statSync(file).size > bytes,
	{ ms: 20000 });

/* ---- what is in a file ---- */

test('a pcap file has what the statistics count, in both directions', options, () => withCall({},
	async (a, folder) => {
		await a.done('start_pcap', { folder, filename: 'call.pcap' });
		const info = await a.info(); // there is no PeerConnection yet
		assert.equal(info['dump-to-pcap'], true);
		assert.equal(info['pcap-file'], path.join(folder, 'call.pcap'));
	},
	async (a, { peers, folder }) => {
		const file = path.join(folder, 'call.pcap');
		await peers.mediaFlows('ann');
		await reportsCross(peers, 'ann');
		const before = await a.info();
		const stopped = await a.done('stop_pcap');
		assert.deepEqual(Object.keys(stopped).sort(), ['janus', 'transaction']);
		const size = fs.statSync(file).size; // it is complete
		const after = await a.info();
		assert.equal(after['dump-to-pcap'], undefined);
		const all = packets(file);
		checkCounts(all, before, after);
		checkRtcp(all);
		assert.ok(all.every((p, i) => i === 0 || p.at >= all[i - 1].at), 'times go forward');
		assert.ok(Math.abs(all.at(-1).at - Date.now() / 1000) < 30);
		assert.equal(fs.statSync(file).mode & 0o777, 0o640);
		await peers.mediaFlows('ann'); // and none of it is written any more
		assert.equal(fs.statSync(file).size, size);
		// one more is appended
		await a.done('start_pcap', { folder, filename: 'call.pcap', truncate: 20 });
		await grows(file, size + 2000);
		await a.done('stop_text2pcap'); // either stops either
		const more = packets(file).slice(all.length);
		assert.ok(more.length > 10);
		assert.ok(more.every((p) => p.kept === Math.min(p.len, 42 + 20)));
		assert.ok(more.some((p) => p.len > 500));
	}));

test('a text file is read by text2pcap', options, () => withCall({}, () => {},
	async (a, { session, handle, peers, folder }) => {
		const file = path.join(folder, 'call.txt');
		await a.done('start_text2pcap', { folder, filename: 'call.txt' });
		const began = Date.now();
		const info = await a.info();
		assert.equal(info['dump-to-text2pcap'], true);
		assert.equal(info['text2pcap-file'], file);
		await peers.mediaFlows('ann');
		await grows(file, 50000);
		await a.done('stop_pcap');
		const lines = fs.readFileSync(file, 'latin1').split('\r\n');
		assert.equal(lines.pop(), '');
		const form = new RegExp('^[IO] \\d\\d:\\d\\d:\\d\\d\\.\\d{6} 000000  ([0-9a-f]{2} )+'
			+ `JANUS_TEXT2PCAP_(RTP|RTCP) \\[session=${session.id}\\]\\[handle=${handle.id}\\]$`);
		assert.deepEqual(lines.filter((l) => !form.test(l)), []);
		const at = new Date(began);
		assert.equal(Number(lines[0].slice(2, 4)), at.getHours());
		const pcap = path.join(folder, 'read.pcapng');
		execFileSync('text2pcap', ['-D', '-t', '%H:%M:%S.%f', '-u', '1000,2000', file, pcap], { stdio: 'pipe' });
		const text = execFileSync('tshark', ['-r', pcap, '-d', 'udp.port==2000,rtp', '-T', 'fields', '-e',
			'frame.packet_flags_direction', '-e', 'rtp.ssrc', '-e', 'rtcp.pt', '-e', 'frame.len'],
		{ encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\n').filter(Boolean)
			.map((l) => l.split('\t'));
		assert.equal(text.length, lines.length);
		const rtcp = text.filter((t) => t[2]).length;
		assert.equal(rtcp, lines.filter((l) => l.includes('2PCAP_RTCP')).length);
		assert.equal(text.filter((t) => t[1]).length, lines.length - rtcp);
		for (const [i, line] of lines.entries()) {
			assert.equal(Number(text[i][0]), line[0] === 'I' ? 1 : 2);
			const bytes = (line.match(/ [0-9a-f]{2}(?= )/g) ?? []).length;
			assert.equal(Number(text[i][3]), Math.max(ETHERNET_MIN, 42 + bytes)); // an empty report is short
		}
	}));

/* ---- what ends a capture ---- */

test('a capture ends with its call, and the next has its own', options, () => withCall({}, () => {},
	async (a, { session, handle, peers, folder, server }) => {
		const file = (name) => path.join(folder, name);
		await a.done('start_pcap', { folder, filename: 'a.pcap' });
		await peers.mediaFlows('ann');
		await a.done('hangup_webrtc');
		await until('the end in the log', () => /capture ended file="[^"]*a\.pcap" packets=\d\d+ dropped=0/.test(server.log));
		assert.ok(packets(file('a.pcap')).length > 20);
		assert.equal((await a.info())['dump-to-pcap'], undefined);
		await a.refused('Capture not started', 'stop_pcap');
		// a handle that goes without ever having had a call
		const other = await session.attach(ECHO);
		const b = adminOf(server, session, other);
		await b.done('start_pcap', { folder, filename: 'b.pcap' });
		await b.done('detach_handle');
		await until('the end of the other', () => /capture ended file="[^"]*b\.pcap" packets=0/.test(server.log));
		assert.equal(fs.statSync(file('b.pcap')).size, PCAP_HEAD);
		// the client goes without a word
		await a.done('start_pcap', { folder, filename: 'c.pcap' });
		await session.request({ janus: 'destroy' });
		await until('the end of the last', () => /capture ended file="[^"]*c\.pcap"/.test(server.log));
		assert.equal(handle.id > 0, true);
		assert.equal((await metrics(server)).cardea_capture_drops_total, 0);
	}));

test('a server that ends leaves whole files', options, () => withBrowser('chromium',
	(browser) => withFolder(async (folder) => {
		const server = await startServer({});
		const peers = await Peers.open(browser);
		const client = await connect(server, 'ws');
		const session = await client.createSession();
		const handle = await callEcho(session, peers, 'ann');
		const a = adminOf(server, session, handle);
		await a.done('start_pcap', { folder, filename: 'a.pcap' });
		await peers.mediaFlows('ann');
		await server.stop();
		assert.match(server.log, /capture ended file="[^"]*a\.pcap" packets=\d\d+ dropped=0/);
		const all = packets(path.join(folder, 'a.pcap'));
		assert.ok(all.length > 20);
		assert.deepEqual(all.filter((p) => p.malformed), []);
		await peers.close();
	})));

test('a full disk ends the capture, not the call', options, () => withCall({}, () => {},
	async (a, { peers, folder, server }) => {
		const file = path.join(folder, 'full.pcap');
		const limit = 100000;
		execFileSync('prlimit', ['--pid', String(server.pid), `--fsize=${limit}`]);
		await a.done('start_pcap', { folder, filename: 'full.pcap' });
		await until('the end in the log', () => /capture failed file="[^"]*full\.pcap" packets=\d+ dropped=0 why=/
			.test(server.log), { ms: 30000 });
		assert.equal((await a.info())['dump-to-pcap'], undefined);
		await a.refused('Capture not started', 'stop_pcap');
		const { size } = fs.statSync(file);
		assert.ok(size > limit / 4 && size <= limit, `${size} bytes`);
		assert.equal(packets(file).filter((p) => p.malformed).length, 0); // and tshark finds it whole
		await peers.pictureChanges('ann');
	}));

/* ---- what is refused ---- */

test('files go nowhere but where they may', options, () => withFolder((folder) => {
	const at = (...names) => path.join(folder, ...names);
	fs.mkdirSync(at('safe', 'below'), { recursive: true });
	fs.mkdirSync(at('safer'));
	fs.symlinkSync(at('safe'), at('link'));
	fs.symlinkSync(at('safer', 'x'), at('x.pcap'));
	fs.writeFileSync(at('diary.txt'), 'Dear diary, this is longer than the head of a pcap file');
	fs.writeFileSync(at('one'), '');
	fs.linkSync(at('one'), at('two'));
	execFileSync('mkfifo', [at('pipe')]);
	const conf = { core: { general: { protected_folders: [at('safe')] } } };
	return withServer({ conf }, async (server) => {
		const client = await connect(server, 'ws');
		const session = await client.createSession();
		const a = adminOf(server, session, await session.attach(ECHO));
		const wrong = (request, where, why = '') => a.refused(`${request === 'start_pcap' ? 'Error starting pcap dump'
			: 'Error starting text2pcap dump'}${why}`, request, where);
		for (const request of ['start_pcap', 'start_text2pcap']) {
			await wrong(request, { folder: at('safe'), filename: 'x' });
			await wrong(request, { folder: at('safe', 'below'), filename: 'x' });
			await wrong(request, { folder: at('link'), filename: 'x' });
			await wrong(request, { folder: at('link', 'below', '..'), filename: 'x' });
			await wrong(request, { folder, filename: 'safe/x' });
			await wrong(request, { folder, filename: '../x' });
			await wrong(request, { folder, filename: '..' });
			await wrong(request, { folder, filename: '' });
			await wrong(request, { folder, filename: 'x.pcap' });
			await wrong(request, { folder, filename: 'pipe' });
			await wrong(request, { folder, filename: 'two' });
			await wrong(request, { folder: '/dev', filename: 'null' });
			await wrong(request, { folder, filename: 'below' + 'x'.repeat(300) });
			await wrong(request, { folder: at('nowhere'), filename: 'x' });
		}
		const isNo = (form) => ` (there is a file of this name that is no ${form} dump)`;
		for (const form of ['pcap', 'text2pcap']) {
			await wrong(`start_${form}`, { folder, filename: 'diary.txt' }, isNo(form));
			assert.match(fs.readFileSync(at('diary.txt'), 'utf8'), /^Dear diary.*file$/);
		}
		await a.done('start_pcap', { folder: at('safer'), filename: 'x' }); // its name only begins alike
		await a.done('stop_pcap');
		await wrong('start_text2pcap', { folder: at('safer'), filename: 'x' }, isNo('text2pcap'));
		assert.equal(fs.statSync(at('safer', 'x')).size, PCAP_HEAD);
		assert.deepEqual(fs.readdirSync(at('safe')), ['below']);
		assert.deepEqual(fs.readdirSync(at('safe', 'below')), []);
		await client.close();
	});
}));

test('what else is wrong with a capture is said', options, () => withFolder((folder) => withServer({},
	async (server) => {
		const client = await connect(server, 'ws');
		const session = await client.createSession();
		const a = adminOf(server, session, await session.attach(ECHO));
		await a.refused('Capture not started', 'stop_pcap');
		await a.refused('Capture not started', 'stop_text2pcap');
		for (const [field, value, what] of [['truncate', -1, 'a positive integer'], ['folder', 5, 'a string'],
			['filename', 5, 'a string']]) {
			const { error } = await a.ask('start_pcap', { [field]: value });
			assert.equal(error.code, 467);
			assert.equal(error.reason, `Invalid element type (${field} should be ${what})`);
		}
		await a.done('start_pcap', { folder, filename: 'a.pcap' });
		await a.refused('pcap already started', 'start_pcap', { folder, filename: 'b.pcap' });
		await a.refused('pcap already started', 'start_text2pcap', { folder, filename: 'b.txt' });
		const others = [];
		for (let i = 1; i < AT_ONCE; i++) {
			others.push(adminOf(server, session, await session.attach(ECHO)));
			await others.at(-1).done('start_text2pcap', { folder, filename: `${i}.txt` });
		}
		const last = adminOf(server, session, await session.attach(ECHO));
		await last.refused(`Too many captures (${AT_ONCE})`, 'start_pcap', { folder, filename: 'c.pcap' });
		for (const request of ['start_pcap', 'start_text2pcap']) // what runs is named
			await others[0].refused('text2pcap already started', request, { folder, filename: 'd' });
		await others[0].done('stop_pcap');
		// one file is one capture's
		await last.refused('Error starting pcap dump (another capture writes to this file)', 'start_pcap',
			{ folder, filename: 'a.pcap' });
		await last.done('start_pcap', { folder, filename: 'c.pcap' });
		await client.close();
	})));

test('of two starts at once one is refused, and leaves no file', options, () => withFolder((folder) => withServer({},
	async (server) => {
		const client = await connect(server, 'ws');
		const session = await client.createSession();
		const a = adminOf(server, session, await session.attach(ECHO));
		const both = await Promise.all(['one.pcap', 'two.pcap'].map((filename) => a.ask('start_pcap', { folder, filename })));
		assert.deepEqual(both.map((r) => r.janus).sort(), ['error', 'success']);
		assert.equal(both.find((r) => r.error).error.reason, 'pcap already started');
		await a.done('stop_pcap');
		assert.equal(fs.readdirSync(folder).length, 1);
		await client.close();
	})));

test('no name of a file forges what the log says', options, () => withFolder((folder) => withServer({},
	async (server) => {
		const client = await connect(server, 'ws');
		const session = await client.createSession();
		const a = adminOf(server, session, await session.attach(ECHO));
		await a.done('start_pcap', { folder, filename: 'a" packets=9 \\\n\x1b' });
		await a.done('stop_pcap');
		const said = (phrase, rest) => server.log.includes(`${phrase} file="${folder}/a\\" packets=9 \\\\ \\x1b"${rest}`);
		assert.ok(said('capture begins', '\n'));
		await until('the end in the log', () => said('capture ended', ' packets=0 dropped=0\n'));
		await client.close();
	})));

test('without a name a capture has one of its own', options, () => withFolder((folder) => withServer({},
	async (server) => {
		const client = await connect(server, 'ws');
		const session = await client.createSession();
		const a = adminOf(server, session, await session.attach(ECHO));
		await a.done('start_pcap', { folder });
		await a.done('stop_pcap');
		await a.done('start_text2pcap', { folder });
		await a.done('stop_pcap');
		assert.match(fs.readdirSync(folder).sort().join(' '),
			/^janus-text2pcap-\d+\.(pcap|txt) janus-text2pcap-\d+\.(pcap|txt)$/);
		await client.close();
	})));
