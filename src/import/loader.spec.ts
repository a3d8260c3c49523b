import { describe, expect, it, jest } from '@jest/globals';
import { OutcomePending, ShardFailed, ShardUnavailable } from '../protocol/index.js';
import type { Intake, PatientBundle } from '../orchestrator/index.js';
import { ProblemLog } from './problem.log.js';
import { Loader, type LoaderOptions } from './loader.js';
import type { PatientRows } from './patient.rows.js';
import { Tally } from './tally.js';

const POINT = { phase: 'EXECUTE', shard: 'patient', step: 'admit', table: 'sharded_tani' } as const;

/** A patient with so many diagnoses. */
function patientOf(patientId: string, diagnoses = 1, clashes: PatientRows['clashes'] = []): PatientRows {
  const resources = {
    PatientDemographics: [{ patientId }],
    Diagnosis: Array.from({ length: diagnoses }, () => ({ patientId })),
  };
  return { bundle: { patientId, resources }, rowCount: diagnoses + 1, clashes };
}

const allAdded = (bundles: readonly PatientBundle[]): Intake[] =>
  bundles.map(({ resources }) => ({
    deleted: false,
    added: Object.fromEntries(Object.entries(resources).map(([type, rows]) => [type, rows.length])),
  }));

function setUp(admit: (bundles: readonly PatientBundle[]) => Intake[], more: Partial<LoaderOptions> = {}) {
  const batches: string[][] = [];
  const tally = new Tally();
  const problems = new ProblemLog();
  const pause = jest.fn(() => Promise.resolve());
  const rejected = new Set<string>();
  const onPatient = jest.fn();
  const intake = {
    admit: (bundles: readonly PatientBundle[]) => {
      batches.push(bundles.map(({ patientId }) => patientId));
      return new Promise<Intake[]>((resolve) => {
        resolve(admit(bundles));
      });
    },
  };
  const options = { intake, tally, problems, rejected, assertWanted: () => undefined, onPatient, pause };
  return {
    loader: new Loader({ ...options, ...more }),
    batches,
    tally,
    problems,
    pause,
    rejected,
    onPatient,
  };
}

describe('loading patients', () => {
  it('writes whole patients, so many at a time that a transaction stays small', async () => {
    const { loader, batches, tally, onPatient } = setUp(allAdded);
    await loader.load([patientOf('a', 3_000), patientOf('b', 2_500), patientOf('c', 1)]);
    expect(batches).toEqual([['a', 'b'], ['c']]);
    expect(tally.patients).toEqual({ added: 3, present: 0, deleted: 0, rejected: 0 });
    expect(tally.rows('Diagnosis')).toMatchObject({ added: 5_501, present: 0 });
    expect(onPatient).toHaveBeenCalledTimes(3);
  });

  it('rejects only the patient whom the database refuses, and tells table and SQLSTATE, nothing of the row', async () => {
    const cause = Object.assign(new Error('Key (id)=(secret) …'), { code: '23503', detail: 'secret' });
    const { loader, batches, tally, problems, rejected } = setUp((bundles) => {
      if (bundles.some(({ patientId }) => patientId === 'b'))
        throw new ShardFailed('failed', POINT, { cause });
      return allAdded(bundles);
    });
    await loader.load(['a', 'b', 'c', 'd'].map((id) => patientOf(id)));
    expect(batches).toEqual([['a', 'b', 'c', 'd'], ['a', 'b'], ['a'], ['b'], ['c', 'd']]);
    expect(problems.lines()).toEqual(['patient b: sharded_tani refused a row with SQLSTATE 23503']);
    expect([...rejected]).toEqual(['b']);
    expect(tally.rows('Diagnosis')).toMatchObject({ added: 3, rejected: 1 });
  });

  it('stops at once, and names the setting, where the login may not add patients', async () => {
    const cause = Object.assign(new Error('permission denied'), { code: '42501' });
    const { loader, batches } = setUp(() => {
      throw new ShardFailed('failed', POINT, { cause });
    });
    await expect(loader.load([patientOf('a'), patientOf('b')])).rejects.toThrow(/Set MIGRATION_DATABASE_URL/);
    expect(batches).toHaveLength(1);
  });

  it('leaves out patients with a bad row or an Id twice', async () => {
    const { loader, batches, tally, problems, rejected } = setUp(allAdded);
    rejected.add('a');
    await loader.load([patientOf('a'), patientOf('b', 1, [['x.csv:2', 'twice']]), patientOf('c')]);
    expect(batches).toEqual([['c']]);
    expect([...rejected]).toEqual(['a', 'b']);
    expect(problems.lines()).toEqual(['x.csv:2: twice']);
    expect(tally.rows('Diagnosis')).toMatchObject({ added: 1, rejected: 2 });
  });

  it('tells what is there already from what belongs to a deleted patient', async () => {
    const { loader, tally } = setUp(() => [
      { deleted: true, added: {} },
      { deleted: false, added: { PatientDemographics: 0, Diagnosis: 2 } },
    ]);
    await loader.load([patientOf('a', 4), patientOf('b', 5)]);
    expect(tally.patients).toEqual({ added: 0, present: 1, deleted: 1, rejected: 0 });
    expect(tally.rows('Diagnosis')).toMatchObject({ added: 2, present: 3, deleted: 4 });
  });

  it('waits for a database that is away for a while', async () => {
    let failures = 3;
    const { loader, tally, pause } = setUp((bundles) => {
      if (failures-- > 0) throw new ShardUnavailable('away', POINT);
      return allAdded(bundles);
    });
    await loader.load([patientOf('a')]);
    expect(tally.patients.added).toBe(1);
    expect(pause).toHaveBeenCalledTimes(3);
  });

  it('stops when the database stays away, and says what is loaded', async () => {
    const { loader, batches } = setUp((bundles) => {
      if (bundles[0]?.patientId !== 'a') throw new ShardUnavailable('away', POINT);
      return allAdded(bundles);
    });
    const patients = ['a', 'b', 'c', 'd'].map((id) => patientOf(id, 6_000));
    await expect(loader.load(patients)).rejects.toThrow(/6 tries.* 1 patients are loaded/);
    expect(batches.filter(([id]) => id !== 'a')).toHaveLength(12);
  });

  it('says what is loaded once nothing is under way any more, and begins nothing behind a failure', async () => {
    const asked: string[] = [];
    let answer: (() => void) | undefined;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    const intake = {
      admit: async (bundles: readonly PatientBundle[]) => {
        asked.push(bundles[0]?.patientId ?? '');
        if (asked.filter((id) => id === 'a').length === 6) setImmediate(() => answer?.());
        if (asked.at(-1) === 'a') throw new OutcomePending({ name: 'intake', ids: {} }, POINT);
        await answered;
        return allAdded(bundles);
      },
    };
    const { loader } = setUp(allAdded, { intake });
    await expect(loader.load(['a', 'b', 'c'].map((id) => patientOf(id, 6_000)))).rejects.toThrow(
      /1 patients are loaded, each of them whole; whether the 1 behind them are is not known/,
    );
    expect(asked).not.toContain('c');
  });

  it('begins no further transaction once a stop is wished for', async () => {
    let wanted = true;
    const { loader, batches } = setUp(
      (bundles) => {
        wanted = false;
        return allAdded(bundles);
      },
      {
        assertWanted: () => {
          if (!wanted) throw new Error('stop');
        },
      },
    );
    await expect(loader.load([patientOf('a', 6_000), patientOf('b')])).rejects.toThrow('stop');
    expect(batches).toEqual([['a']]);
  });
});
