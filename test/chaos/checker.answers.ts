import type { Exchange, Facts } from './checker.facts.js';

/** Statuses and codes with which a request may fail for certain while nothing but outages is caused. */
const REFUSALS = new Set([
  '404 PATIENT_NOT_FOUND',
  '409 PATIENT_ALREADY_DELETED',
  '409 DELETION_VETOED',
  '409 RESTORATION_REFUSED',
  '409 REQUEST_IN_PROGRESS',
  '410 PATIENT_DELETED',
  '412 PREVIEW_OUTDATED',
  '422 IDEMPOTENCY_KEY_REUSED',
  '503 SHARD_UNAVAILABLE',
]);

/** N5 of every request, and whether the contract knows the answer. @returns how many requests there are */
export function checkAnswers(facts: Facts): number {
  for (const exchange of facts.exchanges) {
    if (exchange.call.call === 'delete') checkDeletion(facts, exchange);
    checkContract(facts, exchange);
  }
  checkEveryDeletionWasAskedFor(facts);
  checkReplays(facts);
  checkOrder(facts);
  for (const line of facts.history) {
    if (line.kind === 'died') facts.report('ANSWERS', undefined, line.what);
    if (line.kind === 'gave-up')
      facts.report('ANSWERS', line.patient, `${line.actor} got no definite answer long after the last fault`);
  }
  return facts.exchanges.length;
}

function checkDeletion(facts: Facts, { call, answer }: Exchange): void {
  const { patient, request } = call;
  const own = facts.recordsByRequest.get(request);
  const known = facts.recordsById.get(answer?.deletionId ?? '');
  if (answer?.outcome === 'ok') {
    const said = answer.deletionId ?? 'none';
    const isThere = facts.deletionOf(patient) === said || facts.isUndone(said);
    if (!isThere || known?.patient !== patient)
      facts.report('N5', patient, `${request} was answered 201 with deletion ${said}, which is not there`);
    else if (known.auditEventId !== answer.auditEventId)
      facts.report('N5', patient, `${request} was answered with another audit event than the record has`);
    else if (answer.replayed !== true && known.request !== request)
      facts.report('N5', patient, `${request} was answered 201 for the deletion of ${known.request}`);
    else if (answer.replayed === true && known.key !== call.key)
      facts.report('N5', patient, `${request} was answered with a deletion under another key`);
  }
  if (answer?.outcome === 'fail' && own !== undefined) {
    const said = `${answer.status ?? 'no answer'} ${answer.code ?? answer.error ?? ''}`;
    facts.report('N5', patient, `${request} was told ${said}, and its deletion ${own.deletionId} is there`);
  }
  if (answer?.status === 202 && own !== undefined && own.deletionId !== answer.deletionId)
    facts.report('N5', patient, `${request} was told to wait for another deletion than its own`);
  if (answer?.code === 'PATIENT_ALREADY_DELETED' && known?.patient !== patient)
    facts.report('N5', patient, `${request} was told of deletion ${answer.deletionId ?? 'none'}, not there`);
}

/** Whether the answer is one that this request may get here. */
function checkContract(facts: Facts, { call, answer }: Exchange): void {
  if (answer?.status === undefined) return;
  const { patient, request } = call;
  const said = `${answer.status} ${answer.code ?? ''}`.trim();
  const blame = (why: string) => {
    facts.report('ANSWERS', patient, `${request} was answered ${said}${why} (${answer.error ?? call.call})`);
  };
  const { code, outcome } = answer;
  if (outcome === 'fail' && !REFUSALS.has(said) && !rowsChangedMeanwhile(facts, { call, answer }))
    blame(', for which there is no cause');
  if (code === 'PATIENT_NOT_FOUND') blame(' for a patient who was made');
  if (code === 'DELETION_VETOED' && !facts.held.has(patient)) blame(' with no legal hold');
  if (code === 'PREVIEW_OUTDATED' && call.digest === undefined) blame(' without a preview');
  if (code === 'IDEMPOTENCY_KEY_REUSED' && call.key === undefined) blame(' without a key');
  if (code === 'REQUEST_IN_PROGRESS' && call.key === undefined) blame(' without a key');
  if (outcome === 'ok' && call.call === 'delete' && facts.held.has(patient))
    blame(' in spite of a legal hold');
}

