import { textOfTable } from '../declaration/index.js';
import { type Catalogue, type CatalogueTable, type ForeignKey, primaryKeyOf } from './catalogue.js';
import { areComparable } from './key.types.js';
import type { PatientGuess } from './patient.guess.js';
import { GENERIC, KEY_LIKE, PATIENT_KEYS, plainWord } from './words.js';

/** A way from the rows of a table to those of another one, or to the patient. */
export interface FoundLink {
  readonly columns: readonly string[];
  readonly target: CatalogueTable;
  readonly targetColumns: readonly string[];
  /** What it rests on: a key of the database, or the name and type of the column alone. */
  readonly by: 'foreign key' | 'name';
}

/** A table whose rows seem to be about patients. */
export interface FoundTable {
  readonly table: CatalogueTable;
  /** To the patient himself, or else to one other table; several where a row names several patients. */
  readonly links: readonly FoundLink[];
  /** To other tables of patients: their patient has to be the same. */
  readonly agree: readonly FoundLink[];
}

/** A table that rows of patients point to, and that points to no patient itself. */
export interface Parent {
  readonly table: CatalogueTable;
  /** From whom, the links of which lead to it. */
  readonly users: readonly { readonly from: CatalogueTable; readonly link: FoundLink }[];
  /** The same of tables that are about no patient. */
  readonly others: Parent['users'];
  /** Whether these are all keys that lead to it: each of one column, and none its own. */
  readonly isExplained: boolean;
}

/** Which tables are about patients, as far as keys and names tell. */
export interface Ownership {
  readonly patient: PatientGuess;
  /** By {@link textOfTable}, those nearest to the patient first. */
  readonly found: ReadonlyMap<string, FoundTable>;
  readonly parents: readonly Parent[];
  /** Everything else. */
  readonly rest: readonly CatalogueTable[];
}

/** Follows foreign keys to any depth; where there is none, names of columns. */
export function ownershipOf(catalogue: Catalogue, patient: PatientGuess): Ownership {
  const root = textOfTable(patient.table);
  const byName = new Map(catalogue.tables.map((table) => [textOfTable(table), table]));
  const others = catalogue.tables.filter((table) => table !== patient.table);
  const linksOf = (table: CatalogueTable) =>
    table.foreignKeys.flatMap((key) => {
      const target = byName.get(textOfTable(key.target));
      return target === undefined || target === table ? [] : [linkOf(key, target)];
    });
  const found = new Map<string, FoundTable>();
  const take = (table: CatalogueTable, links: readonly FoundLink[]) => {
    if (links.length > 0) found.set(textOfTable(table), { table, links, agree: [] });
    return links.length > 0;
  };
  const open = () => others.filter((table) => !found.has(textOfTable(table)));
  for (const table of others)
    take(
      table,
      linksOf(table).filter(({ target }) => target === patient.table),
    );
  const names = keyNames(patient, catalogue);
  for (const table of open()) take(table, linksByKeyName(table, patient, names));
  const isOwned = (table: CatalogueTable) => found.has(textOfTable(table));
  for (let before = -1; before < found.size;) {
    before = found.size;
    // One step away from what is known at a time, so that the shortest way is taken.
    const near = open().map((table) => ({
      table,
      links: linksOf(table).filter(({ target }) => isOwned(target)),
    }));
    for (const { table, links } of near) take(table, links.slice(0, 1));
    if (found.size > before) continue;
    for (const table of open()) if (take(table, linkByParentName(table, found))) break;
  }
  for (const [name, one] of found) {
    const agree = linksOf(one.table).filter(
      (link) => isOwned(link.target) && link.columns.length === 1 && !isSameLink(link, one.links[0]),
    );
    found.set(name, { ...one, agree });
  }
  const rest = others.filter((table) => !isOwned(table));
  const users = [patient.table, ...[...found.values()].map(({ table }) => table)];
  const usedBy = (table: CatalogueTable, from: readonly CatalogueTable[]) =>
    from.flatMap((user) =>
      linksOf(user)
        .filter((link) => link.target === table && link.columns.length === 1)
        .map((link) => ({ from: user, link })),
    );
  const parents = rest
    .map((table) => ({
      table,
      users: usedBy(table, users),
      others: usedBy(
        table,
        rest.filter((one) => one !== table),
      ),
      isExplained: [...users, ...rest].every((from) =>
        linksOf(from).every(
          ({ target, columns }) => target !== table || (from !== table && columns.length === 1),
        ),
      ),
    }))
    .filter((parent) => parent.users.length > 0);
  const pointedTo = new Set(parents.map(({ table }) => table));
  return {
    patient,
    found,
    parents,
    rest: rest.filter((table) => textOfTable(table) !== root && !pointedTo.has(table)),
  };
}

