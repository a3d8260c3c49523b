import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { PatientOrchestrator, type RestorationRefused, RestoreWindow } from '../../src/orchestrator/index.js';
import { FailedAttempts } from '../../src/orchestrator/failure.record.js';
import { Shards } from '../../src/orchestrator/shards.js';
import { RestorationRepository } from '../../src/patient/index.js';
import { Transactions } from '../../src/protocol/index.js';
import { CHILD_TABLES, seedPatient } from '../support/patients.js';
import { openSilgi, restorationOf, type Silgi } from '../support/silgi.js';
import { DELETED_ROWS, DeletedPatient, ROWS } from './restoration.stage.js';

let silgi: Silgi;
let patient: DeletedPatient;

beforeAll(async () => {
  silgi = await openSilgi();
});
beforeEach(async () => {
  patient = await DeletedPatient.prepare(silgi);
});
afterEach(async () => {
  jest.restoreAllMocks();
  silgi.faults.reset();
  await silgi.assertNothingLeaked();
});
afterAll(() => silgi.close());

const refused = (refusal: string) => ({ code: 'RESTORATION_REFUSED', refusal });
const ofPatient = (sql: string) => silgi.database.query(sql, [patient.patientId]);

describe('a restoration is refused', () => {
  it('the second time', async () => {
    await patient.restore();
    expect(await patient.fails()).toMatchObject(refused('ALREADY_RESTORED'));
    expect(await patient.failures()).toEqual([{ code: 'RESTORATION_REFUSED', refusal: 'ALREADY_RESTORED' }]);
  });

  it('where the record says that its rows are destroyed', async () => {
    await patient.setRecord("state = 'DESTROYED'");
    expect(await patient.fails()).toMatchObject(refused('ALREADY_DESTROYED'));
    await patient.setRecord("state = 'DELETED'");
    await patient.stillWorks();
  });

  it('where the deletion is older than 30 days, and not a little before', async () => {
    const at = (interval: string) => patient.setRecord(`deleted_at = now() - interval '${interval}'`);
    await at('30 days 1 second');
    expect(await patient.fails()).toMatchObject(refused('WINDOW_OVER'));
    expect(await patient.failures()).toEqual([{ code: 'RESTORATION_REFUSED', refusal: 'WINDOW_OVER' }]);
    await at('29 days 23 hours');
    await patient.restore();
  });

  describe('by a service', () => {
    /** The same product with another setting. */
    const restoreWithin = (days: number) => {
      const { app } = silgi;
      const [shards, transactions, failed] = [
        app.get(Shards),
        app.get(Transactions),
        app.get(FailedAttempts),
      ];
      const other = new PatientOrchestrator(shards, transactions, failed, new RestoreWindow(days));
      return () => other.restorePatient(restorationOf(patient.deletion));
    };

    it('that restores nobody, whatever its age', async () => {
      const restore = restoreWithin(0);
      await expect(restore()).rejects.toMatchObject(refused('SWITCHED_OFF'));
      await patient.stillWorks();
    });

    it('whose window is another', async () => {
      const restore = restoreWithin(2);
      await patient.setRecord(`deleted_at = now() - interval '49 hours'`);
      await expect(restore()).rejects.toMatchObject(refused('WINDOW_OVER'));
      await patient.setRecord(`deleted_at = now() - interval '47 hours'`);
      await expect(restore()).resolves.toMatchObject({ replayed: false });
    });
  });

  it('of a patient who is not there', async () => {
    const nobody = { patientId: randomUUID(), deletionId: patient.deletion.deletionId };
    await expect(silgi.orchestrator.restorePatient(restorationOf(nobody))).rejects.toMatchObject({
      code: 'PATIENT_NOT_FOUND',
    });
  });

  it.each([
    ['that is not there', () => randomUUID()],
    ['of another patient', async () => (await DeletedPatient.prepare(silgi)).deletion.deletionId],
  ])('of a deletion %s', async (_, deletionId) => {
    expect(await patient.fails({ deletionId: await deletionId() })).toMatchObject({
      code: 'DELETION_NOT_FOUND',
    });
    expect(await patient.failures()).toEqual([]);
  });

  it('of a deletion that was claimed and never completed', async () => {
    await patient.setRecord("state = 'CLAIMED'");
    expect(await patient.fails()).toMatchObject({ code: 'DELETION_NOT_FOUND' });
  });

  it('of a patient who lives, with his one and only deletion undone', async () => {
    const patientId = await seedPatient(silgi.database, 1);
    const living = { patientId, deletionId: patient.deletion.deletionId };
    await expect(silgi.orchestrator.restorePatient(restorationOf(living))).rejects.toMatchObject({
      code: 'DELETION_NOT_FOUND',
    });
  });
});

