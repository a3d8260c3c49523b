import { mkdir } from 'node:fs/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { runBenchmark, type Section, SECTIONS } from './bench.run.js';
import { SAMPLES } from './import.speed.js';
import { publish, PUBLISHED } from './publish.js';
import { tablesOf } from './report.js';

const HELP = `
The run starts a PostgreSQL server of its own and lets the bare SQL of a deletion (the floor), pgbench, the service over
HTTP, its orchestrator without HTTP, and TypeORM's softRemove delete patients side by side, in turns whose order the
seed draws. Progress goes to stderr, the tables to stdout.

A whole run of all sections in the sizes that they have by themselves writes docs/benchmarks (results.json, README.md
between its markers, the charts); a short one, one of some sections, or one in which a section failed writes only where
--out names a folder. Leave the machine alone while it runs.

Exit code: 0, everything was measured, whether or not a target was reached; 1, a section could not be, and
the tables are without it; 2, wrong usage.`;

interface Options {
  readonly short: boolean;
  readonly only: readonly Section[];
  readonly rounds?: number;
  readonly seed: number;
  readonly out?: string;
  readonly importData: string;
  readonly patients?: readonly number[];
  readonly backlog?: number;
  readonly checkpoints?: number;
  readonly resume?: string;
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text))
    throw new InvalidArgumentError('It must be a whole number from 1 to 9999999.');
  return Number(text);
}

/** Of an option that is given several. */
const wholeNumbers = (text: string, before: readonly number[] = []) => [...before, wholeNumber(text)];

async function bench({ short, only, rounds, seed, out, ...more }: Options): Promise<void> {
  const started = performance.now();
  const say = (line: string) => {
    const seconds = Math.round((performance.now() - started) / 1000);
    process.stderr.write(`${String(seconds).padStart(4)} s  ${line}\n`);
  };
  const sizes = [more.patients, more.backlog, more.checkpoints];
  const isAsPublished = sizes.every((size) => size === undefined);
  const isWhole = !short && isAsPublished && only.length === SECTIONS.length;
  if (more.resume !== undefined) await mkdir(more.resume, { recursive: true });
  const { results, failed } = await runBenchmark({
    short,
    sections: only,
    seed,
    say,
    ...more,
    rounds: rounds ?? (short ? 2 : 5),
  });
  process.stdout.write(`${tablesOf(results)}\n`);
  const folder = out ?? (isWhole && failed.length === 0 ? PUBLISHED : undefined);
  if (folder !== undefined) await publish(folder, results);
  say(folder === undefined ? 'nothing was written; --out names a folder for it' : `written to ${folder}`);
  for (const { section, error } of failed) console.error(`${section} could not be measured:`, error);
  if (failed.length > 0) process.exitCode = 1;
}

const program = new Command('bench')
  .description('Measures a deletion beside what it has to cost and what it would cost otherwise.')
  .option('--short', 'two small sizes, two numbers of clients, few rounds: about two minutes', false)
  .addOption(
    new Option('--only <sections...>', 'measure only these').choices(SECTIONS).default([...SECTIONS], 'all'),
  )
  .option('--rounds <number>', 'rounds of the comparison (5, short: 2)', wholeNumber)
  .option('--seed <number>', 'what the order of the turns is drawn from', wholeNumber, 1)
  .option('--out <folder>', 'write results.json, README.md and the charts there')
  .option(
    '--resume <folder>',
    'keep each section there, and go on where an interrupted run of this build had come to',
  )
  .option('--import-data <folder>', 'Synthea’s files for the import', SAMPLES)
  .option('--patients <numbers...>', 'live patients of each hospital of growth, ascending', wholeNumbers)
  .option('--backlog <number>', 'events of catch-up that nobody has sealed', wholeNumber)
  .option('--checkpoints <number>', 'checkpoints of catch-up, one for each event', wholeNumber)
  .addHelpText('after', HELP)
  .showHelpAfterError('(add --help for what it takes)')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .action(bench);

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write('The benchmark could not be brought to its end.\n');
  console.error(error);
  // A process that was started may still keep this one.
  process.exit(1);
}