/**
 * The hospital may hide a row without asking for a lock that a deletion holds: between the count and the mark,
 * which then differ, and the protocol (step 7) has the deletion fail and name the table.
 */
function rowsChangedMeanwhile(facts: Facts, { call, answer }: Exchange): boolean {
  if (answer?.code !== 'SHARD_FAILED' || answer.table === undefined) return false;
  return facts.writes.some(
    ({ begun, ended }) =>
      ended.patient === call.patient &&
      begun < answer.line &&
      ended.line > call.line &&
      ended.outcome !== 'fail' &&
      ended.changes.some(({ act, table }) => act === 'hide' && table === answer.table),
  );
}

function checkEveryDeletionWasAskedFor(facts: Facts): void {
  const exchanges = new Map(facts.exchanges.map((exchange) => [exchange.call.request, exchange]));
  for (const { patient, request, deletionId } of facts.snapshot.records) {
    const asked = exchanges.get(request)?.call;
    if (asked?.patient !== patient || asked.call !== 'delete')
      facts.report('N5', patient, `nobody asked for deletion ${deletionId} (${request})`);
  }
}

/** Under one key there is one answer, byte for byte, and for one request only. */
function checkReplays(facts: Facts): void {
  const first = new Map<string, Exchange>();
  for (const exchange of facts.exchanges) {
    const { call, answer } = exchange;
    if (call.key === undefined || answer?.status !== 201) continue;
    const { patient, request, key } = call;
    const before = first.get(`${patient}/${key}`);
    if (before === undefined) first.set(`${patient}/${key}`, exchange);
    else if (before.answer?.body !== answer.body)
      facts.report('N5', patient, `${request} and ${before.call.request} have one key and different answers`);
    else if (before.call.asked !== call.asked)
      facts.report(
        'N5',
        patient,
        `${request} asked for something else than ${before.call.request}, with its key`,
      );
    const record = facts.recordsById.get(answer.deletionId ?? '');
    if (record !== undefined && record.answer !== answer.body)
      facts.report('N5', patient, `${request} was answered otherwise than the record keeps`);
  }
}

/** What was acknowledged is seen by everybody who asks afterwards. */
function checkOrder(facts: Facts): void {
  const acknowledged = new Map<string, number>();
  /** From when on somebody has tried to bring a patient back. */
  const restored = new Map<string, number>();
  for (const { call } of facts.exchanges)
    if (call.call === 'restore')
      restored.set(call.patient, Math.min(restored.get(call.patient) ?? Infinity, call.line));
  const undone = new Set(
    facts.snapshot.records.filter(({ state }) => state === 'RESTORED').map(({ patient }) => patient),
  );
  for (const { call, answer } of facts.exchanges) {
    if (call.call !== 'delete' || answer?.outcome !== 'ok') continue;
    const before = acknowledged.get(call.patient) ?? Infinity;
    acknowledged.set(call.patient, Math.min(before, answer.line));
  }
  for (const { call, answer } of facts.exchanges) {
    const { patient, request } = call;
    if (call.call === 'delete' || call.call === 'restore' || answer === undefined) continue;
    const mayBeBack = (restored.get(patient) ?? Infinity) < answer.line;
    if (answer.status === 200 && (acknowledged.get(patient) ?? Infinity) < call.line && !mayBeBack)
      facts.report('N5', patient, `${request} was shown the patient after the deletion was acknowledged`);
    if (answer.status === 410 && facts.deletionOf(patient) === undefined && !undone.has(patient))
      facts.report('N5', patient, `${request} was told that the patient is deleted, who is not`);
  }
}
