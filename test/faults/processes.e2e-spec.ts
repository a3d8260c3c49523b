import { faultSuite } from './suite.js';

faultSuite('processes');
