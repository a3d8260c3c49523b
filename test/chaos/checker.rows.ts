import { difference, type Facts, flat, type PatientState } from './checker.facts.js';

const DELETED = 'SYSTEM_DELETE_PATIENT';
const FAILED = 'SYSTEM_DELETE_PATIENT_FAILED';

/** N1, N2, N3, N4 and N7 of every patient, from what is in the database. @returns how many deletions there are */
export function checkRows(facts: Facts): number {
  let deletions = 0;
  for (const [patient, state] of facts.patients) {
    checkDemographics(facts, patient, state);
    const deletionId = facts.deletionOf(patient);
    if (deletionId !== undefined) deletions += 1;
    checkChildren(facts, patient, state, deletionId);
    checkRecords(facts, patient, state, deletionId);
    checkEvents(facts, patient, state, deletionId);
    if (deletionId !== undefined) checkCounts(facts, patient, state, deletionId);
  }
  for (const table of facts.snapshot.strangers) {
    facts.report('N4', undefined, `${table} holds patients' rows, and nobody knows whether they are deleted`);
  }
  return deletions;
}

function checkDemographics(facts: Facts, patient: string, { heart, children }: PatientState): void {
  const rows = heart.reduce((sum, group) => sum + group.rows, 0);
  if (rows !== 1 && children.length > 0)
    facts.report('N4', patient, `rows of a patient with ${rows} demographics`);
  if (rows !== 1 && facts.made.has(patient))
    facts.report('WRITES', patient, `the patient was made, and has ${rows} demographics`);
  for (const { live, deletionId } of heart) {
    if (live && deletionId !== null) facts.report('N1', patient, 'live demographics carry a deletion’s mark');
    if (!live && deletionId === null)
      facts.report('N1', patient, 'the demographics are hidden, and by no deletion');
  }
}

function checkChildren(
  facts: Facts,
  patient: string,
  { children }: PatientState,
  deletionId: string | undefined,
): void {
  for (const { table, live, deletionId: mark, rows } of children) {
    if (live && deletionId !== undefined)
      facts.report('N4', patient, `${rows} live rows of a deleted patient in ${table}`);
    if (live && mark !== null)
      facts.report('N1', patient, `${rows} live rows with a deletion’s mark in ${table}`);
    if (mark !== null && mark !== deletionId) {
      const heart = deletionId ?? 'none';
      facts.report(
        facts.isUndone(mark) ? 'N6' : 'N1',
        patient,
        `${rows} rows of ${table} are of deletion ${mark}, the demographics of ${heart}`,
      );
    }
  }
}

function checkRecords(
  facts: Facts,
  patient: string,
  { records }: PatientState,
  deletionId: string | undefined,
): void {
  for (const record of records) {
    if (record.state === 'RESTORED') continue;
    if (record.state !== 'DELETED')
      facts.report('N5', patient, `the record ${record.deletionId} was left ${record.state}`);
    else if (record.deletionId !== deletionId)
      facts.report('N1', patient, `the record says deletion ${record.deletionId}, the rows do not`);
  }
  const own = records.filter((record) => record.deletionId === deletionId);
  if (deletionId !== undefined && own.length !== 1)
    facts.report('N1', patient, `the deletion ${deletionId} has ${own.length} records`);
}

function checkEvents(
  facts: Facts,
  patient: string,
  { events, records }: PatientState,
  deletionId: string | undefined,
): void {
  const undone = records.filter(({ state }) => state === 'RESTORED').map((record) => record.deletionId);
  const known = deletionId === undefined ? undone : [deletionId, ...undone];
  for (const id of known) {
    const own = events.filter((event) => event.action === DELETED && event.deletionId === id);
    if (own.length !== 1) facts.report('N2', patient, `the deletion ${id} has ${own.length} audit events`);
  }
  for (const { action, deletionId: of, auditEventId } of events) {
    if (action === DELETED && !known.includes(of))
      facts.report(
        'N3',
        patient,
        `the audit event ${auditEventId} tells of deletion ${of}, which is not there`,
      );
    if (action === FAILED && of === deletionId)
      facts.report(
        'N5',
        patient,
        `the audit event ${auditEventId} says that deletion ${of} failed; it is there`,
      );
  }
}

/** What answer, record and audit event count is what the rows show. */
function checkCounts(facts: Facts, patient: string, state: PatientState, deletionId: string): void {
  const marked: Record<string, number> = {};
  for (const { table, deletionId: mark, rows } of [...state.heart, ...state.children]) {
    if (mark === deletionId) marked[table] = (marked[table] ?? 0) + rows;
  }
  const total = Object.values(marked).reduce((sum, rows) => sum + rows, 0);
  if (marked[facts.snapshot.demographics] !== 1)
    facts.report(
      'N7',
      patient,
      `${marked[facts.snapshot.demographics] ?? 0} demographics rows marked, not 1`,
    );
  const compare = (who: string, said: Readonly<Record<string, number>>, saidTotal?: number | null) => {
    const different = difference(said, marked);
    if (different !== undefined) facts.report('N7', patient, `${who} and rows differ: ${different}`);
    if (saidTotal !== undefined && saidTotal !== total)
      facts.report('N7', patient, `${who} says ${saidTotal ?? 'no'} rows in all, ${total} are marked`);
  };
  for (const event of state.events) {
    if (event.action === DELETED && event.deletionId === deletionId)
      compare('the audit event', flat(event.purged));
  }
  for (const record of state.records) {
    if (record.deletionId === deletionId) compare('the record', flat(record.shards), record.totalRows);
  }
  for (const { rows = {}, totalRows = null } of facts.successesOf(deletionId)) {
    compare('the answer', rows, totalRows);
  }
}
