import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { EntityManager } from 'typeorm';
import { CatalogueGuard, IntegrityScan } from '../../src/catalogue/index.js';
import { ClinicalRepository } from '../../src/clinical/index.js';
import { openSilgi, type Silgi } from '../support/silgi.js';
import { ALL_ROWS, DATES, DestroyedPatient, retentionOf, ROWS } from './destruction.stage.js';

let silgi: Silgi;
let patient: DestroyedPatient;

beforeAll(async () => {
  silgi = await openSilgi();
});
beforeEach(async () => {
  patient = await DestroyedPatient.prepare(silgi);
});
afterEach(async () => {
  jest.restoreAllMocks();
  silgi.faults.reset();
  await silgi.assertNothingLeaked();
});
afterAll(() => silgi.close());

const INVOICES = 'finance.sharded_fatura';
const RESULTS = 'clinical.sharded_tetkik_sonuc';
const isHealthy = async () => {
  const scan = new IntegrityScan(silgi.app.get(EntityManager), silgi.app.get(CatalogueGuard));
  expect(await scan.run()).toMatchObject({ healthy: true, mismatches: [] });
};
const refused = (refusal: string) => ({ code: 'DESTRUCTION_REFUSED', refusal });

describe('a destruction of a patient whose every period is over', () => {
  it('leaves his id and the mark, and nothing else of him', async () => {
    const answer = await patient.destroy();
    expect(answer).toMatchObject({
      ...patient.deletion,
      state: 'DESTROYED',
      totalRows: ALL_ROWS,
      kept: [],
      destroyedBy: 'officer@hospital.example',
    });
    await patient.assertDestroyed();
    await isHealthy();
  });

  it('writes one event, with every table and its rows', async () => {
    const { auditEventId, shards } = await patient.destroy();
    expect(await patient.events('SYSTEM_DESTROY_PATIENT')).toEqual([
      expect.objectContaining({
        audit_event_id: auditEventId,
        actor: 'officer@hospital.example',
        actor_role: 'privacy-officer',
        reason: 'RETENTION_EXPIRED',
        legal_basis: null,
        deletion_id: patient.deletion.deletionId,
        purged: shards,
        failure: null,
      }),
    ]);
    const tables = shards.flatMap(({ shard, resources }) =>
      resources.map(({ table, rows }) => [`${shard}.${table}`, rows]),
    );
    expect(Object.fromEntries(tables)).toEqual({
      ...Object.fromEntries(Object.values(DATES).map(([table]) => [table, ROWS])),
      'patient.sharded_patient_demographics': 1,
    });
  });

  it('tells apart in its record what the hospital had hidden before', async () => {
    await patient.destroy();
    const [record] = await patient.destructions();
    const diagnoses = (column: string) =>
      (record?.[column] as { resources: { table: string; rows: number }[] }[])
        .flatMap(({ resources }) => resources)
        .find(({ table }) => table === 'sharded_tani')?.rows;
    expect([diagnoses('shards'), diagnoses('deletion_shards')]).toEqual([ROWS, ROWS - 1]);
    expect(record).toMatchObject({ last_contact: expect.any(Date), policy_digest: 'ab'.repeat(32) });
  });

  it('works as silgi_destroyer, and its session as silgi_service again afterwards', async () => {
    const roles: string[] = [];
    const clinical = silgi.app.get(ClinicalRepository);
    const real = clinical.destroy.bind(clinical);
    jest.spyOn(clinical, 'destroy').mockImplementationOnce(async (manager, question) => {
      const [row] = await manager.query<{ role: string }[]>('SELECT current_user AS role');
      roles.push(row?.role ?? '');
      return real(manager, question);
    });
    await patient.destroy();
    const [row] = await silgi.app.get(EntityManager).query<{ role: string }[]>('SELECT current_user AS role');
    expect([...roles, row?.role]).toEqual(['silgi_destroyer', 'silgi_service']);
  });
});

