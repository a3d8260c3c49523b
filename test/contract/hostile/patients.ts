import { randomUUID } from 'node:crypto';
import { patientOwnedTables } from '../../../src/shards/index.js';
import type { TestDatabase } from '../../support/database.js';

/** Words that stand in the patients' rows and nowhere else. */
export const SECRETS = ['Kanaryaşıl', 'Gizliyıldız', 'KNR-7731', '10000000146', 'Saklıtanı'];
const [GIVEN, FAMILY, RECORD, NATIONAL, DIAGNOSIS] = SECRETS;

/** Once the application is loaded, every table that it declares. */
const tables = () => patientOwnedTables().map(({ shard, table }) => `${shard}.${table}`);
const ROOT = 'patient.sharded_patient_demographics';

/** A hospital whose patients are known by number, so that a seed means the same patients every time. */
export interface Patients {
  readonly ids: readonly string[];
  /** A trigger fails for these, with the words of their rows in its message. */
  readonly failing: ReadonlySet<string>;
}

/** @param count patients; a tenth of them cannot be deleted, and another tenth stands under a legal hold */
export async function seedPatients(database: TestDatabase, count: number): Promise<Patients> {
  const ids = Array.from(
    { length: count },
    (_, i) => `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`,
  );
  await database.query(
    `INSERT INTO ${ROOT} (patient_id, record_number, national_id, given_name, family_name, birth_date)
     SELECT id, $2, $3, $4, $5, '1980-05-17' FROM unnest($1::uuid[]) id`,
    [ids, RECORD, NATIONAL, GIVEN, FAMILY],
  );
  for (const table of tables().filter((name) => name !== ROOT))
    await database.query(
      `INSERT INTO ${table} (patient_id, id) SELECT id, gen_random_uuid() FROM unnest($1::uuid[]) id`,
      [ids],
    );
  const failing = ids.filter((_, i) => i % 10 === 8);
  await database.query(`
    CREATE FUNCTION public.fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF NEW.patient_id = ANY ('{${failing.join(',')}}'::uuid[]) THEN
        RAISE EXCEPTION 'cannot hide ${String(GIVEN)} ${String(FAMILY)} ${String(NATIONAL)}: %', NEW USING DETAIL = '${String(DIAGNOSIS)}';
      END IF; RETURN NEW; END $$`);
  await database.query(
    'CREATE TRIGGER fail BEFORE UPDATE ON clinical.sharded_tani FOR EACH ROW EXECUTE FUNCTION public.fail()',
  );
  for (const id of ids.filter((_, i) => i % 10 === 9))
    await database.query(
      `INSERT INTO patient.sharded_legal_hold VALUES ($1, $2, 'COURT_ORDER', 'officer', now())`,
      [id, randomUUID()],
    );
  return { ids, failing: new Set(failing) };
}

/** What the patient-owned tables hold, without the marks of deletions: one digest for all of it. */
export async function contentOf(database: TestDatabase): Promise<string> {
  const marks = `- 'is_deleted' - 'deleted_at' - 'deletion_id' - 'live'`;
  const digests = tables().map(
    (table) =>
      `SELECT '${table}' || coalesce(md5(string_agg(line, ',' ORDER BY line)), '') AS part
       FROM (SELECT (to_jsonb(t) ${marks})::text AS line FROM ${table} t) lines`,
  );
  const rows = await database.query<{ part: string }>(`${digests.join(' UNION ALL ')} ORDER BY 1`);
  return rows.map(({ part }) => part).join('\n');
}

/** Every deletion that has left a mark, as `patient deletion`; and whether it has marked all of its patient. */
export async function marksOf(database: TestDatabase): Promise<{ deletion: string; whole: boolean }[]> {
  const rows = tables().map((table) => `SELECT patient_id, deletion_id, is_deleted FROM ${table}`);
  return database.query(
    `SELECT patient_id || ' ' || max(deletion_id::text) AS deletion,
       bool_and(is_deleted) AND count(DISTINCT deletion_id) = 1 AS whole
     FROM (${rows.join(' UNION ALL ')}) marked
     GROUP BY patient_id HAVING bool_or(is_deleted) OR count(deletion_id) > 0 ORDER BY 1`,
  );
}
