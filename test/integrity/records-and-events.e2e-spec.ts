import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EntityManager } from 'typeorm';
import { CatalogueGuard, IntegrityScan } from '../../src/catalogue/index.js';
import { seedPatient } from '../support/patients.js';
import { deletionOf, openSilgi, type Silgi } from '../support/silgi.js';

const RECORD = 'patient.sharded_patient_deletion';
const EVENT = 'audit.sharded_audit_event';

let silgi: Silgi;

beforeAll(async () => {
  silgi = await openSilgi();
});

afterAll(() => silgi.close());

const scan = () => new IntegrityScan(silgi.app.get(EntityManager), silgi.app.get(CatalogueGuard)).run();
const run = (sql: string) => silgi.database.query(sql);

describe('a record of a deletion', () => {
  let deletionId: string;
  beforeAll(async () => {
    const patientId = await seedPatient(silgi.database, 1);
    ({ deletionId } = (await silgi.orchestrator.deletePatient(deletionOf(patientId))).answer);
    await silgi.orchestrator.deletePatient(deletionOf(await seedPatient(silgi.database, 1)));
  });

  it.each([
    ['reason', `reason = 'COURT_ORDER'`],
    ['legalBasis', `legal_basis = 'OTHER_LAW'`],
    ['requestedBy', `requested_by = 'somebody else'`],
    ['requestedAt', `requested_at = requested_at - interval '1 microsecond'`],
    ['requestId', `request_id = request_id || 'x'`],
    ['deletedAt', `deleted_at = deleted_at + interval '1 microsecond'`],
    ['deletedAt', 'deleted_at = NULL'],
    ['shards', `shards = jsonb_set(shards, '{0,resources,0,rows}', '2')`],
    ['shards', 'shards = NULL'],
    ['totalRows', 'total_rows = total_rows + 1'],
    ['totalRows', 'total_rows = NULL'],
  ])('that contradicts its event in %s is counted and the field named (%s)', async (field, change) => {
    expect(await scan()).toMatchObject({ healthy: true, mismatches: [] });
    await run(`CREATE TABLE public.kept AS SELECT * FROM ${RECORD} WHERE deletion_id = '${deletionId}'`);
    await run(`UPDATE ${RECORD} SET ${change} WHERE deletion_id = '${deletionId}'`);
    expect(await scan()).toMatchObject({
      healthy: false,
      // What differs from the rows as well is named beside it.
      mismatches: expect.arrayContaining([
        { what: 'RECORD_CONTRADICTS_AUDIT_EVENT', rows: 1, fields: [field] },
      ]),
    });
    await run(`DELETE FROM ${RECORD} WHERE deletion_id = '${deletionId}'`);
    await run(`INSERT INTO ${RECORD} SELECT * FROM public.kept`);
    await run('DROP TABLE public.kept');
  });

  it('is not said to contradict an event that is too old to say when it was asked for', async () => {
    await run(`ALTER TABLE ${EVENT} DISABLE TRIGGER append_only`);
    await run(
      `UPDATE ${EVENT} SET requested_at = NULL, actor_source = NULL WHERE deletion_id = '${deletionId}'`,
    );
    await run(`ALTER TABLE ${EVENT} ENABLE ALWAYS TRIGGER append_only`);
    expect(await scan()).toMatchObject({ healthy: true, mismatches: [] });
  });
});

