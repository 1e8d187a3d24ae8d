// What is wrong with a configuration is found before a start, by --check and by the start itself, in
// the same words: with file, line and option.
import { strict as assert } from 'node:assert';
import { spawn, spawnSync } from 'node:child_process';
import dgram from 'node:dgram';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { release, takePorts } from '../lib/ports.mjs';
import { BIN, IS_REFERENCE, printFile } from '../lib/server.mjs';
import { until, within } from '../lib/wait.mjs';

const unlessReference = { skip: IS_REFERENCE && 'a command line of our own' };
const N_PORTS = 4;
let first;
let made;

before(async () => {
	first = await takePorts(N_PORTS);
	made = fs.mkdtempSync(path.join(os.tmpdir(), 'cardea-check-'));
	for (const name of ['a', 'b'])
		certificate(name);
});
after(() => {
	for (let i = 0; i < N_PORTS; i++)
		release(first + i);
	fs.rmSync(made, { recursive: true, force: true });
});

function certificate(name, ...more) {
	const r = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
		'-nodes', '-subj', `/CN=${name}`, '-days', '30', '-keyout', path.join(made, `${name}.key`),
		'-out', path.join(made, `${name}.pem`), ...more], { encoding: 'utf8' });
	assert.equal(r.status, 0, r.stderr);
}

/** The text of a file by name, each section on a line of its own and one option to a line. */
function files(over) {
	const base = {
		'cardea': { web: { port: first, secure_port: 0, ip: '127.0.0.1' }, media: { udp_port: first + 1 },
			nat: { ice_enforce_list: '127.0.0.1' }, general: { state_dir: path.join(made, 'state') } },
		'cardea.transport.http': { general: { http: true, port: first } },
		'cardea.transport.websockets': { general: { ws: true, ws_port: first + 2, ws_ip: '127.0.0.1' } },
	};
	const out = {};
	for (const name of new Set([...Object.keys(base), ...Object.keys(over)])) {
		if (typeof over[name] === 'string' || Buffer.isBuffer(over[name])) {
			out[`${name}${/\.cfg$/.test(name) ? '' : '.jcfg'}`] = over[name];
			continue;
		}
		const sections = { ...base[name] };
		for (const [section, members] of Object.entries(over[name] ?? {}))
			sections[section] = { ...sections[section], ...members };
		out[`${name}.jcfg`] = printFile(sections);
	}
	return out;
}

function folder(over) {
	const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'cardea-check-'));
	for (const [name, text] of Object.entries(files(over)))
		fs.writeFileSync(path.join(dir, name), text);
	return dir;
}

/** Check a configuration. @return { status, text }, the folder's name left out */
function check(over, ...args) {
	const dir = folder(over);
	const r = spawnSync(BIN, ['--config', dir, '--check', ...args], { encoding: 'utf8', timeout: 60000 });
	fs.rmSync(dir, { recursive: true });
	return { status: r.status, text: (r.stdout + r.stderr).replaceAll(`${dir}/`, '') };
}

