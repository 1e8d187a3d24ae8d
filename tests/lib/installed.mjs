// Cardea as `make install` leaves it, below a folder of the test's own, and projects built against that.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { BIN, IS_REFERENCE } from './server.mjs';

const BUILD = path.dirname(BIN);
const EXAMPLES = fileURLToPath(new URL('../../examples', import.meta.url));

export const run = promisify(execFile);
/** Why there is nothing to be installed; false: there is. */
export const skip = (IS_REFERENCE && 'a feature of our own')
	|| (!fs.existsSync(path.join(BUILD, 'Makefile')) && 'the program is not in a folder that it was built in');

/** An installed Cardea: `root` is its folder, `env` lets pkg-config find it. */
export class Installed {
	static async make() {
		const it = new Installed();
		it.root = fs.mkdtempSync(path.join(os.tmpdir(), 'cardea-installed-'));
		// A package is made in the same way: files lie below DESTDIR, and name the places that they are for.
		await run('make', ['-s', '-C', BUILD, 'install'], { env: { ...process.env, DESTDIR: it.root } });
		const { stdout } = await run('find', [it.root, '-name', 'cardea.pc']);
		it.env = { ...process.env, PKG_CONFIG_PATH: path.dirname(stdout.trim()) };
		const { stdout: prefix } = await run('pkg-config', ['--variable=prefix', 'cardea'], { env: it.env });
		// What asks pkg-config gets places below the folder.
		const bin = path.join(it.root, 'bin');
		fs.mkdirSync(bin);
		fs.writeFileSync(path.join(bin, 'pkg-config'),
			`#!/bin/sh\nexec ${await it.#real()} --define-variable=prefix=${it.root}${prefix.trim()} "$@"\n`, { mode: 0o755 });
		it.env.PATH = `${bin}:${it.env.PATH}`;
		it.env.PATH = `${await it.variable('bindir')}:${it.env.PATH}`;
		return it;
	}

	async #real() {
		const { stdout } = await run('sh', ['-c', 'command -v pkg-config']);
		return stdout.trim();
	}

	/** A place, below the folder. */
	async variable(name) {
		const { stdout } = await run('pkg-config', [`--variable=${name}`, 'cardea'], { env: this.env });
		return stdout.trim();
	}

	/** Build a copy of an example, and install it. */
	async example(name) {
		const copy = path.join(this.root, 'examples', name);
		fs.cpSync(path.join(EXAMPLES, name), copy, { recursive: true, filter: (file) => !file.endsWith('.so') });
		await run('make', ['-s', '-C', copy, 'install',
			'CFLAGS=-O2 -Wall -Wextra -Wno-missing-field-initializers -Werror'], { env: this.env });
		return copy;
	}

	remove() {
		fs.rmSync(this.root, { recursive: true, force: true });
	}
}
