import type { TableName } from '../declaration/index.js';
import type { ReadOnlySession } from '../postgres/index.js';
import { HOLDS_ROWS } from '../shards/index.js';
import { KEYS_FROM_OUTSIDE, TABLES, VIEWS } from './catalogue.queries.js';

/** A column, with the type as PostgreSQL prints it; of a domain, the type below it. */
export interface Column {
  readonly name: string;
  readonly type: string;
  readonly notNull: boolean;
}

/** An index that is whole and valid. */
export interface Index {
  /** In their order; null for an expression. */
  readonly columns: readonly (string | null)[];
  readonly unique: boolean;
  readonly primary: boolean;
  /** It holds some of the rows only. */
  readonly partial: boolean;
}

export interface ForeignKey {
  readonly columns: readonly string[];
  /** The table that holds the rows; of a partition, the whole of it. */
  readonly target: TableName;
  readonly targetColumns: readonly string[];
  readonly onDelete: 'NO ACTION' | 'RESTRICT' | 'CASCADE' | 'SET NULL' | 'SET DEFAULT';
  readonly validated: boolean;
}

export type TableKind = 'table' | 'partitioned table' | 'partition' | 'foreign table' | 'materialized view';

/** A table of a watched schema, with its partitions. */
export interface CatalogueTable extends TableName {
  readonly kind: TableKind;
  readonly columns: readonly Column[];
  readonly indexes: readonly Index[];
  readonly foreignKeys: readonly ForeignKey[];
  /** As ANALYZE left it; -1 where it never ran. */
  readonly estimatedRows: number;
  readonly mayRead: boolean;
  /** Policies of row-level security keep rows from this login. */
  readonly hidesRows: boolean;
  readonly policies: readonly string[];
  /** Triggers and rules that run when a row is deleted. */
  readonly onDeletion: readonly string[];
  readonly partitions: number;
  /** The partitions that hold rows, and whether they are partitions of a partition. */
  readonly leaves: readonly (TableName & { readonly isNested: boolean })[];
  /** A table of which it is a child, without being a partition. */
  readonly inherits: TableName | null;
}

/** A view, and one table or view that it reads. */
export interface ViewRead {
  readonly view: TableName;
  readonly materialized: boolean;
  readonly reads: TableName;
}

/** A foreign key of a table that is not watched to one that is. */
export interface KeyFromOutside {
  readonly from: TableName;
  readonly to: TableName;
  readonly onDelete: ForeignKey['onDelete'];
}

/** What the database says of the watched schemas; no rows. */
export interface Catalogue {
  readonly tables: readonly CatalogueTable[];
  readonly views: readonly ViewRead[];
  readonly keysFromOutside: readonly KeyFromOutside[];
  /** Schemas that were asked for and are not there. */
  readonly missingSchemas: readonly string[];
}

/** Reads the catalogue of some schemas, all of it as of one moment. @param schemas as the catalogue has them */
export function readCatalogue(session: ReadOnlySession, schemas: readonly string[]): Promise<Catalogue> {
  return session.inSnapshot(async () => {
    const missing = await session.query<{ name: string }>(
      'SELECT name FROM unnest($1::text[]) AS name WHERE NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = name)',
      [schemas],
    );
    return {
      tables: await session.query<CatalogueTable>(TABLES, [schemas]),
      views: await session.query<ViewRead>(VIEWS),
      keysFromOutside: await session.query<KeyFromOutside>(KEYS_FROM_OUTSIDE, [schemas]),
      missingSchemas: missing.map(({ name }) => name),
    };
  });
}

/** The columns of the primary key in their order; undefined where there is none. */
export function primaryKeyOf({ indexes }: CatalogueTable): readonly (string | null)[] | undefined {
  return indexes.find(({ primary }) => primary)?.columns;
}

/** Whether no two rows have the same value in this column. */
export function isUnique({ indexes }: CatalogueTable, column: string): boolean {
  return indexes.some(
    ({ columns, unique, partial }) => unique && !partial && columns.length === 1 && columns[0] === column,
  );
}

/** Whether rows are found by these columns without reading the whole table. */
export function isIndexed({ indexes }: CatalogueTable, columns: readonly string[]): boolean {
  return indexes.some(
    (index) =>
      !index.partial &&
      index.columns.slice(0, columns.length).every((column) => column !== null && columns.includes(column)) &&
      index.columns.length >= columns.length,
  );
}

/** The schemas that hold rows, but for PostgreSQL's own. */
export async function schemasWithTables(session: ReadOnlySession): Promise<string[]> {
  const found = await session.query<{ schema: string }>(
    `SELECT DISTINCT n.nspname AS schema FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE ${HOLDS_ROWS} ORDER BY 1`,
  );
  return found.map(({ schema }) => schema);
}
