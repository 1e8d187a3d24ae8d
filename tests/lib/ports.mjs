// Free ports for one test server, from a range of the tests' own. A claim is a file named after
// the port, held by the living process whose id it contains, so that parallel runs never collide.
import dgram from 'node:dgram';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

const FIRST = Number(process.env.TEST_PORT_FIRST ?? 22000);
const LAST = Number(process.env.TEST_PORT_LAST ?? 22399);
const CLAIMS = path.join(os.tmpdir(), `cardea-test-ports-${process.getuid()}`);

const mine = new Set();

function isAlive(pid) {
	try {
		process.kill(pid, 0);
		return true;
	} catch (e) {
		return e.code === 'EPERM';
	}
}

function claim(port) {
	const file = path.join(CLAIMS, String(port));
	fs.mkdirSync(CLAIMS, { recursive: true });
	for (let attempt = 0; attempt < 2; attempt++) {
		try {
			fs.writeFileSync(file, String(process.pid), { flag: 'wx' });
			mine.add(port);
			return true;
		} catch (e) {
			if (e.code !== 'EEXIST')
				throw e;
		}
		const owner = Number(fs.readFileSync(file, { encoding: 'utf8', flag: 'a+' }));
		if (!owner || isAlive(owner))
			return false;
		fs.rmSync(file, { force: true });
	}
	return false;
}

export function release(port) {
	if (mine.delete(port))
		fs.rmSync(path.join(CLAIMS, String(port)), { force: true });
}

process.on('exit', () => [...mine].forEach(release));

function canBind(port) {
	return new Promise((resolve) => {
		const tcp = net.createServer();
		tcp.once('error', () => resolve(false));
		tcp.listen(port, '0.0.0.0', () => {
			const udp = dgram.createSocket('udp4');
			udp.once('error', () => tcp.close(() => resolve(false)));
			udp.bind(port, () => udp.close(() => tcp.close(() => resolve(true))));
		});
	});
}

/** Claim @p count ports in a row, free for TCP and UDP. @return the first. */
export async function takePorts(count) {
	const span = LAST - FIRST + 2 - count;
	const start = Math.floor(Math.random() * span);
	for (let i = 0; i < span; i++) {
		const first = FIRST + (start + i) % span;
		const wanted = Array.from({ length: count }, (_, k) => first + k);
		const got = [];
		for (const port of wanted) {
			if (!claim(port))
				break;
			got.push(port);
			if (!await canBind(port))
				break;
			if (got.length === count)
				return first;
		}
		got.forEach(release);
	}
	throw new Error(`no ${count} free ports in a row in ${FIRST}-${LAST}`);
}
