import type { EntityManager } from 'typeorm';
import {
  FINDING_SETTINGS,
  gramsOf,
  LOOKUP_SETTINGS,
  NAME_GRAMS,
  ORDERED_SETTINGS,
  runInPipeline,
  type Settings,
  setLocally,
  type TextRows,
} from '../postgres/index.js';
import { PATIENT_ID, quotedName, rootTable, type TableDeclaration } from '../shards/index.js';

/** What an administrator sees of a patient before deciding. */
export interface PatientSummary {
  readonly patientId: string;
  /** Null, as the names, where it is not known: in a hospital's own tables. */
  readonly recordNumber: string | null;
  readonly givenName: string | null;
  readonly familyName: string | null;
  /** ISO 8601 date; null where it is not known. */
  readonly birthDate: string | null;
  readonly state: 'live' | 'deleted';
  readonly deletionId: string | null;
}

/** Which patients. */
export interface Wanted {
  /** In small letters; all of them have to occur. */
  readonly words: readonly string[];
  /** Both, where it is undefined. */
  readonly state: Half | undefined;
  /** The last patient of the page before. */
  readonly after: string | undefined;
  readonly limit: number;
}

/** Each has indexes of its own. */
type Half = PatientSummary['state'];

/** Patients that are looked at in the order of their names, before anything else: what nearly all have is among them. */
const NEAREST = 300;
/** Patients that an index of words may find, to be sorted then; the time for it is theirs, whoever else is there. */
const FEW = 1_000;
/** Patients that are looked at in the order of their names, where more have a word. */
const FIRST = 3_000;
/** Behind a word: more than any name goes on with. */
const LAST_LETTERS = 'zzzzzzzz';

/** What is shown of a row of the root table. */
export const columnsOf = ({
  strategy,
}: TableDeclaration) => `${PATIENT_ID} AS "patientId", record_number AS "recordNumber", given_name AS "givenName",
  family_name AS "familyName", to_char(birth_date, 'YYYY-MM-DD') AS "birthDate",
  CASE WHEN ${strategy.isHidden} THEN 'deleted' ELSE 'live' END AS state, ${strategy.hiddenBy} AS "deletionId"`;

/** A page of those that were looked at, and of how many it is. */
interface Looked {
  readonly of: number;
  readonly page: PatientSummary[];
}

/**
 * The statements of one page. Live and deleted patients are read apart, and of one word those whose family name begins
 * with it before the others. Which index a statement goes by is set beside it and not left to guesses of how many have a
 * word (docs/adr/0031-searches.md).
 */
export class PatientPages {
  private readonly root = rootTable();
  /** The word that a family name may begin with; none where several are searched for. */
  private readonly beginning: string | undefined;

  /** @param manager of one session */
  constructor(
    private readonly manager: EntityManager,
    private readonly wanted: Wanted,
  ) {
    const [word, ...others] = wanted.words;
    this.beginning = others.length === 0 ? word : undefined;
  }

  async page(): Promise<PatientSummary[]> {
    const { state } = this.wanted;
    const isPastBeginning = await this.isPastBeginning();
    if (state !== undefined) return this.pageOf(state, isPastBeginning);
    // The live first: who is deleted between the two is in both then, and not in neither.
    const live = await this.pageOf('live', isPastBeginning);
    return this.inOneOrder([...live, ...(await this.pageOf('deleted', isPastBeginning))]);
  }

  /** Whether the page before has ended among those whose family name does not begin with the word. */
  private async isPastBeginning(): Promise<boolean> {
    const { after } = this.wanted;
    if (this.beginning === undefined || after === undefined) return this.beginning === undefined;
    const values = [after];
    const text = `SELECT ${this.begins(values)} FROM ${quotedName(this.root)} WHERE ${PATIENT_ID} = $1`;
    const [[begins] = []] = await this.read(LOOKUP_SETTINGS, text, values);
    return begins !== 't';
  }

  private async pageOf(half: Half, isPastBeginning: boolean): Promise<PatientSummary[]> {
    if (isPastBeginning) return this.others(half, this.wanted.after);
    const beginning = await this.inOrder(half, this.wanted.after, 'beginning');
    if (beginning.length === this.wanted.limit) return beginning;
    return [...beginning, ...(await this.others(half, undefined))].slice(0, this.wanted.limit);
  }

  /**
   * What nearly all have fills the page among the first by name. What few have is found by an index of words. Else the
   * page is full a little later by name; where many have a word and all of them come late, it is not, and they are found
   * by the index, however many they are.
   */
  private async others(half: Half, after: string | undefined): Promise<PatientSummary[]> {
    const grams = gramsOf(this.wanted.words, half);
    // Too short for the index, or none.
    if (grams.length === 0) return this.inOrder(half, after, 'others');
    const isWhole = (looked: Looked, atMost: number) =>
      looked.of < atMost || looked.page.length === this.wanted.limit;
    const nearest = await this.amongFirst(half, after, NEAREST);
    if (isWhole(nearest, NEAREST)) return nearest.page;
    const few = await this.byWords(half, grams, after, FEW + 1);
    if (few.of <= FEW) return few.page;
    const first = await this.amongFirst(half, after, FIRST);
    return isWhole(first, FIRST) ? first.page : (await this.byWords(half, grams, after, null)).page;
  }

