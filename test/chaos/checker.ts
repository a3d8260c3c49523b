import { checkAnswers } from './checker.answers.js';
import { Facts, PROPERTIES, type Property, type Violation } from './checker.facts.js';
import { checkRestorations } from './checker.restorations.js';
import { checkRows } from './checker.rows.js';
import { checkWrites } from './checker.writes.js';
import type { HistoryLine } from './history.js';
import type { Snapshot } from './snapshot.js';

/** A kind of fault that was tried so often and never fired shows that the run is not what it says it is. */
const TRIES_TO_FIRE = 5;

/** What became of one promise. */
export interface Verdict {
  readonly property: Property;
  readonly promise: string;
  /** What was looked at, as text; a promise is kept only where that is something. */
  readonly examined: string;
  readonly verdict: 'kept' | 'BROKEN' | 'not applicable';
}

/** The judgement of a run. */
export interface Judgement {
  readonly verdicts: readonly Verdict[];
  readonly violations: readonly Violation[];
  readonly deletions: number;
}

/**
 * Decides from what was written down, and from what is in the database, whether every promise was kept. It knows
 * nothing of the product but its tables, its answers and its promises, and imports nothing of it.
 */
export function check(history: readonly HistoryLine[], snapshot: Snapshot): Judgement {
  const facts = new Facts(history, snapshot);
  const deletions = checkRows(facts);
  const requests = checkAnswers(facts);
  const restorations = checkRestorations(facts);
  const writes = checkWrites(facts);
  const looks = checkLooks(facts);
  checkLeftovers(facts);
  const faults = checkFaults(facts);
  if (deletions === 0) facts.report('N1', undefined, 'nothing was deleted: nothing was shown');

  const ofDeletions = `${deletions} deletions, ${facts.patients.size} patients`;
  const ofRows = `${facts.snapshot.groups.length} groups of rows, ${looks} looks on the way`;
  const examined: Record<Property, string> = {
    N1: `${ofDeletions}, ${looks} looks on the way`,
    N2: ofDeletions,
    N3: `${snapshot.events.length} audit events`,
    N4: ofRows,
    N5: `${requests} requests, ${snapshot.records.length} records`,
    N6: `${restorations} deletions that were undone`,
    N7: `answers, records and events of ${deletions} deletions`,
    N8: 'sessions, locks, prepared transactions, pools; before and after the stop',
    WRITES: `${writes} transactions of the hospital’s own system`,
    ANSWERS: `${requests} requests`,
    FAULTS: `${faults} fired`,
  };
  const broken = new Set(facts.violations.map(({ property }) => property));
  const verdicts = (Object.keys(PROPERTIES) as Property[]).map((property): Verdict => {
    const verdict = broken.has(property)
      ? 'BROKEN'
      : property === 'N6' && restorations === 0
        ? 'not applicable'
        : 'kept';
    return { property, promise: PROPERTIES[property], examined: examined[property], verdict };
  });
  return { verdicts, violations: facts.violations, deletions };
}

/** What onlookers saw is a violation by itself. @returns how often they looked */
function checkLooks(facts: Facts): number {
  let looks = 0;
  for (const line of facts.history) {
    if (line.kind !== 'look') continue;
    looks += 1;
    for (const { patient, property, what } of line.seen) {
      facts.report(property as Property, patient, `${line.actor} saw at ${line.at} ms: ${what}`);
    }
  }
  return looks;
}

function checkLeftovers(facts: Facts): void {
  for (const line of facts.history) {
    if (line.kind !== 'leftover') continue;
    const when = line.when === 'quiet' ? 'after the last request' : 'after the services had stopped';
    facts.report('N8', undefined, `${when}: ${line.what}`);
  }
}

/** @returns how many faults fired */
function checkFaults(facts: Facts): number {
  const tried = new Map<string, { tries: number; fired: number }>();
  for (const line of facts.history) {
    if (line.kind !== 'fault') continue;
    const { tries, fired } = tried.get(line.source) ?? { tries: 0, fired: 0 };
    tried.set(line.source, { tries: tries + 1, fired: fired + (line.fired ? 1 : 0) });
  }
  for (const [source, { tries, fired }] of tried) {
    if (fired === 0 && tries >= TRIES_TO_FIRE)
      facts.report('FAULTS', undefined, `${source} was tried ${tries} times and never fired`);
  }
  const all = [...tried.values()].reduce((sum, { fired }) => sum + fired, 0);
  if (all === 0) facts.report('FAULTS', undefined, 'not one fault fired: nothing was put to the test');
  return all;
}
