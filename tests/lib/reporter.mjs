// One line per test, the reasons of failures below theirs, and nothing else.
export default async function* report(source) {
	for await (const { type, data } of source) {
		if (data?.details?.type === 'suite')
			continue;
		if (type === 'test:pass' || type === 'test:fail') {
			const skipped = data.skip !== undefined ? ` # SKIP ${data.skip}` : '';
			const seconds = ((data.details?.duration_ms ?? 0) / 1000).toFixed(1);
			yield `${type === 'test:pass' ? 'ok' : 'not ok'} - ${data.name} (${seconds} s)${skipped}\n`;
			if (type === 'test:fail') {
				const error = data.details.error?.cause ?? data.details.error;
				const text = String(error?.message ?? error);
				yield `${text.split('\n').map((l) => `    ${l}`).join('\n')}\n`;
			}
		} else if (type === 'test:diagnostic' && process.env.REPLAY_LOG) {
			yield `  # ${data.message}\n`;
		}
	}
}
