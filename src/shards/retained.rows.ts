import { getMetadataArgsStorage, type EntityManager } from 'typeorm';
import { runInPipeline } from '../postgres/index.js';
import { DeletableRow } from './deletable.row.js';
import { IS_DELETED, PATIENT_ID } from './physical.names.js';
import type { DeletionKey, ResourceCount } from './shard.js';
import { identifier, literal, quotedName } from './sql.text.js';
import type { TableDeclaration } from './table.declaration.js';
import { rootTable } from './table.registry.js';

/** Where a period of retention begins: never at the creation of a row. */
export const PERIOD_BEGINNINGS = ['ROW', 'END_OF_YEAR', 'LAST_CONTACT'] as const;
export type PeriodBeginning = (typeof PERIOD_BEGINNINGS)[number];

/** How long the rows of one resource type are kept once they are hidden. */
export interface KeepRule {
  readonly resourceType: string;
  /** ISO 8601, as P20Y. */
  readonly keep: string;
  /**
   * ROW: the latest of the row's own dates. END_OF_YEAR: the end of the calendar year of that day. LAST_CONTACT: the latest
   * date of all of the patient's rows of which the rule says so.
   */
  readonly from: PeriodBeginning;
  /** Columns of the table. */
  readonly dates: readonly string[];
  /** Why they have to be kept; a code. */
  readonly ground: string;
}

/** Of whose rows what is asked. */
export interface RetentionQuestion extends DeletionKey {
  readonly rules: readonly KeepRule[];
  /** As 2026-12-01: a row is due where its period ended before this day. */
  readonly day: string;
  /** In which days begin; a name of the IANA's database. */
  readonly zone: string;
  /** The patient's last contact, as 2006-03-14; null where no row tells of one. */
  readonly lastContact: string | null;
}

/** Rows of one table that still have to be kept. */
export interface KeptRows extends ResourceCount {
  /** The last day of the longest period that is known, as 2046-12-31; null where none is. */
  readonly until: string | null;
  /** Those of them of which no date says when their period begins: they are kept until one does. */
  readonly undated: number;
  readonly ground: string;
}

/** The hidden rows of one table: those whose period is over, and those that stay. */
export interface RetainedRows {
  readonly due: ResourceCount;
  /** Those of them that this deletion hides: the hospital's own system may have hidden others. */
  readonly dueOfDeletion: ResourceCount;
  /** Undefined where none stays. */
  readonly kept: KeptRows | undefined;
}

/** What was destroyed of one table, by the server's count. */
export interface DestroyedRows {
  readonly rows: ResourceCount;
  readonly ofDeletion: ResourceCount;
}

/** Types of which the day is the one that stands there; of `timestamptz` it depends on where one is. */
const OWN_DAY = new Set(['date', 'timestamp', 'timestamp without time zone']);

/** The type of a column as its entity declares it; undefined where it declares none of this name. */
function declaredType({ intake }: TableDeclaration, column: string): string | undefined {
  const declared = getMetadataArgsStorage().columns.find(
    ({ target, options, propertyName }) =>
      target === intake?.entity && (options.name ?? propertyName) === column,
  );
  return declared?.options.type as string | undefined;
}

/** The latest day that a row of the table names; null where it names none that is one. */
function latestDay(table: TableDeclaration, { dates }: KeepRule): string {
  const days = dates.map((column) =>
    OWN_DAY.has(declaredType(table, column) ?? '')
      ? `${identifier(column)}::date`
      : `(${identifier(column)} AT TIME ZONE asked.zone)::date`,
  );
  if (days.length === 0) return 'NULL::date';
  return `nullif(greatest(${days.join(', ')}), '-infinity')`;
}

/** The same where it is a day that a period can begin with: of a row that has no end none is known. */
const beginning = (latest: string) => `CASE WHEN isfinite(${latest}) THEN ${latest} END`;

/** The last day on which a row has to be kept; null where that is not known. */
function lastDay(table: TableDeclaration, rule: KeepRule): string {
  const latest = latestDay(table, rule);
  const begins = {
    ROW: () => beginning(latest),
    END_OF_YEAR: () => `make_date(extract(year FROM ${beginning(latest)})::int, 12, 31)`,
    // A row that does not tell when it was may be the last one.
    LAST_CONTACT: () => `CASE WHEN isfinite(${latest}) THEN asked.last_contact END`,
  }[rule.from]();
  return `(${begins} + interval ${literal(rule.keep)})::date`;
}

const ASKED = '(SELECT $3::date AS day, $4::text AS zone, $5::date AS last_contact) asked';
const HIDDEN_ROWS = `${PATIENT_ID} = $1 AND ${IS_DELETED}`;

/** Counts: due, due of the deletion, kept, the longest known period of the kept, kept without a date. */
const judging = (table: TableDeclaration, rule: KeepRule) => `
  SELECT count(*) FILTER (WHERE due), count(*) FILTER (WHERE due AND deletion_id = $2),
    count(*) FILTER (WHERE due IS NOT TRUE), max(until) FILTER (WHERE due IS NOT TRUE), count(*) FILTER (WHERE until IS NULL)
  FROM (SELECT deletion_id, until, until < day AS due FROM (
    SELECT deletion_id, ${lastDay(table, rule)} AS until, asked.day FROM ${quotedName(table)}, ${ASKED} WHERE ${HIDDEN_ROWS}) d) judged`;

