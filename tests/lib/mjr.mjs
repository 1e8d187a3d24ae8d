// MJR files, made here by the bytes of their specification, and media to put into them: RTP that ffmpeg packs, as it
// comes.
import { spawn } from 'node:child_process';
import dgram from 'node:dgram';
import { once } from 'node:events';
import fs from 'node:fs';
import { within } from './wait.mjs';

const RECORD = 10;

/** One record: @p ms since the first, and what it carries. */
function record(ms, payload) {
	const r = Buffer.alloc(RECORD + payload.length);
	r.write('MEET', 0, 'latin1');
	r.writeUInt32BE(ms, 4);
	r.writeUInt16BE(payload.length, 8);
	payload.copy(r, RECORD);
	return r;
}

/** @param head with `u`, Unix time in µs; @param records of { us, bytes }, us in Unix time */
export function mjrBytes(head, records) {
	const json = Buffer.from(JSON.stringify(head));
	const length = Buffer.alloc(2);
	length.writeUInt16BE(json.length);
	return Buffer.concat([Buffer.from('MJR00002'), length, json,
		...records.map((r) => record(Math.floor((r.us - head.u) / 1000), r.bytes))]);
}

/** A message of a data channel, as a record carries it. */
export function message(us, text) {
	const b = Buffer.alloc(8 + Buffer.byteLength(text));
	b.writeBigInt64BE(BigInt(us));
	Buffer.from(text).copy(b, 8);
	return { us, bytes: b };
}

/** A packet of Opus silence. */
export function silence(n, us) {
	const b = Buffer.alloc(12 + 3);
	b.writeUInt16BE(0x806f);
	b.writeUInt16BE(n & 0xffff, 2);
	b.writeUInt32BE(n * 960 >>> 0, 4);
	b.writeUInt32BE(7, 8);
	b.set([0xf8, 0xff, 0xfe], 12);
	return { us, bytes: b };
}

async function listen() {
	const socket = dgram.createSocket('udp4');
	const packets = [];
	socket.on('message', (bytes) => packets.push({ us: Math.round((performance.timeOrigin + performance.now()) * 1000), bytes }));
	socket.bind(0, '127.0.0.1');
	await once(socket, 'listening');
	socket.setRecvBufferSize(1 << 20);
	return { socket, packets, url: `rtp://127.0.0.1:${socket.address().port}` };
}

/** Let ffmpeg send one output over RTP for each of @p outputs (its options), in real time.
 *  @return the packets of each */
export async function sentByRtp(inputs, outputs) {
	const ends = await Promise.all(outputs.map(listen));
	const args = ['-hide_banner', '-loglevel', 'error', ...inputs,
		...outputs.flatMap((options, i) => [...options, '-f', 'rtp', ends[i].url])];
	const child = spawn('ffmpeg', args, { stdio: ['ignore', 'ignore', 'pipe'] });
	let said = '';
	child.stderr.on('data', (d) => said += d);
	try {
		const [status] = await within(60000, 'end of ffmpeg', once(child, 'close'));
		if (status !== 0)
			throw new Error(`ffmpeg: ${said}`);
	} finally {
		child.kill();
		ends.forEach((e) => e.socket.close());
	}
	return ends.map((e) => e.packets.filter((p) => (p.bytes[1] & 0x7f) < 72 || (p.bytes[1] & 0x7f) > 76));
}

export function writeMjr(file, head, records) {
	const u = records[0]?.us ?? 1795447276163431;
	fs.writeFileSync(file, mjrBytes({ ...head, s: u - 40000, u }, records));
}

/** What a file has: its head, and its records as { ms, bytes }. */
export function readMjr(file) {
	const b = fs.readFileSync(file);
	const records = [];
	let at = 10 + b.readUInt16BE(8);
	const head = JSON.parse(b.subarray(10, at));
	while (at < b.length) {
		const end = at + RECORD + b.readUInt16BE(at + 8);
		records.push({ ms: b.readUInt32BE(at + 4), bytes: b.subarray(at + RECORD, end) });
		at = end;
	}
	return { head, records };
}
