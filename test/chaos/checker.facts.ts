import type { AnswerLine, CallLine, HistoryLine, WrittenLine } from './history.js';
import type { EventRow, PurgedRows, RecordRow, RowGroup, Snapshot, WrittenRow } from './snapshot.js';

/** The promises of a run: N1 to N8 of RELIABILITY, and what the run itself has to have been. */
export const PROPERTIES = {
  N1: 'no half of a patient is deleted',
  N2: 'a deletion has its audit event, and one only',
  N3: 'an audit event has its deletion',
  N4: 'no live row of a deleted patient or of nobody',
  N5: 'an answer says what was committed',
  N6: 'a restore brings back what its deletion took',
  N7: 'rows counted are rows marked',
  N8: 'no transaction, lock, session or pool client is left',
  WRITES: 'what a writer was acknowledged is there, and what was refused is not',
  ANSWERS: 'every request was answered for certain, as the contract has it',
  FAULTS: 'every kind of fault fired',
} as const;
export type Property = keyof typeof PROPERTIES;

/** Something that may never be. */
export interface Violation {
  readonly property: Property;
  /** Undefined where it concerns no patient. */
  readonly patient: string | undefined;
  readonly what: string;
}

/** A request with its answer; undefined where none came. */
export interface Exchange {
  readonly call: CallLine & { readonly line: number };
  readonly answer: (AnswerLine & { readonly line: number }) | undefined;
}

/** A writer's transaction: the line at which it began, and its end. */
export interface Write {
  readonly begun: number;
  readonly ended: WrittenLine & { readonly line: number };
}

/** All that is known of a patient in the database. */
export interface PatientState {
  readonly heart: RowGroup[];
  readonly children: RowGroup[];
  readonly records: RecordRow[];
  readonly events: EventRow[];
}

/** History and database, put in order for those who check. */
export class Facts {
  readonly patients = new Map<string, PatientState>();
  readonly exchanges: Exchange[] = [];
  readonly recordsById = new Map<string, RecordRow>();
  readonly recordsByRequest = new Map<string, RecordRow>();
  readonly writtenRows = new Map<string, WrittenRow>();
  readonly writes: Write[] = [];
  readonly made = new Set<string>();
  readonly held = new Set<string>();
  private readonly successes = new Map<string, AnswerLine[]>();
  private readonly found: Violation[] = [];

  constructor(
    readonly history: readonly HistoryLine[],
    readonly snapshot: Snapshot,
  ) {
    const { demographics, groups, records, events, written } = snapshot;
    for (const group of groups) {
      const state = this.stateOf(group.patient);
      (group.table === demographics ? state.heart : state.children).push(group);
    }
    for (const record of records) {
      this.stateOf(record.patient).records.push(record);
      this.recordsById.set(record.deletionId, record);
      this.recordsByRequest.set(record.request, record);
    }
    for (const event of events) this.stateOf(event.patient).events.push(event);
    for (const row of written) this.writtenRows.set(`${row.table}/${row.row}`, row);
    this.pairUp();
  }

  private pairUp(): void {
    const answers = new Map<string, AnswerLine & { line: number }>();
    for (const line of this.history) {
      if (line.kind !== 'answer') continue;
      answers.set(line.request, line);
      const { status, deletionId = '' } = line;
      if (status !== 201) continue;
      const same = this.successes.get(deletionId);
      if (same === undefined) this.successes.set(deletionId, [line]);
      else same.push(line);
    }
    const begun = new Map<string, number>();
    for (const line of this.history) {
      if (line.kind === 'call') this.exchanges.push({ call: line, answer: answers.get(line.request) });
      if (line.kind === 'write') begun.set(line.transaction, line.line);
      if (line.kind === 'written')
        this.writes.push({ begun: begun.get(line.transaction) ?? line.line, ended: line });
      if (line.kind !== 'wave') continue;
      for (const patient of line.patients) this.made.add(patient);
      for (const patient of line.held) this.held.add(patient);
    }
  }

  /** What is known of a patient; nothing where there is none. */
  stateOf(patient: string): PatientState {
    let state = this.patients.get(patient);
    if (state === undefined) {
      state = { heart: [], children: [], records: [], events: [] };
      this.patients.set(patient, state);
    }
    return state;
  }

  /** The deletion that the demographics carry. */
  deletionOf(patient: string): string | undefined {
    const [heart] = this.patients.get(patient)?.heart ?? [];
    return heart?.live === false ? (heart.deletionId ?? undefined) : undefined;
  }

  /** Whether the record of this deletion says that it was undone. */
  isUndone(deletionId: string): boolean {
    return this.recordsById.get(deletionId)?.state === 'RESTORED';
  }

  /** Every answer 201 that speaks of this deletion. */
  successesOf(deletionId: string): readonly AnswerLine[] {
    return this.successes.get(deletionId) ?? [];
  }

  report(property: Property, patient: string | undefined, what: string): void {
    this.found.push({ property, patient, what });
  }

  get violations(): readonly Violation[] {
    return this.found;
  }
}

/** Rows by `schema.table` of counts as the product writes them; tables without any are left out. */
export function flat(purged: PurgedRows | null): Record<string, number> {
  const rows: Record<string, number> = {};
  for (const { shard, resources } of purged ?? []) {
    for (const { table, rows: count } of resources) if (count !== 0) rows[`${shard}.${table}`] = count;
  }
  return rows;
}

/** Where two counts differ, as text; undefined where they are the same. */
export function difference(
  said: Readonly<Record<string, number>>,
  found: Readonly<Record<string, number>>,
): string | undefined {
  const tables = [...new Set([...Object.keys(said), ...Object.keys(found)])];
  const different = tables.filter((table) => (said[table] ?? 0) !== (found[table] ?? 0));
  if (different.length === 0) return undefined;
  return different.map((table) => `${table}: ${said[table] ?? 0} and ${found[table] ?? 0}`).join(', ');
}
