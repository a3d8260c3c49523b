/**
 * `npm run test:mutants`: applies each mutation to a copy of the product and runs the suites that must turn red. A
 * mutant that survives is a bug of the tests, and the exit code says so. `-- --only WORDS` runs those whose name
 * contains the words, `-- --draw SEED` one of eight, as the gate does.
 */
// As jest's global set-up does, so that the server of the tests can be imported.
import '@swc-node/register/esm-register';
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { drawnBy, MUTATIONS } from './mutations.mjs';
import { ROOT, textOf } from './mutated.mjs';
import { Slot } from './slot.mjs';

const { EmbeddedServer } = await import('../../src/embedded-postgres/index.ts');
const { SETTINGS } = await import('../support/cluster.ts');
const { buildProduct } = await import('../support/product.build.ts');
const { RunFolder } = await import('../support/run.folder.ts');

const { values } = parseArgs({ options: { only: { type: 'string' }, draw: { type: 'string' } } });
const drawn = values.draw === undefined ? MUTATIONS : drawnBy(Number(values.draw));
const chosen = drawn.filter(({ name }) => name.includes(values.only ?? ''));
if (chosen.length === 0) throw new Error('No mutant is named so, or --draw has no whole number.');
const drawing = values.draw === undefined ? '' : `, drawn by ${values.draw}`;
console.log(`${chosen.length} of ${MUTATIONS.length} mutants${drawing}`);
// All of them before the first is run: a text that does not fit any more is told at once.
const queue = chosen.map((mutation) => ({ ...mutation, text: textOf(mutation) }));
const results = new Map();

const folder = new RunFolder();
const server = await EmbeddedServer.start({ dataDir: join(folder.path, 'cluster'), settings: SETTINGS });
await buildProduct(join(folder.path, 'product'));

/** Takes one mutation after the other, in a copy of its own. */
async function work(_, number) {
  const slot = await Slot.make(join(folder.path, `copy-${number}`), join(folder.path, 'product'), server.url);
  const [{ suites } = { suites: '' }] = queue;
  if (suites !== '') await slot.control(suites);
  for (let mutation = queue.shift(); mutation !== undefined; mutation = queue.shift()) {
    const { red, by, seconds } = await slot.judge(mutation);
    results.set(mutation.name, { name: mutation.name, red, by, seconds });
    console.log(
      `${red ? 'killed  ' : 'SURVIVED'} ${mutation.name} (${seconds} s)${by === '' ? '' : `\n         by: ${by}`}`,
    );
  }
  // Nor has one of them left behind what makes every suite fail.
  if (suites !== '') await slot.control(suites);
}

const started = performance.now();
try {
  await Promise.all(Array.from({ length: cpus().length }, work));
} finally {
  await server.stop();
  await folder.remove();
}
const inOrder = chosen.map(({ name }) => results.get(name));
const killed = inOrder.filter(({ red }) => red).length;
const table = inOrder.map(({ name, red, by }) => `| ${name} | ${red ? by : '**survived**'} |`);
await mkdir(join(ROOT, 'test-results'), { recursive: true });
const write = (name, text) => writeFile(join(ROOT, 'test-results', name), `${text}\n`);
await write('mutants.md', ['| mutant | turned red |', '|---|---|', ...table].join('\n'));
await write('mutants.json', JSON.stringify(inOrder, undefined, 2));
const seconds = Math.round((performance.now() - started) / 1_000);
console.log(`\n${killed} of ${inOrder.length} mutants killed in ${seconds} s`);
process.exitCode = killed === inOrder.length ? 0 : 1;