  /** In the order of names, until the page is full. */
  private async inOrder(
    half: Half,
    after: string | undefined,
    which: 'beginning' | 'others',
  ): Promise<PatientSummary[]> {
    const values = [String(this.wanted.limit)];
    const begins = which === 'others' ? this.butBeginning(values) : `AND ${this.begins(values)}`;
    const conditions = [begins, this.likeWords(values), this.afterCursor(after, values)];
    const text = `SELECT ${columnsOf(this.root)} FROM ${quotedName(this.root)}
      WHERE ${this.ordered[half]} ${conditions.join(' ')} ${this.order} LIMIT $1`;
    return (await this.read(ORDERED_SETTINGS, text, values)).map(summaryOf);
  }

  /** @param atMost all of them where it is null */
  private byWords(
    half: Half,
    grams: readonly string[],
    after: string | undefined,
    atMost: number | null,
  ): Promise<Looked> {
    const values = [String(this.wanted.limit), atMost?.toString() ?? null, arrayOf(grams)];
    const found = `AND ${NAME_GRAMS[half]} @> $3::text[] ${this.likeWords(values)} ${this.butBeginning(values)}`;
    const rows = `${this.worded[half]} ${found} LIMIT $2::bigint`;
    return this.looked(FINDING_SETTINGS, [rows, this.afterCursor(after, values)], values);
  }

  private amongFirst(half: Half, after: string | undefined, atMost: number): Promise<Looked> {
    const values = [String(this.wanted.limit), String(atMost)];
    const first = `${this.butBeginning(values)} ${this.afterCursor(after, values)} ${this.order} LIMIT $2::bigint`;
    return this.looked(ORDERED_SETTINGS, [`${this.ordered[half]} ${first}`, this.likeWords(values)], values);
  }

  private async looked(
    settings: Settings,
    [rows, condition]: readonly [string, string],
    values: readonly (string | null)[],
  ): Promise<Looked> {
    const { strategy } = this.root;
    const carried = `${PATIENT_ID}, record_number, given_name, family_name, birth_date, folded_name,
      ${strategy.isHidden}, ${strategy.hiddenBy}`;
    const text = `WITH looked AS MATERIALIZED (SELECT ${carried} FROM ${quotedName(this.root)} WHERE ${rows})
      SELECT shown.*, (SELECT count(*) FROM looked) FROM (SELECT) one LEFT JOIN (
        SELECT ${columnsOf(this.root)} FROM looked WHERE true ${condition} ${this.order} LIMIT $1) shown ON true
      ORDER BY shown."familyName", shown."givenName", shown."patientId"`;
    const found = await this.read(settings, text, values);
    return { of: Number(found[0]?.at(-1)), page: found.filter(([id]) => id !== null).map(summaryOf) };
  }

  /** The page of two halves. */
  private async inOneOrder(patients: readonly PatientSummary[]): Promise<PatientSummary[]> {
    const values = [String(this.wanted.limit), arrayOf(patients.map(({ patientId }) => patientId))];
    const first = this.beginning === undefined ? '' : `NOT ${this.begins(values)},`;
    const text = `SELECT ${columnsOf(this.root)} FROM ${quotedName(this.root)}
      WHERE ${PATIENT_ID} = ANY ($2::uuid[]) ORDER BY ${first} ${this.names} LIMIT $1`;
    return (await this.read(LOOKUP_SETTINGS, text, values)).map(summaryOf);
  }

  private get ordered(): Readonly<Record<Half, string>> {
    const { isHidden } = this.root.strategy;
    return { live: `NOT ${isHidden}`, deleted: isHidden };
  }

  /** In words that the index of names does not know: the one of words is the only one that is left. */
  private get worded(): Readonly<Record<Half, string>> {
    const { isHidden } = this.root.strategy;
    return { live: `${isHidden}::int = 0`, deleted: `${isHidden}::int = 1` };
  }

  private get names(): string {
    return `family_name, given_name, ${PATIENT_ID}`;
  }

  private get order(): string {
    return `ORDER BY ${this.names}`;
  }

  /**
   * Whether the family name begins with the word, as the column sorts: by ICU in any case. Where the server has none, or
   * a letter behind the word comes after all of the alphabet, it does not say so, and the patient is one of the others.
   */
  private begins(values: (string | null)[]): string {
    const [from, to] = [this.beginning ?? '', `${this.beginning ?? ''}${LAST_LETTERS}`];
    return `(family_name >= $${values.push(from)} AND family_name < $${values.push(to)})`;
  }

  private butBeginning(values: (string | null)[]): string {
    return this.beginning === undefined ? '' : `AND NOT ${this.begins(values)}`;
  }

  private likeWords(values: (string | null)[]): string {
    const { words } = this.wanted;
    if (words.length === 0) return '';
    const patterns = words.map((word) => `%${word.replace(/[\\%_]/g, '\\$&')}%`);
    return `AND folded_name LIKE ALL ($${values.push(arrayOf(patterns))}::text[])`;
  }

  private afterCursor(after: string | undefined, values: (string | null)[]): string {
    if (after === undefined) return '';
    return `AND (${this.names}) > (
      SELECT ${this.names} FROM ${quotedName(this.root)} WHERE ${PATIENT_ID} = $${values.push(after)})`;
  }

  /** What is set holds for the one message. */
  private async read(
    settings: Settings,
    text: string,
    values: readonly (string | null)[],
  ): Promise<TextRows> {
    const [, rows = []] = await runInPipeline(this.manager, [
      { text: setLocally(settings), values: [] },
      { text, values },
    ]);
    return rows;
  }
}

function summaryOf(row: TextRows[number]): PatientSummary {
  const [patientId, recordNumber, givenName, familyName, birthDate, state, deletionId] = row as string[];
  return { patientId, recordNumber, givenName, familyName, birthDate, state, deletionId } as PatientSummary;
}

/** An array as PostgreSQL reads it. */
function arrayOf(texts: readonly string[]): string {
  return `{${texts.map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;
}
