import { expect } from '@jest/globals';
import type { ErrorCode } from '../../../src/admin/problems/problem.catalogue.js';
import type { Fault } from '../fault.js';
import { TrapStage } from '../trap.stage.js';
import { failureAt } from '../verdict.js';

const open = () => TrapStage.open();

/** The step's own statement ends so, in the server. */
function statementFault(code: string, title: string, mode: string, error: ErrorCode): Fault<TrapStage> {
  const sqlstate = { 23514: '23514', cancel: '57014', sleep: '57014' }[mode];
  return {
    code,
    title,
    open,
    set(scene) {
      const { action, stage } = scene;
      const { trap, silgi } = stage;
      scene.strike(() => trap.arm(mode));
      return {
        // PostgreSQL puts no statement_timeout on COMMIT: it goes on when the service has given the connection up.
        resolvesTo: mode === 'sleep' ? 'C' : 'N',
        error: failureAt(scene.step, error),
        ...(sqlstate !== undefined && { sqlstate }),
        strikes: () => trap.strikes(),
        lift: () => trap.disarm(),
        committed(heard) {
          // A conflict is no failure: the whole unit ran again, under the same id. Who looks for the
          // outcome on a busy machine may first have found no connection in time.
          const failed = silgi.faults.failed.find(({ step }) => step !== 'connect')?.step;
          expect(failed).toBe(mode === 'sleep' ? 'resolve' : scene.step);
          const id = [...silgi.faults.ids].join();
          expect(heard).toMatchObject({ replayed: false, answer: { [action.key]: id } });
          return heard;
        },
      };
    },
  };
}

/** Faults of the step's own statement. */
export const statementFaults: readonly Fault<TrapStage>[] = [
  statementFault('CHK', 'a constraint or trigger refuses the statement (23514)', '23514', 'SHARD_FAILED'),
  statementFault('SER', 'the statement meets a serialization failure (40001)', '40001', 'SHARD_UNAVAILABLE'),
  {
    ...statementFault('DLK', 'the statement is told of a deadlock (40P01)', '40P01', 'SHARD_UNAVAILABLE'),
    // In the short form the real deadlocks stand for it.
    short: ['claim', 'record', 'commit'],
  },
  statementFault('CAN', 'the statement is cancelled (57014)', 'cancel', 'SHARD_UNAVAILABLE'),
  {
    ...statementFault('TMO', 'the statement takes longer than 10 s', 'sleep', 'SHARD_UNAVAILABLE'),
    slow: () => true,
    short: ['mark clinical'],
  },
  statementFault('TRS', 'the backend is terminated within the statement', 'terminate', 'SHARD_UNAVAILABLE'),
];