/** Removes what is due for good, and counts what has gone in the end. */
const removing = (table: TableDeclaration, rule: KeepRule) => `
  WITH gone AS (DELETE FROM ${quotedName(table)} USING ${ASKED}
    WHERE ${HIDDEN_ROWS} AND ${lastDay(table, rule)} < asked.day RETURNING deletion_id)
  SELECT count(*), count(*) FILTER (WHERE deletion_id = $2) FROM gone`;

const valuesOf = ({ patientId, deletionId, day, zone, lastContact }: RetentionQuestion) => [
  patientId,
  deletionId,
  day,
  zone,
  lastContact,
];

/** Of a table of which no rule says how long its rows are kept: they stay. */
const NO_RULE = { keep: 'P0D', from: 'ROW', dates: [], ground: 'NO_RULE' } as const;

function ruleFor({ resourceType }: TableDeclaration, rules: readonly KeepRule[]): KeepRule {
  return rules.find((rule) => rule.resourceType === resourceType) ?? { resourceType, ...NO_RULE };
}

/** The hidden rows of these tables, none of which is the patient's own. */
export async function judgeRetention(
  manager: EntityManager,
  tables: readonly TableDeclaration[],
  question: RetentionQuestion,
): Promise<RetainedRows[]> {
  const statements = tables.map((table) => {
    const text = judging(table, ruleFor(table, question.rules));
    return { text, values: valuesOf(question), table: table.name };
  });
  const judged = await runInPipeline(manager, statements);
  return tables.map((table, at) => {
    const [due, dueOfDeletion, kept, until, undated] = judged[at]?.[0] ?? [];
    const named = { resourceType: table.resourceType, table: table.name };
    const { ground } = ruleFor(table, question.rules);
    const stays = { ...named, rows: Number(kept), until: until ?? null, undated: Number(undated), ground };
    return {
      due: { ...named, rows: Number(due) },
      dueOfDeletion: { ...named, rows: Number(dueOfDeletion) },
      kept: stays.rows === 0 ? undefined : stays,
    };
  });
}

/**
 * Destroys the rows of these tables whose period is over. Only what is hidden; there is no way back.
 *
 * @throws TableFailure with the table and the database's error as its cause
 */
export async function destroyRows(
  manager: EntityManager,
  tables: readonly TableDeclaration[],
  question: RetentionQuestion,
): Promise<DestroyedRows[]> {
  const statements = tables.map((table) => {
    const text = removing(table, ruleFor(table, question.rules));
    return { text, values: valuesOf(question), table: table.name };
  });
  const removed = await runInPipeline(manager, statements);
  return tables.map((table, at) => {
    const [rows, ofDeletion] = removed[at]?.[0] ?? [];
    const named = { resourceType: table.resourceType, table: table.name };
    return {
      rows: { ...named, rows: Number(rows) },
      ofDeletion: { ...named, rows: Number(ofDeletion) },
    };
  });
}

/** The patient's last contact as the hidden rows of these tables tell of it; null where none does. */
export async function lastContactIn(
  manager: EntityManager,
  tables: readonly TableDeclaration[],
  { patientId, rules, zone }: Pick<RetentionQuestion, 'patientId' | 'rules' | 'zone'>,
): Promise<string | null> {
  const days = tables.flatMap((table) => {
    const rule = ruleFor(table, rules);
    if (rule.from !== 'LAST_CONTACT') return [];
    return [
      `(SELECT max(${beginning(latestDay(table, rule))}) FROM ${quotedName(table)} WHERE ${HIDDEN_ROWS})`,
    ];
  });
  if (days.length === 0) return null;
  const text = `SELECT greatest(${days.join(', ')}) FROM (SELECT $2::text AS zone) asked`;
  const [[row] = []] = await runInPipeline(manager, [{ text, values: [patientId, zone] }]);
  return row?.[0] ?? null;
}

/** The columns of the patient's own row that say something of him, and whether each may be empty. */
function personalColumns(): { readonly column: string; readonly isNullable: boolean }[] {
  const { entity } = rootTable().intake ?? {};
  return getMetadataArgsStorage()
    .columns.filter(({ target }) => target === entity && target !== DeletableRow)
    .map(({ options, propertyName }) => ({
      column: identifier(options.name ?? propertyName),
      isNullable: options.nullable === true,
    }));
}

/**
 * Empties the patient's own row, which this deletion hides, of all that it says of him. His id and the mark stay: the row
 * keeps anybody from being registered under his id again.
 *
 * @returns how many rows say nothing any more, read back from the table
 */
export async function emptyPatient(
  manager: EntityManager,
  { patientId, deletionId }: DeletionKey,
): Promise<number> {
  const root = rootTable();
  const columns = personalColumns();
  const empty = columns.map(({ column, isNullable }) => `${column} = ${isNullable ? 'NULL' : "''"}`);
  const isEmpty = columns.map(({ column, isNullable }) => `${column} ${isNullable ? 'IS NULL' : "= ''"}`);
  const ofDeletion = `${HIDDEN_ROWS} AND deletion_id = $2`;
  const values = [patientId, deletionId];
  const [, [row] = []] = await runInPipeline(manager, [
    {
      text: `UPDATE ${quotedName(root)} SET ${empty.join(', ')} WHERE ${ofDeletion}`,
      values,
      table: root.table,
    },
    {
      text: `SELECT count(*) FROM ${quotedName(root)} WHERE ${ofDeletion} AND ${isEmpty.join(' AND ')}`,
      values,
    },
  ]);
  return Number(row?.[0]);
}