function linkOf(key: ForeignKey, target: CatalogueTable): FoundLink {
  return { columns: key.columns, target, targetColumns: key.targetColumns, by: 'foreign key' };
}

const isSameLink = (one: FoundLink, other: FoundLink | undefined) =>
  one.target === other?.target && one.columns.join() === other.columns.join();

/** What columns that hold the patient's key may be called. */
function keyNames({ table, key }: PatientGuess, { tables }: Catalogue): Set<string> {
  const names = new Set(PATIENT_KEYS);
  const root = textOfTable(table);
  const column = plainWord(key.column);
  const word = plainWord(table.table);
  if (!GENERIC.has(column)) names.add(column);
  for (const singular of [word, word.replace(/s$/, ''), word.replace(/l[ae]r$/, '')])
    if (singular.length > 2) for (const ending of ['id', 'no', column]) names.add(`${singular}${ending}`);
  for (const { foreignKeys } of tables)
    for (const { target, columns } of foreignKeys)
      if (textOfTable(target) === root && columns.length === 1 && !GENERIC.has(plainWord(columns[0] ?? '')))
        names.add(plainWord(columns[0] ?? ''));
  return names;
}

function linksByKeyName(
  table: CatalogueTable,
  patient: PatientGuess,
  names: ReadonlySet<string>,
): FoundLink[] {
  const type = patient.table.columns.find(({ name }) => name === patient.key.column)?.type ?? '';
  const taken = new Set(table.foreignKeys.flatMap(({ columns }) => columns));
  return table.columns
    .filter(
      (column) =>
        names.has(plainWord(column.name)) && areComparable(column.type, type) && !taken.has(column.name),
    )
    .map(({ name }) => ({
      columns: [name],
      target: patient.table,
      targetColumns: [patient.key.column],
      by: 'name' as const,
    }));
}

/** A column that is called as the primary key of a table of patients, and that no foreign key explains. */
function linkByParentName(table: CatalogueTable, found: ReadonlyMap<string, FoundTable>): FoundLink[] {
  for (const { table: target } of found.values()) {
    const [key, ...more] = primaryKeyOf(target) ?? [];
    const column = target.columns.find(({ name }) => name === key);
    if (column === undefined || more.length > 0) continue;
    const word = plainWord(column.name);
    const names = GENERIC.has(word) ? [`${plainWord(target.table).replace(/s$/, '')}${word}`] : [word];
    const own = unexplained(table).find(
      (one) => names.includes(plainWord(one.name)) && areComparable(one.type, column.type),
    );
    if (own !== undefined) return [{ columns: [own.name], target, targetColumns: [column.name], by: 'name' }];
  }
  return [];
}

/** Columns that look as if they held keys, of which neither a foreign key nor the own primary key says of what. */
export function unexplained(table: CatalogueTable): CatalogueTable['columns'] {
  const primary = primaryKeyOf(table) ?? [];
  const taken = new Set([
    ...table.foreignKeys.flatMap(({ columns }) => columns),
    ...(primary.length === 1 ? primary : []),
  ]);
  return table.columns.filter(
    ({ name, type }) => !taken.has(name) && KEY_LIKE.test(name) && areComparable(type, type),
  );
}

/** The link of a table to the patient, where it is one. */
export function isDirect({ target, targetColumns }: FoundLink, { table, key }: PatientGuess): boolean {
  return target === table && targetColumns.length === 1 && targetColumns[0] === key.column;
}
