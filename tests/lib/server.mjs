// A server of the test's own: a generated configuration folder, free ports, a log that is read as
// it is written, and an end that is checked.
//
// CARDEA_BIN     the program under test (default: build/cardea in the source tree)
// TEST_SERVER    "cardea" (default), or "janus": the reference server, to prove the tests themselves
// TEST_STARTUP_MS  how long a start may take (default 10000; sanitizers need more)
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { release, takePorts } from './ports.mjs';
import { until, within } from './wait.mjs';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const IS_REFERENCE = process.env.TEST_SERVER === 'janus';
export const BIN = IS_REFERENCE ? (process.env.JANUS_BIN ?? 'janus')
	: path.resolve(process.env.CARDEA_BIN ?? path.join(ROOT, 'build/cardea'));
const NAME = IS_REFERENCE ? 'janus' : 'cardea';
const LOG_TAIL = 40;
const UDP_PORTS = IS_REFERENCE ? 64 : 2;

/** A JavaScript value in libconfig's notation. */
function print(value) {
	if (Array.isArray(value)) {
		const items = value.map(print).join(', ');
		return value.some((v) => typeof v === 'object') ? `( ${items} )` : `[ ${items} ]`;
	}
	if (value && typeof value === 'object')
		return `{ ${printMembers(value)} }`;
	return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

function printMembers(object) {
	return Object.entries(object).map(([k, v]) => `${k} = ${print(v)};`).join(' ');
}

export function printFile(sections) {
	return Object.entries(sections).map(([name, members]) => `${name}: ${print(members)}\n`).join('');
}

/** Merge @p over onto @p base, two levels deep: files, then sections. */
function merged(base, over) {
	const out = { ...base };
	for (const [file, sections] of Object.entries(over)) {
		out[file] = { ...out[file] };
		for (const [section, members] of Object.entries(sections))
			out[file][section] = { ...out[file][section], ...members };
	}
	return out;
}

function defaults(ports, stateDir) {
	const core = {
		general: { admin_secret: 'adminpwd', server_name: 'CardeaRef', debug_level: 4 },
	};
	if (IS_REFERENCE) {
		Object.assign(core.general, { interface: '127.0.0.1', debug_colors: false });
		core.media = { rtp_port_range: `${ports.udp}-${ports.udp + UDP_PORTS - 1}` };
		core.plugins = { disable: ['audiobridge', 'duktape', 'lua', 'nosip', 'recordplay', 'sip',
			'streaming', 'textroom', 'videocall', 'voicemail']
			.map((n) => `libjanus_${n}.so`).join(',') };
		core.transports = { disable: ['pfunix', 'mqtt', 'nanomsg', 'rabbitmq']
			.map((n) => `libjanus_${n}.so`).join(',') };
		core.events = { broadcast: false };
	} else {
		core.general.state_dir = stateDir;
		core.web = { port: ports.http, secure_port: 0, ip: '0.0.0.0', root: path.join(ROOT, 'html') };
		core.media = { udp_port: ports.udp };
	}
	return {
		core,
		'transport.http': {
			general: { http: true, port: ports.http, json: 'compact', https: false },
			admin: { admin_http: true, admin_port: ports.adminHttp },
		},
		'transport.websockets': {
			general: { ws: true, ws_port: ports.ws, json: 'compact', wss: false },
			admin: { admin_ws: true, admin_ws_port: ports.adminWs },
		},
		'plugin.echotest': { general: { events: false } },
		'plugin.videoroom': { general: { events: false } },
	};
}

function writeConfiguration(folder, files) {
	for (const [name, sections] of Object.entries(files)) {
		const file = name === 'core' ? `${NAME}.jcfg` : `${NAME}.${name}.jcfg`;
		fs.writeFileSync(path.join(folder, file), printFile(sections));
	}
}

function connects(port) {
	return new Promise((resolve) => {
		const socket = net.connect(port, '127.0.0.1');
		socket.once('connect', () => { socket.destroy(); resolve(true); });
		socket.once('error', () => resolve(false));
	});
}

class Server {
	constructor(child, ports, folder) {
		this.child = child;
		this.pid = child.pid;
		this.ports = ports;
		this.folder = folder;
		this.log = '';
		this.exited = new Promise((resolve) => {
			child.once('error', (e) => { this.log += `${e.message}\n`; resolve({ code: -1 }); });
			child.once('close', (code, signal) => resolve({ code, signal }));
		}).then((status) => { this.status = status; return status; });
		for (const stream of [child.stdout, child.stderr])
			stream.setEncoding('utf8').on('data', (text) => { this.log += text; });
	}

	get httpUrl() { return `http://127.0.0.1:${this.ports.http}`; }
	get apiUrl() { return `${this.httpUrl}/janus`; }
	get adminUrl() { return `http://127.0.0.1:${this.ports.adminHttp}/admin`; }
	get wsUrl() { return `ws://127.0.0.1:${this.wsPort}`; }
	get adminWsUrl() { return `ws://127.0.0.1:${this.ports.adminWs}`; }

	logTail() {
		return this.log.split('\n').slice(-LOG_TAIL).join('\n');
	}

	failure(message) {
		return Object.assign(new Error(`${message}\n--- end of the server's log ---\n${this.logTail()}`), { log: this.log });
	}

	/** Resident memory in KiB. */
	rssKib() {
		const status = fs.readFileSync(`/proc/${this.pid}/status`, 'utf8');
		return Number(/^VmRSS:\s+(\d+)/m.exec(status)[1]);
	}

	/** Fail when the server has ended by itself. */
	check() {
		if (this.status)
			throw this.failure(`server ended by itself: ${JSON.stringify(this.status)}`);
	}

	/** End the server politely. A status other than 0, or a sanitizer's report, is a failure. */
	async stop() {
		const early = this.status;
		if (!early)
			this.child.kill('SIGTERM');
		const status = await within(15000, 'end of the server after SIGTERM', this.exited)
			.catch((e) => { this.child.kill('SIGKILL'); throw this.failure(e.message); })
			.finally(() => this.giveBack());
		if (early)
			throw this.failure(`server ended by itself: ${JSON.stringify(early)}`);
		if (status.code !== 0)
			throw this.failure(`server ended with ${JSON.stringify(status)}`);
		if (/(Address|Leak|Thread|Memory)Sanitizer|runtime error:/.test(this.log))
			throw this.failure('sanitizer report in the log');
	}

	giveBack() {
		Object.values(this.ports).forEach(release);
		for (let i = 1; i < UDP_PORTS; i++)
			release(this.ports.udp + i);
		fs.rmSync(this.folder, { recursive: true, force: true });
	}
}

/** Whether the server was built with a sanitizer (figures of memory then mean nothing). */
export function isSanitized() {
	return !IS_REFERENCE && fs.readFileSync(BIN).includes('__asan_init');
}

/** Start a server and wait until its ports answer.
 *  @param conf files without their product prefix ("core", "transport.http", "plugin.videoroom" …),
 *              each an object of sections, laid over the defaults above; or a function that makes
 *              them from the ports
 *  @param args further command line arguments
 *  @param env more of its environment */
export async function startServer({ conf = {}, args = [], env = {} } = {}) {
	const first = await takePorts(4 + UDP_PORTS);
	const ports = { http: first, ws: first + 1, adminHttp: first + 2, adminWs: first + 3,
		udp: first + 4 };
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cardea-test-'));
	fs.mkdirSync(path.join(folder, 'state'));
	const own = typeof conf === 'function' ? conf(ports) : conf;
	const files = merged(defaults(ports, path.join(folder, 'state')), own);
	writeConfiguration(folder, files);
	const options = IS_REFERENCE ? ['-F', folder, '-C', path.join(folder, 'janus.jcfg')]
		: ['--config', folder];
	const child = spawn(BIN, [...options, ...args], { cwd: folder, env: { ...process.env, ...env },
		stdio: ['ignore', 'pipe', 'pipe'] });
	const server = new Server(child, ports, folder);
	server.wsPort = files['transport.websockets'].general.ws_port;
	try {
		await until('open ports of the server', async () => {
			server.check();
			for (const port of [ports.http, server.wsPort, ports.adminHttp, ports.adminWs])
				if (!await connects(port))
					return false;
			return true;
		}, { ms: Number(process.env.TEST_STARTUP_MS ?? 10000) });
	} catch (e) {
		child.kill('SIGKILL');
		await server.exited;
		server.giveBack();
		throw e.message.includes('log ---') ? e : server.failure(e.message);
	}
	return server;
}

/** Run @p body with a server, and end the server whatever happens. The body's own failure wins over
 *  the end's, and carries the tail of the log. */
export async function withServer(options, body) {
	const server = await startServer(options);
	let result;
	try {
		result = await body(server);
	} catch (e) {
		const end = await server.stop().then(() => '', (stop) => `\n${stop.message}`);
		e.message += end || `\n--- end of the server's log ---\n${server.logTail()}`;
		throw e;
	}
	await server.stop();
	return result;
}
