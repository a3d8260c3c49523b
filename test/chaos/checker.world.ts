import { check, type Judgement } from './checker.js';
import type { AnswerLine, HistoryEntry } from './history.js';
import type { EventRow, RecordRow, RowGroup, WrittenRow } from './snapshot.js';

const DEMOGRAPHICS = 'patient.sharded_patient_demographics';
export const TABLE = 'clinical.sharded_tani';
const PURGED = [
  { shard: 'patient', resources: [{ table: 'sharded_patient_demographics', rows: 1 }] },
  { shard: 'clinical', resources: [{ table: 'sharded_tani', rows: 2 }] },
];
const NOT_UNDONE = { restorationEventId: null, restorationKey: null, restorationAnswer: null };
/** Deleted by request `c.0` under a key, and asked for again. */
export const DELETED = 'patient-deleted';
/** Lives on; a deletion of it failed. */
export const LIVE = 'patient-live';
/** Under a legal hold. */
export const HELD = 'patient-held';
export const DELETION = 'deletion-1';
/** Deleted by request `c.8`, and brought back by `c.9`, which was repeated as `c.10`. */
export const UNDONE = 'patient-undone';
export const UNDONE_DELETION = 'deletion-3';

/** A small history and the database that it leaves, in which every promise is kept; tests break one each. */
export class World {
  readonly history: HistoryEntry[] = [
    { kind: 'wave', patients: [DELETED, LIVE, HELD, UNDONE], held: [HELD], rows: { [TABLE]: 2 } },
    { kind: 'write', transaction: 'w.0', actor: 'w', isolation: 'SERIALIZABLE', patient: DELETED },
    {
      kind: 'written',
      transaction: 'w.0',
      patient: DELETED,
      outcome: 'ok',
      changes: [
        { act: 'insert', table: TABLE, row: 'row-added' },
        { act: 'hide', table: TABLE, row: 'row-hidden' },
      ],
    },
    call('c.0', DELETED, { key: 'key', asked: 'all' }),
    success('c.0'),
    call('c.1', DELETED, { key: 'key', asked: 'all' }),
    { ...success('c.1'), replayed: true },
    call('c.2', DELETED, { asked: 'all' }),
    refusal('c.2', 409, 'PATIENT_ALREADY_DELETED', { deletionId: DELETION }),
    { ...call('c.3', DELETED), call: 'read' },
    refusal('c.3', 410, 'PATIENT_DELETED'),
    call('c.4', LIVE, { asked: 'all' }),
    refusal('c.4', 503, 'SHARD_UNAVAILABLE'),
    call('c.5', LIVE, { asked: 'all' }),
    { kind: 'answer', request: 'c.5', outcome: 'info', error: 'ECONNRESET' },
    { ...call('c.6', LIVE), call: 'read' },
    { kind: 'answer', request: 'c.6', outcome: 'ok', status: 200 },
    call('c.7', HELD, { asked: 'all' }),
    refusal('c.7', 409, 'DELETION_VETOED'),
    { kind: 'write', transaction: 'w.1', actor: 'w', isolation: 'READ COMMITTED', patient: DELETED },
    {
      kind: 'written',
      transaction: 'w.1',
      patient: DELETED,
      outcome: 'fail',
      error: '23503',
      changes: [{ act: 'insert', table: TABLE, row: 'row-refused' }],
    },
    call('c.8', UNDONE, { asked: 'all' }),
    { ...success('c.8'), deletionId: UNDONE_DELETION, auditEventId: 'event-3' },
    restoration('c.9'),
    restored('c.9'),
    restoration('c.10'),
    { ...restored('c.10'), replayed: true },
    { ...call('c.11', UNDONE), call: 'read' },
    { kind: 'answer', request: 'c.11', outcome: 'ok', status: 200 },
    { kind: 'write', transaction: 'w.3', actor: 'w', isolation: 'READ COMMITTED', patient: UNDONE },
    {
      kind: 'written',
      transaction: 'w.3',
      patient: UNDONE,
      outcome: 'ok',
      changes: [{ act: 'hide', table: TABLE, row: 'row-kept-hidden' }],
    },
    { kind: 'look', actor: 'o', patients: 3, seen: [] },
    { kind: 'fault', source: 'kill-server', fired: true, what: 'server 1' },
  ];
  readonly groups: RowGroup[] = [
    group(DELETED, DEMOGRAPHICS, { rows: 1, live: false, deletionId: DELETION }),
    group(DELETED, TABLE, { rows: 2, live: false, deletionId: DELETION }),
    group(DELETED, TABLE, { rows: 1, live: false }),
    group(LIVE, DEMOGRAPHICS, { rows: 1 }),
    group(LIVE, TABLE, { rows: 2 }),
    group(HELD, DEMOGRAPHICS, { rows: 1 }),
    group(HELD, TABLE, { rows: 2 }),
    group(UNDONE, DEMOGRAPHICS, { rows: 1 }),
    group(UNDONE, TABLE, { rows: 2 }),
  ];
  readonly records: RecordRow[] = [
    {
      patient: DELETED,
      deletionId: DELETION,
      state: 'DELETED',
      request: 'c.0',
      key: 'key',
      answer: 'sha256',
      shards: PURGED,
      totalRows: 3,
      auditEventId: 'event-1',
      ...NOT_UNDONE,
    },
    {
      patient: UNDONE,
      deletionId: UNDONE_DELETION,
      state: 'RESTORED',
      request: 'c.8',
      key: null,
      answer: null,
      shards: PURGED,
      totalRows: 3,
      auditEventId: 'event-3',
      restorationEventId: 'event-4',
      restorationKey: 'undo',
      restorationAnswer: 'sha256-of-undo',
    },
  ];
  readonly events: EventRow[] = [
    {
      patient: DELETED,
      deletionId: DELETION,
      auditEventId: 'event-1',
      request: 'c.0',
      purged: PURGED,
      action: 'SYSTEM_DELETE_PATIENT',
    },
    ...(['SYSTEM_DELETE_PATIENT', 'SYSTEM_RESTORE_PATIENT'] as const).map((action, at) => ({
      patient: UNDONE,
      deletionId: UNDONE_DELETION,
      auditEventId: `event-${3 + at}`,
      request: `c.${8 + at}`,
      purged: PURGED,
      action,
    })),
  ];
  readonly written: WrittenRow[] = [
    { table: TABLE, row: 'row-added', patient: DELETED, live: false, deletionId: DELETION },
    { table: TABLE, row: 'row-hidden', patient: DELETED, live: false, deletionId: null },
    { table: TABLE, row: 'row-kept-hidden', patient: UNDONE, live: false, deletionId: null },
  ];
  readonly strangers: string[] = [];

