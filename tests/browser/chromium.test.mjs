import { testCalls } from './raw.mjs';

testCalls('chromium');
