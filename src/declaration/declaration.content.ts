import type { Path, Places } from '../yaml/index.js';
import type { Declaration, Link, OwnedTable, Shown, Undecided, UntouchedTable } from './declaration.js';
import type { RawDeclaration, RawTable } from './declaration.schema.js';
import { columnNameOf, identifierOf, NameRefused, tableNameOf } from './qualified.name.js';

/** A mark of something that a person has to decide. */
interface Marked {
  readonly decide?: string | string[] | undefined;
  readonly review?: string | string[] | undefined;
}

/** What a file says, in names as the catalogue has them. @param raw whose shape and names have been checked */
export function declarationOf(raw: RawDeclaration, file: string, places: Places): Declaration {
  const undecided: Undecided[] = [];
  const mark = (path: Path, { decide = [], review = [] }: Marked) => {
    for (const question of [decide, review].flat())
      undecided.push({ subject: path.map(String).join(' / '), question, place: places.ofKey(path) });
  };
  const { database, patient } = raw;
  const coverage = raw.defaults.onCoverage;
  mark(['database'], database);
  mark(['patient'], patient);
  const tables = Object.entries(raw.tables).map(([name, table]) => {
    mark(['tables', name], table);
    return ownedTable(name, table, raw, places);
  });
  const kept = Object.entries(raw.kept).map(([name, entry]): UntouchedTable => {
    mark(['kept', name], entry);
    return { name: tableNameOf(name), reason: entry.reason, place: places.ofKey(['kept', name]) };
  });
  const reference = raw.reference.map((entry, index): UntouchedTable => {
    const name = typeof entry === 'string' ? entry : entry.table;
    if (typeof entry !== 'string') mark(['reference', index], entry);
    return { name: tableNameOf(name), place: places.ofValue(['reference', index]) };
  });
  return {
    file,
    schemas: database.schemas.map(identifierOf),
    fingerprint: database.fingerprint,
    patient: {
      name: tableNameOf(patient.table),
      key: { column: identifierOf(patient.key.column), type: patient.key.type },
      shard: patient.shard,
      resource: patient.resource,
      directory: Object.fromEntries(
        Object.entries(patient.directory).map(([what, text = '']) => [what, shownBy(text)]),
      ),
      place: places.ofKey(['patient', 'table']),
    },
    tables,
    kept,
    reference,
    onCoverage: coverage && { ...coverage, place: places.ofKey(['defaults', 'onCoverage']) },
    undecided,
  };
}

/** A name is a column; whatever else there is, is SQL. */
function shownBy(text: string): Shown {
  try {
    return { column: identifierOf(text) };
  } catch (error) {
    if (!(error instanceof NameRefused)) throw error;
    return { sql: text };
  }
}

function ownedTable(name: string, raw: RawTable, { defaults }: RawDeclaration, places: Places): OwnedTable {
  const path = ['tables', name];
  return {
    name: tableNameOf(name),
    shard: raw.shard,
    resource: raw.resource,
    links:
      raw.anyOf === undefined
        ? [linkOf(raw, path, places)]
        : raw.anyOf.map((way, index) => linkOf(way, [...path, 'anyOf', index], places)),
    strategy: raw.strategy ?? defaults.strategy,
    fence: raw.fence,
    accepted: raw.accepted,
    hasRowIdentity: raw.rowIdentity === undefined,
    lockRows: raw.lockRows,
    agree: Object.entries(raw.agree).map(([column, target]) => ({
      column: identifierOf(column),
      target: tableNameOf(target),
    })),
    shared: raw.shared?.rule,
    freeText: raw.freeText.map(identifierOf),
    derived: raw.derived,
    upstream: raw.upstream,
    place: places.ofKey(path),
  };
}

function linkOf(way: Pick<RawTable, 'key' | 'via' | 'when'>, path: Path, places: Places): Link {
  const via =
    way.via === undefined
      ? undefined
      : Object.entries(way.via).map(([column, target]) => ({
          column: identifierOf(column),
          target: columnNameOf(target),
        }));
  return {
    when: way.when,
    key: way.key === undefined ? undefined : identifierOf(way.key),
    via,
    place: places.ofKey(way.via === undefined ? path : [...path, 'via']),
  };
}
