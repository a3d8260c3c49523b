/** A table by its schema and name, as the catalogue has them: without quotes, letter by letter. */
export interface TableName {
  readonly schema: string;
  readonly table: string;
}

/** A column of a table. */
export interface ColumnName extends TableName {
  readonly column: string;
}

/** A name that cannot be read; the message is the end of a sentence that begins with where it stands. */
export class NameRefused extends Error {
  override readonly name = 'NameRefused';
}

/** Begins with a letter or an underscore; then digits and dollars, too: as PostgreSQL reads a name without quotes. */
const PLAIN = /[\p{L}\p{M}_][\p{L}\p{M}\p{N}_$]*/uy;
const QUOTED = /"((?:[^"\0]|"")+)"/y;
const NEEDS_NO_QUOTES = /^[a-z_][a-z0-9_$]*$/;

/**
 * Reads a name as SQL writes it: `cdm.person`, `"Hasta_Kayıt"."İşlem"."hasta.no"`. What a part without quotes means
 * must be beyond doubt: PostgreSQL turns its capitals into small letters, and which ones rests on the encoding, so that
 * a part with capitals has to be quoted.
 *
 * @param text the whole name, without spaces around it
 * @param parts how many it must have: 1 for a column, 2 for a table, 3 for a column of a table
 * @returns the parts without their quotes
 * @throws NameRefused where it is not such a name
 */
export function partsOfName(text: string, parts: number): string[] {
  const found: string[] = [];
  for (let at = 0; ; at++) {
    const [name, end] = partAt(text, at);
    found.push(name);
    if (end === text.length) break;
    if (text[end] !== '.') throw new NameRefused(`is no name: ${shown(text)}`);
    at = end;
  }
  if (found.length !== parts)
    throw new NameRefused(
      `must be ${SHAPES[parts - 1] ?? ''} and has ${found.length} part${found.length === 1 ? '' : 's'}: ${shown(text)}; ` +
        'a dot within a name is written in double quotes',
    );
  return found;
}

const SHAPES = ['a name', 'schema.table', 'schema.table.column'];

function partAt(text: string, at: number): [name: string, end: number] {
  QUOTED.lastIndex = PLAIN.lastIndex = at;
  const quoted = QUOTED.exec(text);
  if (quoted?.[1] !== undefined) return [quoted[1].replaceAll('""', '"'), QUOTED.lastIndex];
  const name = PLAIN.exec(text)?.[0];
  if (name === undefined) throw new NameRefused(`is no name: ${shown(text)}`);
  if (/[\p{Lu}\p{Lt}]/u.test(name))
    throw new NameRefused(
      `has capitals without quotes: write "${name}" in double quotes if the capitals are part of the name, or small letters`,
    );
  return [name, PLAIN.lastIndex];
}

const shown = (text: string) => (text === '' ? 'it is empty' : text);

/** @throws NameRefused see {@link partsOfName} */
export function tableNameOf(text: string): TableName {
  const [schema = '', table = ''] = partsOfName(text, 2);
  return { schema, table };
}

/** @throws NameRefused see {@link partsOfName} */
export function columnNameOf(text: string): ColumnName {
  const [schema = '', table = '', column = ''] = partsOfName(text, 3);
  return { schema, table, column };
}

/** @throws NameRefused see {@link partsOfName} */
export function identifierOf(text: string): string {
  return partsOfName(text, 1)[0] ?? '';
}

/** The inverse of {@link partsOfName}: one text for one name, with quotes only where they are needed. */
export function textOfName(...parts: readonly string[]): string {
  return parts
    .map((part) => (NEEDS_NO_QUOTES.test(part) ? part : `"${part.replaceAll('"', '""')}"`))
    .join('.');
}

/** The text of a table's name; the same for the same table, however it was written. */
export function textOfTable({ schema, table }: TableName): string {
  return textOfName(schema, table);
}
