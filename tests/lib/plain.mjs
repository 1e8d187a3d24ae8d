// A client of a direct endpoint: plain JSON messages on a WebSocket without a subprotocol.
import WebSocket from 'ws';
import { Inbox, within } from './wait.mjs';

export class Plain {
	static async connect(url) {
		const client = new Plain();
		client.inbox = new Inbox();
		client.socket = new WebSocket(url);
		client.closed = new Promise((resolve) => client.socket.once('close', (code) => {
			client.inbox.fail(new Error(`connection closed (${code})`));
			resolve(code);
		}));
		client.socket.on('message', (data) => client.inbox.put(JSON.parse(data.toString())));
		await within(5000, `WebSocket connection to ${url}`, new Promise((resolve, reject) => {
			client.socket.once('open', resolve);
			client.socket.on('error', reject);
		}));
		return client;
	}

	say(message) {
		this.sayRaw(JSON.stringify(message));
	}

	sayRaw(text) {
		this.socket.send(text);
	}

	/** The next message of this type, which must be the very next one. */
	async hear(type, ms = 5000) {
		const message = await this.inbox.take(type, () => true, ms);
		if (message.type !== type)
			throw new Error(`expected ${type}, got ${JSON.stringify(message)}`);
		return message;
	}

	/** Say something wrong, and get the error's code. */
	async refused(message) {
		this.say(message);
		return (await this.hear('error')).code;
	}

	async close() {
		this.socket.close();
		await within(5000, 'close of the WebSocket', this.closed);
	}

	/** Neither reads nor answers any more, but keeps the connection. */
	freeze() {
		this.socket.pause();
	}

	terminate() {
		this.socket.terminate();
	}
}