describe('a destruction takes what is due and leaves the rest hidden', () => {
  it('by resource type, and says what is kept, on what ground and until when', async () => {
    await patient.date(INVOICES, `service_at = '2020-03-01T10:00:00Z'`);
    const answer = await patient.destroy();
    expect(answer.state).toBe('DELETED');
    expect(answer.kept).toEqual([
      {
        shard: 'finance',
        resourceType: 'Invoice',
        table: 'sharded_fatura',
        rows: ROWS,
        until: '2030-12-31',
        undated: 0,
        ground: 'COMMERCIAL_RECORDS',
      },
    ]);
    expect(await patient.left()).toEqual({ [INVOICES]: ROWS });
    expect(await patient.record()).toMatchObject({ state: 'DELETED', answer: expect.any(String) });
    const [row] = await silgi.database.query(
      'SELECT family_name FROM patient.sharded_patient_demographics WHERE patient_id = $1',
      [patient.patientId],
    );
    expect(row).toEqual({ family_name: 'Yıldız' });
    await isHealthy();
  });

  it('and the rest, with his own row, once its period is over, too', async () => {
    await patient.date(INVOICES, `service_at = '2020-03-01T10:00:00Z'`);
    await patient.destroy();
    expect(await patient.fails()).toMatchObject(refused('NOTHING_DUE'));
    const answer = await patient.destroy(retentionOf({ Invoice: { keep: 'P2Y' } }));
    expect(answer).toMatchObject({ state: 'DESTROYED', totalRows: ROWS + 1 });
    await patient.assertDestroyed();
    await isHealthy();
  });

  it.each([
    // It was two hours ahead then.
    ['ROW', `observed_at = '2006-10-31T21:59:59Z'`, {}],
    ['ROW', `observed_at = '2006-10-31T22:00:00Z'`, { [RESULTS]: ROWS }],
    ['ROW', `observed_at = '2004-02-29T10:00:00Z'`, {}],
    // Half past midnight in Istanbul is of the new year.
    ['END_OF_YEAR', `observed_at = '2005-12-31T22:30:00Z'`, { [RESULTS]: ROWS }],
    ['END_OF_YEAR', `observed_at = '2005-12-31T20:30:00Z'`, {}],
    ['ROW', 'observed_at = NULL', { [RESULTS]: ROWS }],
    ['END_OF_YEAR', 'observed_at = NULL', { [RESULTS]: ROWS }],
    ['END_OF_YEAR', `observed_at = 'infinity'`, { [RESULTS]: ROWS }],
    ['ROW', `observed_at = '-infinity'`, { [RESULTS]: ROWS }],
  ] as const)('counting a period of twenty years from %s where %s', async (from, change, left) => {
    await patient.date(RESULTS, change);
    await patient.destroy(retentionOf({ TestResult: { from } }));
    expect(await patient.left()).toEqual(left);
    await isHealthy();
  });

  it('row by row of one table, and tells how many have no date', async () => {
    await silgi.database.query(
      `UPDATE ${RESULTS} SET observed_at = NULL WHERE id = (SELECT min(id::text)::uuid FROM ${RESULTS} WHERE patient_id = $1)`,
      [patient.patientId],
    );
    const { kept } = await patient.destroy(retentionOf({ TestResult: { from: 'ROW' } }));
    expect(kept).toEqual([
      expect.objectContaining({ table: 'sharded_tetkik_sonuc', rows: 1, until: null, undated: 1 }),
    ]);
    expect(await patient.left()).toEqual({ [RESULTS]: 1 });
  });

  it('by the latest of several dates of a row', async () => {
    await patient.date('clinical.sharded_muayene', `ended_at = '2020-01-01T10:00:00Z'`);
    await patient.destroy(retentionOf({ Examination: { from: 'ROW' } }));
    expect(await patient.left()).toEqual({ 'clinical.sharded_muayene': ROWS });
  });

  it('and keeps every clinical row from the last contact on, whichever table tells of it', async () => {
    await patient.date('clinical.sharded_asi', `administered_at = '2015-05-05T10:00:00Z'`);
    const { kept } = await patient.destroy();
    expect(new Set(kept.map(({ until }) => until))).toEqual(new Set(['2035-05-05']));
    expect(kept).toHaveLength(11);
  });

  it('and remembers the last contact when the row that told of it is gone', async () => {
    await patient.date('clinical.sharded_asi', `administered_at = '2015-05-05T10:00:00Z'`);
    const shorter = retentionOf({ Immunization: { keep: 'P5Y' } });
    await patient.destroy(shorter);
    expect(await patient.left()).not.toHaveProperty('clinical.sharded_asi');
    expect(await patient.fails(shorter)).toMatchObject({
      ...refused('NOTHING_DUE'),
      kept: expect.arrayContaining([expect.objectContaining({ until: '2035-05-05' })]),
    });
  });

  it.each([
    ['that has no end', `ended_at = 'infinity'`],
    ['that does not say when it was', 'started_at = NULL, ended_at = NULL'],
  ])('and keeps a row %s, whatever the others tell of the last contact', async (_, change) => {
    await patient.date('clinical.sharded_muayene', change);
    const { kept } = await patient.destroy();
    expect(kept).toEqual([
      expect.objectContaining({ resourceType: 'Examination', rows: ROWS, until: null, undated: ROWS }),
    ]);
  });

  it('where no row tells of a last contact, nothing that is counted from it', async () => {
    for (const [table, ...dates] of Object.values(DATES).filter(([name]) => name.startsWith('clinical')))
      await patient.date(table, dates.map((date) => `${date} = NULL`).join(', '));
    const { kept } = await patient.destroy();
    expect(kept.map(({ until, undated }) => [until, undated])).toEqual(Array(11).fill([null, ROWS]));
  });

  it('and nothing of a type of which no rule speaks', async () => {
    const { rules, ...retention } = retentionOf();
    const without = { ...retention, rules: rules.filter(({ resourceType }) => resourceType !== 'Device') };
    const { kept } = await patient.destroy(without);
    expect(kept).toEqual([
      expect.objectContaining({ resourceType: 'Device', rows: ROWS, ground: 'NO_RULE' }),
    ]);
  });
});

