import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EntityManager } from 'typeorm';
import { CatalogueGuard, IntegrityScan } from '../../src/catalogue/index.js';
import { deletionOf } from '../support/silgi.js';
import { type AdoptedHospital, openAdopted, ROWS_OF_ONE } from '../adopted/hospital.stage.js';

let hospital: AdoptedHospital;

beforeAll(async () => {
  hospital = await openAdopted();
});

afterAll(() => hospital.close());

describe('a deletion in a hospital’s own tables', () => {
  it('finds nothing in its way', async () => {
    const manager = hospital.app.get(EntityManager);
    expect(await hospital.app.get(CatalogueGuard).undeclaredTables(manager)).toEqual([]);
    expect(await hospital.app.get(IntegrityScan).run()).toMatchObject({
      healthy: true,
      drift: [],
      mismatches: [],
    });
  });

  it('is previewed with the table that nothing fences', async () => {
    const patientId = await hospital.patientIdOf(2);
    const preview = await hospital.orchestrator.previewDeletion({ patientId, requestId: 'preview' });
    expect(preview).toMatchObject({
      ready: true,
      totalRows: Object.values(ROWS_OF_ONE).reduce((sum, rows) => sum + rows, 0),
      unfencedTables: [{ table: 'his.contact', why: 'what it refers to depends on a column' }],
    });
  });

  it('moves every row of the patient, direct and indirect, and none of anybody else', async () => {
    const patientId = await hospital.patientIdOf(2);
    const { answer } = await hospital.orchestrator.deletePatient(deletionOf(patientId));
    const counts = answer.shards.flatMap(({ resources }) =>
      resources.map(({ table, rows }) => [table, rows]),
    );
    expect(Object.fromEntries(counts)).toEqual(ROWS_OF_ONE);
    expect(await hospital.app.get(IntegrityScan).run()).toMatchObject({
      healthy: true,
      drift: [],
      mismatches: [],
    });
    await hospital.assertNothingLeaked();
  });
});
