/**
 * Figures from getStats, as rates over the time since the last look, and a verdict people can read.
 */

/**
 * Turns a PeerConnection's counters into figures per m-line:
 * `{direction: 'in'|'out', mid, kind, kbps, lossPercent, jitterMs, rttMs, fps, width, height,
 * frames,
 *   frozenMs, codec}`. Figures that are not known are undefined.
 */
export class Sampler {
	#before = new Map();

	constructor(pc) {
		this.pc = pc;
	}

	async sample() {
		const report = await this.pc.getStats();
		const all = [...report.values()];
		const rttMs = roundTrip(all);
		const out = new Map();
		for (const rtp of all) {
			if (rtp.type === 'inbound-rtp')
				out.set(`in/${rtp.mid}`, this.#inbound(rtp, report, rttMs));
			else if (rtp.type === 'outbound-rtp') this.#outbound(out, rtp, report, rttMs);
		}
		this.#before = new Map(all.map((entry) => [entry.id, entry]));
		return [...out.values()];
	}

	#inbound(rtp, report, rttMs) {
		const got = this.#since(rtp, 'packetsReceived');
		const lost = Math.max(0, this.#since(rtp, 'packetsLost'));
		return {
			direction: 'in',
			mid: rtp.mid,
			kind: rtp.kind,
			rttMs,
			kbps: this.#kbps(rtp, 'bytesReceived'),
			lossPercent: got + lost ? (100 * lost) / (got + lost) : 0,
			jitterMs: rtp.jitter * 1000,
			frames: rtp.framesDecoded,
			frozenMs: this.#since(rtp, 'totalFreezesDuration') * 1000,
			newFrames: this.#since(rtp, 'framesReceived'),
			audioLevel: rtp.audioLevel,
			codec: codecName(report, rtp),
			fps: rtp.framesPerSecond,
			width: rtp.frameWidth,
			height: rtp.frameHeight,
		};
	}

	/** Simulcast has several of these per m-line: rates add up, the largest picture counts. */
	#outbound(out, rtp, report, pathRttMs) {
		const key = `out/${rtp.mid}`;
		const seen = report.get(rtp.remoteId) ?? {};
		const total = out.get(key) ?? {
			direction: 'out',
			mid: rtp.mid,
			kind: rtp.kind,
			kbps: 0,
			lossPercent: 0,
			jitterMs: 0,
			layers: 0,
			width: 0,
			codec: codecName(report, rtp),
			rttMs: pathRttMs,
		};
		const kbps = this.#kbps(rtp, 'bytesSent');
		total.kbps += kbps;
		total.layers += kbps > 0 ? 1 : 0;
		total.lossPercent = Math.max(total.lossPercent, 100 * (seen.fractionLost ?? 0));
		total.jitterMs = Math.max(total.jitterMs, 1000 * (seen.jitter ?? 0));
		if ((rtp.frameWidth ?? 0) > total.width)
			Object.assign(total, {
				width: rtp.frameWidth,
				height: rtp.frameHeight,
				fps: rtp.framesPerSecond,
			});
		out.set(key, total);
	}

	#since(entry, field) {
		return (entry[field] ?? 0) - (this.#before.get(entry.id)?.[field] ?? 0);
	}

	#kbps(entry, field) {
		const earlier = this.#before.get(entry.id);
		const ms = entry.timestamp - (earlier?.timestamp ?? entry.timestamp);
		return ms > 0 ? (this.#since(entry, field) * 8) / ms : 0;
	}
}

function roundTrip(entries) {
	const pair = entries.find(
		(e) => e.type === 'candidate-pair' && e.nominated && e.currentRoundTripTime !== undefined
	);
	return pair ? pair.currentRoundTripTime * 1000 : undefined;
}

function codecName(report, rtp) {
	return report.get(rtp.codecId)?.mimeType.split('/')[1];
}

/** From here on a conversation suffers (fair), or fails (poor). */
const LIMITS = {
	lossPercent: [2, 8],
	rttMs: [250, 500],
	jitterMs: [30, 80],
	frozenMs: [200, 800],
};
const REASONS = {
	lossPercent: 'packets are lost',
	rttMs: 'long delay',
	jitterMs: 'uneven delivery',
	frozenMs: 'picture freezes',
};

/**
 * The verdict on some figures: the worst counts.
 * @returns {{grade: 'good'|'fair'|'poor'|'unknown', words: string}}
 */
export function grade(figures) {
	if (!figures.some((f) => f.kbps > 0)) return { grade: 'unknown', words: 'no media' };
	let worst = 0;
	const reasons = new Set();
	for (const figure of figures) {
		for (const [name, [fair, poor]] of Object.entries(LIMITS)) {
			const level = Number(figure[name] >= fair) + Number(figure[name] >= poor);
			worst = Math.max(worst, level);
			if (level) reasons.add(REASONS[name]);
		}
	}
	const name = ['good', 'fair', 'poor'][worst];
	return { grade: name, words: reasons.size ? `${name}: ${[...reasons].join(', ')}` : name };
}
