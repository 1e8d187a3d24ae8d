// The transcripts that need no media, each against a server of its own. Most of their time is spent waiting
// for long polls to end, so that some of them run side by side.
import { replayAll } from './replay-all.mjs';

replayAll({ media: false, atOnce: 4 });
