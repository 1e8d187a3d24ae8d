// A static server of the tests' own: pages of the tests, of npm packages and of the demos package,
// on a loopback port, with single files replaced where a test says so. And a line to a server that
// can be cut.
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { release, takePorts } from './ports.mjs';

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript',
	'.css': 'text/css', '.json': 'application/json', '.png': 'image/png', '.svg': 'image/svg+xml',
	'.webp': 'image/webp', '.ico': 'image/x-icon', '.woff2': 'font/woff2' };

function find(mounts, url) {
	for (const [prefix, target] of Object.entries(mounts)) {
		if (!url.startsWith(prefix))
			continue;
		if (typeof target === 'object')
			return url === prefix ? Buffer.from(target.text) : undefined;
		const file = path.join(target, path.normalize(`/${url.slice(prefix.length)}`));
		if (fs.existsSync(file) && fs.statSync(file).isFile())
			return fs.readFileSync(file);
	}
	return undefined;
}

/** Serve @p mounts: URL prefix → folder, or whole path → {text}. The first that fits wins.
 *  @return {url, close()} */
export async function servePages(mounts) {
	const port = await takePorts(1);
	const server = http.createServer((request, response) => {
		const { pathname } = new URL(request.url, 'http://x');
		const body = find(mounts, decodeURIComponent(pathname));
		response.writeHead(body ? 200 : 404, { 'Content-Type': TYPES[path.extname(pathname)]
			?? 'application/octet-stream' });
		response.end(body);
	});
	await new Promise((resolve, reject) => server.once('error', reject)
		.listen(port, '127.0.0.1', resolve));
	return {
		url: `http://127.0.0.1:${port}`,
		close() {
			server.closeAllConnections();
			release(port);
			return new Promise((resolve) => server.close(resolve));
		},
	};
}

/** A TCP port that leads to another. While it is cut, connections are gone and new ones refused. */
export class Line {
	#sockets = new Set();
	#listener = null;

	/** @param target the port on the far side; may be changed while the line is cut */
	static async open(target) {
		const line = new Line();
		line.target = target;
		line.port = await takePorts(1);
		await line.mend();
		return line;
	}

	mend() {
		this.#listener = net.createServer((near) => this.#join(near));
		return new Promise((resolve, reject) => this.#listener.once('error', reject)
			.listen(this.port, '127.0.0.1', resolve));
	}

	#join(near) {
		const far = net.connect(this.target, '127.0.0.1');
		const end = () => [near, far].forEach((socket) => socket.destroy());
		for (const socket of [near, far])
			socket.once('error', end).once('close', end);
		this.#sockets.add(near);
		near.once('close', () => this.#sockets.delete(near));
		near.pipe(far).pipe(near);
	}

	cut() {
		const listener = this.#listener;
		this.#listener = null;
		this.#sockets.forEach((socket) => socket.destroy());
		return new Promise((resolve) => (listener ? listener.close(resolve) : resolve()));
	}

	async close() {
		await this.cut();
		release(this.port);
	}
}
