import type { EntityManager } from 'typeorm';
import { runInPipeline, type TableStatement, type TextRows } from '../postgres/index.js';
import type { DeletableRow } from './deletable.row.js';
import { type HidingTimes, timesIn } from './hiding.times.js';
import { bringingBack, COLUMN_LISTS, countingRows } from './move.restoration.js';
import {
  destroyRows,
  type DestroyedRows,
  judgeRetention,
  lastContactIn,
  type RetainedRows,
  type RetentionQuestion,
} from './retained.rows.js';
import { namingNobody, vetoesOfNobody } from './rows.of.nobody.js';
import type {
  Blocker,
  DeletionKey,
  DeletionMark,
  ResourceCount,
  RestorationVote,
  Shard,
  ShardCount,
  ShardName,
  Vote,
} from './shard.js';
import { quotedName } from './sql.text.js';
import { hiddenCountOf, liveCountOf, markOf, restorationOf } from './table.texts.js';
import type { AdoptedTable, TableDeclaration } from './table.declaration.js';
import { adoptedTables, patientOwnedTables } from './table.registry.js';

/** Of one statement that adds them. */
const ROWS_AT_A_TIME = 5_000;

/**
 * What every shard with patient-owned tables does, table by table as the registry lists them, each by the strategy
 * that its declaration names.
 */
export abstract class PatientOwnedRepository implements Shard {
  abstract readonly shard: ShardName;

  /** Counts the patient's live rows of every table of this shard, in one statement, and collects the vetoes: all in one message. */
  async vote(manager: EntityManager, patientId: string, isPreview = false): Promise<Vote> {
    const tables = this.tables();
    // A hospital may have declared no table of this shard: then nobody is asked for.
    const count = { text: liveCountOf(tables), values: tables.length === 0 ? [] : [patientId] };
    const nobody = this.rowsOfNobody();
    const [counts, ...answers] = await runInPipeline(manager, [
      count,
      ...nobody,
      ...this.vetoQueries(patientId, isPreview),
    ]);
    const ofNobody = answers.splice(0, nobody.length).flat();
    return {
      shard: this.shard,
      resources: countsOf(tables, counts?.[0]),
      vetoes: [...vetoesOfNobody(this.shard, ofNobody), ...this.vetoesIn(answers)],
    };
  }

  /** The same for a restoration: the rows that this deletion hides, and the reasons to leave them hidden. */
  async voteToRestore(
    manager: EntityManager,
    { patientId, deletionId }: DeletionKey,
  ): Promise<RestorationVote> {
    const tables = this.tables();
    const count = {
      text: hiddenCountOf(tables),
      values: tables.length === 0 ? [] : [patientId, deletionId],
    };
    const moved = this.adopted().map((table) => table.moved);
    const asked =
      moved.length === 0
        ? []
        : [
            { text: COLUMN_LISTS, values: [JSON.stringify(moved.map(quotedName))] },
            { text: countingRows(moved), values: [patientId] },
          ];
    const [counts, ...answers] = await runInPipeline(manager, [
      count,
      ...asked,
      ...this.restorationVetoQueries(patientId),
    ]);
    const [columns = [], [rows = []] = []] = answers.splice(0, asked.length);
    return {
      shard: this.shard,
      resources: countsOf(tables, counts?.[0]),
      vetoes: this.vetoesIn(answers),
      states: columns.map(([all, given], at) => ({
        all: all ?? '',
        given: given ?? '',
        rows: Number(rows[at]),
      })),
    };
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
    const together = adoptedTables()?.hide[this.shard];
    const marked =
      together === undefined
        ? (
            await runInPipeline(
              manager,
              tables.map((owned) => ({ text: markOf(owned), values, table: owned.name })),
            )
          ).map(figureOf)
        : (await runInPipeline(manager, [{ text: together, values }]))[0]?.[0];
    return { shard: this.shard, resources: countsOf(tables, marked) };
  }

  /**
   * Hides the rows of the patient in a hospital's own tables as {@link markDeleted} does, and says what took how long.
   *
   * @throws TableFailure with the database's error as its cause
   */
  async timeHiding(manager: EntityManager, mark: DeletionMark): Promise<HidingTimes> {
    const text = adoptedTables()?.hide[this.shard];
    if (text === undefined) return { tables: [], checks: [] };
    const values = [mark.patientId, mark.deletedAt.toISOString(), mark.deletionId];
    const explained = `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`;
    const [[[json] = []] = []] = await runInPipeline(manager, [{ text: explained, values }]);
    return timesIn(
      json ?? '',
      this.tables().map(({ name }) => name),
    );
  }

