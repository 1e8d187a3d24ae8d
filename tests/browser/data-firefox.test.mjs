import { testData } from './data.mjs';

testData('firefox', 10);
