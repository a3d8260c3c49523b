import { textOfTable } from '../declaration/index.js';
import { sqlstateOf } from '../common/index.js';
import type { ReadOnlySession } from '../postgres/index.js';
import { identifier, quotedName } from '../shards/index.js';
import { type CatalogueTable, isIndexed } from './catalogue.js';
import { type FoundLink, type FoundTable, isDirect, type Ownership, type Parent } from './ownership.js';

/** What the rows of one table say; numbers alone, never a value. */
export interface Figures {
  /** Rows that were looked at. */
  readonly rows: number;
  /** Not all rows were: the figures are those of a sample. */
  readonly sampled: boolean;
  /** Of each link: rows in which it is null, and rows for which there is nothing at its end. */
  readonly links: readonly { readonly nulls: number; readonly orphans: number }[];
  /** Of each link that has to agree: rows whose patient is another one at its end. */
  readonly disagreeing: readonly (number | undefined)[];
  readonly perPatient: { readonly median: number; readonly most: number } | undefined;
  /** What could not be found out, as sentences. */
  readonly failures: readonly string[];
}

/** Of a table that rows of patients point to: how many of its rows are used, and how many by one patient alone. */
export interface Sharing {
  readonly used: number;
  readonly byOne: number;
  readonly sampled: boolean;
  readonly failures: readonly string[];
}

const NO_FIGURES: Figures = {
  rows: 0,
  sampled: false,
  links: [],
  disagreeing: [],
  perPatient: undefined,
  failures: [],
};

type Counts = Readonly<Record<string, string | null>>;

/** Reads rows, table by table, no more of each than a sample, and counts. */
export class RowProfile {
  constructor(
    private readonly session: ReadOnlySession,
    private readonly ownership: Ownership,
    /** Most rows of a table that are read. */
    private readonly sample: number,
  ) {}

  /** Never throws for what one table or one statement refuses: that is among the failures. */
  async of({ table, links, agree }: FoundTable): Promise<Figures> {
    const unread = whyUnread(table);
    if (unread !== undefined) return { ...NO_FIGURES, failures: [unread] };
    const failures: string[] = [];
    const source = await this.source(table, failures);
    if (source === undefined) return { ...NO_FIGURES, failures };
    const selected = links.flatMap((link, index) => [
      `count(*) FILTER (WHERE ${nullsOf(link)}) AS nulls${index}`,
      `count(*) FILTER (WHERE NOT (${nullsOf(link)}) AND e${index}.here IS NULL) AS orphans${index}`,
    ]);
    const joined = links.map((link, index) => existsJoin(link, index));
    const counts = await this.attempt(
      `SELECT count(*) AS rows, ${selected.join(', ')} FROM ${source.text} t ${joined.join(' ')}`,
      failures,
      'keys that are null or lead nowhere',
    );
    const own = this.patientOf(links, 't');
    const disagreeing: (number | undefined)[] = [];
    for (const link of agree)
      disagreeing.push(
        own === undefined ? undefined : await this.disagreeing(source.text, own, link, failures),
      );
    return {
      rows: Number(counts?.['rows'] ?? 0),
      sampled: source.sampled,
      links: links.map((_, index) => ({
        nulls: Number(counts?.[`nulls${index}`] ?? 0),
        orphans: Number(counts?.[`orphans${index}`] ?? 0),
      })),
      disagreeing,
      perPatient:
        own === undefined ? undefined : await this.perPatient(table, links, { ...source, own }, failures),
      failures,
    };
  }

  /** How far the rows of a table that others point to belong to one patient each. */
  async sharingOf({ users }: Parent): Promise<Sharing> {
    const failures: string[] = [];
    let [used, byOne, sampled] = [0, 0, false];
    for (const { from, link } of users) {
      const unread = whyUnread(from);
      const source = unread === undefined ? await this.source(from, failures) : undefined;
      const links = this.linksOf(from);
      const own = this.patientOf(links, 't');
      if (source === undefined || own === undefined) continue;
      const column = `t.${identifier(link.columns[0] ?? '')}`;
      const counts = await this.attempt(
        `SELECT count(*) AS used, count(*) FILTER (WHERE patients = 1) AS one FROM (
           SELECT ${column}, count(DISTINCT ${own.key}) AS patients FROM ${source.text} t ${own.joins}
           WHERE ${column} IS NOT NULL GROUP BY 1) used`,
        failures,
        `how its rows are shared by ${textOfTable(from)}`,
      );
      used += Number(counts?.['used'] ?? 0);
      byOne += Number(counts?.['one'] ?? 0);
      sampled ||= source.sampled;
    }
    return { used, byOne, sampled, failures };
  }

  /** The rows to be read: all of a small table, a part of a large one. */
  private async source(
    table: CatalogueTable,
    failures: string[],
  ): Promise<{ text: string; sampled: boolean } | undefined> {
    const name = quotedName(table);
    const counted = await this.attempt(
      `SELECT count(*) AS rows FROM (SELECT FROM ${name} LIMIT ${this.sample + 1}) t`,
      failures,
      'its rows',
    );
    if (counted === undefined) return undefined;
    if (Number(counted['rows']) <= this.sample) return { text: name, sampled: false };
    const share = (100 * this.sample) / Math.max(table.estimatedRows, this.sample + 1);
    // Rows of many blocks, where statistics say how many there are; else the first ones.
    const part =
      table.estimatedRows > this.sample ? `TABLESAMPLE SYSTEM (${share.toFixed(6)}) REPEATABLE (1)` : '';
    return { text: `(SELECT * FROM ${name} ${part} LIMIT ${this.sample})`, sampled: true };
  }