describe('a preview of a destruction', () => {
  it('says what would go and what would stay, and changes nothing', async () => {
    await patient.date(INVOICES, `service_at = '2020-03-01T10:00:00Z'`);
    const { plan, refused: why } = await patient.orchestrator.previewDestruction(
      patient.command(),
      retentionOf(),
    );
    expect(why).toBeUndefined();
    expect(plan).toMatchObject({ isFinal: false, totalRows: ALL_ROWS - 1 - ROWS });
    expect(await patient.destructions()).toEqual([]);
    expect(Object.keys(await patient.left())).toHaveLength(14);
    const { shards, kept } = await patient.destroy();
    expect({ shards, kept }).toEqual({ shards: plan.destroyed, kept: plan.kept });
  });

  it('says why it would be refused, of a policy that nobody has signed as well', async () => {
    const retention = { ...retentionOf({ Invoice: { keep: 'P90Y' } }), signedOff: null };
    const { rules } = retention;
    const all = { ...retention, rules: rules.map((rule) => ({ ...rule, keep: 'P90Y' })) };
    const { refused: why } = await patient.orchestrator.previewDestruction(patient.command(), all);
    expect(why).toMatchObject(refused('NOTHING_DUE'));
    expect(await patient.fails(all)).toMatchObject(refused('POLICY_NOT_SIGNED_OFF'));
  });

  it('fails as a destruction does where it cannot be known', async () => {
    silgi.faults.at('vote finance', () => {
      throw new Error('injected');
    });
    await expect(
      patient.orchestrator.previewDestruction(patient.command(), retentionOf()),
    ).rejects.toMatchObject({ code: 'SHARD_FAILED' });
  });
});
