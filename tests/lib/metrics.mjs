// The server's own figures, and those that the kernel keeps of its control thread.
import fs from 'node:fs';
import { fetchHttp } from './api.mjs';

/** All of /metrics by name. */
export async function metrics(server) {
	const { text } = await fetchHttp(`${server.httpUrl}/metrics`);
	return Object.fromEntries(text.split('\n').filter((l) => l && !l.startsWith('#'))
		.map((l) => l.split(' ')).map(([name, value]) => [name, Number(value)]));
}

/** CPU time of the control thread so far, in ms: what a busy machine does to it is not in it. */
export function controlMs(server) {
	const [ns] = fs.readFileSync(`/proc/${server.pid}/task/${server.pid}/schedstat`, 'utf8').split(' ');
	return Number(ns) / 1e6;
}
