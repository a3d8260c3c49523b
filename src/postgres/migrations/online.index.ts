import type { QueryRunner } from 'typeorm';

/**
 * Makes an index beside readers and writers, and anew where an interruption has left it half-built. Outside of a
 * transaction only.
 *
 * @param index its schema and name
 * @param on what it is on, as SQL: `schema.table (column)`
 */
export async function makeIndex(
  queryRunner: QueryRunner,
  index: string,
  on: string,
  kind: 'INDEX' | 'UNIQUE INDEX' = 'INDEX',
): Promise<void> {
  const [found] = (await queryRunner.query(
    'SELECT indisvalid AS valid FROM pg_index WHERE indexrelid = to_regclass($1)',
    [index],
  )) as { valid: boolean }[];
  if (found?.valid === true) return;
  if (found !== undefined) await queryRunner.query(`DROP INDEX CONCURRENTLY ${index}`);
  await queryRunner.query(`CREATE ${kind} CONCURRENTLY ${index.slice(index.indexOf('.') + 1)} ON ${on}`);
}

/** Takes an index away beside readers and writers, where it is there. @param index its schema and name */
export async function dropIndex(queryRunner: QueryRunner, index: string): Promise<void> {
  await queryRunner.query(`DROP INDEX CONCURRENTLY IF EXISTS ${index}`);
}