describe('a restoration is vetoed', () => {
  /** @returns the blockers */
  async function vetoes() {
    const error = await patient.fails();
    expect(error).toMatchObject(refused('VETOED'));
    return (error as RestorationRefused).blockers;
  }

  it('by a legal hold, until it is released', async () => {
    await ofPatient(
      `INSERT INTO patient.sharded_legal_hold (patient_id, hold_id, reason, placed_by, placed_at)
       VALUES ($1, gen_random_uuid(), 'COURT_ORDER', 'x', '2026-03-02T09:30:00Z')`,
    );
    expect(await vetoes()).toEqual([
      { shard: 'patient', code: 'LEGAL_HOLD', detail: expect.stringContaining('COURT_ORDER') },
    ]);
    expect(await patient.failures()).toEqual([{ code: 'RESTORATION_REFUSED', refusal: 'VETOED' }]);
    await ofPatient(`UPDATE patient.sharded_legal_hold SET released_at = now() WHERE patient_id = $1`);
    await patient.stillWorks();
  });

  it.each(['patient.sharded_patient_demographics', ...CHILD_TABLES])(
    'where rows of %s are not what the record tells: table and both figures are named',
    async (table) => {
      const [shard = '', name = ''] = table.split('.');
      const rows = name === 'sharded_patient_demographics' ? 1 : name === 'sharded_tani' ? ROWS - 1 : ROWS;
      await patient.setRecord(
        `shards = (SELECT jsonb_agg(jsonb_set(s, '{resources}', (SELECT jsonb_agg(CASE WHEN r ->> 'table' = '${name}'
           THEN jsonb_set(r, '{rows}', '7') ELSE r END) FROM jsonb_array_elements(s -> 'resources') r)))
           FROM jsonb_array_elements(shards) s)`,
      );
      expect(await vetoes()).toEqual([
        {
          shard,
          code: 'ROWS_DIFFER',
          detail: `This deletion hides ${rows} rows of ${table}; its record tells of 7.`,
        },
      ]);
    },
  );

  it('where a row that was hidden is gone', async () => {
    await ofPatient(
      'DELETE FROM finance.sharded_fatura WHERE ctid = (SELECT ctid FROM finance.sharded_fatura WHERE patient_id = $1 LIMIT 1)',
    );
    expect(await vetoes()).toEqual([
      expect.objectContaining({
        shard: 'finance',
        detail: expect.stringMatching(/hides 1 rows .* tells of 2\.$/),
      }),
    ]);
  });

  it('where the record tells of a table that nobody declares', async () => {
    await patient.setRecord(
      `shards = shards || '[{"shard": "clinical", "resources": [{"resourceType": "X", "table": "gone", "rows": 3}]}]'`,
    );
    expect(await vetoes()).toEqual([
      {
        shard: 'clinical',
        code: 'ROWS_DIFFER',
        detail: 'This deletion hides 0 rows of clinical.gone; its record tells of 3.',
      },
    ]);
  });

  it('where the record tells of no rows at all', async () => {
    await patient.setRecord('shards = NULL');
    expect((await vetoes()).map(({ code }) => code)).toEqual(Array(15).fill('ROWS_DIFFER'));
  });

  it('where somebody has brought back the demographics by hand', async () => {
    const root = 'patient.sharded_patient_demographics';
    await ofPatient(
      `UPDATE ${root} SET is_deleted = false, deleted_at = NULL, deletion_id = NULL WHERE patient_id = $1`,
    );
    expect(await vetoes()).toEqual([
      expect.objectContaining({ detail: `This deletion hides 0 rows of ${root}; its record tells of 1.` }),
    ]);
  });

  it('by the catalogue guard, whatever stands in its way', async () => {
    await silgi.database.query('CREATE SCHEMA lab; CREATE TABLE lab.sample (patient_id uuid)');
    const found = await vetoes();
    await silgi.database.query('DROP SCHEMA lab CASCADE');
    expect(found).toEqual([
      expect.objectContaining({ code: 'UNDECLARED_TABLE', detail: expect.stringContaining('lab.sample') }),
    ]);
    await patient.stillWorks();
  });

  it('by the catalogue guard where a table appears after the votes', async () => {
    silgi.faults.at('restore clinical', async () => {
      await silgi.database.query('CREATE SCHEMA lab; CREATE TABLE lab.sample (patient_id uuid)');
    });
    const found = await vetoes();
    await silgi.database.query('DROP SCHEMA lab CASCADE');
    expect(found).toEqual([expect.objectContaining({ code: 'UNDECLARED_TABLE' })]);
  });

  it('by the audit shard where its event could not be written, and by everybody else at once', async () => {
    await silgi.database.query('REVOKE INSERT ON audit.sharded_audit_event FROM silgi_restorer');
    await patient.setRecord(`shards = '[]'`);
    const found = await vetoes();
    await silgi.database.query('GRANT INSERT ON audit.sharded_audit_event TO silgi_restorer');
    expect(found).toHaveLength(16);
    expect(found.at(-1)).toMatchObject({ shard: 'audit', code: 'AUDIT_NOT_WRITABLE' });
  });
});

