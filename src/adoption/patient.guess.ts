import { type KeyType, type TableName, textOfName, textOfTable } from '../declaration/index.js';
import { type Catalogue, type CatalogueTable, isUnique, primaryKeyOf } from './catalogue.js';
import { keyTypeOf } from './key.types.js';
import { BIRTH, PATIENT_PART, PATIENT_TABLES, plainWord } from './words.js';

/** The table of patients, as far as it can be told. */
export interface PatientGuess {
  readonly table: CatalogueTable;
  readonly key: { readonly column: string; readonly type: KeyType };
  /** Whether a person named the table. */
  readonly isGiven: boolean;
  /** Other tables that might be it, the likeliest first. */
  readonly others: readonly string[];
}

/** The table of patients as a person has named it, with its key or without. */
export interface NamedPatient extends TableName {
  readonly column?: string;
}

/** No declaration can be begun; the message says why, and what to do. */
export class PatientRefused extends Error {
  override readonly name = 'PatientRefused';
}

/**
 * Finds the table of patients and the column by which all others name one.
 *
 * @param given the table that a person named, and its key where he named it
 * @throws PatientRefused where there is none, or none whose key can be used
 */
export function guessPatient(catalogue: Catalogue, given?: NamedPatient): PatientGuess {
  const name = given === undefined ? undefined : textOfTable(given);
  const ranked = catalogue.tables
    .map((table) => ({ table, score: scoreOf(table, catalogue) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ table }) => table);
  const table = name === undefined ? ranked[0] : catalogue.tables.find((one) => textOfTable(one) === name);
  if (table === undefined)
    throw new PatientRefused(
      name === undefined
        ? 'No table of these schemas looks like that of the patients. Name it: --patient schema.table.'
        : `${name} is no table of these schemas.`,
    );
  if (table.kind !== 'table' && table.kind !== 'partitioned table')
    throw new PatientRefused(`${textOfTable(table)} is a ${table.kind}: patients cannot be deleted from it.`);
  return {
    table,
    key: keyOf(table, catalogue, given?.column),
    isGiven: name !== undefined,
    others: ranked
      .filter((one) => one !== table)
      .map(textOfTable)
      .slice(0, 3),
  };
}

/** Its name first, then a date of birth, then how many tables refer to it. */
function scoreOf(table: CatalogueTable, { tables }: Catalogue): number {
  if (table.kind !== 'table' && table.kind !== 'partitioned table') return 0;
  const word = plainWord(table.table);
  const named = PATIENT_TABLES.test(word) ? 100 : PATIENT_PART.test(word) ? 30 : 0;
  const born = table.columns.some(({ name }) => BIRTH.test(plainWord(name))) ? 40 : 0;
  if (named + born === 0) return 0;
  const referring = tables.filter((one) => one !== table && refersTo(one, table)).length;
  return named + born + Math.min(referring, 50);
}

function refersTo(one: CatalogueTable, table: CatalogueTable): boolean {
  return one.foreignKeys.some(({ target }) => textOfTable(target) === textOfTable(table));
}

/** The column that a person named; else the unique column that most foreign keys refer to, the primary key first. */
function keyOf(table: CatalogueTable, { tables }: Catalogue, given: string | undefined): PatientGuess['key'] {
  const name = textOfTable(table);
  if (given !== undefined && !isUnique(table, given))
    throw new PatientRefused(
      `${textOfName(table.schema, table.table, given)} is no column that is unique by itself, so that it names nobody.`,
    );
  const primary = primaryKeyOf(table);
  const references = tables.flatMap(({ foreignKeys }) =>
    foreignKeys.filter(
      ({ target, targetColumns }) => textOfTable(target) === name && targetColumns.length === 1,
    ),
  );
  const used = (column: string) =>
    references.filter(({ targetColumns }) => targetColumns[0] === column).length;
  const [column] = table.columns
    .filter((one) => isUnique(table, one.name) && (given ?? one.name) === one.name)
    .sort(
      (a, b) =>
        used(b.name) - used(a.name) || Number(primary?.[0] === b.name) - Number(primary?.[0] === a.name),
    );
  if (column === undefined)
    throw new PatientRefused(
      primary !== undefined && primary.length > 1
        ? `${name} has a composite key (${primary.join(', ')}), which is refused: Silgi finds all rows of a patient, and ` +
            'locks him, by one column. Let the hospital add a column that is unique by itself.'
        : `${name} has no column that is unique by itself, so that nobody can be told apart. Let the hospital add a key.`,
    );
  const type = keyTypeOf(column.type);
  if (type === undefined)
    throw new PatientRefused(
      `${name} has a key of the type ${column.type}, which is refused: a key may be integer, bigint, uuid, text or numeric.`,
    );
  return { column: column.name, type };
}
