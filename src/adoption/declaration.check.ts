import {
  type Declaration,
  type Link,
  type Place,
  type TableName,
  textOfName,
  textOfTable,
} from '../declaration/index.js';
import type { ReadOnlySession } from '../postgres/index.js';
import type { StatementTable } from '../shards/index.js';
import { type Catalogue, type CatalogueTable, isUnique, primaryKeyOf, readCatalogue } from './catalogue.js';
import { fingerprintOf } from './fingerprint.js';
import { areComparable, keyTypeOf } from './key.types.js';
import { readWrittenSql } from './written.sql.js';

/** A declaration held against the database. */
export interface CheckResult {
  /** Of the database as it is. */
  readonly fingerprint: string;
  readonly tables: number;
  /** Each with file, line and column; empty where the declaration is decided and the database is as it says. */
  readonly differences: readonly string[];
}

/** What was looked at to check a declaration. */
export interface CheckedDeclaration extends CheckResult {
  readonly catalogue: Catalogue;
  /** Other tables that its SQL reads; unknown where something differs. */
  readonly reads: readonly StatementTable[];
}

/** Holds a declaration against the live catalogue; reads no rows. */
export async function checkDeclaration(
  session: ReadOnlySession,
  declaration: Declaration,
): Promise<CheckedDeclaration> {
  const catalogue = await readCatalogue(session, declaration.schemas);
  const fingerprint = fingerprintOf(catalogue.tables);
  const differences = new Comparison(declaration, catalogue).differences(fingerprint);
  // SQL about what is not there would only say so again.
  const { reads, problems } =
    differences.length > 0 ? { reads: [], problems: [] } : await readWrittenSql(session, declaration);
  const tables = catalogue.tables.length;
  return { fingerprint, tables, differences: [...differences, ...problems], catalogue, reads };
}

const listed = (columns: readonly string[]) => columns.map((column) => textOfName(column)).join(', ');

/** Whether a foreign key of the table leads there by these columns, in whatever order. */
function isKeyBetween(
  { foreignKeys }: CatalogueTable,
  target: StatementTable,
  pairs: readonly (readonly [column: string, target: string])[],
): boolean {
  const wanted = pairs.map((pair) => pair.join('\0'));
  return foreignKeys.some(
    (key) =>
      textOfTable(key.target) === textOfTable(target) &&
      isSameSet(
        key.columns.map((column, at) => [column, key.targetColumns[at]].join('\0')),
        wanted,
      ),
  );
}

const isSameSet = (some: readonly string[], others: readonly string[]) =>
  [...some].sort().join('\n') === [...others].sort().join('\n');

const TOP: Place = { line: 1, column: 1 };

class Comparison {
  private readonly found: { place: Place; message: string }[] = [];
  private readonly live: ReadonlyMap<string, CatalogueTable>;

  constructor(
    private readonly declaration: Declaration,
    private readonly catalogue: Catalogue,
  ) {
    this.live = new Map(catalogue.tables.map((table) => [textOfTable(table), table]));
  }

  differences(fingerprint: string): string[] {
    const { file, undecided, schemas } = this.declaration;
    for (const { place, subject, question } of undecided)
      this.say(place, `${subject}: not decided: ${question}`);
    for (const schema of this.catalogue.missingSchemas)
      this.say(TOP, `${textOfName(schema)}: the schema is not in the database`);
    this.everyTableOnce();
    this.patientTable();
    for (const table of this.declaration.tables) this.ownedTable(table);
    for (const { from, to, onDelete } of this.catalogue.keysFromOutside)
      if (this.isOwned(to))
        this.say(
          TOP,
          `${textOfTable(from)}: refers to ${textOfTable(to)} (ON DELETE ${onDelete}) and lies in a schema that is not watched: ` +
            schemas.map((schema) => textOfName(schema)).join(', '),
        );
    const expected = this.declaration.fingerprint;
    if (expected !== undefined && expected !== fingerprint)
      this.say(
        TOP,
        `the fingerprint of the database is ${fingerprint}, and not ${expected}: a name, a type or a key has changed`,
      );
    const sorted = this.found.sort((a, b) => a.place.line - b.place.line || a.place.column - b.place.column);
    return sorted.map(({ place, message }) => `${file}:${place.line}:${place.column}: ${message}`);
  }

  /** Each live table is declared, and each declared one lives. */
  private everyTableOnce(): void {
    const { patient, tables, kept, reference } = this.declaration;
    const declared = [patient, ...tables, ...kept, ...reference];
    const names = new Set(declared.map(({ name }) => textOfTable(name)));
    for (const [name, { kind }] of this.live)
      if (!names.has(name)) this.say(TOP, `${name}: a ${kind} of the database that stands in no place`);
    for (const { name, place } of declared)
      if (!this.live.has(textOfTable(name))) this.say(place, `${textOfTable(name)}: is not in the database`);
  }