  judge(): Judgement {
    const { groups, records, events, written, strangers } = this;
    const history = this.history.map((entry, line) => ({ ...entry, at: line, line }));
    return check(history, { demographics: DEMOGRAPHICS, groups, records, events, written, strangers });
  }

  /** Says the answer to a request differently. */
  answer(request: string, change: object): void {
    edit(this.history, (entry) => entry.kind === 'answer' && entry.request === request, change);
  }

  /** Has the request say something else. */
  call(request: string, change: object): void {
    edit(this.history, (entry) => entry.kind === 'call' && entry.request === request, change);
  }

  /** Has a writer's transaction end differently. */
  writtenAs(transaction: string, change: object): void {
    edit(this.history, (entry) => entry.kind === 'written' && entry.transaction === transaction, change);
  }

  /** Changes the first group of a patient's rows in a table. */
  rows(patient: string, table: 'demographics' | 'child', change: Partial<RowGroup>): void {
    const name = table === 'child' ? TABLE : DEMOGRAPHICS;
    edit(this.groups, (rows) => rows.patient === patient && rows.table === name, change);
  }

  /** Changes an event of the log. */
  changeEvent(auditEventId: string, change: Partial<EventRow>): void {
    edit(this.events, (event) => event.auditEventId === auditEventId, change);
  }

  /** Has somebody ask for the restoration of what stands, and be refused. */
  refuseToRestore(why: string): void {
    this.history.push(
      { ...restoration('c.20'), patient: DELETED, deletionId: DELETION },
      { ...refusal('c.20', 409, 'RESTORATION_REFUSED'), refusal: why },
    );
  }

  /** Adds a patient who is deleted, with record and event, and whom nobody asked to delete. */
  deleteUnasked(request: string): void {
    const ids = { patient: LIVE, deletionId: 'deletion-2', request, auditEventId: 'event-2' };
    this.rows(LIVE, 'demographics', { live: false, deletionId: ids.deletionId });
    this.rows(LIVE, 'child', { live: false, deletionId: ids.deletionId });
    const counts = { totalRows: 3, shards: PURGED, state: 'DELETED', key: null, answer: null, ...NOT_UNDONE };
    this.records.push({ ...ids, ...counts });
    this.events.push({ ...ids, action: 'SYSTEM_DELETE_PATIENT', purged: PURGED });
  }
}

function call(request: string, patient: string, more: { key?: string; asked?: string } = {}) {
  return { kind: 'call', request, actor: 'c', service: 0, call: 'delete', patient, ...more } as const;
}

function success(request: string): AnswerLine {
  return {
    ...({ kind: 'answer', request, outcome: 'ok' } as const),
    status: 201,
    deletionId: DELETION,
    replayed: false,
    body: 'sha256',
    rows: { [DEMOGRAPHICS]: 1, [TABLE]: 2 },
    totalRows: 3,
    auditEventId: 'event-1',
  };
}

function restoration(request: string) {
  return {
    ...call(request, UNDONE, { key: 'undo', asked: 'undo' }),
    call: 'restore',
    deletionId: UNDONE_DELETION,
  } as const;
}

function restored(request: string): AnswerLine {
  return {
    ...success(request),
    status: 200,
    deletionId: UNDONE_DELETION,
    auditEventId: 'event-3',
    restorationEventId: 'event-4',
    body: 'sha256-of-undo',
  };
}

function refusal(request: string, status: number, code: string, more: { deletionId?: string } = {}) {
  return { kind: 'answer', request, outcome: 'fail', status, code, ...more } as const;
}

function group(
  patient: string,
  table: string,
  state: { rows: number; live?: boolean; deletionId?: string },
): RowGroup {
  return { patient, table, live: true, deletionId: null, ...state };
}

/** Changes the first that fits. @throws Error where none does */
function edit<T extends object>(list: T[], fits: (item: T) => boolean, change: object): void {
  const index = list.findIndex(fits);
  const found = list[index];
  if (found === undefined) throw new Error('There is nothing to change.');
  list[index] = { ...found, ...change };
}
