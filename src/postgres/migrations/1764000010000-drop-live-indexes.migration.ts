import type { MigrationInterface, QueryRunner } from 'typeorm';
import { FILLFACTOR, isAdopted } from './patient-owned.table.js';

/** An index on the columns of a live key, of the table that has the key. */
interface LiveIndex {
  readonly table: string;
  /** Null where the table has none. */
  readonly index: string | null;
  readonly valid: boolean;
}

/**
 * Every table with a live foreign key, with its indexes on just the columns of the key. What a hospital made, with a
 * condition or another column or on a table that it has partitioned, is the hospital's.
 */
const LIVE_INDEXES = `
  SELECT c.conrelid::regclass::text AS "table", i.indexrelid::regclass::text AS "index",
    coalesce(i.indisvalid, false) AS valid
  FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid AND t.relkind = 'r'
  LEFT JOIN pg_index i ON i.indrelid = c.conrelid AND string_to_array(i.indkey::text, ' ')::int2[] = c.conkey AND NOT i.indisunique
    AND i.indpred IS NULL AND i.indexprs IS NULL
  WHERE c.contype = 'f' AND c.conparentid = 0
    AND c.confrelid = 'patient.sharded_patient_demographics'::regclass
    AND ARRAY['patient_id', 'live'] = (SELECT array_agg(a.attname::text ORDER BY u.position)
      FROM unnest(c.conkey) WITH ORDINALITY u (attnum, position)
      JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = u.attnum)
  ORDER BY 1, 2`;

/**
 * Takes the indexes on (patient_id, live) away and leaves room on the pages: an index that holds a column which a mark
 * changes makes every mark write all indexes of its row again, and the primary key serves votes, marks and the live key
 * as well (docs/adr/0026-lean-schema.md). Readers and writers go on meanwhile. PostgreSQL does this outside of a
 * transaction only; each way looks at what is there, so that one that was interrupted is done by the next.
 */
export class DropLiveIndexes1764000010000 implements MigrationInterface {
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    if (await isAdopted(queryRunner)) return;
    const found = await liveIndexes(queryRunner);
    for (const { index } of found)
      if (index !== null) await queryRunner.query(`DROP INDEX CONCURRENTLY ${index}`);
    for (const table of tablesOf(found))
      await queryRunner.query(`ALTER TABLE ${table} SET (fillfactor = ${FILLFACTOR})`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    if (await isAdopted(queryRunner)) return;
    const found = await liveIndexes(queryRunner);
    // What an interrupted CREATE INDEX CONCURRENTLY leaves behind serves nobody and costs every write.
    for (const { index, valid } of found)
      if (index !== null && !valid) await queryRunner.query(`DROP INDEX CONCURRENTLY ${index}`);
    for (const table of tablesOf(found)) {
      await queryRunner.query(`ALTER TABLE ${table} RESET (fillfactor)`);
      if (!found.some((one) => one.table === table && one.valid))
        await queryRunner.query(`CREATE INDEX CONCURRENTLY ON ${table} (patient_id, live)`);
    }
  }
}

async function liveIndexes(queryRunner: QueryRunner): Promise<LiveIndex[]> {
  return (await queryRunner.query(LIVE_INDEXES)) as LiveIndex[];
}

const tablesOf = (found: readonly LiveIndex[]) => [...new Set(found.map(({ table }) => table))];
