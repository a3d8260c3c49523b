import { ANCHOR, ANCHOR_KEY, VAULT_SCHEMA } from './anchor.js';
import { IS_DELETED, PATIENT_ID } from './physical.names.js';
import { identifier, quotedName, shortened } from './sql.text.js';
import type { StatementTable } from './strategy.js';

/** One way from a row of a table to its patient. */
export interface Way {
  /** SQL on the row: where it is true, this way holds; everywhere unless told. */
  readonly when?: string | undefined;
  /** The column with the hospital's key of the patient, and where patients stand; where there is no other table between them. */
  readonly key?: string | undefined;
  readonly patients?: { readonly table: StatementTable; readonly column: string } | undefined;
  /** Columns that together name a row of another table, which is the patient's. */
  readonly via?:
    | {
        readonly columns: readonly string[];
        readonly target: MovedTable;
        readonly targetColumns: readonly string[];
        /** Whether it is the other table's key that leads to this one: then many of its rows may name one row of this. */
        readonly isUpstream: boolean;
      }
    | undefined;
  /** Rows of a table that no patient has use this row: then it is somebody else's, too. Where there is neither key nor via. */
  readonly usedBy?:
    | {
        readonly columns: readonly string[];
        readonly target: StatementTable;
        readonly targetColumns: readonly string[];
      }
    | undefined;
}

type Via = NonNullable<Way['via']>;

/** A table of the hospital's own, whose rows leave for one of the same shape when their patient is deleted. */
export interface MovedTable extends StatementTable {
  /** A row is the patient's where any of them leads to him. */
  readonly ways: readonly Way[];
  /** Where its rows leave for. */
  readonly vault: StatementTable;
  /** Whether rows of other tables hang on its rows, so that these are locked before anything is counted. */
  readonly isParent: boolean;
  /** Whether a row stays as long as another way leads to somebody else who is there: it leaves with the last of them. */
  readonly leavesWithLast: boolean;
}

/** Where the rows of a table leave for. */
export function vaultOf({ schema, table }: StatementTable): StatementTable {
  return { schema: VAULT_SCHEMA, table: shortened(`${schema}__${table}`) };
}

/** The columns by which rows of others of these tables are found through a table's. */
export function endsOfWays(tables: readonly MovedTable[], table: MovedTable): string[] {
  const ends = tables.flatMap(({ ways }) =>
    ways.flatMap(({ via }) => (via?.target === table ? via.targetColumns : [])),
  );
  return [...new Set(ends)];
}

/** The hospital's key of the patient `$1`. */
const KEY = `(SELECT ${ANCHOR_KEY} FROM ${ANCHOR} WHERE ${PATIENT_ID} = $1)`;
/** The hospital's keys of all who are deleted. */
const DELETED_KEYS = `(SELECT ${ANCHOR_KEY} FROM ${ANCHOR} WHERE ${IS_DELETED})`;

/**
 * A condition on a row of the table: it is the patient's (`$1`), as things stand, and leaves with him.
 *
 * @param reach `present`: by rows that are still in the hospital's tables; `ever`: also by those that have left
 */
export function ofPatient(table: MovedTable, reach: 'present' | 'ever'): string {
  const leads = byRowsOf(table, reach, (target) => ofPatient(target, reach));
  if (!table.leavesWithLast) return leads;
  const others = ofOthers(table, `IS DISTINCT FROM ${KEY}`, (target) => ofPatient(target, reach));
  return `(${leads} AND ${others} IS NOT TRUE)`;
}

/** The same of rows that stay with somebody else, too: a way leads from them to the patient. */
export function leadsToPatient(table: MovedTable, reach: 'present' | 'ever'): string {
  return byRowsOf(table, reach, (target) => leadsToPatient(target, reach));
}

/** @param isMeant the condition on a row of another table whose rows are meant */
function byRowsOf(
  table: MovedTable,
  reach: 'present' | 'ever',
  isMeant: (target: MovedTable) => string,
): string {
  return anyWay(table, `= ${KEY}`, (via) => {
    const { target, targetColumns } = via;
    const present = `SELECT ${list(targetColumns)} FROM ${quotedName(target)} WHERE ${isMeant(target)}`;
    if (reach === 'present') return present;
    return `${present} UNION ALL ${haveLeft(via)} AND gone.silgi_patient_id = $1`;
  });
}

/** A condition on a row of the table: it is one of somebody who is deleted, whoever that is, and should have left with him. */
export function ofDeleted(table: MovedTable): string {
  const leads = anyWay(
    table,
    `IN ${DELETED_KEYS}`,
    (via) =>
      `SELECT ${list(via.targetColumns)} FROM ${quotedName(via.target)} WHERE ${ofDeleted(via.target)}
       UNION ALL ${haveLeft(via)}`,
  );
  return table.leavesWithLast
    ? `(${leads} AND ${ofOthers(table, 'IS NOT NULL', ofDeleted)} IS NOT TRUE)`
    : leads;
}

/**
 * A condition on a row of the table: a way leads to a live patient who is not meant. Rows of other tables that are
 * nobody's count as somebody's: what they need stays.
 *
 * @param isOther what is said of the key of a patient who counts
 * @param isMeant the condition on a row of another table that is of who is meant
 */
