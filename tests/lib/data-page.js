// Data channels of the peers in peers-page.js, driven by tests. Runs in a browser page.
'use strict';

/** Messages differ by their number in every part, so that nothing can pass for another. */
function pattern(number, size) {
	const bytes = new Uint8Array(size);
	let state = number * 2654435761 + 1;
	for (let i = 0; i < size; i++) {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		bytes[i] = state >>> 24;
	}
	return bytes;
}

function same(a, b) {
	if (a.length !== b.length)
		return false;
	return a.every((byte, i) => byte === b[i]);
}

function isOpen(channel) {
	if (channel.readyState === 'open')
		return Promise.resolve();
	return new Promise((resolve, reject) => {
		channel.onopen = resolve;
		channel.onclose = () => reject(new Error('closed before it opened'));
	});
}

function hear(channel) {
	channel.binaryType = 'arraybuffer';
	channel.heard = [];
	channel.onmessage = ({ data }) => {
		channel.heard.push(typeof data === 'string' ? data : new Uint8Array(data));
		channel.onheard?.();
	};
}

function heardOf(channel, n) {
	return new Promise((resolve, reject) => {
		const look = () => {
			if (channel.heard.length < n)
				return;
			channel.onheard = undefined; /* what comes next is for the next to ask */
			resolve(channel.heard.splice(0, n));
		};
		channel.onheard = look;
		channel.onclose = () => reject(new Error(`closed after ${channel.heard.length} messages`));
		look();
	});
}

async function ready(name, index) {
	const channel = peers[name].channels[index];
	if (!channel.heard)
		hear(channel);
	await isOpen(channel);
	return channel;
}

/** Open a channel of a peer's, which must have a data m-line. */
window.openChannel = async (name, label, options = {}) => {
	const channel = peers[name].pc.createDataChannel(label, options);
	hear(channel);
	peers[name].channels.push(channel);
	await isOpen(channel);
	return peers[name].channels.indexOf(channel);
};

/** Send texts, and wait for as many answers. */
window.exchange = async (name, index, texts) => {
	const channel = await ready(name, index);
	texts.forEach((text) => channel.send(text));
	return heardOf(channel, texts.length);
};

/** Send @p count binary messages of @p size, no more than a megabyte ahead, and compare what comes
 *  back. @return how many of them came, unchanged and in order. */
window.exchangeBytes = async (name, index, count, size) => {
	const channel = await ready(name, index);
	channel.bufferedAmountLowThreshold = 1 << 18;
	const back = heardOf(channel, count);
	for (let i = 0; i < count; i++) {
		if (channel.bufferedAmount > 1 << 20)
			await new Promise((resolve) => { channel.onbufferedamountlow = resolve; });
		channel.send(pattern(i, size));
	}
	return (await back).filter((bytes, i) => same(bytes, pattern(i, size))).length;
};

/** Send @p count texts at @p rate a second; each must come back, in order. */
window.exchangeSteadily = async (name, index, count, rate) => {
	const channel = await ready(name, index);
	const back = heardOf(channel, count);
	const start = performance.now();
	let sent = 0;
	await new Promise((resolve) => {
		const timer = setInterval(() => {
			const due = Math.min(count, Math.floor((performance.now() - start) * rate / 1000));
			while (sent < due)
				channel.send(`message ${sent++}`);
			if (sent === count)
				resolve(clearInterval(timer));
		}, 5);
	});
	return (await back).filter((text, i) => text.endsWith(`message ${i}`)).length;
};

/** Open and close @p count channels, @p together at a time; each must echo a word. */
window.openAndClose = async (name, count, together) => {
	let echoed = 0;
	for (let done = 0; done < count; done += together)
		await Promise.all(Array.from({ length: together }, async (_, i) => {
			const channel = peers[name].pc.createDataChannel(`channel ${done + i}`);
			hear(channel);
			await isOpen(channel);
			channel.send(`word ${done + i}`);
			const [text] = await heardOf(channel, 1);
			echoed += text.endsWith(`word ${done + i}`);
			await new Promise((resolve) => {
				channel.onclose = resolve;
				channel.close();
			});
		}));
	return echoed;
};

/** What a peer's channel has been told, opened by either side, once there are @p n of it. */
window.heardOn = async (name, label, n) => {
	const peer = peers[name];
	const find = () => peer.channels.find((c) => c.label === label);
	while (!find())
		await new Promise((resolve) => {
			peer.pc.addEventListener('datachannel', resolve, { once: true });
		});
	return heardOf(find(), n);
};

/** A peer's association is up: what is sent to it now arrives. */
window.dataUp = async (name) => {
	const { sctp } = peers[name].pc;
	while (sctp.state !== 'connected')
		await new Promise((resolve) => { sctp.onstatechange = resolve; });
};

window.say = async (name, index, text) => {
	const channel = await ready(name, index);
	channel.send(text);
};

/** Channels of a peer that may not be connected yet; the last has the highest id there is.
 *  @return how many there are */
window.openAhead = (name, count) => {
	const peer = peers[name];
	for (let i = 0; i < count; i++) {
		peer.channels.push(peer.pc.createDataChannel(`ahead ${i}`));
		hear(peer.channels.at(-1));
	}
	peer.channels.push(peer.pc.createDataChannel('highest', { negotiated: true, id: 1023 }));
	hear(peer.channels.at(-1));
	return peer.channels.length;
};

/** A word on each channel of a peer. @return how many came back */
window.echoOnAll = async (name) => {
	const all = await Promise.all(peers[name].channels.map(async (_, i) => {
		const channel = await ready(name, i);
		channel.send(`word ${i}`);
		const [text] = await heardOf(channel, 1);
		return text.endsWith(`word ${i}`);
	}));
	return all.filter((came) => came).length;
};

/** Close all channels of a peer at once. @return how many have come to their end */
window.closeAll = async (name) => {
	const all = peers[name].channels.splice(0);
	await Promise.all(all.map((channel) => new Promise((resolve) => {
		channel.onclose = resolve;
		channel.close();
	})));
	return all.length;
};

/** Send messages of @p size bytes on a channel for @p ms, as fast as they go, and whether they come or not; and a word
 *  on another, each of which must come back. @return whether the other did, and how many of the first came */
window.floodBeside = async (name, index, size, ms, beside) => {
	const channel = await ready(name, index);
	const end = performance.now() + ms;
	let came = 0;
	channel.onmessage = () => { came++; };
	const timer = setInterval(() => {
		if (channel.readyState === 'open' && channel.bufferedAmount < 1 << 20)
			channel.send(new Uint8Array(size));
	}, 5);
	let answered = true;
	for (let i = 0; answered && performance.now() < end; i++)
		answered = (await exchange(name, beside, [`word ${i}`])).length === 1;
	clearInterval(timer);
	return { answered, came };
};
