import type { Stage } from '../stage.js';

/** The patient asks for the erasure of his data. */
export async function requestComes(stage: Stage): Promise<void> {
  const { narrator, proofs, requests, asking, command } = stage;
  narrator.act('The patient asks for it');
  const receivedOn = stage.calendar.today();
  const asked = { ...command, requestedBy: 'demo-privacy-officer', receivedOn, channel: 'KEP' } as const;
  const { request } = await requests.recordRequest(asked);
  stage.erasureRequestId = request.erasureRequestId;
  narrator.says('Recorded', `a request by registered electronic mail (KEP), received on ${receivedOn}`);
  narrator.says('', `it has to be answered by ${request.dueOn}: 30 days or a month, whichever is earlier`);
  const { state, overdue } = await asking.get(request.erasureRequestId);
  proofs.that('The request is open, and not overdue.', state === 'OPEN' && !overdue, { state, overdue });
}

/** What has become of it is read from the deletion. */
export async function requestIsFulfilled(stage: Stage): Promise<void> {
  const { narrator, proofs, sql, asking, deletion, erasureRequestId = '' } = stage;
  narrator.act('The request is answered');
  const { state, deletionId } = await asking.get(erasureRequestId);
  narrator.says('Answered', `${state}, by deletion ${deletionId ?? 'none'}; a letter to the patient says so`);
  proofs.that(
    'It is fulfilled by this deletion, though nobody has said so: that is read from the records.',
    state === 'FULFILLED' && deletionId === deletion?.answer.deletionId,
    { state, deletionId },
  );
  const { rows } = await sql.query<{ named: string | null }>(
    'SELECT erasure_request_id AS named FROM patient.sharded_patient_deletion WHERE deletion_id = $1',
    [deletion?.answer.deletionId],
  );
  proofs.that('The record of the deletion names the request.', rows[0]?.named === erasureRequestId, rows[0]);
}
