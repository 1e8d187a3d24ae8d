// What an operator tells a server that runs: its log has been moved, its certificates have been
// renewed. Nothing that goes on may notice.
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import tls from 'node:tls';
import { connect } from '../lib/api.mjs';
import { IS_REFERENCE, withServer } from '../lib/server.mjs';
import { until } from '../lib/wait.mjs';

const unlessReference = { skip: IS_REFERENCE && 'signals of our own' };
let made;

before(() => { made = fs.mkdtempSync(path.join(os.tmpdir(), 'cardea-signals-')); });
after(() => fs.rmSync(made, { recursive: true, force: true }));

const at = (name) => path.join(made, name);

const EC = ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
const RSA = ['rsa:2048'];

/** A certificate and key as NAME.pem and NAME.key. */
function certificate(name, kind, ...more) {
	const r = spawnSync('openssl', ['req', '-x509', '-newkey', ...kind, '-nodes',
		'-subj', '/CN=localhost', '-days', '30', '-keyout', at(`${name}.key`), '-out', at(`${name}.pem`), ...more],
	{ encoding: 'utf8' });
	assert.equal(r.status, 0, r.stderr);
}

function copy(from, to) {
	for (const ending of ['key', 'pem'])
		fs.copyFileSync(at(`${from}.${ending}`), at(`${to}.${ending}`));
}

/** The fingerprint of a certificate in a file. */
function printOf(file) {
	return new X509Certificate(fs.readFileSync(file)).fingerprint256;
}

function dial(port) {
	return new Promise((resolve, reject) => {
		const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => resolve(socket));
		socket.once('error', reject);
	});
}

/** The fingerprint that a new connection is shown. */
async function shown(port) {
	const socket = await dial(port);
	const print = socket.getPeerCertificate().fingerprint256;
	socket.destroy();
	return print;
}

/** Ask over a connection that is up. @return the status line */
function ask(socket) {
	return new Promise((resolve, reject) => {
		socket.once('data', (bytes) => resolve(String(bytes).split('\r\n')[0]));
		socket.once('close', () => reject(new Error('the connection has gone')));
		socket.write('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n');
	});
}

for (const [signal, named] of [['SIGHUP'], ['SIGUSR1', 'SIGUSR1'], ['SIGUSR2', 'SIGUSR2'], ['SIGUSR2']])
	test(`${signal}${named ? ', asked for,' : ''} opens the log file again and ends nothing`, unlessReference, async () => {
		const log = at(`${signal}.log`);
		const general = { log_to_file: log, ...(named && { log_rotate_sig: named }) };
		await withServer({ conf: { core: { general } } }, async (server) => {
			const client = await connect(server, 'ws');
			const session = await client.createSession();
			await until('lines in the log', () => fs.readFileSync(log, 'utf8').includes('listening'));
			fs.renameSync(log, `${log}.1`);
			process.kill(server.pid, signal);
			await until('a new log file', () => fs.existsSync(log) && fs.readFileSync(log, 'utf8').includes('opened again'));
			assert.equal((await session.request({ janus: 'keepalive' })).janus, 'ack');
			client.close();
			assert.ok(!fs.readFileSync(`${log}.1`, 'utf8').includes('file opened again'));
		});
		fs.rmSync(log);
	});

test('SIGHUP shows a new certificate to new connections', unlessReference, async () => {
	certificate('old', EC);
	certificate('new', RSA); // of another kind: the old one must not be shown beside it
	copy('old', 'web');
	const conf = (ports) => ({ core: { web: { secure_port: ports.udp, cert_pem: at('web.pem'), cert_key: at('web.key') } } });
	await withServer({ conf }, async (server) => {
		const port = server.ports.udp;
		const early = await dial(port);
		assert.equal(early.getPeerCertificate().fingerprint256, printOf(at('old.pem')));
		copy('new', 'web');
		process.kill(server.pid, 'SIGHUP');
		await until('the new certificate', async () => (await shown(port)) === printOf(at('new.pem')));
		assert.match(await ask(early), /^HTTP\/1\.1 200 /);
		early.destroy();

		fs.copyFileSync(at('old.key'), at('web.key')); // half of a renewal
		process.kill(server.pid, 'SIGHUP');
		await until('a word about the broken one', () => /certificate not read again: the old one stays/.test(server.log));
		assert.equal(await shown(port), printOf(at('new.pem')));
		fs.writeFileSync(at('web.pem'), 'nonsense');
		process.kill(server.pid, 'SIGHUP');
		await until('a word about nonsense', () => /no certificate in/.test(server.log));
		assert.equal(await shown(port), printOf(at('new.pem')));
	});
});

test('a self-signed certificate that is about to end is renewed', unlessReference, async () => {
	const state = at('state');
	fs.mkdirSync(state);
	const put = () => {
		certificate('ending', EC, '-days', '5', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1');
		fs.copyFileSync(at('ending.pem'), path.join(state, 'web-cert.pem'));
		fs.copyFileSync(at('ending.key'), path.join(state, 'web-key.pem'));
		return printOf(at('ending.pem'));
	};
	const first = put();
	const conf = (ports) => ({ core: { general: { state_dir: state }, web: { secure_port: ports.udp } } });
	await withServer({ conf }, async (server) => {
		const port = server.ports.udp;
		const began = await shown(port);
		assert.notEqual(began, first);
		const second = put();
		process.kill(server.pid, 'SIGHUP');
		await until('another certificate', async () => (await shown(port)) !== began);
		assert.notEqual(await shown(port), second);
		assert.match(server.log, /self-signed certificate is made anew because="it ends within a month"/);
	});
});
