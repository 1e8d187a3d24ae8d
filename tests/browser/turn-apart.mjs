// The parts of turn.test.mjs that run in a network of their own, named on the command line.
import { strict as assert } from 'node:assert';
import { execFileSync, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import net from 'node:net';
import path from 'node:path';
import tls from 'node:tls';
import { fileURLToPath } from 'node:url';
import { ADDRESS, ADDRESS6 } from '../lib/apart.mjs';
import { openPage, withBrowser } from '../lib/browser.mjs';
import { servePages } from '../lib/pages.mjs';
import { withServer } from '../lib/server.mjs';
import { until, within } from '../lib/wait.mjs';

const CONF = fileURLToPath(new URL('../../conf/', import.meta.url));

/** The section `ice_servers` as conf/cardea.jcfg has it, its examples switched on, and this machine's address. */
function shipped() {
	const text = fs.readFileSync(path.join(CONF, 'cardea.jcfg'), 'utf8')
		.replaceAll('turn.example.com', ADDRESS);
	const list = (name) => JSON.parse(new RegExp(`#${name} = (\\[[^\\]]*\\])`).exec(text)[1]
		.replaceAll(/^\s*#/gm, ''));
	return { stun: list('stun'), turn: list('turn'),
		turn_secret: /#turn_secret = "([^"]*)"/.exec(text)[1] };
}

function makeCertificate(folder) {
	const files = ['key.pem', 'cert.pem'].map((name) => path.join(folder, name));
	execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
		'-nodes', '-subj', `/CN=${ADDRESS}`, '-days', '1', '-keyout', files[0], '-out', files[1]],
	{ stdio: 'pipe' });
	return files;
}

function speaksTls(port) {
	return new Promise((resolve) => {
		const socket = tls.connect({ host: ADDRESS, port, rejectUnauthorized: false });
		socket.once('secureConnect', () => { socket.destroy(); resolve(true); });
		socket.once('error', () => resolve(false));
	});
}

/** Run @p body with coturn on the shipped configuration: told of its addresses and certificate, nothing else. */
async function withTurnServer(body) {
	const [key, cert] = makeCertificate(os.tmpdir());
	const child = spawn('turnserver', ['-c', path.join(CONF, 'turnserver.conf'), '--pidfile=',
		`--listening-ip=${ADDRESS}`, `--relay-ip=${ADDRESS}`, `--relay-ip=${ADDRESS6}`,
		`--cert=${cert}`, `--pkey=${key}`],
	{ stdio: ['ignore', 'pipe', 'pipe'] });
	let log = '';
	for (const stream of [child.stdout, child.stderr])
		stream.setEncoding('utf8').on('data', (text) => { log += text; });
	const ended = new Promise((resolve) => {
		child.once('error', (e) => { log += e.message; resolve(); });
		child.once('close', resolve);
	});
	try {
		await until('TLS port of the TURN server', () => speaksTls(5349));
		assert.doesNotMatch(log, /Bad configuration|WARNING: cannot/);
		await body();
	} catch (e) {
		e.message += `\n--- end of the TURN server's log ---\n${log.split('\n').slice(-60).join('\n')}`;
		throw e;
	} finally {
		child.kill('SIGTERM');
		await within(10000, 'end of the TURN server', ended);
	}
}

async function withPages(n, body) {
	const blank = await servePages({ '/blank.html': { text: '<!doctype html>' } });
	try {
		await withBrowser('chromium', async (browser) => body(await Promise.all(
			Array.from({ length: n }, () => openPage(browser, `${blank.url}/blank.html`)))));
	} finally {
		await blank.close();
	}
}

/** Ask for a relay and for a channel to @p peer. @return whether it was granted */
function isRelayed(peer, { username, password }) {
	const family = net.isIPv6(peer) ? ['-x'] : [];
	const child = spawn('turnutils_uclient', ['-v', '-c', '-n', '1', '-m', '1', ...family, '-u', username,
		'-w', password, '-e', peer, ADDRESS], { stdio: ['ignore', 'pipe', 'pipe'] });
	let log = '';
	const told = new Promise((resolve, reject) => {
		for (const stream of [child.stdout, child.stderr])
			stream.setEncoding('utf8').on('data', (text) => {
				log += text;
				if (log.includes('403 (Forbidden IP)'))
					resolve(false);
				else if (/cb response received: \s*\S+ : success/.test(log))
					resolve(true);
			});
		child.once('error', reject);
		child.once('close', () => reject(new Error(`no word on ${peer}:\n${log}`)));
	});
	return within(10000, `word on ${peer}`, told).finally(() => child.kill('SIGKILL'));
}

/* ---- in a page ---- */

/** Join the mesh and call, or be called by, the one other peer. ICE servers come from /turn, or in the mesh's own message.
 *  What happens is seen in `window.pc`. */
async function meshCall(host, me, asks) {
	const socket = new WebSocket(`ws://${host}/mesh`);
	let other;
	let last = Promise.resolve();
	let isMade;
	const made = new Promise((resolve) => { isMade = resolve; });
	const say = (message) => socket.send(JSON.stringify({ target: other, ...message }));
	const makePeer = async (iceServers) => {
		const pc = window.pc = new RTCPeerConnection({ iceServers, iceTransportPolicy: 'relay' });
		const video = document.createElement('video');
		pc.ontrack = ({ streams }) => { video.srcObject = streams[0]; video.muted = true; video.play(); };
		pc.onicecandidate = ({ candidate }) => candidate && say({ type: 'ice_candidate', candidate });
		const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
		stream.getTracks().forEach((track) => pc.addTrack(track, stream));
		isMade();
	};
	const heard = {
		async room_peers({ peers }) {
			[other] = peers;
			if (asks)
				await makePeer((await (await fetch(`http://${host}/turn?user=${me}`)).json()).iceServers);
		},
		async ice_servers({ iceServers }) {
			if (!asks)
				await makePeer(iceServers);
			if (!other)
				return;
			await window.pc.setLocalDescription();
			say({ type: 'offer', offer: window.pc.localDescription });
		},
		async offer({ offer, from }) {
			other = from;
			await window.pc.setRemoteDescription(offer);
			await window.pc.setLocalDescription();
			say({ type: 'answer', answer: window.pc.localDescription });
		},
		answer: ({ answer }) => window.pc.setRemoteDescription(answer),
		ice_candidate: ({ candidate }) => window.pc.addIceCandidate(candidate),
	};
	socket.onopen = () => say({ type: 'join', peer_id: me, room_id: 'relayed' });
	socket.onmessage = ({ data }) => {
		const message = JSON.parse(data);
		last = last.then(() => heard[message.type]?.(message));
	};
	await made;
}

/** Call the echo test with the client library of the pages. */
async function echoCall(library) {
	const { Cardea } = await import(library);
	const cardea = new Cardea();
	await cardea.connect();
	const peer = (await cardea.attach('echotest')).peer({ iceTransportPolicy: 'relay' });
	const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
	const video = document.createElement('video');
	peer.pc.ontrack = ({ track }) => {
		video.srcObject = new MediaStream([...(video.srcObject?.getTracks() ?? []), track]);
		video.muted = true;
		video.play();
	};
	stream.getTracks().forEach((track) => peer.pc.addTrack(track, stream));
	await peer.offer({ audio: true, video: true });
	window.pc = peer.pc;
}

async function pathOf() {
	const stats = await window.pc.getStats();
	const all = [...stats.values()];
	const transport = all.find((s) => s.type === 'transport');
	const pair = stats.get(transport?.selectedCandidatePairId);
	const count = (kind, what) => all.find((s) => s.type === 'inbound-rtp' && s.kind === kind)?.[what] ?? 0;
	return { types: pair && [stats.get(pair.localCandidateId).candidateType,
		stats.get(pair.remoteCandidateId).candidateType],
	frames: count('video', 'framesDecoded'), sound: count('audio', 'packetsReceived') };
}

/** Try to get relays. @return what was gathered, and the codes of errors */
async function gather(iceServers) {
	const pc = new RTCPeerConnection({ iceServers, iceTransportPolicy: 'relay' });
	const got = { relays: 0, errors: [] };
	pc.createDataChannel('any');
	pc.onicecandidateerror = ({ errorCode, url }) => got.errors.push([errorCode, url]);
	await new Promise((resolve) => {
		pc.onicecandidate = ({ candidate }) => {
			if (!candidate)
				resolve();
			else if (candidate.type === 'relay')
				got.relays++;
		};
		pc.setLocalDescription();
	});
	pc.close();
	return got;
}

/** Wait for pictures and sound. @return the types of the candidates on their way */
async function mediaPath(page) {
	let last;
	await until(() => `media; last ${JSON.stringify(last)}`, async () => {
		last = await page.evaluate(pathOf);
		return last.types && last.frames > 30 && last.sound > 50;
	}, { ms: 40000, every: 100 });
	return last.types;
}

/* ---- the parts ---- */

const parts = {
	call: () => withServer({ conf: { core: { ice_servers: shipped() } } }, (server) => withPages(2,
		async (pages) => {
			const host = `127.0.0.1:${server.ports.http}`;
			await pages[0].evaluate(meshCall, host, 'ann', true);
			await pages[1].evaluate(meshCall, host, 'bob', false);
			for (const page of pages)
				assert.deepEqual(await mediaPath(page), ['relay', 'relay']);
		})),

	pages: () => withServer({ conf: { core: { ice_servers: shipped() } } }, (server) => withPages(1,
		async ([page]) => {
			await page.goto(`${server.httpUrl}/index.html`);
			await page.evaluate(echoCall, `${server.httpUrl}/cardea.js`);
			assert.deepEqual(await mediaPath(page), ['relay', 'host']);
		})),

	expiry: () => withServer({ conf: { core: { ice_servers: { ...shipped(), turn_ttl: 1 } } } },
		(server) => withPages(1, async ([page]) => {
			const { username, iceServers } = await (await fetch(`${server.httpUrl}/turn`)).json();
			const [stun, relay] = iceServers;
			relay.urls = relay.urls.filter((url) => url.startsWith('turn:')); /* its TLS is not trusted here */
			await until('expiry', () => Date.now() / 1000 > Number(username.split(':')[0]) + 1);
			const late = await page.evaluate(gather, [stun, relay]);
			assert.equal(late.relays, 0);
			for (const url of relay.urls)
				assert.ok(late.errors.some(([code, at]) => code === 401 && at === url),
					JSON.stringify(late.errors));
			relay.username = `${Math.floor(Date.now() / 1000) + 600}:me`;
			relay.credential = createHmac('sha1', shipped().turn_secret).update(relay.username)
				.digest('base64');
			assert.ok((await page.evaluate(gather, [stun, relay])).relays > 0);
		})),

	private: () => withServer({ conf: { core: { ice_servers: shipped() } } }, async (server) => {
		const may = async (peer) => isRelayed(peer, await (await fetch(`${server.httpUrl}/turn`)).json());
		for (const peer of ['203.0.113.9', '2001:470::1'])
			assert.equal(await may(peer), true, peer);
		for (const peer of ['0.0.0.0', '0.1.2.3', '10.1.2.3', '100.64.0.1', '127.0.0.1', '169.254.169.254',
			'172.16.0.1', '172.31.255.255', '192.0.0.8', '192.168.0.1', '198.18.0.1', '224.0.0.1',
			'239.255.255.255', '240.0.0.1', '255.255.255.255', '::', '::1', '::10.0.0.1',
			'::ffff:10.0.0.1', '64:ff9b::a00:1', '64:ff9b:1::a00:1', '2002:a00:1::1', 'fc00::1', 'fdff::1',
			'fe80::1', 'febf::1', 'fec0::1', 'ff02::1'])
			assert.equal(await may(peer), false, peer);
	}),
};

await withTurnServer(parts[process.argv[2]]);
