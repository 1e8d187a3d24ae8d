// Debian's nginx and HAProxy before a server, each with the example of conf/, in a folder of its own.
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { release, takePorts } from './ports.mjs';
import { until, within } from './wait.mjs';
import { fetchHttp } from './api.mjs';

const CONF = fileURLToPath(new URL('../../conf', import.meta.url));

/** A certificate for localhost. @return the folder: cert.pem, key.pem, both.pem */
export function makeCertificate() {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cardea-proxy-'));
	execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
		'-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', path.join(folder, 'key.pem'),
		'-out', path.join(folder, 'cert.pem')], { stdio: 'ignore' });
	const read = (name) => fs.readFileSync(path.join(folder, name));
	fs.writeFileSync(path.join(folder, 'both.pem'), Buffer.concat([read('cert.pem'), read('key.pem')]));
	return folder;
}

/** An example of conf/ with our ports and files. Each of @p changes must find its place. */
function example(name, changes) {
	return changes.reduce((text, [from, to]) => {
		if (!text.includes(from))
			throw new Error(`conf/${name} has no "${from}"`);
		return text.replace(from, to);
	}, fs.readFileSync(path.join(CONF, name), 'utf8'));
}

function nginxConf(folder, port, server) {
	const pem = (name) => `/etc/letsencrypt/live/meet.example.com/${name};`;
	fs.writeFileSync(path.join(folder, 'meet.conf'), example('nginx.conf', [
		['server 127.0.0.1:8088;', `server 127.0.0.1:${server.ports.http};`],
		['listen 443 ssl;', `listen 127.0.0.1:${port} ssl;`],
		[pem('fullchain.pem'), `${folder}/cert.pem;`], [pem('privkey.pem'), `${folder}/key.pem;`]]));
	const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
		.map((what) => `${what}_temp_path ${folder}/${what};`).join(' ');
	fs.writeFileSync(path.join(folder, 'nginx.conf'), `daemon off; worker_processes 1; pid ${folder}/nginx.pid;
error_log stderr; events { worker_connections 256; }
http { access_log off; ${temp} include ${folder}/meet.conf; }\n`);
	return ['/usr/sbin/nginx', ['-p', folder, '-e', 'stderr', '-c', path.join(folder, 'nginx.conf')]];
}

function haproxyConf(folder, port, server) {
	const file = path.join(folder, 'haproxy.cfg');
	fs.writeFileSync(file, example('haproxy.cfg', [
		['server cardea 127.0.0.1:8088', `server cardea 127.0.0.1:${server.ports.http}`],
		['bind :443', `bind 127.0.0.1:${port}`],
		['/etc/haproxy/meet.example.com.pem', `${folder}/both.pem`]]));
	return ['/usr/sbin/haproxy', ['-db', '-f', file]];
}

/** @param name "nginx" or "haproxy" @return {url, end()} */
export async function startProxy(name, folder, server) {
	const port = await takePorts(1);
	const [program, args] = (name === 'nginx' ? nginxConf : haproxyConf)(folder, port, server);
	const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
	let log = '';
	for (const stream of [child.stdout, child.stderr])
		stream.setEncoding('utf8').on('data', (text) => { log += text; });
	const exited = new Promise((resolve) => child.once('close', resolve).once('error', (e) => { log += e.message; resolve(); }));
	const url = `https://localhost:${port}/meet`;
	const ca = fs.readFileSync(path.join(folder, 'cert.pem'));
	const end = async () => {
		child.kill('SIGTERM');
		await within(10000, `end of ${name}`, exited).catch(() => child.kill('SIGKILL'));
		release(port);
	};
	try {
		await until(`${name} before the server`, async () => (await fetchHttp(`${url}/health`, { ca })
			.catch(() => ({}))).status === 200);
	} catch (e) {
		await end();
		throw new Error(`${e.message}\n${log}`);
	}
	return { url, ca, end };
}
