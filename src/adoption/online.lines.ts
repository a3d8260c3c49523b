import { identifier, literal, quotedName, shortened, type StatementTable } from '../shards/index.js';
import type { CatalogueTable } from './catalogue.js';
import type { PlanLine } from './plan.line.js';

/** Prefix of the names of what is made on the hospital's tables. */
const OWN = 'silgi_';

const list = (columns: readonly string[]) => columns.map(identifier).join(', ');
const textOf = ({ schema, table }: StatementTable) => `${schema}.${table}`;
const oidOf = (relation: StatementTable) => `to_regclass(${literal(quotedName(relation))})`;
/** As far as ANALYZE knows them. */
export const rowsOf = ({ estimatedRows }: CatalogueTable): number => Math.max(estimatedRows, 0);

/** An index, beside readers and writers; of a partitioned table one partition after the other. */
export function indexLines(live: CatalogueTable, columns: readonly string[]): PlanLine[] {
  const indexOf = ({ schema, table }: StatementTable) => ({
    schema,
    table: shortened(`${OWN}${table}_${columns.join('_')}`),
  });
  const isValid = (index: StatementTable) =>
    `EXISTS (SELECT FROM pg_index WHERE indexrelid = ${oidOf(index)} AND indisvalid)`;
  const on = (table: StatementTable, rows: number): PlanLine => {
    const index = indexOf(table);
    return {
      what: `an index on ${textOf(table)} (${columns.join(', ')})`,
      make: [
        // What an interruption has left half-built.
        `DROP INDEX CONCURRENTLY IF EXISTS ${quotedName(index)}`,
        `CREATE INDEX CONCURRENTLY ${identifier(index.table)} ON ${quotedName(table)} (${list(columns)})`,
      ],
      isThere: isValid(index),
      undo: [`DROP INDEX CONCURRENTLY IF EXISTS ${quotedName(index)}`],
      lock: null,
      rows,
      concurrently: true,
    };
  };
  if (live.kind !== 'partitioned table') return [on(live, rowsOf(live))];
  const whole = indexOf(live);
  const parts = live.leaves.map((leaf) => on(leaf, rowsOf(live) / live.leaves.length));
  return [
    // They go with the whole.
    ...parts.map((part) => ({ ...part, undo: [] })),
    {
      what: `the same on ${textOf(live)} as a whole`,
      make: [
        `CREATE INDEX ${identifier(whole.table)} ON ONLY ${quotedName(live)} (${list(columns)})`,
        ...live.leaves.map(
          (leaf) => `ALTER INDEX ${quotedName(whole)} ATTACH PARTITION ${quotedName(indexOf(leaf))}`,
        ),
      ],
      isThere: isValid(whole),
      undo: [`DROP INDEX IF EXISTS ${quotedName(whole)}`],
      lock: `SHARE on ${textOf(live)}: writers wait, for a moment`,
      rows: 0,
    },
  ];
}

/** A foreign key: at once for what is written from then on, and then for what is there, beside readers and writers. */
export function fenceLines(
  live: CatalogueTable,
  columns: readonly string[],
  { target, targetColumns }: { readonly target: StatementTable; readonly targetColumns: readonly string[] },
): PlanLine[] {
  const name = shortened(`${OWN}${live.table}_${columns.join('_')}_fence`);
  const references = `FOREIGN KEY (${list(columns)}) REFERENCES ${quotedName(target)} (${list(targetColumns)})`;
  const to = `${textOf(target)} (${targetColumns.join(', ')})`;
  const on = (table: StatementTable, rows: number): PlanLine[] => {
    const constraint = `FROM pg_constraint WHERE conrelid = ${oidOf(table)} AND conname = ${literal(name)}`;
    return [
      {
        what: `a foreign key from ${textOf(table)} (${columns.join(', ')}) to ${to}, for what is written from then on`,
        make: [`ALTER TABLE ${quotedName(table)} ADD CONSTRAINT ${identifier(name)} ${references} NOT VALID`],
        isThere: `EXISTS (SELECT ${constraint})`,
        undo: [`ALTER TABLE ${quotedName(table)} DROP CONSTRAINT ${identifier(name)}`],
        lock: `SHARE ROW EXCLUSIVE on ${textOf(table)} and ${textOf(target)}: writers wait, for a moment`,
        rows: 0,
      },
      {
        what: `the same for the rows of ${textOf(table)} that are there`,
        make: [`ALTER TABLE ${quotedName(table)} VALIDATE CONSTRAINT ${identifier(name)}`],
        isThere: `EXISTS (SELECT ${constraint} AND convalidated)`,
        undo: [],
        lock: null,
        rows,
        mayFail: `rows of ${textOf(table)} lead nowhere; the key holds for what is written from now on`,
      },
    ];
  };
  if (live.kind !== 'partitioned table') return on(live, rowsOf(live));
  const parts = live.leaves.flatMap((leaf) => on(leaf, rowsOf(live) / live.leaves.length));
  return [
    ...parts.map((part) => ({ ...part, undo: [] })),
    {
      what: `the same from ${textOf(live)} as a whole, of the keys that are there`,
      make: [`ALTER TABLE ${quotedName(live)} ADD CONSTRAINT ${identifier(name)} ${references}`],
      isThere: `EXISTS (SELECT FROM pg_constraint WHERE conrelid = ${oidOf(live)} AND conname = ${literal(name)})`,
      undo: [`ALTER TABLE ${quotedName(live)} DROP CONSTRAINT ${identifier(name)}`],
      lock: `SHARE ROW EXCLUSIVE on ${textOf(live)} and ${textOf(target)}: writers wait, for a moment`,
      rows: 0,
      mayFail: `rows of ${textOf(live)} lead nowhere; its partitions hold the key for what is written from now on`,
    },
  ];
}
