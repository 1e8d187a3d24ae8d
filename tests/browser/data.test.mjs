import { testData } from './data.mjs';

testData('chromium', 20);
