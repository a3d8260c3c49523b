import { expect } from '@jest/globals';
import type { EntityManager } from 'typeorm';
import type { Fault, Scene } from '../fault.js';
import type { CellStep } from '../matrix.js';
import { Stage } from '../stage.js';
import { failureAt } from '../verdict.js';

const open = () => Stage.open();

/** The code itself fails: a repository, or whoever watches the steps. */
const exception: Fault = {
  code: 'EXC',
  title: 'an exception in a repository, or in whoever watches the step',
  keyless: true,
  open,
  set(scene) {
    const fail = () => {
      throw new Error('injected');
    };
    if (scene.step !== 'answer') {
      scene.strike(fail);
      return {};
    }
    // Nothing of a repository runs after the commit; those who are told of its end still do.
    scene.stage.silgi.faults.onEnd = (step, error) => {
      if (step !== 'commit' || error !== undefined) return;
      scene.struck.push('answer');
      fail();
    };
    return {};
  },
};

type Call = (manager: EntityManager, ...rest: unknown[]) => Promise<unknown>;

/** Lets `then` act once, right after the real call and on its manager. */
function after(scene: Scene, step: CellStep, then: (manager: EntityManager) => Promise<void>): void {
  const [type, method] = scene.action.calls[step] ?? [Object, 'toString'];
  const { app, faults } = scene.stage.silgi;
  const repository = app.get<Record<string, Call>>(type);
  const real = repository[method]?.bind(repository);
  repository[method] = async (manager, ...rest) => {
    // An earlier step may call the same.
    if (!new Set<string>(faults.entered).has(step)) return real?.(manager, ...rest);
    Reflect.deleteProperty(repository, method);
    const result = await real?.(manager, ...rest);
    await then(manager);
    return result;
  };
}

const spoil = async (manager: EntityManager): Promise<void> => {
  await expect(manager.query('SELECT 1/0')).rejects.toMatchObject({ code: '22012' });
};

/** A repository whose statement fails, and who keeps that to itself. */
const swallowed: Fault = {
  code: 'SWL',
  title: 'a repository swallows an error of the database (at commit: after the last step was checked)',
  open,
  set(scene) {
    if (scene.step !== 'commit') {
      after(scene, scene.step, async (manager) => {
        scene.struck.push(scene.step);
        await spoil(manager);
      });
      return {};
    }
    let kept: EntityManager | undefined;
    const { calls, matrix } = scene.action;
    const last = matrix.steps.findLast((step) => step in calls) ?? scene.step;
    after(scene, last, (manager) => {
      kept = manager;
      return Promise.resolve();
    });
    scene.strike(() => spoil(kept as EntityManager));
    return {};
  },
};

/** A table of patients that no shard knows appears while the deletion runs. */
const undeclaredTable: Fault = {
  code: 'DDL',
  title: 'an undeclared table of patients appears',
  async open() {
    const stage = await Stage.open();
    await stage.database.query('CREATE SCHEMA lab');
    return stage;
  },
  set(scene) {
    const { database } = scene.stage;
    scene.strike(async () => {
      await database.query('CREATE TABLE lab.late (patient_id uuid)');
    });
    return {
      error: {
        code: 'DELETION_VETOED',
        blockers: [{ code: 'UNDECLARED_TABLE', detail: expect.stringContaining('lab.late') }],
      },
      async lift() {
        await database.query('DROP TABLE lab.late');
      },
    };
  },
};

/** Every other client of the pool is taken: a deletion needs one, and never a second. */
const poolExhausted: Fault = {
  code: 'POL',
  title: 'the pool has no other client left',
  slow: (step) => step === 'connect',
  open,
  set(scene) {
    const { dataSource, pool } = scene.stage;
    const held = Array.from({ length: pool.options.max }, () => dataSource.createQueryRunner());
    let taken = 0;
    let started = 0;
    scene.strike(async () => {
      // At connect the deletion has none yet; at the answer it still holds its own.
      for (const other of scene.step === 'connect' ? held : held.slice(1)) {
        await other.connect();
        taken += 1;
      }
      started = performance.now();
    });
    return {
      error: failureAt('connect', 'SHARD_UNAVAILABLE'),
      strikes: () => (taken >= pool.options.max - 1 && pool.totalCount <= pool.options.max ? 1 : 0),
      async lift() {
        expect(performance.now() - started).toBeLessThan(6_500);
        for (const other of held) await other.release();
      },
    };
  },
};

/** Faults of the code around the statements. */
export const protocolFaults: readonly Fault[] = [exception, swallowed, undeclaredTable, poolExhausted];