  private patientTable(): void {
    const { name, key, directory, place } = this.declaration.patient;
    const table = this.deletable(name, place);
    if (table === undefined) return;
    const type = this.typeOf(table, key.column, place);
    if (type === undefined) return;
    const column = textOfName(name.schema, name.table, key.column);
    if (keyTypeOf(type) !== key.type) this.say(place, `${column}: is ${type}, and not ${key.type}`);
    if (!isUnique(table, key.column))
      this.say(
        place,
        `${column}: is not unique by itself: no primary key or unique index holds this column alone`,
      );
    for (const shown of Object.values(directory))
      if ('column' in shown) this.typeOf(table, shown.column, place);
  }

  private ownedTable(declared: Declaration['tables'][number]): void {
    const { name, links, agree, freeText, hasRowIdentity, place } = declared;
    const table = this.deletable(name, place);
    if (table === undefined) return;
    for (const link of links) this.link(table, link, declared);
    if (declared.upstream) this.users(table, declared);
    for (const column of [...freeText, ...agree.map((one) => one.column)]) this.typeOf(table, column, place);
    if (hasRowIdentity && primaryKeyOf(table) === undefined)
      this.say(place, `${textOfTable(name)}: has no primary key: say rowIdentity: none`);
  }

  /** Every key to a table upstream is one of its ways. */
  private users(table: CatalogueTable, { links, place }: Declaration['tables'][number]): void {
    const name = textOfTable(table);
    const ways = links.map(({ via = [] }) =>
      via.map(({ target }) => textOfName(target.schema, target.table, target.column)),
    );
    for (const other of this.catalogue.tables)
      for (const { target, columns } of other.foreignKeys) {
        if (textOfTable(target) !== name) continue;
        const key = columns.map((column) => textOfName(other.schema, other.table, column));
        if (other === table)
          this.say(place, `${name}: is upstream and refers to itself: keep it, and say why`);
        else if (!ways.some((way) => isSameSet(way, key)))
          this.say(
            place,
            `${name}: is upstream, and ${key.join(', ')} refers to it: name that key as a way of it, too`,
          );
      }
  }

  private link(
    table: CatalogueTable,
    link: Link,
    { fence, upstream, shared }: Declaration['tables'][number],
  ): void {
    const { patient } = this.declaration;
    const ends =
      link.via ??
      (link.key === undefined
        ? []
        : [{ column: link.key, target: { ...patient.name, column: patient.key.column } }]);
    for (const { column, target } of ends) {
      const type = this.typeOf(table, column, link.place);
      const there = this.live.get(textOfTable(target));
      // One that is not there has been said to be.
      const other = there === undefined ? undefined : this.typeOf(there, target.column, link.place);
      if (type !== undefined && other !== undefined && !areComparable(type, other))
        this.say(
          link.place,
          `${textOfName(table.schema, table.table, column)}: is ${type}, and ${textOfName(target.schema, target.table, target.column)} is ${other}`,
        );
    }
    const [first] = ends;
    if (first === undefined) return;
    const to = textOfTable(first.target);
    const columns = ends.map(({ column }) => column);
    const pairs = ends.map(({ column, target }) => [column, target.column] as const);
    if (upstream) {
      const there = this.live.get(to);
      const users = ends.map(({ target }) => target.column);
      if (
        there !== undefined &&
        !isKeyBetween(
          there,
          table,
          ends.map(({ column, target }) => [target.column, column]),
        )
      )
        this.say(
          link.place,
          `${textOfTable(table)}: no foreign key leads from ${listed(users)} of ${to} to it: without one, nothing keeps ` +
            'a row that is used from leaving; let the hospital add one, or keep the table',
        );
    } else if (fence === 'existing' && !isKeyBetween(table, first.target, pairs))
      this.say(
        link.place,
        `${textOfTable(table)}: no foreign key leads from ${listed(columns)} to ${to}: say fence: add, or none and why`,
      );
    else if (shared === 'leavesWithLast' && isKeyBetween(table, first.target, pairs))
      this.say(
        link.place,
        `${textOfTable(table)}: a foreign key leads from ${listed(columns)} to ${to}, so that its rows cannot stay ` +
          'when that row leaves: say shared: leavesWithFirst',
      );
  }

  /** The live table, where rows can be deleted from it. */
  private deletable(name: TableName, place: Place): CatalogueTable | undefined {
    const table = this.live.get(textOfTable(name));
    if (table === undefined || table.kind === 'table' || table.kind === 'partitioned table') return table;
    this.say(
      place,
      `${textOfTable(name)}: is a ${table.kind}, from which no row can be deleted in the same transaction`,
    );
    return undefined;
  }

  private typeOf(table: CatalogueTable, column: string, place: Place): string | undefined {
    const found = table.columns.find(({ name }) => name === column);
    if (found === undefined)
      this.say(place, `${textOfName(table.schema, table.table, column)}: there is no such column`);
    return found?.type;
  }

  private isOwned(name: TableName): boolean {
    const { patient, tables } = this.declaration;
    return [patient, ...tables].some((one) => textOfTable(one.name) === textOfTable(name));
  }

  private say(place: Place, message: string): void {
    if (!this.found.some((one) => one.place === place && one.message === message))
      this.found.push({ place, message });
  }
}