  /**
   * Takes back exactly the marks of one deletion in this shard, table by table in the order opposite to that in which
   * they were put: a parent before its children. Rows that have left a hospital's own tables come back all at once, and
   * are counted when those of all shards have.
   *
   * @param vote what this shard has answered to the same restoration
   * @returns the rows per table that carry no mark in the end, whatever a trigger made of it, by the server's count
   * @throws TableFailure with the table and the database's error as its cause
   */
  async restore(
    manager: EntityManager,
    { patientId, deletionId }: DeletionKey,
    { states }: RestorationVote,
  ): Promise<ShardCount> {
    const adopted = adoptedTables();
    if (adopted !== undefined) {
      const values = [patientId, deletionId];
      const texts = bringingBack(
        this.adopted().map(({ moved }) => moved),
        states,
        adopted.root.moved,
      );
      await runInPipeline(
        manager,
        texts.map((text) => ({ text, values })),
      );
      return { shard: this.shard, resources: [] };
    }
    const tables = [...this.tables()].reverse();
    const restored = await runInPipeline(
      manager,
      tables.map((owned) => ({
        text: restorationOf(owned),
        values: [patientId, deletionId],
        table: owned.name,
      })),
    );
    return { shard: this.shard, resources: countsOf(tables, restored.map(figureOf)).reverse() };
  }

  /** The patient's last contact as the hidden rows of this shard tell of it, as 2006-03-14; null where none does. */
  lastContact(manager: EntityManager, asked: Parameters<typeof lastContactIn>[2]): Promise<string | null> {
    return lastContactIn(manager, this.tables(), asked);
  }

  /** The vote on a destruction: of each table of this shard, the hidden rows whose period is over and those that stay. */
  voteToDestroy(manager: EntityManager, question: RetentionQuestion): Promise<RetainedRows[]> {
    return judgeRetention(manager, this.tables(), question);
  }

  /** Removes the hidden rows whose period is over for good. @throws TableFailure as {@link markDeleted} */
  destroy(manager: EntityManager, question: RetentionQuestion): Promise<DestroyedRows[]> {
    return destroyRows(manager, this.tables(), question);
  }

  /**
   * Adds rows of one resource type, of any number of patients; rows whose id is there already are left as they are.
   *
   * @param rows entities in the code's own property names; dates as Date or ISO 8601 text
   * @returns how many rows of each patient were added, by the patient's id; nobody who has none
   * @throws TableFailure with the table and the database's error as its cause
   */
  async add(
    manager: EntityManager,
    resourceType: string,
    rows: readonly Partial<DeletableRow>[],
  ): Promise<Map<string, number>> {
    const owned = this.tables().find((table) => table.resourceType === resourceType);
    if (owned?.intake === undefined)
      throw new Error(`The ${this.shard} shard takes in no resource type ${resourceType}.`);
    const { entity, statements } = owned.intake;
    const { columns } = manager.getRepository(entity).metadata;
    const filled = columns.filter(({ propertyName }) => rows.some((row) => propertyName in row));
    const text = statements.add(
      owned,
      filled.map(({ databaseName }) => databaseName),
    );
    const added = new Map<string, number>();
    // A statement has a limit of time, and a patient may have any number of rows.
    for (let from = 0; from < rows.length; from += ROWS_AT_A_TIME) {
      const records = rows.slice(from, from + ROWS_AT_A_TIME).map((row) => {
        const record: Record<string, unknown> = {};
        for (const { databaseName, propertyName } of filled)
          record[databaseName] = (row as Record<string, unknown>)[propertyName];
        return record;
      });
      const statement = { text, values: [JSON.stringify(records)], table: owned.table };
      const [counts = []] = await runInPipeline(manager, [statement]);
      for (const [patientId, count] of counts)
        added.set(patientId ?? '', (added.get(patientId ?? '') ?? 0) + Number(count));
    }
    return added;
  }

  /**
   * What the shard asks for its own reasons to refuse a deletion; nothing unless a shard overrides this.
   *
   * @param _isPreview nothing is marked afterwards, and nothing has to stay as it is found
   */
  protected vetoQueries(_patientId: string, _isPreview: boolean): readonly TableStatement[] {
    return [];
  }

  /** The same for a restoration. */
  protected restorationVetoQueries(_patientId: string): readonly TableStatement[] {
    return [];
  }

  /** The shard's own reasons to refuse. @param _answers the rows of each of its queries, in their order */
  protected vetoesIn(_answers: readonly TextRows[]): Blocker[] {
    return [];
  }

  /** Those of a hospital's own, in the order of {@link tables}. */
  private adopted(): AdoptedTable[] {
    return adoptedTables()?.owned.filter(({ shard }) => shard === this.shard) ?? [];
  }

  /** Asks for tables of a hospital's own whose rows may be anybody's, where it wants no deletion then. */
  private rowsOfNobody(): TableStatement[] {
    if (adoptedTables()?.refusesRowsWithoutKey !== true) return [];
    const text = namingNobody(this.adopted());
    return text === undefined ? [] : [{ text, values: [] }];
  }

  protected tables(): readonly TableDeclaration[] {
    return patientOwnedTables(this.shard);
  }
}

/** What a statement answered that counts. */
const figureOf = (rows: TextRows) => rows[0]?.[0];

/** @param figures one for each of the tables, in PostgreSQL's own text */
function countsOf(
  tables: readonly TableDeclaration[],
  figures: readonly (string | null | undefined)[] | undefined,
): ResourceCount[] {
  return tables.map(({ resourceType, name }, index) => ({
    resourceType,
    table: name,
    rows: Number(figures?.[index]),
  }));
}
