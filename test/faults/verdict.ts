import { setTimeout } from 'node:timers/promises';
import { expect } from '@jest/globals';
import type { ErrorCode } from '../../src/admin/problems/problem.catalogue.js';
import { sqlstateOf } from '../../src/common/index.js';
import { ALL_DELETION_STEPS } from '../../src/orchestrator/index.js';
import { auditEventsOf, CHILD_TABLES, digestOf } from '../support/patients.js';
import { until } from '../support/processes.js';
import { deletionOf } from '../support/silgi.js';
import { type Fault, type Heard, Scene, type Trap } from './fault.js';
import type { CellStep, Expected } from './matrix.js';
import { ROWS_PER_TABLE, type Stage } from './stage.js';

/** What became of a deletion: nothing changed, or all of it. */
export type Result = 'N' | 'C';

/** A client may learn of a lost connection before the server does: so long the server has to clean up. */
const CLEAN_WITHIN_MS = 60_000;
/** Past every limit of the protocol: who has heard nothing by then never will. */
const HEARD_WITHIN_MS = 120_000;
/** Failures that are recorded as an audit event of their own (RELIABILITY rule 13). */
const RECORDED: ErrorCode[] = [
  'SHARD_FAILED',
  'SHARD_UNAVAILABLE',
  'DELETION_VETOED',
  'DEMOGRAPHICS_NOT_DELETED',
];

/** The error of a step, as the caller must hear it. */
export function failureAt(step: CellStep, code: ErrorCode = 'SHARD_FAILED'): object {
  const found = ALL_DELETION_STEPS.find(({ name }) => name === step);
  if (found === undefined) return { code };
  return { code, point: { phase: found.phase, shard: found.shard, step } };
}

/**
 * Plays one cell: sets the fault, deletes, and holds what is in the database, what the caller heard, and what a
 * second deletion does, against what is expected.
 *
 * @returns what it came to
 * @throws where the fault did not strike at that very step, or anything is not as expected
 */
export async function play(fault: Fault, stage: Stage, step: CellStep, expected: Expected): Promise<Result> {
  const { faults } = stage.silgi;
  faults.reset();
  const scene = await Scene.set(stage, step, fault.keyless);
  const trap = await fault.set(scene);
  let heard: Heard;
  try {
    heard = await within(HEARD_WITHIN_MS, fault.deliver?.(scene) ?? scene.deletePatient());
  } finally {
    await trap.lift?.();
  }
  expect({ struck: scene.struck, heard }).toEqual({ struck: [step], heard });
  expect((await trap.strikes?.()) ?? 1).toBe(1);

  const result = expected === 'R' ? resolved(heard, step) : expected;
  if (expected === 'R') expect(result).toBe(trap.resolvesTo ?? result);
  if (result === 'C') await assertCommitted(scene, trap, heard);
  else {
    if (expected === 'N' && heard.died !== true) assertToldWhere(scene, trap, heard, fault.shows?.(step));
    await assertNothingChanged(scene);
    if (fault.unrecorded !== true) await assertFailureRecorded(scene, heard);
  }
  faults.reset();
  await assertClean(stage);
  await assertStillWorks(scene, trap, result, heard);
  return result;
}

async function within(limitMs: number, hearing: Promise<Heard>): Promise<Heard> {
  const limit = new AbortController();
  const silence = setTimeout(limitMs, undefined, { signal: limit.signal }).then(() => {
    throw new Error(`The caller has heard nothing within ${limitMs / 1000} s.`);
  });
  try {
    return await Promise.race([hearing, silence]);
  } finally {
    silence.catch(() => undefined);
    limit.abort();
  }
}

/** An outcome that nobody can foretell: believed from the caller's words, then held against the database. */
function resolved({ answer, error }: Heard, step: CellStep): Result {
  if (answer !== undefined) return 'C';
  const phase = step === 'commit' ? 'COMMIT' : 'PREPARE';
  expect(error).toMatchObject({ code: 'SHARD_UNAVAILABLE', point: { phase, shard: 'patient' } });
  return 'N';
}

/** The error names the step's phase and shard, and it was this step that failed, none before it. */
function assertToldWhere(scene: Scene, trap: Trap, heard: Heard, shown?: CellStep): void {
  const at = shown ?? scene.step;
  const expected = trap.error ?? failureAt(at);
  expect(heard.error).toMatchObject(expected);
  if (trap.sqlstate !== undefined) expect(sqlstateOf(heard.error)).toBe(trap.sqlstate);
  const [first] = scene.stage.silgi.faults.failed;
  // A service in a process of its own keeps its steps to itself. What shows at the commit only was found by the search for
  // its outcome, which may fail before it succeeds.
  if ('point' in expected && first !== undefined && shown !== 'commit')
    expect(first.step).toBe((heard.error as { point: { step: string } }).point.step);
}

