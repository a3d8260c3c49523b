import type { EntityManager } from 'typeorm';
import { ownKeptTables } from '../shards/index.js';

/** Declared tables of Silgi's own that the database does not have, as schema and name. */
export async function missingKeptTables(manager: EntityManager): Promise<string[]> {
  const declared = ownKeptTables().map(({ schema, table }) => `${schema}.${table}`);
  const missing = await manager.query<{ name: string }[]>(
    'SELECT name FROM unnest($1::text[]) AS name WHERE to_regclass(name) IS NULL ORDER BY 1',
    [declared],
  );
  return missing.map(({ name }) => name);
}
