import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { PipelinedConnection } from '../../src/postgres/index.js';
import { type PatientBundle, PatientIntake } from '../../src/orchestrator/index.js';
import { PatientRepository } from '../../src/patient/index.js';
import { countRows, digestOf } from '../support/patients.js';
import { deletionOf, openBehindProxy, type Silgi } from '../support/silgi.js';
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

  it('adds all rows of all patients, once', async () => {
    const bundles = [bundle(), bundle()];
    const added = { PatientDemographics: 1, Examination: 2, Allergy: 1, Invoice: 1 };
    expect(await admit(bundles)).toEqual([
      { deleted: false, added },
      { deleted: false, added },
    ]);
    const none = { PatientDemographics: 0, Examination: 0, Allergy: 0, Invoice: 0 };
    expect(await admit(bundles)).toEqual([
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
    jest.spyOn(silgi.app.get(PatientRepository), 'isDeleted').mockImplementationOnce(async (manager) => {
      await manager.query(
        `INSERT INTO patient.sharded_patient_demographics (patient_id, record_number, given_name, family_name)
         VALUES ($1, 'H-3', 'Çağrı', 'Öz')`,
        [one.patientId],
      );
      return false;
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