describe('what changes records or events as they are written', () => {
  /** As a superuser makes it who wants every event and record to say something else. */
  const FORGER = `CREATE FUNCTION public.forge() RETURNS trigger LANGUAGE plpgsql AS`;

  async function withTrigger(table: string, when: string, body: string, test: () => Promise<void>) {
    await run(`${FORGER} $$ BEGIN ${body}; RETURN NEW; END $$`);
    await run(`CREATE TRIGGER forge ${when} ON ${table} FOR EACH ROW EXECUTE FUNCTION public.forge()`);
    try {
      await test();
    } finally {
      await run('DROP FUNCTION public.forge CASCADE');
    }
  }

  it.each([
    ['actor', `NEW.actor := 'nobody'`],
    ['requested_at', `NEW.requested_at := '2020-01-01'`],
    ['actor_source', 'NEW.actor_source := NULL'],
    ['purged', `NEW.purged := '[]'`],
    ['occurred_at', `NEW.occurred_at := NEW.occurred_at + interval '1 microsecond'`],
    ['reason, legal_basis', `NEW.reason := 'COURT_ORDER'; NEW.legal_basis := 'OTHER_LAW'`],
  ])('undoes the deletion where a trigger changes %s of the event', async (columns, body) => {
    await withTrigger(EVENT, 'BEFORE INSERT', body, async () => {
      const patientId = await seedPatient(silgi.database, 1);
      await expect(silgi.orchestrator.deletePatient(deletionOf(patientId))).rejects.toMatchObject({
        code: 'SHARD_FAILED',
        point: { phase: 'EXECUTE', shard: 'audit', table: 'sharded_audit_event' },
        cause: { cause: { message: `The audit event was kept otherwise than it was written: ${columns}.` } },
      });
      expect(await run(`SELECT FROM ${RECORD} WHERE patient_id = '${patientId}'`)).toEqual([]);
    });
  });

  it.each([
    ['at its insert', 'requested_by', 'BEFORE INSERT', `NEW.requested_by := 'nobody'`],
    ['at its completion', 'requested_at', 'BEFORE UPDATE', `NEW.requested_at := '2020-01-01'`],
    ['at its completion', 'total_rows', 'BEFORE UPDATE', `NEW.total_rows := 1`],
  ])('undoes the deletion where a trigger changes the record %s: %s', async (_, column, when, body) => {
    await withTrigger(RECORD, when, body, async () => {
      const patientId = await seedPatient(silgi.database, 1);
      await expect(silgi.orchestrator.deletePatient(deletionOf(patientId))).rejects.toMatchObject({
        code: 'SHARD_FAILED',
        point: { phase: 'EXECUTE', shard: 'patient', table: 'sharded_patient_deletion' },
        cause: {
          cause: { message: `The record of the deletion was kept otherwise than it was written: ${column}.` },
        },
      });
      expect(await run(`SELECT FROM ${RECORD} WHERE patient_id = '${patientId}'`)).toEqual([]);
    });
  });

  it.each([
    ...[EVENT, RECORD, 'patient.sharded_legal_hold', 'audit.audit_log_leaf', 'audit.audit_log_checkpoint'],
    ...['audit.audit_log_node', 'audit.audit_log_key'],
  ])('is found by the scan as a trigger and as a rule on %s', async (table) => {
    await withTrigger(table, 'AFTER INSERT', 'NULL', async () => {
      const why = `the trigger forge is not Silgi's`;
      expect(await scan()).toMatchObject({ healthy: false, drift: [{ table, why }] });
    });
    await run(`CREATE RULE quiet AS ON INSERT TO ${table} DO ALSO NOTHING`);
    const why = `the rule quiet is not Silgi's`;
    expect(await scan()).toMatchObject({ healthy: false, drift: [{ table, why }] });
    await run(`DROP RULE quiet ON ${table}`);
    expect(await scan()).toMatchObject({ healthy: true, drift: [] });
  });

  it('is found by the scan where what refuses a change of the log is off, gone, or refuses nothing', async () => {
    const off = { table: EVENT, why: expect.stringContaining('append_only') };
    await run(`ALTER TABLE ${EVENT} DISABLE TRIGGER append_only`);
    expect(await scan()).toMatchObject({ healthy: false, drift: [off] });
    // In replica mode it would not fire.
    await run(`ALTER TABLE ${EVENT} ENABLE TRIGGER append_only`);
    expect(await scan()).toMatchObject({ healthy: false, drift: [off] });
    await run(`ALTER TABLE ${EVENT} ENABLE ALWAYS TRIGGER append_only`);
    const [refusal] = await silgi.database.query<{ definition: string }>(
      `SELECT pg_get_functiondef('audit.refuse_change'::regproc) AS definition`,
    );
    await run(`CREATE OR REPLACE FUNCTION audit.refuse_change() RETURNS trigger LANGUAGE plpgsql
      AS $$ BEGIN RETURN NULL; END $$`);
    expect((await scan()).drift).toHaveLength(5);
    await run(refusal?.definition ?? '');
    expect(await scan()).toMatchObject({ healthy: true });
  });
});
