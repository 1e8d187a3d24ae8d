import { testRebinding } from './rebind.mjs';

testRebinding('firefox');