  private async disagreeing(
    source: string,
    own: { joins: string; key: string },
    link: FoundLink,
    failures: string[],
  ): Promise<number | undefined> {
    const other = this.patientOf([link], 't', 'a');
    if (other === undefined) return undefined;
    const counts = await this.attempt(
      `SELECT count(*) FILTER (WHERE ${own.key} <> ${other.key}) AS rows FROM ${source} t ${own.joins} ${other.joins}`,
      failures,
      `whether it agrees with ${textOfTable(link.target)}`,
    );
    return counts === undefined ? undefined : Number(counts['rows']);
  }

  /** Of all rows; of a sample only where an index finds all rows of some patients. */
  private async perPatient(
    table: CatalogueTable,
    links: readonly FoundLink[],
    { text, sampled, own }: { text: string; sampled: boolean; own: { joins: string; key: string } },
    failures: string[],
  ): Promise<Figures['perPatient']> {
    const { patient } = this.ownership;
    const [link] = links;
    let rows = `SELECT count(*) AS n FROM ${text} t ${own.joins} WHERE ${own.key} IS NOT NULL GROUP BY ${own.key}`;
    if (sampled) {
      if (link === undefined || !isDirect(link, patient) || !isIndexed(table, link.columns)) return undefined;
      const key = identifier(patient.key.column);
      rows = `SELECT count(*) AS n FROM (SELECT ${key} AS key FROM ${quotedName(patient.table)} LIMIT 1000) p
        JOIN ${quotedName(table)} t ON t.${identifier(link.columns[0] ?? '')} = p.key GROUP BY p.key`;
    }
    const counts = await this.attempt(
      `SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY n) AS median, max(n) AS most FROM (${rows}) patients`,
      failures,
      'how many rows a patient has',
    );
    if (counts?.['most'] == null) return undefined;
    return { median: Number(counts['median']), most: Number(counts['most']) };
  }

  private linksOf(table: CatalogueTable): readonly FoundLink[] {
    return this.ownership.found.get(textOfTable(table))?.links ?? [];
  }

  /** The patient's key of a row, with the joins that lead to it; undefined where there are several ways, or none. */
  private patientOf(
    links: readonly FoundLink[],
    alias: string,
    prefix = 'w',
  ): { joins: string; key: string } | undefined {
    const { patient } = this.ownership;
    const [link, ...more] = links;
    // Of the patient's own table.
    if (link === undefined) return { joins: '', key: `${alias}.${identifier(patient.key.column)}` };
    if (more.length > 0 || prefix.length > 12) return undefined;
    if (isDirect(link, patient)) return { joins: '', key: `${alias}.${identifier(link.columns[0] ?? '')}` };
    if (whyUnread(link.target) !== undefined) return undefined;
    const next = `${prefix}w`;
    const onward = this.patientOf(this.linksOf(link.target), next, next);
    if (onward === undefined) return undefined;
    return {
      joins: `LEFT JOIN ${quotedName(link.target)} ${next} ON ${equal(link, alias, next)} ${onward.joins}`,
      key: onward.key,
    };
  }

  private async attempt(sql: string, failures: string[], what: string): Promise<Counts | undefined> {
    try {
      return (await this.session.query<Record<string, string | null>>(sql))[0];
    } catch (error) {
      const sqlstate = sqlstateOf(error);
      // Without a SQLSTATE no server answered: there is nothing to go on with.
      if (sqlstate === undefined || /^(08|57P0)/.test(sqlstate)) throw error;
      failures.push(
        `${what}: not known, ${WHY[sqlstate] ?? `the database refused it (SQLSTATE ${sqlstate})`}`,
      );
      return undefined;
    }
  }
}

const WHY: Readonly<Record<string, string>> = {
  '57014': 'the time for a statement was over',
  '55P03': 'another session has locked it',
  '42501': 'this login may not read it',
};

/** Why no row of a table is read. */
export function whyUnread({ kind, mayRead, hidesRows }: CatalogueTable): string | undefined {
  if (!mayRead) return 'no row was read: this login may not read it';
  if (hidesRows) return 'no row was read: row-level security keeps rows from this login';
  if (kind === 'foreign table') return 'no row was read: it lies on another server';
  return undefined;
}

const nullsOf = ({ columns }: FoundLink) =>
  columns.map((column) => `t.${identifier(column)} IS NULL`).join(' OR ');

const equal = ({ columns, targetColumns }: FoundLink, from: string, to: string) =>
  columns
    .map((column, index) => `${to}.${identifier(targetColumns[index] ?? '')} = ${from}.${identifier(column)}`)
    .join(' AND ');

/** Whether there is a row at the end of a link, once whatever the number of such rows. */
function existsJoin(link: FoundLink, index: number): string {
  return `LEFT JOIN LATERAL (SELECT true AS here FROM ${quotedName(link.target)} p WHERE ${equal(link, 't', 'p')} LIMIT 1) e${index} ON true`;
}
