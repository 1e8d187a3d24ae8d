// Waiting for events. Every wait has a deadline and says what it was waiting for.

export function sleep(ms) {
	return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Turn @p promise into a failure when it has not settled after @p ms. */
export function within(ms, what, promise) {
	let timer;
	const late = new Promise((_, reject) => {
		timer = setTimeout(() => reject(new Error(`no ${what} within ${ms} ms`)), ms);
	});
	return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Ask @p probe again and again until it gives something true. @return what it gave. */
export async function until(what, probe, { ms = 10000, every = 20 } = {}) {
	const deadline = Date.now() + ms;
	for (;;) {
		const got = await probe();
		if (got)
			return got;
		if (Date.now() > deadline)
			throw new Error(`no ${typeof what === 'function' ? what() : what} within ${ms} ms`);
		await sleep(every);
	}
}

/** Messages in order of arrival, and those who wait for one of them. */
export class Inbox {
	constructor() {
		this.messages = [];
		this.waiters = [];
		this.failure = null;
	}

	put(message) {
		const i = this.waiters.findIndex((w) => w.wants(message));
		if (i < 0)
			this.messages.push(message);
		else
			this.waiters.splice(i, 1)[0].resolve(message);
	}

	/** No further message can come: those who wait are told @p error. */
	fail(error) {
		this.failure = error;
		this.waiters.splice(0).forEach((w) => w.reject(error));
	}

	/** Take the first message that @p wants accepts, waiting at most @p ms for it. */
	take(what, wants = () => true, ms = 5000) {
		const i = this.messages.findIndex(wants);
		if (i >= 0)
			return Promise.resolve(this.messages.splice(i, 1)[0]);
		if (this.failure)
			return Promise.reject(this.failure);
		let waiter;
		const arrival = new Promise((resolve, reject) => {
			waiter = { wants, resolve, reject };
			this.waiters.push(waiter);
		});
		return within(ms, what, arrival).catch((e) => {
			this.waiters = this.waiters.filter((w) => w !== waiter);
			if (this.messages.length)
				e.message += `; unread: ${JSON.stringify(this.messages).slice(0, 2000)}`;
			throw e;
		});
	}
}
