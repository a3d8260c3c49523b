import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { EntityManager } from 'typeorm';
import { AdoptedGuard, type Reason } from '../adopted/guard.stage.js';
import { deletionOf } from '../support/silgi.js';
import { CatalogueGuard } from '../../src/catalogue/index.js';

let guard: AdoptedGuard;
beforeAll(async () => {
  guard = await AdoptedGuard.open();
  await guard.run(
    'CREATE SCHEMA lab; CREATE FOREIGN DATA WRAPPER nowhere; CREATE SERVER away FOREIGN DATA WRAPPER nowhere',
  );
});
afterEach(() => guard.hospital.assertNothingLeaked());
afterAll(() => guard.hospital.close());

const UNDECLARED = /that no shard declares/;

describe('in the database of a hospital that has declared its tables, every deletion is refused by', () => {
  it.each<[string, string, string, ...Reason[]]>([
    [
      'a table of a watched schema, whatever it holds',
      'CREATE TABLE his.pocket (a integer)',
      'DROP TABLE his.pocket',
      ['his.pocket', /a table in the schema of a shard that no shard declares/],
    ],
    [
      'a table among the pseudonyms, and one where rows leave for',
      'CREATE TABLE silgi.more (a integer); CREATE TABLE silgi_vault.more (a integer)',
      'DROP TABLE silgi.more; DROP TABLE silgi_vault.more',
      ['silgi.more', UNDECLARED],
      ['silgi_vault.more', UNDECLARED],
    ],
    [
      'a foreign table and a materialized view of a watched schema',
      `CREATE FOREIGN TABLE his.remote (a integer) SERVER away;
       CREATE MATERIALIZED VIEW "Hasta_Kayıt".totals AS SELECT count(*) FROM his.bill`,
      'DROP FOREIGN TABLE his.remote; DROP MATERIALIZED VIEW "Hasta_Kayıt".totals',
      ['his.remote', /a foreign table in the schema/],
      ['Hasta_Kayıt.totals', /a materialized view in the schema/],
    ],
    [
      'a table of another schema that has the key of patients by its name',
      'CREATE TABLE lab.sample ("PersonNo" bigint)',
      'DROP TABLE lab.sample',
      ['lab.sample', /a table linked to patients that no shard declares/],
    ],
    [
      'a table of another schema with a foreign key to the patients',
      'CREATE TABLE lab.sample (who bigint REFERENCES his.person)',
      'DROP TABLE lab.sample',
      ['lab.sample', /a table linked to patients by a foreign key to his.person that no shard declares/],
      ['his.person', /lab\.sample refers to it \(sample_who_fkey\), and its rows do not leave with it/],
    ],
    [
      'a foreign table in the place of a declared one',
      'ALTER TABLE his.contact RENAME TO was; CREATE FOREIGN TABLE his.contact (LIKE his.was) SERVER away',
      'DROP FOREIGN TABLE his.contact; ALTER TABLE his.was RENAME TO contact',
    ],
  ])('%s', async (_, ddl, undo, ...reasons) => {
    const key = await guard.patient();
    await guard.run(ddl);
    try {
      if (reasons.length > 0) await guard.expectVeto(key, reasons);
      else {
        const said = await guard.hospital.app
          .get(CatalogueGuard)
          .undeclaredTables(guard.hospital.app.get(EntityManager));
        expect(said).toContainEqual({ table: 'his.contact', why: 'no row leaves a foreign table' });
      }
    } finally {
      await guard.run(undo);
    }
    await guard.expectDeleted(key);
  });
});

describe('the rescan of a hospital’s own tables', () => {
  it('vetoes where a table has appeared since the vote, and nothing is changed', async () => {
    const key = await guard.patient();
    guard.hospital.faults.at('rescan', async () => {
      await guard.run('CREATE TABLE his.pocket (a integer)');
    });
    const error = await guard.failureOf(key);
    expect(error).toMatchObject({
      code: 'DELETION_VETOED',
      blockers: [{ code: 'UNDECLARED_TABLE', detail: expect.stringContaining('his.pocket') }],
    });
    await guard.run('DROP TABLE his.pocket');
    await guard.expectDeleted(key);
  });

  it('names every table that has rows of the patient by then, those that hang on what has left among them', async () => {
    const key = await guard.patient();
    guard.hospital.faults.at('rescan', async () => {
      // Past the fences, as a superuser may.
      await guard.run(`SET session_replication_role = replica; INSERT INTO his.word VALUES (${key}, 'late');
        INSERT INTO his.contact (kind, ref) VALUES ('visit', ${key}); RESET session_replication_role`);
    });
    const patientId = await guard.hospital.patientIdOf(key);
    const failed = guard.hospital.orchestrator.deletePatient(deletionOf(patientId));
    await expect(failed).rejects.toMatchObject({
      code: 'SHARD_FAILED',
      point: { shard: 'finance', step: 'rescan', table: 'his.contact' },
      message: expect.stringContaining('his.contact, his.word'),
    });
    await guard.run(`DELETE FROM his.word WHERE word = 'late'; DELETE FROM his.contact WHERE ref = ${key}`);
    await guard.expectDeleted(key);
  });
});
