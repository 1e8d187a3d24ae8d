// Clients over unix sockets of types that Node does not have: a script of Python holds the sockets.
import { spawn } from 'node:child_process';
import path from 'node:path';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Client } from './api.mjs';
import { Inbox, within } from './wait.mjs';
import { PYTHON } from './python.mjs';

const SCRIPT = fileURLToPath(new URL('unix_client.py', import.meta.url));
let n = 0;

/** A program of its own, with any number of sockets. */
export class UnixProgram {
	constructor(folder) {
		this.folder = folder;
		this.child = spawn(PYTHON, [SCRIPT], { stdio: ['pipe', 'pipe', 'inherit'] });
		this.exited = new Promise((resolve) => this.child.once('close', resolve));
		this.answers = new Inbox();
		this.last = Promise.resolve();
		readline.createInterface({ input: this.child.stdout })
			.on('line', (line) => this.answers.put(JSON.parse(line)))
			.on('close', () => this.answers.fail(new Error('the program has ended')));
	}

	/** One at a time, in the order of the calls. @return {done} or {error} */
	ask(...command) {
		const answer = this.last.then(() => {
			this.child.stdin.write(`${JSON.stringify(command)}\n`);
			return this.answers.take(command[0], undefined, 60000);
		});
		this.last = answer.catch(() => {});
		return answer;
	}

	async must(...command) {
		const answer = await this.ask(...command);
		if (answer.error)
			throw new Error(`${command[0]}: ${answer.error}`);
		return answer.done;
	}

	/** @return name of a new socket, connected to @p to */
	async open(to, type = 'SOCK_SEQPACKET') {
		const name = `s${++n}`;
		await this.must('open', name, type, to, type === 'SOCK_DGRAM' ? path.join(this.folder, name) : null);
		return name;
	}

	/** @return the next packet, parsed; null: none within @p ms */
	async read(name, ms = 5000) {
		const text = await this.must('read', name, ms);
		return text === null || text === '' ? text : JSON.parse(text);
	}

	async request(name, message) {
		await this.must('send', name, typeof message === 'string' ? message : JSON.stringify(message));
		return this.read(name);
	}

	async kill() {
		this.child.kill('SIGKILL');
		await within(5000, 'end of the program', this.exited);
	}
}

/** One socket, with the verbs of the other clients. */
export class UnixClient extends Client {
	static async connect(folder, to, type) {
		const client = new UnixClient();
		client.program = new UnixProgram(folder);
		client.name = await client.program.open(to, type);
		client.reading = client.readAll();
		return client;
	}

	async readAll() {
		while (!this.isClosed) {
			const message = await this.program.read(this.name, 20);
			if (message)
				this.inbox.put(message);
		}
	}

	async send(request) {
		await this.sendRaw(JSON.stringify(request));
	}

	sendRaw(text) {
		return this.program.must('send', this.name, text);
	}

	async close() {
		this.isClosed = true;
		await this.reading;
		await this.program.must('close', this.name);
		await this.program.kill();
	}
}
