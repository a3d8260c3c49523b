import { faultSuite } from './suite.js';

faultSuite('database');
