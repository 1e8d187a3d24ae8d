import { testCalls } from './raw.mjs';

testCalls('firefox');
