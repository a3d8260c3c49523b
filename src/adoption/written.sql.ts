import { type Declaration, type Place, textOfTable } from '../declaration/index.js';
import type { ReadOnlySession } from '../postgres/index.js';
import { quotedName, type StatementTable } from '../shards/index.js';

/** SQL that a person has written about a row of a table. */
interface Written {
  readonly table: StatementTable;
  readonly sql: string;
  readonly place: Place;
}

/** What the SQL of a declaration reads beside its own row, and where it cannot be read. */
export interface WrittenSql {
  /** The other tables. */
  readonly reads: readonly StatementTable[];
  /** Each with file, line and column. */
  readonly problems: readonly string[];
}

interface PlanNode {
  readonly Schema?: string;
  readonly 'Relation Name'?: string;
  readonly Plans?: readonly PlanNode[];
}

/** Has PostgreSQL plan every condition and every shown value, which runs none of them. */
export async function readWrittenSql(
  session: ReadOnlySession,
  declaration: Declaration,
): Promise<WrittenSql> {
  const reads = new Map<string, StatementTable>();
  const problems: string[] = [];
  for (const { table, sql, place } of writtenIn(declaration)) {
    try {
      const [row] = await session.query<{ 'QUERY PLAN': { Plan: PlanNode }[] }>(
        `EXPLAIN (VERBOSE, FORMAT JSON) SELECT (${sql}\n) FROM ${quotedName(table)}`,
      );
      for (const found of relationsIn(row?.['QUERY PLAN'][0]?.Plan))
        if (textOfTable(found) !== textOfTable(table)) reads.set(textOfTable(found), found);
    } catch (error) {
      const { file } = declaration;
      const said = error instanceof Error ? error.message.split('\n', 1)[0] : '';
      problems.push(
        `${file}:${place.line}:${place.column}: ${textOfTable(table)}: this is no SQL on its row: ${said ?? ''}`,
      );
    }
  }
  return { reads: [...reads.values()], problems };
}

function writtenIn({ patient, tables }: Declaration): Written[] {
  return [
    ...Object.values(patient.directory).flatMap((shown) =>
      'sql' in shown ? [{ table: patient.name, sql: shown.sql, place: patient.place }] : [],
    ),
    ...tables.flatMap(({ name, links }) =>
      links.flatMap(({ when, place }) => (when === undefined ? [] : [{ table: name, sql: when, place }])),
    ),
  ];
}

function relationsIn(node: PlanNode | undefined): StatementTable[] {
  if (node === undefined) return [];
  const { Schema: schema, 'Relation Name': table, Plans: plans = [] } = node;
  const own = schema === undefined || table === undefined ? [] : [{ schema, table }];
  return [...own, ...plans.flatMap(relationsIn)];
}
