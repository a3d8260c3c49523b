import { difference, type Exchange, type Facts, flat } from './checker.facts.js';
import type { RecordRow } from './snapshot.js';

const DELETED = 'SYSTEM_DELETE_PATIENT';
const RESTORED = 'SYSTEM_RESTORE_PATIENT';

/**
 * N6, and N5 of restorations: what was undone is undone whole, with one event, and answers say so. That no row was lost,
 * and none is hidden that the hospital has not hidden, is looked at with the writes.
 *
 * @returns how many deletions were undone
 */
export function checkRestorations(facts: Facts): number {
  const undone = facts.snapshot.records.filter(({ state }) => state === 'RESTORED');
  for (const record of undone) checkUndone(facts, record);
  for (const { action, deletionId, patient } of facts.snapshot.events)
    if (action === RESTORED && !facts.isUndone(deletionId))
      facts.report('N6', patient, `the log has a restoration of ${deletionId}, whose record stands`);
  for (const exchange of facts.exchanges) if (exchange.call.call === 'restore') checkAnswer(facts, exchange);
  checkReplays(facts);
  checkHiddenBefore(facts, new Set(undone.map(({ patient }) => patient)));
  return undone.length;
}

function checkUndone(facts: Facts, record: RecordRow): void {
  const { patient, deletionId, shards } = record;
  if (facts.deletionOf(patient) === deletionId)
    facts.report('N6', patient, `the deletion ${deletionId} is called undone, and hides the patient`);
  const { events } = facts.stateOf(patient);
  const own = events.filter((event) => event.action === RESTORED && event.deletionId === deletionId);
  if (own.length !== 1 || own[0]?.auditEventId !== record.restorationEventId)
    facts.report('N6', patient, `the restoration of ${deletionId} has ${own.length} audit events`);
  for (const { action, deletionId: of, purged } of events) {
    if (of !== deletionId || (action !== RESTORED && action !== DELETED)) continue;
    const different = difference(flat(purged), flat(shards));
    if (different !== undefined)
      facts.report('N6', patient, `the event ${action} and the record of ${of} differ: ${different}`);
  }
}

function checkAnswer(facts: Facts, { call, answer }: Exchange): void {
  const { patient, request, deletionId = '' } = call;
  const record = facts.recordsById.get(deletionId);
  const event = facts
    .stateOf(patient)
    .events.find((one) => one.action === RESTORED && one.request === request);
  if (answer?.outcome === 'ok') {
    if (record?.state !== 'RESTORED' || record.patient !== patient)
      facts.report('N5', patient, `${request} was answered 200, and ${deletionId} is not undone`);
    else if (answer.restorationEventId !== record.restorationEventId)
      facts.report('N5', patient, `${request} was answered with another restoration than the record has`);
    else if (answer.replayed === true ? record.restorationKey !== call.key : event === undefined)
      facts.report('N5', patient, `${request} was answered with the restoration of another request`);
    const different = difference(answer.rows ?? {}, flat(record?.shards ?? null));
    if (different !== undefined)
      facts.report('N6', patient, `the answer to ${request} and the record differ: ${different}`);
  }
  if (answer?.outcome === 'fail' && event !== undefined)
    facts.report('N5', patient, `${request} was told ${answer.code ?? ''}, and has undone ${deletionId}`);
  if (answer?.code !== 'RESTORATION_REFUSED') return;
  if (answer.refusal !== 'ALREADY_RESTORED')
    facts.report(
      'ANSWERS',
      patient,
      `${request} was refused by ${answer.refusal ?? 'nothing'}, without a cause`,
    );
  else if (record?.state !== 'RESTORED')
    facts.report('N5', patient, `${request} was told that ${deletionId} is undone, which it is not`);
}

/** Under one key there is one answer, byte for byte, which the record keeps. */
function checkReplays(facts: Facts): void {
  for (const { call, answer } of facts.exchanges) {
    if (call.call !== 'restore' || answer?.outcome !== 'ok') continue;
    const record = facts.recordsById.get(call.deletionId ?? '');
    if (record?.restorationKey === call.key && record?.restorationAnswer !== answer.body)
      facts.report(
        'N5',
        call.patient,
        `${call.request} was answered otherwise than the restoration’s record keeps`,
      );
  }
}

/** A row that the hospital hid, and never showed again, is not brought back. */
function checkHiddenBefore(facts: Facts, patients: ReadonlySet<string>): void {
  const shown = new Set<string>();
  for (const { ended } of facts.writes)
    for (const { act, table, row } of ended.changes) if (act === 'show') shown.add(`${table}/${row}`);
  for (const { ended } of facts.writes) {
    if (ended.outcome !== 'ok' || !patients.has(ended.patient)) continue;
    for (const { act, table, row } of ended.changes) {
      const found = facts.writtenRows.get(`${table}/${row}`);
      if (act === 'hide' && !shown.has(`${table}/${row}`) && found?.live === true)
        facts.report(
          'N6',
          ended.patient,
          `row ${row} of ${table}, which the hospital had hidden, was brought back`,
        );
    }
  }
}