/** Start with one, which must be refused. */
async function refused(over, ...args) {
	const dir = folder(over);
	const child = spawn(BIN, ['--config', dir, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
	let text = '';
	for (const stream of [child.stdout, child.stderr])
		stream.setEncoding('utf8').on('data', (t) => { text += t; });
	const status = await within(30000, 'end of a start that is refused',
		new Promise((resolve) => { child.once('close', resolve); }))
		.finally(() => { child.kill('SIGKILL'); fs.rmSync(dir, { recursive: true }); });
	return { status, text: text.replaceAll(`${dir}/`, '') };
}

/** Both say the same sentence, as an error. */
async function bothRefuse(over, sentence) {
	for (const r of [check(over), await refused(over)]) {
		assert.ok(r.text.includes(`error: ${sentence}`), `no "${sentence}" in ${r.text}`);
		assert.equal(r.status, 1, r.text);
	}
}

/** --check says the sentence as a warning, once, and would start. */
function warns(over, sentence) {
	const r = check(over);
	assert.equal(r.text.split(`warning: ${sentence}`).length, 2, `not once "${sentence}" in ${r.text}`);
	assert.match(r.text, /it can start, with 1 warning\n/);
	assert.equal(r.status, 0, r.text);
}

test('a folder that is not protected, though it was to be, is warned of', unlessReference, () => {
	const protect = (...folders) => ({ cardea: { general: { protected_folders: folders } } });
	const at = 'cardea.jcfg:4: \'protected_folders\' in section \'general\'';
	warns(protect('/etc', 'etc', made), `${at}: 'etc' does not begin with '/', and protects nothing`);
	warns(protect(`${made}/none`), `${at}: there is no folder ${made}/none`);
	for (const both of ['/etc,/usr', '/etc, usr', `${made},/etc`])
		warns(protect(both), `${at}: '${both}' is one name: folders are given apart, as in [ "/a", "/b" ]`);
	warns(protect(''), `${at}: '' does not begin with '/', and protects nothing`);
	const r = check(protect('/etc', `${made}/a.pem`)); // a file may be, too
	assert.match(r.text, /all is well/);
});

test('--check is content with what is right', unlessReference, () => {
	const r = check({});
	assert.match(r.text, new RegExp(`ok: TCP port ${first} of 127.0.0.1: free\n`));
	assert.match(r.text, new RegExp(`candidate:1 1 udp \\d+ 127.0.0.1 ${first + 1} typ host\n`));
	assert.match(r.text, /all is well\n/);
	assert.equal(r.status, 0);
	assert.ok(!fs.existsSync(path.join(made, 'state')), 'it makes nothing');
});

test('the rooms in conf/ that are commented out are whole, and of defaults, once they are taken in', unlessReference, () => {
	for (const plugin of ['videoroom', 'mesh']) {
		const name = `cardea.plugin.${plugin}`;
		const text = fs.readFileSync(new URL(`../../conf/${name}.jcfg`, import.meta.url), 'utf8');
		const taken = text.replace(/^# room-5678: \{\n(#.*\n)*?# \}$/m, (room) => room.replace(/^# ?/gm, ''));
		assert.match(taken, /^room-5678: \{$/m);
		assert.doesNotMatch(taken, /^\t*(secret|pin|allowed|token) = ["(]/m);
		const r = check({ [name]: taken });
		assert.match(r.text, /all is well\n/);
	}
});

test('what recordings name has to be there, and to fit together', unlessReference, async () => {
	const recordings = (section) => ({ cardea: { recordings: section } });
	const at = (option) => `cardea.jcfg:5: '${option}' in section 'recordings'`;
	fs.writeFileSync(path.join(made, 'hook'), '#!/bin/sh\n', { mode: 0o755 });
	fs.writeFileSync(path.join(made, 'text'), '', { mode: 0o644 });
	const hook = path.join(made, 'hook');
	await bothRefuse(recordings({ hook: `${made}/none` }), `${at('hook')}: there is no program ${made}/none\n`);
	await bothRefuse(recordings({ hook: `${hook} -v` }),
		`${at('hook')}: there is no program ${hook} -v: it is one path, without arguments`);
	await bothRefuse(recordings({ hook: `${made}/text` }), `${at('hook')}: ${made}/text cannot be run: Permission denied`);
	await bothRefuse(recordings({ hook: made }), `${at('hook')}: ${made} is no program`);
	await bothRefuse(recordings({ folder: `${hook}/below` }), `${at('folder')}: ${hook}/below cannot be written: Not a directory`);
	await bothRefuse({ cardea: { general: { protected_folders: ['/tmp'] }, recordings: { folder: `${made}/r` } } },
		`cardea.jcfg:5: 'folder' in section 'recordings': ${made}/r is, or lies in, one of general.protected_folders`);
	warns(recordings({ max_size: 200, retention_size: 100 }),
		`${at('max_size')}: a recording of that size is removed when it ends: a folder keeps 100 MB (retention_size)`);
	warns(recordings({ max_duration: 90000, retention_days: 1 }),
		`${at('max_duration')}: it is longer than recordings are kept (retention_days)`);
	warns(recordings({ min_free_space: 2147483647 }), `${at('min_free_space')}: the disk has `);
	const r = check(recordings({ hook, folder: `${made}/r`, max_size: 100, retention_size: 200 }));
	assert.match(r.text, /all is well/);
	assert.ok(!fs.existsSync(path.join(made, 'r')), 'it makes nothing');
});

const mapping = (value) => ({ cardea: { nat: { nat_1_1_mapping: value, ice_enforce_list: '127.0.0.1' } } });

test('mistakes in nat_1_1_mapping are refused', unlessReference, async () => {
	await bothRefuse(mapping('203.0.113.5:10000'), "cardea.jcfg:3: 'nat_1_1_mapping' in section 'nat': "
		+ "'203.0.113.5:10000' is neither an address nor a host name: write it without port and brackets");
	for (const value of ['300.1.1.1', '203.0.113.5/24', '203.0.113.5;203.0.113.6', '203.0.113', '0.0.0.0',
		'255.255.255.255', '224.0.0.1', '240.0.0.1',
		'host name', 'no-such-host.invalid'])
		assert.match(check(mapping(value)).text, /error: cardea\.jcfg:3: 'nat_1_1_mapping' in section 'nat': /, value);
});

test('a host name in nat_1_1_mapping is looked up', unlessReference, () => {
	const r = check(mapping('localhost'));
	assert.match(r.text, /127\.0\.0\.1 \d+ typ host \(public address/);
	assert.match(r.text, /warning: .*localhost is 127\.0\.0\.1: no other machine reaches that\n/);
});

test('addresses and interfaces that are not on this machine are refused', unlessReference, async () => {
	await bothRefuse({ 'cardea.transport.websockets': { general: { ws_ip: 'eth77' } } },
		"cardea.transport.websockets.jcfg:1: 'ws_ip' in section 'general': 'eth77' is neither an address nor an "
		+ 'interface of this machine');
	await bothRefuse({ cardea: { web: { ip: '192.0.2.77' } } },
		"cardea.jcfg:1: 'ip' in section 'web': this machine does not have the address 192.0.2.77");
	await bothRefuse({ cardea: { general: { interface: 'eth77' } } },
		"cardea.jcfg:4: 'interface' in section 'general': 'eth77' is neither");
	for (const [file, section, option] of [['cardea.transport.http', 'admin', 'admin_ip'],
		['cardea.transport.http', 'general', 'interface'], ['cardea.plugin.mesh', 'general', 'ip'],
		['cardea.transport.websockets', 'admin', 'admin_wss_interface']])
		assert.match(check({ [file]: { [section]: { [option]: '999.1.1.1' } } }).text,
			new RegExp(`error: ${file}.jcfg:\\d: '${option}' in section '${section}': '999.1.1.1' is neither`));
	const nothing = check({ cardea: { nat: { ice_enforce_list: 'eth77' } } });
	assert.match(nothing.text, /warning: cardea.jcfg:3: 'ice_enforce_list' in section 'nat': there is no address to offer/);
	warns({ cardea: { nat: { ice_enforce_list: '127.0.0.1,eth77' } } },
		"cardea.jcfg:3: 'ice_enforce_list' in section 'nat': 'eth77' is no interface or address");
});

test('an interface named by general.interface gives its address', unlessReference, async () => {
	const dir = folder({ cardea: { general: { interface: 'lo' } } });
	const child = spawn(BIN, ['--config', dir], { stdio: 'ignore' });
	try {
		const info = await until('an answer', async () => {
			const r = await fetch(`http://127.0.0.1:${first}/janus/info`).catch(() => null);
			return r?.ok && r.json();
		}, { ms: 15000 });
		assert.equal(info['local-ip'], '127.0.0.1');
	} finally {
		const ended = new Promise((resolve) => { child.once('close', resolve); });
		child.kill('SIGTERM');
		await ended;
		fs.rmSync(dir, { recursive: true });
	}
});

test('taken ports are refused, with the option that names them', unlessReference, async () => {
	const tcp = net.createServer();
	await new Promise((resolve) => { tcp.listen(first + 2, '127.0.0.1', resolve); });
	await bothRefuse({ 'cardea.transport.websockets': { general: { ws_port: first + 2 } } },
		"cardea.transport.websockets.jcfg:1: 'ws_port' in section 'general': "
		+ `TCP port ${first + 2} of 127.0.0.1: Address already in use`).finally(() => tcp.close());
	const udp = dgram.createSocket('udp4');
	await new Promise((resolve) => { udp.bind(first + 1, resolve); });
	await bothRefuse({}, `cardea.jcfg:2: 'udp_port' in section 'media': UDP port ${first + 1} (IPv4): `
		+ 'Address already in use').finally(() => udp.close());
});

test('certificates and keys that are missing or no pair are refused', unlessReference, async () => {
	const [a, b, none] = ['a.pem', 'b.key', 'none.pem'].map((n) => path.join(made, n));
	await bothRefuse({ cardea: { certificates: { cert_pem: none } } },
		`cardea.jcfg:5: 'cert_pem' in section 'certificates': ${none} cannot be read: No such file or directory`);
	await bothRefuse({ cardea: { web: { cert_pem: a, cert_key: b, secure_port: first + 3 } } },
		`cardea.jcfg:1: 'cert_key' in section 'web': the private key in ${b} is not that of the certificate in ${a}`);
	await bothRefuse({ 'cardea.transport.http': { certificates: { cert_pem: a } } },
		`cardea.transport.http.jcfg:2: 'cert_pem' in section 'certificates': no private key in ${a}`);
});

test('what else TLS cannot take is refused', unlessReference, async () => {
	const [pem, key] = ['a.pem', 'locked.key'].map((n) => path.join(made, n));
	const r = spawnSync('openssl', ['ec', '-aes128', '-passout', 'pass:secret', '-in', path.join(made, 'a.key'),
		'-out', key], { encoding: 'utf8' });
	assert.equal(r.status, 0, r.stderr);
	const wss = (more) => ({ 'cardea.transport.websockets': { general: { wss: true, wss_port: first + 3, wss_ip: '127.0.0.1' },
		certificates: { cert_pem: pem, cert_key: key, ...more } } });
	assert.match(check(wss({ cert_pwd: 'secret' })).text, /all is well/);
	await bothRefuse(wss({ cert_pwd: 'wrong' }), "cardea.transport.websockets.jcfg:2: 'cert_pwd' in section "
		+ `'certificates': it does not open the private key in ${key}`);
	await bothRefuse(wss({}), "cardea.transport.websockets.jcfg:2: 'cert_pwd' in section "
		+ `'certificates': none is given for the private key in ${key}`);
	await bothRefuse(wss({ cert_pwd: 'secret', ciphers: 'NO-SUCH-CIPHER' }),
		"cardea.transport.websockets.jcfg:2: 'ciphers' in section 'certificates': there is no cipher in \"NO-SUCH-CIPHER\"");
	await bothRefuse({ 'cardea.transport.websockets': { general: { wss: true, wss_port: first + 3, wss_ip: '127.0.0.1' },
		certificates: { ciphers: 'NO-SUCH-CIPHER' } } }, // with the self-signed certificate
	"cardea.transport.websockets.jcfg:2: 'ciphers' in section 'certificates': there is no cipher in \"NO-SUCH-CIPHER\"");
});

test('what a room cannot be is refused', unlessReference, async () => {
	await bothRefuse({ 'cardea.plugin.videoroom': { 'room-1': { videocodec: 'vp8,vp10' } } },
		"cardea.plugin.videoroom.jcfg:1: 'videocodec' in section 'room-1': ");
	await bothRefuse({ 'cardea.plugin.videoroom': { sfu: { audiocodec: 'mp3' } } },
		"cardea.plugin.videoroom.jcfg:1: 'audiocodec' in section 'sfu': ");
	await bothRefuse({ 'cardea.plugin.videoroom': { 'room-abc': { publishers: 3 } } },
		"cardea.plugin.videoroom.jcfg:1: section 'room-abc': its name is no number");
	await bothRefuse({ 'cardea.plugin.videoroom': { 'room-99999999999999999999': { publishers: 3 } } },
		"cardea.plugin.videoroom.jcfg:1: section 'room-99999999999999999999': its number is too large");
});

test('folders that cannot be written or have no modules are named', unlessReference, async () => {
	const file = path.join(made, 'a.pem');
	await bothRefuse({ cardea: { general: { state_dir: `${file}/x` } } },
		`cardea.jcfg:4: 'state_dir' in section 'general': ${file}/x cannot be written: Not a directory`);
	await bothRefuse({ cardea: { general: { state_dir: '/proc/x' } } },
		"cardea.jcfg:4: 'state_dir' in section 'general': /proc/x cannot be written: ");
	await bothRefuse({ cardea: { general: { log_to_file: '/no/such/folder/log' } } },
		"cardea.jcfg:4: 'log_to_file' in section 'general': /no/such/folder/log cannot be written: No such file");
	await bothRefuse({ cardea: { general: { plugins_folder: made } } },
		`cardea.jcfg:4: 'plugins_folder' in section 'general': there are no modules in ${made}`);
	await bothRefuse({ cardea: { general: { transports_folder: '/no/such/folder' } } },
		"cardea.jcfg:4: 'transports_folder' in section 'general': there is no folder /no/such/folder");
});

test('a module that cannot start is counted', unlessReference, async () => {
	const over = { 'cardea.transport.http': { cors: { allow_origin: 'https://a.example\nb' } } };
	const r = check(over);
	assert.match(r.text, /module left out .*allow_origin is more than one line/);
	assert.match(r.text, /it can start, with 1 warning\n/);
	assert.equal(r.status, 0);
	const strict = check(over, '--set', 'cardea:general.exit_on_dl_error=true');
	assert.match(strict.text, /1 to be mended before it can start\n/);
	assert.equal(strict.status, 1);
});

test('values that do not fit have file and line', unlessReference, async () => {
	await bothRefuse({ cardea: { web: { trusted_proxies: '10.0.0.0/99' } } },
		"cardea.jcfg:1: 'trusted_proxies' in section 'web': '10.0.0.0/99' is neither an address nor a network");
	await bothRefuse({ cardea: 'media: {\n\trtp_port_range = "40000-20000"\n}\n' },
		"cardea.jcfg:2: 'rtp_port_range' in section 'media': \"40000-20000\" is not a range of ports");
	warns({ cardea: { media: { min_nack_queue: 5000 } } },
		"cardea.jcfg:2: 'min_nack_queue' in section 'media': 1000 ms at most, and taken as that");
});

test('options and files without effect give one warning each', unlessReference, () => {
	for (const [file, section, option, value] of [['cardea', 'nat', 'stun_server', 'stun.example.org'],
		['cardea', 'general', 'candidates_timeout', 45], ['cardea', 'loggers', 'disable', 'x'],
		['cardea.transport.http', 'general', 'mhd_debug', true],
		['cardea.transport.websockets', 'general', 'ws_unix', '/tmp/x'],
		['cardea.transport.websockets', 'general', 'ws_logging', 'err'],
		['cardea.plugin.videoroom', 'general', 'lock_rtp_forward', true]])
		assert.match(check({ [file]: { [section]: { [option]: value } } }).text,
			new RegExp(`warning: ${file}.jcfg:\\d: '${option}' in section '${section}' has no effect: [^]*with 1 warning\n`));
	warns({ cardea: { general: { token_store: true } } }, "cardea.jcfg:4: 'token_store' in section 'general': it has no effect: token_auth is off");
	warns({ 'janus.cfg': '[general]\n' }, 'janus.cfg: not read: .cfg files are not; write cardea.jcfg');
	warns({ 'janus.transport.mqtt': { general: { enabled: true } } },
		'janus.transport.mqtt.jcfg: no effect: there is no such module');
	assert.match(check({ 'janus.transport.mqtt': { general: { enabled: false } } }).text, /all is well/);
	const handler = { 'cardea.eventhandler.jsonlines': { general: { enabled: true, filename: '/tmp/x' } } };
	warns(handler, 'cardea.eventhandler.jsonlines.jcfg: no effect: events.broadcast is off');
	assert.match(check({ ...handler, cardea: { events: { broadcast: true } } }).text, /all is well/);
});

test('texts that match nothing are warned of', unlessReference, () => {
	const web = (option, value) => ({ cardea: { web: { [option]: value } } });
	const begin = 'write how addresses begin, like 192.168.0.';
	warns(web('acl', '127.,10.0.0.0/8'), `cardea.jcfg:1: 'acl' in section 'web': '10.0.0.0/8' matches nothing: ${begin}`);
	warns({ 'cardea.transport.http': { general: { acl: 'localhost' } } },
		`cardea.transport.http.jcfg:1: 'acl' in section 'general': 'localhost' matches nothing: ${begin}`);
	warns(web('acl', 'FE80:'), `cardea.jcfg:1: 'acl' in section 'web': 'FE80:' matches nothing: ${begin}`);
	warns({ 'cardea.transport.websockets': { general: { ws_acl: '*' } } },
		`cardea.transport.websockets.jcfg:1: 'ws_acl' in section 'general': '*' matches nothing: ${begin}`);
	for (const value of ['a.example', 'https://a.example/meet', 'https://b.example, //a.example'])
		assert.match(check(web('allow_origin', value)).text, /'allow_origin' in section 'web': '\S+' matches nothing: .*with 1 w/s);
	for (const value of ['https://a.example', 'meet.example.com:443', 'meet.example.com/meet'])
		assert.match(check(web('hosts', value)).text, /'hosts' in section 'web': '\S+' matches nothing: .*with 1 warning/s);
	for (const [option, value] of [['acl', '127.,192.168.0.,fd00:'], ['hosts', 'meet.example.com, [::1]'],
		['allow_origin', 'https://a.example, http://b.example:8080/, *'], ['allow_origin', 'null'], ['acl', '']])
		assert.match(check(web(option, value)).text, /all is well/, value);
});

test('who asks for a secret or an origin in vain is warned', unlessReference, () => {
	warns({ cardea: { general: { token_auth_secret: 'x' } } }, "cardea.jcfg:4: 'token_auth_secret' in section 'general': "
		+ 'it has no effect: token_auth is off, and nobody is asked for a token');
	for (const [file, section] of [['cardea', 'web'], ['cardea.transport.http', 'cors'], ['cardea.transport.websockets', 'cors']])
		assert.match(check({ [file]: { [section]: { enforce_cors: true } } }).text,
			/'enforce_cors' in section '\w+': it has no effect: there is no allow_origin beside it; .*with 1 warning/s);
	for (const section of ['room-1', 'sfu'])
		warns({ 'cardea.plugin.videoroom': { [section]: { signed_tokens: true } } },
			`cardea.plugin.videoroom.jcfg:1: 'signed_tokens' in section '${section}': it has no effect, and asks nobody for a token`);
	warns({ 'cardea.plugin.videoroom': { sfu: { tokens: true } } },
		"cardea.plugin.videoroom.jcfg:1: 'tokens' in section 'sfu': nobody can join: cardea.jcfg has no general.token_auth");
});

test('a secret that everybody knows, and a log that goes nowhere, are warned of', unlessReference, () => {
	const turn = fs.readFileSync(path.resolve(import.meta.dirname, '../../conf/turnserver.conf'), 'utf8');
	warns({ cardea: { ice_servers: { turn: ['turn:turn.example.com'],
		turn_secret: /^static-auth-secret=(.*)$/m.exec(turn)[1] } } },
	"cardea.jcfg:5: 'turn_secret' in section 'ice_servers': it is the one of the example");
	warns({ cardea: { general: { log_to_stdout: false } } },
		"cardea.jcfg:4: 'log_to_stdout' in section 'general': nothing is logged: there is no log_to_file");
});

test('on a machine that has only loopback no list is blamed', unlessReference, () => {
	const dir = folder({ cardea: { nat: { ice_enforce_list: '' } } });
	const user = process.getuid() === 0 ? [] : ['--map-root-user'];
	const r = spawnSync('unshare', [...user, '--net', 'sh', '-c', 'ip link set lo up; exec "$@"', 'sh', BIN, '--config', dir, '--check'],
		{ encoding: 'utf8' });
	fs.rmSync(dir, { recursive: true });
	assert.match(r.stdout, /: section 'nat': there is only loopback to offer: no other machine can call\n/, r.stderr);
});

test('paths that lead nowhere are refused', unlessReference, async () => {
	for (const [file, section, option] of [['cardea.transport.http', 'general', 'base_path'],
		['cardea.plugin.mesh', 'general', 'path'], ['cardea.plugin.videoroom', 'sfu', 'path']])
		await bothRefuse({ [file]: { [section]: { [option]: 'name' } } },
			`${file}.jcfg:1: '${option}' in section '${section}': 'name' is no path: it must look like /name`);
	for (const [section, option] of [['general', 'base_path'], ['admin', 'admin_base_path']])
		await bothRefuse({ 'cardea.transport.http': { [section]: { [option]: '/' } } },
			`cardea.transport.http.jcfg:${section === 'general' ? 1 : 2}: '${option}' in section '${section}': `
			+ "'/' is no path of an API: it must look like /name");
	assert.match(check({ 'cardea.plugin.mesh': { general: { path: '' } } }).text, /all is well/);
});

test('a check asks nobody on the network', unlessReference, () => {
	assert.doesNotMatch(check({ cardea: { nat: { ice_enforce_list: '127.0.0.1', turn_rest_api: 'https://turn.example.org/' } } }).text,
		/TURN credentials/);
});

test('a name is proposed only where it is near', unlessReference, () => {
	const said = (section, option) => check({ 'cardea.plugin.videoroom': { [section]: { [option]: 1 } } }).text;
	assert.match(said('general', 'rooms'), /unknown option 'rooms' in section 'general', did you mean 'max_rooms'\?/);
	assert.match(said('room_1234', 'pin'), /unknown section 'room_1234', did you mean 'room-\*'\?/);
	assert.match(said('room-1', 'permanent'), /unknown option 'permanent' in section 'room-1'\n/);
	assert.match(check({ cardea: { turn: { x: 1 } } }).text, /unknown section 'turn'\n/);
});

test('what docs/deploy.md closes is closed, with the configuration that is shipped', unlessReference, () => {
	const conf = path.resolve(import.meta.dirname, '../../conf');
	const opened = (...sets) => {
		const args = [`cardea.transport.http:general.port=${first}`, `cardea.transport.http:general.secure_port=${first + 1}`,
			`cardea.transport.http:admin.admin_port=${first + 3}`, 'cardea.transport.websockets:general.ws=false',
			`cardea:media.udp_port=${first + 2}`, `cardea:general.state_dir=${path.join(made, 'state')}`, ...sets];
		const r = spawnSync(BIN, ['--config', conf, '--check', ...args.flatMap((set) => ['--set', set])], { encoding: 'utf8' });
		assert.equal(r.status, 0, r.stdout);
		return [...r.stdout.matchAll(/TCP port (\d+) of (.*): free/g)].map(([, port, ip]) => `${ip}:${port - first}`).sort();
	};
	assert.deepEqual(opened(`cardea:web.port=${first}`, 'cardea:web.secure_port=0', 'cardea:web.ip=127.0.0.1',
		'cardea:web.trusted_proxies=127.0.0.1'), ['127.0.0.1:0', '127.0.0.1:3']);
	assert.deepEqual(opened('cardea:web.port=0', `cardea:web.secure_port=${first + 1}`, 'cardea.transport.http:general.http=false',
		'cardea.transport.http:general.https=true'), ['127.0.0.1:3', 'all addresses:1']);
});

test('a file with a byte order mark is read', unlessReference, () => {
	const r = check({ 'cardea.plugin.videoroom': Buffer.from('\ufeffgeneral: {\n\tstring_id = true\n}\n') });
	assert.match(r.text, /warning: cardea\.plugin\.videoroom\.jcfg:2: unknown option 'string_id'/);
	assert.equal(r.status, 0, r.text);
});

test('names that --set gets wrong are refused', unlessReference, async () => {
	for (const [set, sentence] of [
		['cardea:medai.udp_port=1', "unknown section 'medai', did you mean 'media'?"],
		['cardea:media.udp_prot=1', "unknown option 'udp_prot' in section 'media', did you mean 'udp_port'?"],
		['cardea.plugin.videorom:general.string_ids=true', '--set cardea.plugin.videorom: there is no such module'],
	])
		for (const r of [check({}, '--set', set), await refused({}, '--set', set)]) {
			assert.ok(r.text.includes(sentence), r.text);
			assert.equal(r.status, 1, r.text);
		}
});
