import { setTimeout } from 'node:timers/promises';
import { expect } from '@jest/globals';
import type { ErrorCode } from '../../src/admin/problems/problem.catalogue.js';
import { sqlstateOf } from '../../src/common/index.js';
import { ALL_DELETION_STEPS, ALL_HOLD_STEPS, ALL_REQUEST_STEPS } from '../../src/orchestrator/index.js';
import { auditEventsOf } from '../support/patients.js';
import { until } from '../support/processes.js';
import type { Command, PlayedAction } from './action.js';
import { type Fault, type Heard, Scene, type Trap } from './fault.js';
import type { CellStep, Expected } from './matrix.js';
import type { Stage } from './stage.js';

/** What became of an action: nothing changed, or all of it. */
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

/** What two actions call the same, they do in the same phase and shard. */
const ALL_STEPS = [...ALL_DELETION_STEPS, ...ALL_HOLD_STEPS, ...ALL_REQUEST_STEPS];

/** The error of a step, as the caller must hear it. */
export function failureAt(step: CellStep, code: ErrorCode = 'SHARD_FAILED'): object {
  const found = ALL_STEPS.find(({ name }) => name === step);
  if (found === undefined) return { code };
  return { code, point: { phase: found.phase, shard: found.shard, step } };
}

/**
 * Plays one cell: sets the fault, lets the action run, and holds what is in the database, what the caller heard, and
 * what others who ask then come to, against what is expected.
 *
 * @returns what it came to
 * @throws where the fault did not strike at that very step, or anything is not as expected
 */
export async function play(
  action: PlayedAction,
  fault: Fault,
  stage: Stage,
  step: CellStep,
  expected: Expected,
): Promise<Result> {
  const { faults } = stage.silgi;
  faults.reset();
  const scene = await Scene.set(stage, action, step, fault.keyless);
  faults.reset();
  const trap = await fault.set(scene);
  let heard: Heard;
  try {
    heard = await within(HEARD_WITHIN_MS, fault.deliver?.(scene) ?? scene.ask());
  } finally {
    await trap.lift?.();
  }
  expect({ struck: scene.struck, heard }).toEqual({ struck: [step], heard });
  expect((await trap.strikes?.()) ?? 1).toBe(1);

  const result = expected === 'R' ? resolved(heard, step) : expected;
  if (expected === 'R') expect(result).toBe(trap.resolvesTo ?? result);
  let won: Heard | undefined;
  if (result === 'C') {
    won = await winnerOf(trap, heard);
    await action.assertDone(scene, won.answer, trap);
  } else {
    if (expected === 'N' && heard.died !== true) assertToldWhere(scene, trap, heard, fault.shows?.(scene));
    await assertNothingChanged(scene);
    if (fault.unrecorded !== true) await assertFailureRecorded(scene, heard);
  }
  faults.reset();
  await assertClean(stage);
  if (won === undefined) await assertStillWorks(scene, trap);
  else await assertIsOver(scene, trap, won);
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

async function assertNothingChanged(scene: Scene): Promise<void> {
  expect(await scene.digest()).toBe(scene.digestBefore());
  const events = (await auditEventsOf(scene.stage.database, scene.patientId)).filter(
    ({ failure }) => !failure,
  );
  expect(events.map(({ audit_event_id }) => audit_event_id)).toEqual(scene.eventsBefore);
}

async function assertFailureRecorded({ stage: { database }, action, patientId }: Scene, heard: Heard) {
  const error = heard.error as { code: ErrorCode; point?: { step: string } } | undefined;
  const recorded =
    action.isFailureRecorded &&
    error !== undefined &&
    RECORDED.includes(error.code) &&
    error.point?.step !== 'connect';
  const failures = (await auditEventsOf(database, patientId)).flatMap(({ failure }) => failure ?? []);
  expect(failures.map(({ code }) => code)).toEqual(recorded ? [error.code] : []);
}

/** Whoever did it, and what they heard; nothing where the service died before it could say. */
async function winnerOf(trap: Trap, heard: Heard): Promise<Heard> {
  if (heard.died === true) return heard;
  if (trap.committed !== undefined) return trap.committed(heard);
  expect(heard).toMatchObject({ answer: expect.any(Object), replayed: false });
  return heard;
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

/** After N the same request goes through. */
async function assertStillWorks(scene: Scene, trap: Trap): Promise<void> {
  const again = await askedLater(scene, scene.command);
  expect(again).toMatchObject({ replayed: false });
  await scene.action.assertDone(scene, again.answer, trap);
}

/** After C whoever asks for it, or for another of its kind, hears that it is done, and nothing more is. */
async function assertIsOver(scene: Scene, trap: Trap, won: Heard): Promise<void> {
  for (const [command, heard] of scene.action.rivals(scene.command, won.answer))
    expect(await askedLater(scene, command)).toMatchObject(heard);
  await scene.action.assertDone(scene, won.answer, trap);
}

/** What is asked for once more; where no connection came in time on a busy machine, later, as the answer says. */
async function askedLater(scene: Scene, command: Command): Promise<Heard> {
  let again: Heard = {};
  await until(async () => {
    again = await scene.ask(command);
    const { code, point } = (again.error ?? {}) as { code?: ErrorCode; point?: { step: string } };
    return code !== 'SHARD_UNAVAILABLE' || point?.step !== 'connect';
  });
  return again;
}
