import type { EntityManager } from 'typeorm';
import { TableFailure } from '../common/index.js';
import { runInPipeline, type TableStatement, type TextRows } from '../postgres/index.js';
import type { DeletableRow } from './deletable.row.js';
import type { Blocker, DeletionMark, Shard, ShardCount, ShardName, Vote } from './shard.js';
import type { TableDeclaration } from './table.declaration.js';
import { patientOwnedTables } from './table.registry.js';

/**
 * What every shard with patient-owned tables does, table by table as the registry lists them, each by the strategy
 * that its declaration names.
 */
export abstract class PatientOwnedRepository implements Shard {
  abstract readonly shard: ShardName;

  /** Counts the patient's live rows of every table of this shard, in one statement, and collects the vetoes: all in one message. */
  async vote(manager: EntityManager, patientId: string): Promise<Vote> {
    const tables = this.tables();
    const count = { text: liveCountOf(tables), values: [patientId] };
    const [counts, ...answers] = await runInPipeline(manager, [count, ...this.vetoQueries(patientId)]);
    const resources = tables.map(({ resourceType, table }, index) => ({
      resourceType,
      table,
      rows: Number(counts?.[0]?.[index]),
    }));
    return { shard: this.shard, resources, vetoes: this.vetoesIn(answers) };
  }

  /**
   * Marks every live row of the patient in this shard as deleted. Rows that the hospital's own system hid
   * earlier are not touched.
   *
   * @returns the rows per table that carry this mark in the end, whatever a trigger made of it, by the server's count
   * @throws TableFailure with the table and the database's error as its cause
   */
  async markDeleted(manager: EntityManager, mark: DeletionMark): Promise<ShardCount> {
    const tables = this.tables();
    const values = [mark.patientId, mark.deletedAt.toISOString(), mark.deletionId];
    const marked = await runInPipeline(
      manager,
      tables.map((owned) => ({ text: markOf(owned), values, table: owned.table })),
    );
    const resources = tables.map(({ resourceType, table }, index) => ({
      resourceType,
      table,
      rows: Number(marked[index]?.[0]?.[0]),
    }));
    return { shard: this.shard, resources };
  }

  /**
   * Adds rows of one resource type; rows whose id is there already are left as they are.
   *
   * @param rows entities in the code's own property names; dates as Date or ISO 8601 text
   * @returns how many rows were added
   * @throws TableFailure with the table and the database's error as its cause
   */
  async add(
    manager: EntityManager,
    resourceType: string,
    rows: readonly Partial<DeletableRow>[],
  ): Promise<number> {
    const owned = this.tables().find((table) => table.resourceType === resourceType);
    if (owned === undefined) throw new Error(`The ${this.shard} shard has no resource type ${resourceType}.`);
    const { columns, tablePath } = manager.getRepository(owned.entity).metadata;
    const filled = columns.filter(({ propertyName }) => rows.some((row) => propertyName in row));
    const names = filled.map(({ databaseName }) => `"${databaseName}"`).join(', ');
    const records = rows.map((row) =>
      Object.fromEntries(
        filled.map((c) => [c.databaseName, (row as Record<string, unknown>)[c.propertyName]]),
      ),
    );
    try {
      const [added] = await manager.query<{ rows: string }[]>(
        `WITH added AS (
           INSERT INTO ${tablePath} (${names})
           SELECT ${names} FROM jsonb_populate_recordset(NULL::${tablePath}, $1::jsonb)
           ON CONFLICT DO NOTHING RETURNING 1
         ) SELECT count(*) AS rows FROM added`,
        [JSON.stringify(records)],
      );
      return Number(added?.rows);
    } catch (error) {
      throw new TableFailure(owned.table, error);
    }
  }

  /** What the shard asks for its own reasons to refuse a deletion; nothing unless a shard overrides this. */
  protected vetoQueries(_patientId: string): readonly TableStatement[] {
    return [];
  }

  /** The shard's own reasons to refuse. @param _answers the rows of each of its queries, in their order */
  protected vetoesIn(_answers: readonly TextRows[]): Blocker[] {
    return [];
  }

  protected tables(): readonly TableDeclaration[] {
    return patientOwnedTables(this.shard);
  }
}

/** Counts the live rows of each table in a column of its own. */
const liveCountOf = writtenOnce(
  (tables: readonly TableDeclaration[]) =>
    `SELECT ${tables.map((table) => table.strategy.countLive(table)).join(', ')}`,
);

/** Hides the live rows of one table. */
const markOf = writtenOnce((table: TableDeclaration) => table.strategy.hide(table));

/** One text for as long as its subject is the same one: a session knows its statements by their texts. */
function writtenOnce<T extends object>(write: (subject: T) => string): (subject: T) => string {
  const texts = new WeakMap<T, string>();
  return (subject) => {
    const text = texts.get(subject) ?? write(subject);
    texts.set(subject, text);
    return text;
  };
}
