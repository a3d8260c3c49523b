import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { PipelinedConnection } from '../../src/postgres/index.js';
import { type PatientBundle, PatientIntake } from '../../src/orchestrator/index.js';
import { PatientRepository } from '../../src/patient/index.js';
import { countRows, digestOf } from '../support/patients.js';
import { deletionOf, openBehindProxy, type Silgi } from '../support/silgi.js';
import { until } from '../support/processes.js';
import type { WireProxy } from '../support/wire.proxy.js';

describe('taking patients in', () => {
  let silgi: Silgi;
  let proxy: WireProxy;
  beforeAll(async () => {
    ({ silgi, proxy } = await openBehindProxy({ asOwner: true }));
  });
  afterEach(() => silgi.assertNothingLeaked());
  afterAll(async () => {
    await silgi.close();
    await proxy.close();
  });

  const admit = (bundles: PatientBundle[]) => silgi.app.get(PatientIntake).admit(bundles);

  function bundle(): PatientBundle {
    const patientId = randomUUID();
    const row = (more: object) => ({ patientId, id: randomUUID(), ...more });
    return {
      patientId,
      resources: {
        PatientDemographics: [
          { patientId, recordNumber: 'H-2', givenName: 'Çağrı', familyName: 'Öz' } as object,
        ],
        Examination: [row({ code: '1', startedAt: '2024-01-01T10:00:00Z' }), row({ description: 'kontrol' })],
        Allergy: [row({ reactions: [{ code: '1' }] })],
        Invoice: [row({ diagnosisCodes: ['J00', 'J01'] })],
      },
    };
  }

  /** Rows of every table of a bundle that is in the database. */
  const WHOLE = {
    'patient.sharded_patient_demographics': 1,
    'clinical.sharded_muayene': 2,
    'clinical.sharded_alerji': 1,
    'finance.sharded_fatura': 1,
  };

  /** How many rows of a patient each table has, live or not, where it has any. */
  async function stored(patientId: string): Promise<Record<string, number>> {
    const counts = Object.entries(await countRows(silgi.database, patientId));
    const rows = counts.map(([table, { live, deleted }]) => [table, live + deleted] as const);
    return Object.fromEntries(rows.filter(([, count]) => count > 0));
  }

  /** Until a session of this database waits for a lock. */
  const untilOneWaits = () =>
    until(async () => {
      const waiting = await silgi.database.query(
        "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
      );
      return waiting.length > 0;
    });

  it('adds all rows of all patients, once', async () => {
    const bundles = [bundle(), bundle()];
    const added = { PatientDemographics: 1, Examination: 2, Allergy: 1, Invoice: 1 };
    expect(await admit(bundles)).toEqual([
      { deleted: false, added },
      { deleted: false, added },
    ]);
    const none = { PatientDemographics: 0, Examination: 0, Allergy: 0, Invoice: 0 };
    // In either order: they are sorted before they are added.
    expect(await admit([...bundles].reverse())).toEqual([
      { deleted: false, added: none },
      { deleted: false, added: none },
    ]);
    for (const { patientId } of bundles) expect(await stored(patientId)).toEqual(WHOLE);
    const [invoice] = await silgi.database.query(
      'SELECT diagnosis_codes FROM finance.sharded_fatura WHERE patient_id = $1',
      [bundles[0]?.patientId],
    );
    expect(invoice).toEqual({ diagnosis_codes: ['J00', 'J01'] });
  });

  it('never brings a deleted patient back', async () => {
    const one = bundle();
    await admit([one]);
    await silgi.orchestrator.deletePatient(deletionOf(one.patientId));
    const before = await digestOf(silgi.database, one.patientId);
    expect(await admit([one])).toEqual([{ deleted: true, added: {} }]);
    expect(await digestOf(silgi.database, one.patientId)).toBe(before);
  });

  it('keeps a live patient from being deleted before its rows are in', async () => {
    const one = bundle();
    await admit([one]);
    const blocker = await silgi.database.connect();
    await blocker.query('BEGIN');
    // It lets rows be locked, and none be added.
    await blocker.query('LOCK TABLE patient.sharded_patient_demographics IN SHARE MODE');
    const admitted = admit([one]);
    await untilOneWaits();
    const deletion = silgi.database.query(
      'SELECT FROM patient.sharded_patient_demographics WHERE patient_id = $1 FOR UPDATE NOWAIT',
      [one.patientId],
    );
    await expect(deletion).rejects.toMatchObject({ code: '55P03' });
    await blocker.query('ROLLBACK');
    await blocker.end();
    expect(await admitted).toMatchObject([{ deleted: false }]);
  });

  it('leaves a patient alone who is deleted while it waits, and takes the others in', async () => {
    const [one, other] = [bundle(), bundle()];
    await admit([one]);
    const deletion = await silgi.database.connect();
    await deletion.query('BEGIN');
    for (const table of Object.keys(WHOLE).reverse())
      await deletion.query(`UPDATE ${table} SET is_deleted = true WHERE patient_id = $1`, [one.patientId]);
    const more = { ...one.resources, Diagnosis: [{ patientId: one.patientId, id: randomUUID() }] };
    const admitted = admit([{ ...one, resources: more }, other]);
    await untilOneWaits();
    await deletion.query('COMMIT');
    await deletion.end();
    expect(await admitted).toMatchObject([
      { deleted: true, added: {} },
      { deleted: false, added: { PatientDemographics: 1, Examination: 2 } },
    ]);
    expect(await stored(one.patientId)).toEqual(WHOLE);
    expect(await stored(other.patientId)).toEqual(WHOLE);
  });

  it('waits for whoever adds the same patients, in one order with him, and adds none twice', async () => {
    const [first, second] = [bundle(), bundle()].sort((a, b) => (a.patientId < b.patientId ? -1 : 1));
    if (first === undefined || second === undefined) throw new Error('There are two.');
    const other = await silgi.database.connect();
    const add = ({ patientId }: PatientBundle) =>
      other.query(
        `INSERT INTO patient.sharded_patient_demographics (patient_id, record_number, given_name, family_name)
         VALUES ($1, 'H-4', 'Çağrı', 'Öz')`,
        [patientId],
      );
    await other.query('BEGIN');
    await add(first);
    const admitted = admit([second, first]);
    await untilOneWaits();
    // Where it had been added already, this would wait for what waits for it.
    await other.query("SET LOCAL lock_timeout = '50ms'");
    await add(second);
    await other.query('COMMIT');
    await other.end();
    const added = { PatientDemographics: 0, Examination: 2, Allergy: 1, Invoice: 1 };
    expect(await admitted).toEqual([
      { deleted: false, added },
      { deleted: false, added },
    ]);
    for (const { patientId } of [first, second]) expect(await stored(patientId)).toEqual(WHOLE);
  });

  it('takes a patient in whole who has more rows than one statement adds', async () => {
    const { patientId, resources } = bundle();
    const rows = Array.from({ length: 5_001 }, () => ({ patientId, id: randomUUID() }));
    const [intake] = await admit([{ patientId, resources: { ...resources, Examination: rows } }]);
    expect(intake?.added['Examination']).toBe(5_001);
    expect(await stored(patientId)).toEqual({ ...WHOLE, 'clinical.sharded_muayene': 5_001 });
  });

  it('adds none of a batch when one row cannot be stored, and names the table', async () => {
    const good = bundle();
    const bad = bundle();
    const wrong = { patientId: bad.patientId, id: 'not a uuid' };
    await expect(
      admit([good, { ...bad, resources: { ...bad.resources, Diagnosis: [wrong] } }]),
    ).rejects.toMatchObject({ code: 'SHARD_FAILED', point: { step: 'admit', table: 'sharded_tani' } });
    for (const { patientId } of [good, bad]) expect(await stored(patientId)).toEqual({});
  });

  it('adds nothing where the transaction has not begun', async () => {
    const start = jest.spyOn(PipelinedConnection.prototype, 'begin').mockImplementationOnce(function (
      this: PipelinedConnection,
      characteristics,
    ) {
      start.mockRestore();
      return this.begin({ ...characteristics, isolation: 'NONSENSE' as 'READ COMMITTED' });
    });
    const one = bundle();
    // A statement that shares no message would be committed by itself.
    jest.spyOn(silgi.app.get(PatientRepository), 'deletedAmong').mockImplementationOnce(async (manager) => {
      await manager.query(
        `INSERT INTO patient.sharded_patient_demographics (patient_id, record_number, given_name, family_name)
         VALUES ($1, 'H-3', 'Çağrı', 'Öz')`,
        [one.patientId],
      );
      return new Set();
    });
    await expect(admit([one])).rejects.toMatchObject({ code: 'SHARD_FAILED', point: { step: 'begin' } });
    expect(await stored(one.patientId)).toEqual({});
  });

  it.each(['before', 'after'] as const)(
    'is done once more when the connection is lost %s the commit',
    async (cut) => {
      const one = bundle();
      const fired = proxy.fired;
      proxy.cutAt('COMMIT', cut);
      const [intake] = await admit([one]);
      expect(proxy.fired).toBe(fired + 1);
      expect(intake?.added['Examination']).toBe(cut === 'before' ? 2 : 0);
      expect(await stored(one.patientId)).toEqual(WHOLE);
    },
  );

  it('of nobody does nothing', async () => {
    expect(await admit([])).toEqual([]);
  });
});