describe('a value that has to be unique and was taken meanwhile', () => {
  const ROOT = 'patient.sharded_patient_demographics';
  const value = () => `H-${randomUUID()}`;
  afterEach(async () => {
    await silgi.database.query('ALTER TABLE finance.sharded_sigorta DROP CONSTRAINT IF EXISTS late');
    await silgi.database.query('DROP INDEX IF EXISTS patient.taken, finance.taken');
  });

  /** Gives a row of the deleted patient a value, which another patient may take. */
  async function numbered(table: string, column: string, taken: string) {
    const set = (patientId: string, to: string) =>
      silgi.database.query(
        `UPDATE ${table} SET ${column} = $2 WHERE ctid = (SELECT ctid FROM ${table} WHERE patient_id = $1 LIMIT 1)`,
        [patientId, to],
      );
    await set(patient.patientId, taken);
    const other = await seedPatient(silgi.database, 1);
    return { take: () => set(other, taken), free: () => set(other, value()) };
  }

  it.each([
    ['record number', ROOT, 'record_number', 'restore patient'],
    ['member id', 'finance.sharded_sigorta', 'member_id', 'restore finance'],
  ])('is named by its table: a %s', async (_, table, column, step) => {
    const [shard = '', name = ''] = table.split('.');
    const taken = value();
    const { take, free } = await numbered(table, column, taken);
    await silgi.database.query(
      `CREATE UNIQUE INDEX taken ON ${table} (${column}) WHERE NOT is_deleted AND ${column} = '${taken}'`,
    );
    await take();
    const point = { phase: 'EXECUTE', shard, step, table: name };
    const error = await patient.fails();
    expect(error).toMatchObject({ ...refused('VALUE_TAKEN'), point });
    expect((error as Error).message).not.toContain(taken);
    expect(await patient.failures()).toEqual([
      { code: 'RESTORATION_REFUSED', refusal: 'VALUE_TAKEN', ...point },
    ]);
    await free();
    await patient.restore();
    expect(await patient.record()).toMatchObject({ state: 'RESTORED' });
  });

  it('is found before the commit also where its constraint is deferred', async () => {
    const { take, free } = await numbered('finance.sharded_sigorta', 'member_id', value());
    await silgi.database.query(
      'ALTER TABLE finance.sharded_sigorta ADD CONSTRAINT late UNIQUE (member_id, live) DEFERRABLE INITIALLY DEFERRED',
    );
    await take();
    expect(await patient.fails()).toMatchObject({
      ...refused('VALUE_TAKEN'),
      point: { phase: 'EXECUTE', shard: 'finance', step: 'check constraints', table: 'sharded_sigorta' },
    });
    await free();
    await patient.restore();
  });

  it('is told of although nobody knows the table', async () => {
    jest
      .spyOn(silgi.app.get(RestorationRepository), 'checkConstraints')
      .mockRejectedValueOnce(Object.assign(new Error('taken'), { code: '23P01' }));
    expect(await patient.fails()).toMatchObject({
      ...refused('VALUE_TAKEN'),
      point: { shard: 'patient', step: 'check constraints' },
      message: expect.stringMatching(/^A value that has to be unique belongs/),
    });
  });
});

it('a patient who is deleted while the lock is taken is looked at once more', async () => {
  const lock = jest.spyOn(silgi.app.get(RestorationRepository), 'lockHidden').mockResolvedValueOnce(false);
  const { answer } = await patient.restore();
  expect(answer.totalRows).toBe(DELETED_ROWS);
  expect(lock).toHaveBeenCalledTimes(2);
  expect(silgi.faults.entered.filter((step) => step === 'take role').length).toBeGreaterThanOrEqual(2);
  await patient.assertRestored();
});
