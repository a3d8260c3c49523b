import type { LevelCost } from './growth.figures.js';
import type { Hospital, KnownDeletion } from './hospital.js';
import { FAILED_ATTEMPTS } from './hospital.fill.js';
import {
  BEARERS,
  COMMON_NAME,
  COMMON_PREFIX,
  GIVEN_NAMES,
  NO_NAME,
  RARE_NAME,
  RARE_PREFIX,
} from './hospital.names.js';
import { median, ratioSpread } from './statistics.js';
import { timed } from './watch.js';

/** As a page has unless told. */
const PAGE = 50;
/** No cost is measured for longer, where it was measured at least so often. */
const LIMIT_MS = 30_000;
const LEAST = 5;

/** What the requests to one hospital are made of. */
interface Asked {
  readonly hospital: Hospital;
  /** One for each turn. */
  readonly deletions: readonly KnownDeletion[];
  /** Nine tenths of the way through each list. */
  readonly far: Readonly<Record<'patients' | 'deletedPatients' | 'deletions' | 'events', string>>;
  readonly sealed: number;
}

interface Cost {
  readonly name: string;
  readonly ask: (asked: Asked, turn: number) => Promise<unknown>;
  /** So many items are on the page that is answered, where that is known. */
  readonly items?: number;
  readonly isPromised?: false;
}

const list = (name: string, path: string, items?: number): Cost => ({
  name,
  ...(items !== undefined && { items }),
  ask: ({ hospital }) => hospital.ask(path),
});
const farList = (name: string, path: string, place: keyof Asked['far']): Cost => ({
  name,
  items: PAGE,
  ask: ({ hospital, far }) => hospital.ask(`${path}cursor=${far[place]}`),
});
const ofDeletion = (name: string, path: (deletion: KnownDeletion, asked: Asked) => string): Cost => ({
  name,
  ask: (asked, turn) => {
    const deletion = asked.deletions[turn % asked.deletions.length];
    if (deletion === undefined) throw new Error('There is no deletion.');
    return asked.hospital.ask(path(deletion, asked));
  },
});

const COSTS: readonly Cost[] = [
  { name: 'a deletion', ask: ({ hospital }) => hospital.delete(hospital.livePatient()) },
  {
    name: 'a preview',
    ask: ({ hospital }, turn) =>
      hospital.ask(`/patients/${hospital.stayingPatient(turn)}/deletion-preview`, { sent: {} }),
  },
  {
    name: 'search by record number',
    items: 1,
    ask: ({ hospital }, turn) => hospital.ask(`/patients?search=H-${String(7 * turn + 40).padStart(8, '0')}`),
  },
  list('search by a rare surname', `/patients?search=${RARE_NAME}`, BEARERS),
  list('search by a surname of one in a hundred', `/patients?search=${encodeURIComponent(COMMON_NAME)}`),
  list('search by three letters of a rare surname', `/patients?search=${RARE_PREFIX}`, BEARERS),
  list('search by three letters of one surname in twenty', `/patients?search=${COMMON_PREFIX}`),
  {
    ...list('search by a given name of one in fifty', `/patients?search=${GIVEN_NAMES.at(-1) ?? ''}`),
    isPromised: false,
  },
  list('search without a match', `/patients?search=${NO_NAME}`, 0),
  list('patients, first page', '/patients?', PAGE),
  farList('patients, a page far behind', '/patients?', 'patients'),
  list('deleted patients, first page', '/patients?state=deleted', PAGE),
  farList('deleted patients, a page far behind', '/patients?state=deleted&', 'deletedPatients'),
  list('deletions, first page', '/deletions?', PAGE),
  farList('deletions, a page far behind', '/deletions?', 'deletions'),
  list('`/deletions?state=DELETED`', '/deletions?state=DELETED', PAGE),
  list('`/deletions?state=RESTORED`, of which there is none', '/deletions?state=RESTORED', 0),
  list('audit events, first page', '/audit-events?', PAGE),
  farList('audit events, a page far behind', '/audit-events?', 'events'),
  list('audit events of a rare action', '/audit-events?action=SYSTEM_DELETE_PATIENT_FAILED', FAILED_ATTEMPTS),
  ofDeletion(
    'a certificate',
    ({ patientId, deletionId }) => `/patients/${patientId}/deletions/${deletionId}/certificate`,
  ),
  ofDeletion('an inclusion proof', ({ auditEventId }) => `/audit-log/inclusion-proof/${auditEventId}`),
  {
    name: 'a consistency proof',
    ask: ({ hospital, sealed }, turn) =>
      hospital.ask(`/audit-log/consistency-proof?from=${1 + ((turn * 7_919) % (sealed - 1))}&to=${sealed}`),
  },
  { name: 'readiness', ask: ({ hospital }) => hospital.ask('/health/ready') },
  { name: 'metrics', ask: async ({ hospital }) => (await fetch(`${hospital.service.url}/metrics`)).text() },
];

