import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { Command, InvalidArgumentError } from 'commander';
import { ChaosRun } from './chaos.run.js';
import { reportText, setupText, violationsText } from './report.js';

const HELP = `
The run starts a PostgreSQL server and two processes of the service of its own, lets administrators delete patients
over HTTP while the hospital's system writes at three isolation levels, and meanwhile terminates backends, cuts
connections, freezes and kills the service and kills the server. Then everything is made quiet and stopped, and a
checker that knows nothing of the service's code decides from the history and the database whether N1 to N8 of
RELIABILITY held.

The seed fixes what every client asks for in each turn, which patients there are, and which faults come in which
order and after which pauses. It does not fix how the processes of the machine interleave.

Exit code: 0, every promise was kept; 1, one was broken, or the run could not be brought to its end; 2, wrong usage.`;

interface Options {
  readonly seed?: string;
  readonly minutes: number;
  readonly clients: number;
  readonly rarer: number;
  readonly report?: string;
  readonly history?: string;
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}

function wholePositive(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text))
    throw new InvalidArgumentError('It must be a whole number from 1 to 9999.');
  return Number(text);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** The services go with this process, however it ends; the server does so by its run folder. */
function endTogether(run: ChaosRun): void {
  const end = () => {
    run.killServices();
  };
  process.once('exit', end);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.prependOnceListener(signal, end);
}

async function chaos({
  seed = randomBytes(4).toString('hex'),
  minutes,
  clients,
  rarer,
  report: file,
  history: historyFile,
}: Options): Promise<void> {
  say(setupText({ seed, minutes, clients, rarer }));
  const run = new ChaosRun({ seed, minutes, clients, rarer, historyFile, say });
  endTogether(run);
  const { report, judgement, history, evidence } = await run.toTheEnd();
  say(`\n${reportText(report)}`);
  if (file !== undefined) await writeFile(file, `${JSON.stringify(report, undefined, 2)}\n`);
  if (evidence === undefined) return;
  process.exitCode = 1;
  process.stderr.write(`\n${violationsText(judgement, history)}\n`);
  process.stderr.write(`\nThe history and the logs of the services are kept in ${evidence}\n`);
}

const program = new Command('test:chaos')
  .description('Deletes patients under random faults, and checks that no half of a patient was ever deleted.')
  .option('--seed <text>', 'what the schedule is drawn from; printed, so that it can be given again')
  .option('--minutes <number>', 'how long there is load and faults', positive, 1)
  .option('--clients <number>', 'administrators at work at once', wholePositive, 24)
  .option('--rarer <number>', 'so many times fewer faults: more deletions in the same time', positive, 1)
  .option('--report <file>', 'write the figures and verdicts to this file, as JSON')
  .option('--history <file>', 'copy the history to this file, also where every promise was kept')
  .addHelpText('after', HELP)
  .showHelpAfterError('(add --help for what it takes)')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .action(chaos);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = 1;
  process.stderr.write(`The run could not be brought to its end.\n`);
  console.error(error);
}
