import { expect } from '@jest/globals';
import { until } from '../../support/processes.js';
import type { Fault, Heard } from '../fault.js';
import type { CellStep } from '../matrix.js';
import { Stage } from '../stage.js';
import { waitsForLock } from './session.faults.js';

const open = () => Stage.open();
/** The levels differ where the snapshot is older than the lock: a step before it and some after. */
const FEW: readonly CellStep[] = ['lock', 'mark clinical', 'commit', 'answer'];

/** Another program adds a row of the patient, in a transaction that began before the deletion. */
function writer(code: string, level: string, short?: readonly CellStep[]): Fault {
  return {
    code,
    title: `a writer at ${level} adds a row of the patient`,
    ...(short !== undefined && { short }),
    open,
    async set(scene) {
      const { stage, step, patientId } = scene;
      const session = await stage.session();
      await session.query(`BEGIN ISOLATION LEVEL ${level}`);
      await session.query('SELECT count(*) FROM patient.sharded_patient_demographics');
      const write = () =>
        session
          .query(`INSERT INTO finance.sharded_fatura (patient_id, id) VALUES ($1, gen_random_uuid())`, [
            patientId,
          ])
          .then(() => session.query('COMMIT'))
          .catch((error: unknown) => error);
      let written: Promise<unknown> = Promise.resolve();
      scene.strike(async () => {
        written = write();
        if (scene.isBefore('lock')) await written;
        else if (step !== 'answer') await waitsForLock(stage, session);
      });
      // Before the lock the row is there and goes with the others; after it the database refuses it.
      const included = scene.isBefore('lock');
      return {
        moreRows: () => (included ? 1 : 0),
        async lift() {
          const result = await written;
          await session.end();
          if (included) expect(result).toMatchObject({ command: 'COMMIT' });
          else expect(result).toMatchObject({ code: expect.stringMatching(/^(23503|40001)$/) });
        },
      };
    },
  };
}

const SAME_KEY_LIMIT_MS = 1_500;

/** The same request comes again while the first one is at the step. */
const duplicate: Fault = {
  code: 'DUP',
  title: 'the same request, with the same key, comes again',
  open,
  set(scene) {
    let second: Heard = {};
    let took = 0;
    scene.strike(async () => {
      const started = performance.now();
      second = await scene.ask();
      took = performance.now() - started;
    });
    return {
      committed(first) {
        expect(took).toBeLessThan(SAME_KEY_LIMIT_MS);
        if (scene.isBefore('claim')) {
          // The second overtook the first, which gets its answer.
          expect(second).toMatchObject({ replayed: false });
          expect(first).toEqual({ answer: second.answer, replayed: true });
        } else {
          expect(first).toMatchObject({ replayed: false });
          if (scene.step === 'answer') expect(second).toEqual({ answer: first.answer, replayed: true });
          else expect(second.error).toMatchObject({ code: 'REQUEST_IN_PROGRESS' });
        }
        return first;
      },
    };
  },
};

/** Somebody else asks for the same of the same patient while the first one is at the step. */
const concurrent: Fault = {
  code: 'CON',
  title: 'another one asks for the same of the same patient',
  keyless: true,
  open,
  set(scene) {
    const { stage, step, action, command } = scene;
    const overtakes = scene.isBefore('lock');
    const rival = (answer?: object) => action.rivals(command, answer)[0] ?? [];
    let second: Promise<Heard> = Promise.resolve({});
    scene.strike(async (backendPid) => {
      second = scene.ask(rival()[0]);
      if (overtakes || step === 'answer') await second;
      else await anotherWaits(stage, backendPid);
    });
    return {
      async committed(first) {
        const [won, lost] = overtakes ? [await second, first] : [first, await second];
        expect(won).toMatchObject({ replayed: false, answer: { patientId: command.patientId } });
        expect(lost).toMatchObject(rival(won.answer)[1] ?? {});
        return won;
      },
      async lift() {
        await second;
      },
    };
  },
};

/** Returns once a session of the service other than this one waits for it. */
async function anotherWaits({ database }: Stage, backendPid: number): Promise<void> {
  await until(async () => {
    const [row] = await database.query<{ waiting: boolean }>(
      `SELECT count(*) = 1 AS waiting FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'silgi' AND $1 = ANY (pg_blocking_pids(pid))`,
      [backendPid],
    );
    return row?.waiting === true;
  });
}

/** Faults of other clients: writers at three isolation levels, repeated and rival requests. */
export const clientFaults: readonly Fault[] = [
  writer('WRC', 'READ COMMITTED'),
  writer('WRR', 'REPEATABLE READ', FEW),
  writer('WRS', 'SERIALIZABLE', FEW),
  duplicate,
  concurrent,
];
