// A static server of the tests' own: pages of the tests, of npm packages and of the demos package,
// on a loopback port, with single files replaced where a test says so.
import fs from 'node:fs';
import http from 'node:http';
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
