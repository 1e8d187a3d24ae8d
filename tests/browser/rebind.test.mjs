import { testRebinding } from './rebind.mjs';

testRebinding('chromium');
