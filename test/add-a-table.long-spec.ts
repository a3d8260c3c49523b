import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ShardCount } from '../src/shards/index.js';
import type { DeletionAnswer } from '../src/orchestrator/index.js';
import { createEmptyDatabase, type TestDatabase } from './support/database.js';
import { auditEventsOf } from './support/patients.js';
import { ProductCopy } from './support/product.copy.js';

const FIXTURES = 'copy:test/fixtures/add-a-table';
const CHILD = 'test/add-a-table.child.ts';
const ENTITY = 'src/clinical/blood-transfusion.entity.ts';
const MIGRATION = 'src/postgres/migrations/1764900000000-create-blood-transfusion.migration.ts';
const ADDED = {
  [ENTITY]: `${FIXTURES}/blood-transfusion.entity.ts`,
  [MIGRATION]: `${FIXTURES}/1764900000000-create-blood-transfusion.migration.ts`,
};

const TABLE = 'clinical.sharded_kan_transfuzyonu';
const LIMIT_MS = 90_000;

/** What the child says. */
interface Said {
  readonly patientId: string;
  readonly added: Record<string, number>;
  readonly undeclared: { table: string; why: string }[];
  readonly preview: { ready: boolean; shards: ShardCount[]; blockers: unknown[] };
  readonly deletion: { answer: DeletionAnswer };
}

/** Adds these files to a copy of the product and lets it delete a patient of a fresh database. */
class Trial {
  private constructor(
    readonly copy: ProductCopy,
    readonly database: TestDatabase,
    readonly said: Said,
  ) {}

  static async of(files: Readonly<Record<string, string>>, transfusions = 2): Promise<Trial> {
    const copy = await ProductCopy.with({ [CHILD]: `copy:${CHILD}`, ...files });
    const database = await createEmptyDatabase();
    const { code, output } = await copy.run(CHILD, database.url, String(transfusions));
    if (code !== 0) throw new Error(`The child ended with ${code ?? 'a signal'}: ${output}`);
    return new Trial(copy, database, JSON.parse(output) as Said);
  }

  readonly end = async (): Promise<void> => {
    await this.database.drop();
    await this.copy.remove();
  };
}

const transfusionsAmong = (shards: readonly ShardCount[]) =>
  shards.flatMap(({ shard, resources }) =>
    resources
      .filter(({ resourceType }) => resourceType === 'BloodTransfusion')
      .map((found) => ({ shard, ...found })),
  );

describe('one entity file and one migration', () => {
  const counted = {
    shard: 'clinical',
    resourceType: 'BloodTransfusion',
    table: 'sharded_kan_transfuzyonu',
    rows: 2,
  };
  let trial: Trial;
  beforeAll(async () => {
    trial = await Trial.of(ADDED);
  }, LIMIT_MS);
  afterAll(() => trial.end());

  it('let rows of the new table be taken in', () => {
    expect(trial.said.added).toEqual({ PatientDemographics: 1, BloodTransfusion: 2 });
  });

  it('put its rows into the preview and into the answer', () => {
    const { undeclared, preview, deletion } = trial.said;
    expect(undeclared).toEqual([]);
    expect(preview).toMatchObject({ ready: true, blockers: [] });
    expect(transfusionsAmong(preview.shards)).toEqual([counted]);
    expect(transfusionsAmong(deletion.answer.shards)).toEqual([counted]);
  });

  it('put its rows into the audit event', async () => {
    const events = await auditEventsOf(trial.database, trial.said.patientId);
    expect(events.map(({ action }) => action)).toEqual(['SYSTEM_DELETE_PATIENT']);
    expect(transfusionsAmong((events[0]?.purged ?? []) as ShardCount[])).toEqual([counted]);
  });

  it('let every row be marked by the deletion', async () => {
    const { deletionId, deletedAt } = trial.said.deletion.answer;
    const rows = await trial.database.query(
      `SELECT is_deleted, deleted_at, deletion_id, live, blood_group, units FROM ${TABLE} WHERE patient_id = $1
       ORDER BY blood_group`,
      [trial.said.patientId],
    );
    const mark = { is_deleted: true, deleted_at: new Date(deletedAt), deletion_id: deletionId, live: null };
    expect(rows).toEqual([
      { ...mark, blood_group: '0 Rh-', units: 2 },
      { ...mark, blood_group: 'A Rh+', units: 2 },
    ]);
  });

  it('let the database refuse a row of a deleted patient', async () => {
    const insert = `INSERT INTO ${TABLE} (patient_id, id) VALUES ($1, gen_random_uuid())`;
    await expect(trial.database.query(insert, [trial.said.patientId])).rejects.toMatchObject({
      code: '23503',
    });
  });

  it('give the service its privileges on the table, and the relevant user live rows only', async () => {
    expect(
      await trial.database.query(
        `SELECT has_column_privilege('silgi_service', oid, 'is_deleted', 'UPDATE') AS service_marks,
           has_table_privilege('silgi_service', oid, 'DELETE') AS service_deletes, relrowsecurity AS secured
         FROM pg_class WHERE oid = $1::regclass`,
        [TABLE],
      ),
    ).toEqual([{ service_marks: true, service_deletes: false, secured: true }]);
  });

  it(
    'pass the compiler and the linter',
    async () => {
      const checks = [
        ['node_modules/typescript/bin/tsc', '--noEmit'],
        ['node_modules/eslint/bin/eslint.js', '--max-warnings', '0', ENTITY, MIGRATION],
      ];
      for (const check of checks) expect(await trial.copy.run(...check)).toEqual({ code: 0, output: '' });
    },
    LIMIT_MS,
  );
});

