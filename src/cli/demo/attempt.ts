import { ActionFailed } from '../../protocol/index.js';
import { DeletionVetoed } from '../../orchestrator/index.js';
import type { Phase } from '../../protocol/index.js';
import type { ShardName } from '../../shards/index.js';
import { SilgiError } from '../../common/index.js';
import { figure } from './narrator.js';
import type { RecordState } from './patient.records.js';
import type { Stage } from './stage.js';
import type { StepWatch, WatchedStep } from './step.watch.js';

/** How an attempt to delete is expected to end. */
export interface Expected {
  readonly code: SilgiError['code'];
  /** The last step that was entered. */
  readonly step: WatchedStep;
  /** Where the error has to say that it happened. */
  readonly at?: { readonly phase: Phase; readonly shard: ShardName; readonly table?: string };
  /** A word that one of the vetoes has to hold. */
  readonly naming?: string;
}

/** Asks for the deletion, tells the answer, and proves that it was refused as expected and left nothing behind. */
export async function refusedAttempt(stage: Stage, expected: Expected): Promise<void> {
  const { narrator, proofs, records, patient, steps } = stage;
  const before = await records.of(patient.patientId);
  narrator.says('Asked', `delete ${patient.name}`);
  steps.begin();
  const error = await failureOf(stage.orchestrator.deletePatient(stage.command));
  const last = steps.entered.at(-1);
  stage.refusals.push(error.code);
  tell(stage, error);
  const found = { code: error.code, ...pointOf(error), lastStep: last };
  proofs.that(
    `Refused where it was meant to be: at the step “${expected.step}”, ${progressOf(steps)}.`,
    error.code === expected.code && last === expected.step && matches(error, expected),
    found,
  );
  await proveUntouched(stage, before);
}

/** Compares the patient's rows with what they were, and looks for anything that claims a deletion. */
export async function proveUntouched(
  { proofs, records, patient, sql }: Stage,
  before: RecordState,
): Promise<void> {
  const after = await records.of(patient.patientId);
  proofs.that(
    `Nothing changed: ${figure(after.rows)} rows in ${after.tables.length} tables, ` +
      `fingerprint ${brief(before)} before, ${brief(after)} after.`,
    before.digest === after.digest && before.rows === after.rows,
  );
  const { rows } = await sql.query<{ claims: number }>(
    `SELECT ((SELECT count(*) FROM patient.sharded_patient_deletion WHERE patient_id = $1)
       + (SELECT count(*) FROM audit.sharded_audit_event
          WHERE patient_id = $1 AND action = 'SYSTEM_DELETE_PATIENT'))::int AS claims`,
    [patient.patientId],
  );
  proofs.that('No record and no audit event claims a deletion.', rows[0]?.claims === 0, rows[0]);
}

/** The beginning of a fingerprint: enough for people to compare. */
export function brief({ digest }: RecordState): string {
  return digest.slice(0, 8);
}

async function failureOf(deletion: Promise<unknown>): Promise<SilgiError> {
  try {
    await deletion;
  } catch (error) {
    if (error instanceof SilgiError) return error;
    throw error;
  }
  throw new Error('The patient was deleted, although the demo had made sure that this could not succeed.');
}

function tell({ narrator }: Stage, error: SilgiError): void {
  const point = pointOf(error);
  const where = Object.entries(point).map(([name, value]) => `${name} ${value}`);
  narrator.says('Answered', [error.code, ...where].join(', '));
  narrator.says('', error.message);
  if (!(error instanceof DeletionVetoed)) return;
  for (const { shard, code, detail } of error.blockers) narrator.says('', `${shard}: ${code}. ${detail}`);
}

function pointOf(error: SilgiError): { phase?: string; shard?: string; table?: string } {
  if (!(error instanceof ActionFailed)) return {};
  const { phase, shard, table } = error.point;
  return { phase, shard, ...(table !== undefined && { table }) };
}

function matches(error: SilgiError, { at, naming }: Expected): boolean {
  const point: Record<string, string> = { ...pointOf(error) };
  const vetoes = error instanceof DeletionVetoed ? error.blockers : [];
  return (
    Object.entries(at ?? {}).every(([name, value]) => point[name] === value) &&
    (naming === undefined || vetoes.some(({ code, detail }) => `${code} ${detail}`.includes(naming)))
  );
}

/** Which children's shards had marked their rows before the last step that was entered. */
function progressOf({ entered }: StepWatch): string {
  const marked = ['clinical', 'finance'].filter((shard) =>
    entered.slice(0, -1).some((step) => step === `mark ${shard}`),
  );
  return marked.length > 0
    ? `after ${marked.join(' and ')} had marked all rows`
    : 'before any row was marked';
}
