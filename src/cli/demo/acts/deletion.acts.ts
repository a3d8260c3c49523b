import { randomUUID } from 'node:crypto';
import { figure } from '../narrator.js';
import type { Stage } from '../stage.js';

interface AuditRow {
  readonly action: string;
  readonly actor: string;
  readonly reason: string;
  readonly legalBasis: string;
  readonly deletionId: string;
  readonly auditEventId: string;
  readonly purged: unknown;
  readonly code: string | null;
  readonly occurredAt: Date;
}

/** The deletion itself, held to what the preview showed. */
export async function deletion(stage: Stage): Promise<void> {
  const { narrator, proofs, records, patient, preview } = stage;
  narrator.act('The deletion');
  const before = await records.of(patient.patientId);
  const command = {
    ...stage.command,
    idempotencyKey: randomUUID(),
    erasureRequestId: stage.erasureRequestId,
    ...(preview !== undefined && { previewDigest: preview.digest }),
  };
  narrator.says('Asked', `delete ${patient.name}, exactly as the preview showed, with an Idempotency-Key`);
  const started = performance.now();
  const { answer } = await stage.orchestrator.deletePatient(command);
  const milliseconds = Math.round(performance.now() - started);
  stage.deletion = { command, answer };
  const after = await records.of(patient.patientId);
  narrator.says('Answered', `${answer.state} in ${milliseconds} ms, deletion ${answer.deletionId}`);
  narrator.table(
    [
      { heading: 'Shard' },
      { heading: 'Resource type' },
      { heading: 'Deleted', figures: true },
      { heading: 'Live now', figures: true },
    ],
    answer.shards.flatMap(({ shard, resources }) =>
      resources.map(({ resourceType, table, rows }) => [
        shard,
        resourceType,
        figure(rows),
        figure(after.tables.find((state) => state.schema === shard && state.table === table)?.live ?? NaN),
      ]),
    ),
    ['', '3 shards', figure(answer.totalRows), figure(after.live)],
  );
  proofs.that('No live row of the patient is left in any table.', after.live === 0, after.live);
  proofs.that(
    `As many rows carry the mark as were previewed, as were live, and as the answer says: ${figure(before.live)}.`,
    [preview?.totalRows, before.live, answer.totalRows].every((rows) => rows === after.marked),
    { marked: after.marked, answered: answer.totalRows },
  );
  const hidden = before.rows - before.live;
  proofs.that(
    `The ${hidden} rows that the hospital itself had hidden earlier are not this deletion’s and carry no mark.`,
    hidden > 0 && after.rows - after.marked === hidden && after.rows === before.rows,
    { unmarked: after.rows - after.marked },
  );
}

/** What the audit log says of it, and of the attempts before. */
export async function auditTrail({
  narrator,
  proofs,
  sql,
  patient,
  deletion,
  refusals,
}: Stage): Promise<void> {
  narrator.act('Its one audit event');
  const { rows: events } = await sql.query<AuditRow>(
    `SELECT action, actor, reason, legal_basis AS "legalBasis", deletion_id AS "deletionId",
       audit_event_id AS "auditEventId", purged, failure ->> 'code' AS code, occurred_at AS "occurredAt"
     FROM audit.sharded_audit_event WHERE patient_id = $1 ORDER BY audit_event_id`,
    [patient.patientId],
  );
  const deletions = events.filter(({ action }) => action === 'SYSTEM_DELETE_PATIENT');
  for (const { action, actor, reason, legalBasis, deletionId, occurredAt } of deletions) {
    narrator.says('Event', `${action} at ${occurredAt.toISOString()}`);
    narrator.says('', `by ${actor}, reason ${reason}, legal basis ${legalBasis}`);
    narrator.says('', `deletion ${deletionId}, with the counts of every table; no name, no health data`);
  }
  const [event] = deletions;
  proofs.that('The log has exactly one event of this deletion.', deletions.length === 1, deletions.length);
  proofs.that(
    'It has the deletion’s id and the very counts of the answer.',
    event?.deletionId === deletion?.answer.deletionId &&
      event?.auditEventId === deletion?.answer.auditEventId &&
      sorted(event?.purged) === sorted(deletion?.answer.shards),
  );
  const failed = events
    .filter(({ action }) => action === 'SYSTEM_DELETE_PATIENT_FAILED')
    .map(({ code }) => code);
  proofs.that(
    `The ${refusals.length} attempts before it are in the log too, as what they were: refused or failed.`,
    JSON.stringify(failed) === JSON.stringify(refusals),
    failed,
  );
}

/** The database does not keep the order of an object's properties. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
