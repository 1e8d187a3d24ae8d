// The transcripts that need no media, each against a server of its own.
import { replayAll } from './replay-all.mjs';

replayAll({ media: false });
