import type { Profiler } from 'node:inspector';
import { expect, it } from '@jest/globals';
import { sharesOf } from './cpu.profile.js';

const node = (id: number, functionName: string, url: string, children: number[] = []) => ({
  id,
  callFrame: { functionName, url, scriptId: '1', lineNumber: 0, columnNumber: 0 },
  children,
});

/** One package that calls Node, the product that calls nobody, V8 itself, and time in which nothing was done. */
const PROFILE: Profiler.Profile = {
  nodes: [
    node(1, '(root)', '', [2, 5, 6, 7, 8]),
    node(2, 'query', 'file:///app/node_modules/pg/lib/client.js', [3]),
    node(3, 'Socket._write', 'node:net', [4]),
    node(4, 'writev', ''),
    node(5, 'step', 'file:///app/dist/protocol/session.js'),
    node(6, '(garbage collector)', ''),
    node(7, '(idle)', ''),
    node(8, 'post', 'node:inspector', [9]),
    node(9, 'dispatch', ''),
  ],
  startTime: 0,
  endTime: 1000,
  samples: [2, 4, 5, 6, 7, 9],
  timeDeltas: [100, 300, 400, 200, 9_000, 5_000],
};

it('what a package calls of Node counts for it, idle time and the profiler’s for nobody, and the largest share comes first', () => {
  expect(sharesOf(PROFILE)).toEqual({
    packages: [
      { name: 'pg', share: 0.4 },
      { name: 'Silgi: protocol', share: 0.4 },
      { name: 'garbage collection', share: 0.2 },
    ],
    functions: [
      { name: 'step in Silgi: protocol session.js', share: 0.4 },
      { name: 'writev', share: 0.3 },
      { name: 'garbage collection', share: 0.2 },
      { name: 'query in pg client.js', share: 0.1 },
    ],
  });
});
