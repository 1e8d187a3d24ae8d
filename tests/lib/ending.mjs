// Loaded before each file of tests by run.mjs. What a failed test leaves open (a socket, a page) must not
// keep its file from ending: a while after the last test it is named, and the file ends.
import { after } from 'node:test';

const LEFT_MS = 5000;

after(() => setTimeout(() => {
	console.log(`# left open: ${process.getActiveResourcesInfo().join(' ')}`);
	process.exit();
}, LEFT_MS).unref());
