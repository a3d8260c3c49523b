import { expect } from '@jest/globals';
import { Readiness } from '../../src/admin/health/readiness.js';
import { EntityManager } from 'typeorm';
import { CatalogueGuard, type IntegrityReport, IntegrityScan } from '../../src/catalogue/index.js';
import { DeletionProbe } from '../../src/orchestrator/index.js';
import { DatabaseLifecycle } from '../../src/postgres/index.js';
import { deletionOf } from '../support/silgi.js';
import { type AdoptedHospital, openAdopted } from './hospital.stage.js';

/** Schema and name of a table, and what is said of it. */
export type Reason = readonly [table: string, why: RegExp];

/** What is changed beneath a running service, the statements that do and undo it, and what is said of it. */
export type Change = readonly [what: string, ddl: string, undo: string, ...reasons: Reason[]];

/** What a deletion of somebody says of a hospital that has changed beneath the service, and that it changes nothing. */
export class AdoptedGuard {
  private next = 1_000;
  private readonly readiness: Readiness;

  private constructor(readonly hospital: AdoptedHospital) {
    const { app } = hospital;
    const lifecycle = app.get(DatabaseLifecycle);
    this.readiness = new Readiness(
      lifecycle,
      app.get(CatalogueGuard),
      app.get(DeletionProbe),
      app.get(EntityManager),
    );
  }

  static async open(options: Parameters<typeof openAdopted>[0] = {}): Promise<AdoptedGuard> {
    const guard = new AdoptedGuard(await openAdopted(options));
    // The first reading is behind: what comes now has to show in the fingerprint.
    await guard.expectDeleted(await guard.patient());
    return guard;
  }

  run(statements: string): Promise<unknown[]> {
    return this.hospital.database.query(statements);
  }

  /** Somebody with rows of every kind. @returns the hospital's key */
  async patient(): Promise<number> {
    const key = this.next++;
    await this.run(`
      INSERT INTO his.person (person_no, file_number) VALUES (${key}, 'F${key}');
      INSERT INTO his.visit (visit_no, person_no) OVERRIDING SYSTEM VALUE VALUES (${key}, ${key});
      INSERT INTO "Hasta_Kayıt"."Not.lar" VALUES (${key}, ${key}, 'not');
      INSERT INTO his.word ("No") VALUES (${key}), (${key});
      INSERT INTO his.bill (person_no) VALUES (${key});
      INSERT INTO his.reading (subject) VALUES (${key});
      INSERT INTO his.contact (kind, subject) VALUES ('person', ${key}), ('person', ${key})`);
    return key;
  }

  /** What a deletion of him fails with, after which every row of the database is as it was before. */
  async failureOf(key: number): Promise<unknown> {
    const before = await this.digest();
    const patientId = await this.hospital.patientIdOf(key);
    const error = await this.hospital.orchestrator.deletePatient(deletionOf(patientId)).then(
      () => 'deleted',
      (reason: unknown) => reason,
    );
    expect(await this.digest()).toBe(before);
    return error;
  }

  /** A deletion is refused for these reasons alone, nothing changes, and readiness and the scan give them too. */
  async expectVeto(key: number, reasons: readonly Reason[], code = 'UNDECLARED_TABLE'): Promise<void> {
    const blockers = reasons.map(([, why]) => ({
      shard: expect.any(String),
      code,
      detail: expect.stringMatching(why),
    }));
    const error = await this.failureOf(key);
    expect(error).toMatchObject({ code: 'DELETION_VETOED' });
    expect((error as { blockers: unknown[] }).blockers).toEqual(expect.arrayContaining(blockers));
    expect((error as { blockers: unknown[] }).blockers).toHaveLength(blockers.length);
    await this.expectSaid(reasons);
  }

  /** The same by a change, and once it is taken back the deletion goes through. */
  async expectVetoBy([, ddl, undo, ...reasons]: Change): Promise<void> {
    const key = await this.patient();
    await this.run(ddl);
    try {
      await this.expectVeto(key, reasons);
    } finally {
      await this.run(undo);
    }
    await this.expectDeleted(key);
  }

  /** Readiness is not complete, the scan is not healthy, for these reasons alone. */
  async expectSaid(reasons: readonly Reason[]): Promise<void> {
    const said = reasons.map(([table, why]) => ({ table, why: expect.stringMatching(why) }));
    const readiness = await this.readiness.check();
    expect(readiness).toMatchObject({ status: 'not-ready', catalogue: 'incomplete' });
    expect(readiness.undeclaredTables).toEqual(expect.arrayContaining(said));
    expect(readiness.undeclaredTables).toHaveLength(said.length);
    const report = await this.scan();
    expect(report.healthy).toBe(false);
    expect(report.undeclaredTables).toEqual(expect.arrayContaining(said));
    expect(report.undeclaredTables).toHaveLength(said.length);
  }

  scan(): Promise<IntegrityReport> {
    return this.hospital.app.get(IntegrityScan).run();
  }

  /** The same deletion goes through, and there is nothing to say any more. */
  async expectDeleted(key: number): Promise<void> {
    const patientId = await this.hospital.patientIdOf(key);
    await expect(this.hospital.orchestrator.deletePatient(deletionOf(patientId))).resolves.toMatchObject({
      replayed: false,
      answer: { totalRows: 9 },
    });
    expect(await this.readiness.check()).toMatchObject({
      status: 'ready',
      catalogue: 'complete',
      undeclaredTables: [],
    });
    expect(await this.scan()).toMatchObject({ healthy: true });
  }

  /** One text for every row of the hospital, of the vault, of the pseudonyms and of the records. */
  async digest(): Promise<string> {
    const tables = await this.hospital.database.query<{ name: string }>(
      `SELECT format('%I.%I', nspname, relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
       WHERE relkind IN ('r', 'p') AND NOT relispartition AND nspname IN ('his', 'Hasta_Kayıt', 'silgi', 'silgi_vault', 'patient')
         AND relname <> 'pocket' ORDER BY 1`,
    );
    const parts = tables.map(
      ({ name }) =>
        `SELECT '${name}' AS name, md5(string_agg(t::text, ',' ORDER BY t::text)) AS rows FROM ${name} t`,
    );
    const rows = await this.hospital.database.query<{ name: string; rows: string }>(
      `${parts.join(' UNION ALL ')} UNION ALL SELECT 'deletions in the log', count(*)::text FROM audit.sharded_audit_event
       WHERE action = 'SYSTEM_DELETE_PATIENT' ORDER BY 1`,
    );
    return rows.map(({ name, rows: digest }) => `${name} ${digest}`).join('\n');
  }
}
