import type { TestDatabase } from '../support/database.js';

/** Has every change of a row of a table fail by a trigger that quotes a name, as long as the work takes. */
export async function whileRaising<T>(
  database: TestDatabase,
  table: string,
  work: () => Promise<T>,
): Promise<T> {
  const schema = table.slice(0, table.indexOf('.'));
  await database.query(`
    CREATE FUNCTION ${schema}.refuse() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'Işıl Yıldız may not be changed'; END $$`);
  await database.query(
    `CREATE TRIGGER refuse BEFORE UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION ${schema}.refuse()`,
  );
  const result = await work();
  await database.query(`DROP FUNCTION ${schema}.refuse() CASCADE`);
  return result;
}
