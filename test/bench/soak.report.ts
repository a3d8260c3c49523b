import type { Machine } from './machine.js';
import { table } from './markdown.js';
import { type Growth, judged, type SoakSample } from './soak.samples.js';

export const SOAK_BEGIN = '<!-- soak: begin -->';
export const SOAK_END = '<!-- soak: end -->';

/** All that a long run has found: `docs/benchmarks/soak.json`. */
export interface SoakResults {
  readonly takenOn: string;
  readonly minutes: number;
  /** Requests per second. */
  readonly rate: number;
  readonly clients: number;
  readonly seed: number;
  readonly machine: Machine;
  readonly done: Readonly<Partial<Record<string, number>>>;
  readonly wrong: readonly string[];
  readonly samples: readonly SoakSample[];
  readonly growth: readonly Growth[];
}

const NAMES: Readonly<Record<Growth['figure'], string>> = {
  rssMb: 'resident memory of the service, MB',
  heapMb: 'its heap after all garbage is collected, MB',
  connections: 'its sessions on the database server',
  openFiles: 'its open files and sockets',
  sessionMb: 'own memory of its largest session on the server, MB',
  prepared: 'statements prepared in the session with the most',
};

/** The tables of the page, from the results alone. */
export function soakTables({
  minutes,
  rate,
  clients,
  takenOn,
  machine,
  done,
  wrong,
  samples,
  growth,
}: SoakResults): string {
  const requests = Object.entries(done).map(([operation, count]) => `${operation} ${whole(count ?? 0)}`);
  const counted = judged(samples);
  const at = (figure: Growth['figure'], which: readonly SoakSample[]) =>
    which.map(({ [figure]: value }) => value).filter((value) => value !== null);
  return [
    `Taken on ${takenOn}: ${minutes} minutes at ${rate} requests a second by ${clients} clients on ${machine.cores} cores of ` +
      `${machine.model}, Node ${machine.node}, PostgreSQL ${machine.postgres}. Answered: ${requests.join(', ')}; ` +
      `${wrong.length === 0 ? 'all as they should be' : `**${wrong.length} not as they should be**`}. The ` +
      `first ${counted[0]?.at ?? 0} seconds are not judged.`,
    table(
      [
        'What',
        'At the start of the judged time',
        'At the end',
        'Most',
        'Growth by the fitted line',
        'Bound',
        '',
      ],
      growth.map(({ figure, overall, bound, isWithin }) => [
        NAMES[figure],
        ...[at(figure, counted)[0], at(figure, counted).at(-1), Math.max(...at(figure, counted))].map(String),
        overall.toFixed(1),
        String(bound),
        isWithin ? 'within' : '**beyond**',
      ]),
    ),
    ...(growth.some(({ figure }) => figure === 'rssMb')
      ? []
      : ['The resident memory of the service was not judged: that takes two minutes at least.']),
    ...wrong.map((line) => `- ${line}`),
  ].join('\n\n');
}

const whole = (value: number) => value.toLocaleString('en');