export interface LevelOptions {
  /** Requests of each kind to each hospital. */
  readonly requests: number;
  readonly starts: number;
}

/** Asks hospitals of all sizes for the same, in turns, so that what slows the machine down weighs on all of them. */
export async function measureLevelCosts(
  hospitals: readonly Hospital[],
  { requests, starts }: LevelOptions,
  say: (line: string) => void,
): Promise<LevelCost[]> {
  const all = await Promise.all(hospitals.map((hospital) => askedOf(hospital, requests)));
  const costs: LevelCost[] = [];
  for (const cost of COSTS) {
    say(`level: ${cost.name}`);
    const ask = (asked: Asked, turn: number) => asCounted(cost, asked, turn);
    // What is prepared and compiled the first time is not counted.
    for (const asked of all) for (let turn = 0; turn < 2; turn++) await ask(asked, requests + turn);
    const times = await inTurns(
      all,
      requests,
      async (asked, turn) => (await timed(() => ask(asked, turn)))[0],
    );
    costs.push(costOf(cost.name, times, cost.isPromised !== false));
  }
  say('level: starts');
  const times = await inTurns(hospitals, starts, (hospital) => hospital.restart());
  return [...costs, costOf('start of the service', times, true)];
}

async function askedOf(hospital: Hospital, requests: number): Promise<Asked> {
  const { population, patients } = hospital;
  const far = async (column: string, table: string, order: string, rows: number) => {
    const [row] = await population.query<{ id: string }>(
      `SELECT ${column} AS id FROM ${table} ORDER BY ${order} OFFSET ${Math.floor(rows * 0.9) - PAGE} LIMIT 1`,
    );
    return row?.id ?? '';
  };
  const demographics = 'patient.sharded_patient_demographics';
  const byName = 'family_name, given_name, patient_id';
  const [size] = await population.query<{ sealed: string }>(
    'SELECT max(tree_size) AS sealed FROM audit.audit_log_checkpoint',
  );
  return {
    hospital,
    deletions: await hospital.deletions(Math.min(requests, patients)),
    far: {
      patients: await far('patient_id', demographics, byName, 2 * patients),
      deletedPatients: await far('patient_id', `${demographics} WHERE is_deleted`, byName, patients),
      deletions: await far('deletion_id', 'patient.sharded_patient_deletion', 'deletion_id DESC', patients),
      events: await far('audit_event_id', 'audit.sharded_audit_event', 'audit_event_id DESC', patients),
    },
    sealed: Number(size?.sealed),
  };
}

/** @throws Error where another number of items was answered */
async function asCounted({ name, ask, items }: Cost, asked: Asked, turn: number): Promise<void> {
  const answer = await ask(asked, turn);
  const found = items === undefined ? undefined : (answer as { items: readonly unknown[] }).items.length;
  if (found !== items)
    throw new Error(`${name}: ${found ?? 'no'} items were answered, not ${items ?? 'any'}.`);
}

/** @returns milliseconds, by whom and by turn */
async function inTurns<Who>(
  all: readonly Who[],
  turns: number,
  measure: (who: Who, turn: number) => Promise<number>,
): Promise<number[][]> {
  const times: number[][] = all.map(() => []);
  const ends = performance.now() + LIMIT_MS;
  for (let turn = 0; turn < turns && (turn < LEAST || performance.now() < ends); turn++)
    for (const [at, who] of all.entries()) times[at]?.push(await measure(who, turn));
  return times;
}

function costOf(name: string, times: readonly (readonly number[])[], isPromised: boolean): LevelCost {
  const [smallest = [], largest = []] = [times[0], times.at(-1)];
  return { name, milliseconds: times.map(median), ratio: ratioSpread(largest, smallest), isPromised };
}