describe('a new table makes every deletion refuse and is named', () => {
  const withoutLiveKey = `
    import type { MigrationInterface, QueryRunner } from 'typeorm';
    import { DELETION_COLUMNS } from './patient-owned.table.js';

    export class CreateBloodTransfusion1764900000000 implements MigrationInterface {
      async up(queryRunner: QueryRunner): Promise<void> {
        await queryRunner.query(\`CREATE TABLE ${TABLE} (
          patient_id uuid NOT NULL REFERENCES patient.sharded_patient_demographics (patient_id), id uuid NOT NULL,
          examination_id uuid, blood_group text, units integer, transfused_at timestamptz,
          \${DELETION_COLUMNS}, PRIMARY KEY (patient_id, id))\`);
      }
      async down(): Promise<void> {}
    }`;

  it.each([
    [
      'without its entity',
      { [MIGRATION]: ADDED[MIGRATION] },
      'a table linked to patients that no shard declares',
    ],
    [
      'without its live foreign key',
      { ...ADDED, [MIGRATION]: withoutLiveKey },
      'the live foreign key (patient_id, live) is missing or not enforced',
    ],
  ])(
    '%s',
    async (_, files, why) => {
      const trial = await Trial.of(files);
      const { patientId, undeclared, preview, deletion } = trial.said;
      const blockers = [{ shard: 'clinical', code: 'UNDECLARED_TABLE', detail: `${TABLE}: ${why}.` }];
      expect(undeclared).toEqual([{ table: TABLE, why }]);
      expect(preview).toMatchObject({ ready: false, blockers });
      expect(deletion).toMatchObject({ code: 'DELETION_VETOED', blockers });
      expect(
        await trial.database.query(
          'SELECT is_deleted FROM patient.sharded_patient_demographics WHERE patient_id = $1',
          [patientId],
        ),
      ).toEqual([{ is_deleted: false }]);
      await trial.end();
    },
    LIMIT_MS,
  );
});

it(
  'a new entity without its migration makes every deletion fail in its shard and is named',
  async () => {
    const { said, end } = await Trial.of({ [ENTITY]: ADDED[ENTITY] }, 0);
    const failure = { code: 'SHARD_FAILED', point: { phase: 'PREPARE', shard: 'clinical' } };
    expect(said).toMatchObject({ preview: failure, deletion: failure });
    expect(said.undeclared).toEqual([{ table: TABLE, why: 'declared by a shard, but not in the database' }]);
    await end();
  },
  LIMIT_MS,
);