function ofOthers(table: MovedTable, isOther: string, isMeant: (target: MovedTable) => string): string {
  return anyOf(table.ways, ({ key, patients, via, usedBy }) => {
    if (usedBy !== undefined) return `EXISTS (${rowsAt(table, usedBy)})`;
    if (via !== undefined) return `EXISTS (${rowsAt(table, via)} AND ${isMeant(via.target)} IS NOT TRUE)`;
    // Not by the pseudonyms: that of somebody whom the hospital has removed itself stays.
    const column = identifier(patients?.column ?? '');
    return patients === undefined
      ? 'false'
      : `EXISTS (SELECT FROM ${quotedName(patients.table)} other
       WHERE other.${column} = ${ownColumn(table, key ?? '')} AND other.${column} ${isOther})`;
  });
}

/**
 * A condition on a row of the table: it names nobody. A way says whose it should be, and the columns of every way that
 * says so are empty.
 */
export function withoutKey({ ways }: MovedTable): string {
  const columnsOf = ({ key, via, usedBy }: Way) =>
    (via ?? usedBy)?.columns.map(identifier) ?? [identifier(key ?? '')];
  const is = (what: string, join: string) => (way: Way) =>
    `(${columnsOf(way)
      .map((column) => `${column} IS ${what}`)
      .join(join)})`;
  return `(${anyOf(ways, is('NULL', ' OR '))} AND ${anyOf(ways, is('NOT NULL', ' AND '))} IS NOT TRUE)`;
}

/** A condition on a row of the table: a way says whose it should be, and none leads to a patient who is or was there. */
export function ofNobody(table: MovedTable): string {
  const says = anyOf(table.ways, () => 'true');
  return `(${says} AND ${ofSomebody(table)} IS NOT TRUE AND ${ofDeleted(table)} IS NOT TRUE)`;
}

function ofSomebody(table: MovedTable): string {
  return anyOf(table.ways, ({ key, via, usedBy }) => {
    if (usedBy !== undefined) return 'true';
    if (via !== undefined) return `EXISTS (${rowsAt(table, via)} AND ${ofSomebody(via.target)})`;
    return `EXISTS (${anchorsOf(table, key)})`;
  });
}

const ownColumn = (table: MovedTable, column: string) => `${quotedName(table)}.${identifier(column)}`;

/** The pseudonym that the key of a row names, with the name `anchor`. */
const anchorsOf = (table: MovedTable, key: string | undefined) =>
  `SELECT FROM ${ANCHOR} anchor WHERE anchor.${ANCHOR_KEY} = ${ownColumn(table, key ?? '')}`;

/** The rows at the other end of a way from a row of the table. */
function rowsAt(table: MovedTable, { columns, target, targetColumns }: NonNullable<Way['usedBy']>): string {
  const same = columns.map(
    (column, at) =>
      `${quotedName(target)}.${identifier(targetColumns[at] ?? '')} = ${ownColumn(table, column)}`,
  );
  return `SELECT FROM ${quotedName(target)} WHERE ${same.join(' AND ')}`;
}

/** The rows that have left, but for those whose number the hospital has given to another one since. */
function haveLeft({ target, targetColumns, isUpstream }: Via): string {
  const gone = `SELECT ${list(targetColumns)} FROM ${quotedName(target.vault)} gone`;
  if (isUpstream) return `${gone} WHERE true`;
  const same = targetColumns.map((column) => `again.${identifier(column)} = gone.${identifier(column)}`);
  return `${gone}
       WHERE NOT EXISTS (SELECT FROM ${quotedName(target)} again WHERE ${same.join(' AND ')})`;
}

const list = (columns: readonly string[]) => columns.map(identifier).join(', ');

/**
 * @param byKey how the key of a row is compared
 * @param rowsOf a statement with the columns of the rows of another table that are meant
 */
function anyWay({ ways }: MovedTable, byKey: string, rowsOf: (via: Via) => string): string {
  const leading = ways.filter(({ usedBy }) => usedBy === undefined);
  // Those by the same columns are looked up as one: by an index, where several would have the whole table read.
  const sameAs = ({ when, via }: Way) =>
    leading.flatMap((way) =>
      way.via !== undefined && way.when === when && list(way.via.columns) === list(via?.columns ?? [])
        ? [way.via]
        : [],
    );
  const first = leading.filter((way) => way.via === undefined || sameAs(way)[0] === way.via);
  return anyOf(first, (way) => {
    const { key, via } = way;
    if (via === undefined) return `${identifier(key ?? '')} ${byKey}`;
    return `(${list(via.columns)}) IN (${sameAs(way).map(rowsOf).join(' UNION ALL ')})`;
  });
}

/** Any of the ways, each where it holds. */
function anyOf(ways: readonly Way[], holds: (way: Way) => string): string {
  const one = (way: Way) =>
    // What a person has written may end in a comment.
    way.when === undefined ? holds(way) : `((${way.when}\n) AND ${holds(way)})`;
  return `(${ways.map(one).join(' OR ')})`;
}
