import type { EntityManager } from 'typeorm';
import { TableFailure } from '../common/index.js';
import { runInPipeline } from '../postgres/index.js';

/**
 * Writes a record, and has the database compare what it kept with what was written: a trigger or a rule may have changed
 * it (RELIABILITY rule 27).
 *
 * @param record.text writes one row, and returns the names of the columns that differ from their parameters
 * @param record.what is written, as in "The legal hold was not kept."
 * @throws TableFailure where it was not kept, or otherwise than it was written
 */
export async function writeRecord(
  manager: EntityManager,
  record: {
    readonly text: string;
    readonly values: readonly (string | null)[];
    readonly table: string;
    readonly what: string;
  },
): Promise<void> {
  const { text, values, table, what } = record;
  const [kept] = await runInPipeline(manager, [{ text, values: [...values], table }]);
  const [[changed] = []] = kept ?? [];
  if (changed === '') return;
  const how = typeof changed === 'string' ? `kept otherwise than it was written: ${changed}` : 'not kept';
  throw new TableFailure(table, new Error(`${what} was ${how}.`));
}
