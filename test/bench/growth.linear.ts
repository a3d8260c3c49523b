import { setTimeout as pause } from 'node:timers/promises';
import type { LinearCost, LinearFigures } from './growth.figures.js';
import type { Hospital } from './hospital.js';
import { runCommand } from './product.command.js';
import { median } from './statistics.js';
import { beside, timed, watchingLiveness } from './watch.js';

/** Between two deletions by the one client that deletes beside the work. */
const DELETE_EVERY_MS = 50;
const SAMPLE_EVERY_MS = 50;
/** What is over sooner is done again, until it has taken so long, but no more than so many times. */
const LONG_ENOUGH_MS = 1_000;
/** Of deletions on the idle service, before the work. */
const IDLE_MS = 1_000;
const MOST_TIMES = 5;

/** What a piece of work says of the memory that it took in a process of its own. */
interface Done {
  readonly commandMegabytes?: number;
}

interface Work {
  readonly name: string;
  readonly unit: LinearCost['unit'];
  readonly run: (hospital: Hospital, file: string) => Promise<Done>;
}

const WORKS: readonly Work[] = [
  {
    name: 'integrity scan over the API',
    unit: 'patient',
    run: async (hospital) => {
      const report = (await hospital.ask('/integrity')) as { healthy: boolean };
      if (!report.healthy) throw new Error(`The scan found: ${JSON.stringify(report)}`);
      return {};
    },
  },
  {
    name: 'verification over the API',
    unit: 'event',
    run: async (hospital) => {
      const report = (await hospital.ask('/audit-log/verification')) as { valid: boolean };
      if (!report.valid) throw new Error(`The verification found: ${JSON.stringify(report)}`);
      return {};
    },
  },
  { name: '`silgi verify-audit`', unit: 'event', run: (hospital) => command(hospital, ['verify-audit']) },
  {
    name: '`silgi export-audit`',
    unit: 'event',
    run: (hospital, file) => command(hospital, ['export-audit', '--overwrite', '--out', file]),
  },
];

async function command({ service }: Hospital, args: readonly string[]): Promise<Done> {
  const { peakMegabytes } = await runCommand(args, service.commandVariables);
  return { commandMegabytes: peakMegabytes };
}

/** Works on all there is in hospitals of all sizes, in one after the other. @param file where an export may be written */
export async function measureLinearCosts(
  hospitals: readonly Hospital[],
  file: string,
  say: (line: string) => void,
): Promise<LinearCost[]> {
  const costs: LinearCost[] = [];
  for (const { name, unit, run } of WORKS) {
    const sizes: LinearFigures[] = [];
    for (const hospital of hospitals) {
      say(`linear: ${name}, ${hospital.patients} patients`);
      sizes.push(await besideDeletions(hospital, () => run(hospital, file), await idleDeletions(hospital)));
    }
    costs.push({ name, unit, sizes });
  }
  return costs;
}

/**
 * Does the work while patients are deleted one by one, the service is asked whether it lives, and its memory is read.
 *
 * @param idleMs p50 of deletions on the idle service just before, in milliseconds
 * @param mostTimes the work is done again at most so often, where it is over soon
 */
export async function besideDeletions(
  hospital: Hospital,
  work: () => Promise<Done>,
  idleMs: number,
  mostTimes = MOST_TIMES,
): Promise<LinearFigures> {
  const { service } = hospital;
  const deletions: number[] = [];
  const times: number[] = [];
  const rssBefore = await service.rss();
  let rssPeak = rssBefore;
  let commandMegabytes: number | undefined;
  const again = async () => {
    for (let spent = 0; spent < LONG_ENOUGH_MS && times.length < mostTimes;) {
      const [milliseconds, done] = await timed(work);
      spent += milliseconds;
      times.push(milliseconds);
      if (done.commandMegabytes !== undefined)
        commandMegabytes = Math.max(commandMegabytes ?? 0, done.commandMegabytes);
    }
  };
  const sample = async () => {
    rssPeak = Math.max(rssPeak, await service.rss());
  };
  const [liveMs] = await watchingLiveness(service, () =>
    beside(() => deletingBeside(hospital, deletions, again), sample, SAMPLE_EVERY_MS),
  );
  return {
    milliseconds: median(times),
    times: times.length,
    idleMs,
    deletionMs: median(deletions),
    liveMs,
    growth: rssPeak - rssBefore,
    ...(commandMegabytes !== undefined && { commandMegabytes }),
  };
}

/** @returns p50 of deletions at the same pace while nothing else is done, in milliseconds */
export async function idleDeletions(hospital: Hospital): Promise<number> {
  const deletions: number[] = [];
  await deletingBeside(hospital, deletions, () => pause(IDLE_MS));
  return median(deletions);
}

function deletingBeside(hospital: Hospital, into: number[], work: () => Promise<void>): Promise<void> {
  const deleteOne = async () => {
    const [milliseconds] = await timed(() => hospital.delete(hospital.livePatient()));
    into.push(milliseconds);
  };
  return beside(work, deleteOne, DELETE_EVERY_MS);
}