async function assertNothingChanged({ stage: { database }, patientId, before }: Scene): Promise<void> {
  expect(await digestOf(database, patientId)).toBe(before);
  const actions = (await auditEventsOf(database, patientId)).map(({ action }) => action);
  expect(actions.filter((action) => action !== 'SYSTEM_DELETE_PATIENT_FAILED')).toEqual([]);
}

async function assertFailureRecorded({ stage: { database }, patientId }: Scene, heard: Heard): Promise<void> {
  const error = heard.error as { code: ErrorCode; point?: { step: string } } | undefined;
  const recorded = error !== undefined && RECORDED.includes(error.code) && error.point?.step !== 'connect';
  const events = await auditEventsOf(database, patientId);
  expect(events.map(({ failure }) => failure?.code)).toEqual(recorded ? [error.code] : []);
}

async function assertCommitted(scene: Scene, trap: Trap, heard: Heard): Promise<void> {
  const { database } = scene.stage;
  const { patientId } = scene;
  const records = await database.query<{ state: string; deletion_id: string }>(
    'SELECT state, deletion_id FROM patient.sharded_patient_deletion WHERE patient_id = $1',
    [patientId],
  );
  const deletionId = await toldDeletion(trap, heard, records[0]?.deletion_id);
  expect(records).toEqual([{ state: 'DELETED', deletion_id: deletionId }]);
  const rows = 1 + CHILD_TABLES.length * ROWS_PER_TABLE + (trap.moreRows?.() ?? 0);
  expect(await database.marks(patientId, deletionId)).toEqual({
    live: 0,
    marked: rows,
    hidden: 1,
    foreign: 0,
  });
  const events = await auditEventsOf(database, patientId);
  const deletions = events.filter(({ action }) => action === 'SYSTEM_DELETE_PATIENT');
  expect(deletions.map((event) => event.deletion_id)).toEqual([deletionId]);
  const purged = (deletions[0]?.purged ?? []).flatMap(({ resources }) => resources);
  expect(purged.reduce((sum, count) => sum + count.rows, 0)).toBe(rows);
}

/** The deletion that the caller was told of; the stored one where the service died before it could say. */
async function toldDeletion(trap: Trap, heard: Heard, stored: string | undefined): Promise<string> {
  if (heard.died === true) return stored ?? '';
  if (trap.committed !== undefined) return trap.committed(heard);
  expect(heard).toMatchObject({ answer: { state: 'DELETED' }, replayed: false });
  return heard.answer?.deletionId ?? '';
}

/** N8, and the patient whom nobody deletes. */
export async function assertClean(stage: Stage): Promise<void> {
  let leak: unknown;
  const clean = () =>
    stage.silgi.assertNothingLeaked().then(
      () => true,
      (error: unknown) => {
        leak = error;
        return false;
      },
    );
  await until(clean, CLEAN_WITHIN_MS).catch(() => {
    throw leak as Error;
  });
  expect(await stage.bystanderIsUntouched()).toBe(true);
}

/** After N the same request goes through; after C it is replayed, and another is refused with the one that won. */
async function assertStillWorks(scene: Scene, trap: Trap, result: Result, heard: Heard): Promise<void> {
  const again = await askedAgain(scene);
  const keyless = scene.command.idempotencyKey === undefined;
  if (result === 'N') {
    expect(again).toMatchObject({ replayed: false });
    await assertCommitted(scene, { ...trap, committed: () => again.answer?.deletionId ?? '' }, again);
    return;
  }
  if (keyless) expect(again).toMatchObject({ error: { code: 'PATIENT_ALREADY_DELETED' } });
  else expect(again).toMatchObject({ replayed: true, answer: heard.answer ?? { state: 'DELETED' } });
  const other = await scene.deletePatient(deletionOf(scene.patientId));
  expect(other.error).toMatchObject({ code: 'PATIENT_ALREADY_DELETED', deletionId: expect.any(String) });
  const events = await auditEventsOf(scene.stage.database, scene.patientId);
  expect(events.filter(({ action }) => action === 'SYSTEM_DELETE_PATIENT')).toHaveLength(1);
}

/** The same request once more; where no connection came in time on a busy machine, later, as the answer says. */
async function askedAgain(scene: Scene): Promise<Heard> {
  let again: Heard = {};
  await until(async () => {
    again = await scene.deletePatient();
    const { code, point } = (again.error ?? {}) as { code?: ErrorCode; point?: { step: string } };
    return code !== 'SHARD_UNAVAILABLE' || point?.step !== 'connect';
  });
  return again;
}
