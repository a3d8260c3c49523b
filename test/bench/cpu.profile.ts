import type { Profiler } from 'node:inspector';
import type { CpuShare } from './results.js';

/** The largest shares alone are of interest. */
const MOST = 10;
/** What V8 itself does, by the names that it gives. */
const OWN: Readonly<Record<string, string>> = {
  '(garbage collector)': 'garbage collection',
  '(program)': 'outside JavaScript: reading, writing, compiling',
};

/**
 * Adds up a CPU profile of V8: the time in each function itself, and in each package with whatever it called of Node.
 *
 * @returns the ten largest of both, as shares of the time in which the process was neither idle nor busy with the profile
 */
export function sharesOf(profile: Profiler.Profile): { functions: CpuShare[]; packages: CpuShare[] } {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map(
    profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])),
  );
  const functions = new Map<string, number>();
  const packages = new Map<string, number>();
  const add = (sums: Map<string, number>, name: string, time: number) =>
    sums.set(name, (sums.get(name) ?? 0) + time);
  const { samples = [], timeDeltas = [] } = profile;
  let total = 0;
  const frameAbove = (node: Profiler.ProfileNode, fits: (frame: Frame) => boolean): Frame | undefined => {
    let at: Profiler.ProfileNode | undefined = node;
    while (at !== undefined && !fits(at.callFrame)) at = nodes.get(parents.get(at.id) ?? -1);
    return at?.callFrame;
  };
  for (const [index, id] of samples.entries()) {
    const node = nodes.get(id);
    const time = Math.max(timeDeltas[index] ?? 0, 0);
    const name = node?.callFrame.functionName ?? '';
    if (node === undefined || name === '(idle)') continue;
    if (frameAbove(node, ({ url }) => url.startsWith('node:inspector')) !== undefined) continue;
    total += time;
    add(functions, functionOf(node.callFrame), time);
    const caller = frameAbove(node, (frame) => packageOf(frame) !== undefined);
    add(packages, (caller && packageOf(caller)) ?? OWN[name] ?? 'Node alone', time);
  }
  const largest = (sums: Map<string, number>) =>
    [...sums]
      .sort(([, one], [, other]) => other - one)
      .slice(0, MOST)
      .map(([name, time]) => ({ name, share: time / total }));
  return { functions: largest(functions), packages: largest(packages) };
}

type Frame = Profiler.ProfileNode['callFrame'];

/** `pg`, or `Silgi: protocol`; undefined for Node's own and for what has no file. */
function packageOf({ url }: Frame): string | undefined {
  const inPackage = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1];
  if (inPackage !== undefined) return inPackage;
  const folder = /\/dist\/(?:([^/]+)\/)?[^/]+$/.exec(url.replace(/(\/dist\/[^/]+\/).*\//, '$1'))?.[1];
  return url.includes('/dist/') ? `Silgi: ${folder ?? 'main'}` : undefined;
}

function functionOf(frame: Frame): string {
  const { functionName, url } = frame;
  if (url === '') return OWN[functionName] ?? (functionName || '(anonymous)');
  const file = url.startsWith('node:') ? url : `${packageOf(frame) ?? ''} ${url.split('/').at(-1) ?? ''}`;
  return `${functionName || '(anonymous)'} in ${file.trim()}`;
}
