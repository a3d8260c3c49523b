import {
  beginning,
  type Declaration,
  type Link,
  type OwnedTable,
  OWNING_SHARDS,
  type Place,
  textOfTable,
} from '../declaration/index.js';
import {
  type AdoptedTable,
  type AdoptedTables,
  ANCHOR_SCHEMA,
  ANCHOR_TABLE,
  hidingTogether,
  identifier,
  type KeptTable,
  type MovedTable,
  moving,
  movingPatients,
  type StatementTable,
  type UserKey,
  vaultOf,
  VAULT_SCHEMA,
  type Way,
} from '../shards/index.js';

/** What a declaration says is not done yet; one line for each, with file, line and column. */
export class NotBuilt extends Error {
  override readonly name = 'NotBuilt';

  constructor(readonly lines: readonly string[]) {
    super(lines.join('\n'));
  }
}

/**
 * The tables of a declaration as the protocol works on them.
 *
 * @throws NotBuilt where it is not decided, or asks for what deletions cannot do yet
 */
export function adoptedTablesOf(declaration: Declaration): AdoptedTables {
  const refusals = refusalsOf(declaration);
  if (refusals.length > 0) throw new NotBuilt(refusals);
  const { patient, tables, kept, reference, schemas } = declaration;
  const moved = movedTables(declaration);
  const root = moved.get(textOfTable(patient.name)) as MovedTable;
  const key = identifier(patient.key.column);
  const ownRoot: AdoptedTable = {
    ...named(patient.name),
    shard: patient.shard,
    resourceType: patient.resource,
    vault: root.vault,
    moved: root,
    fences: [],
    users: [],
    strategy: movingPatients(root, key),
  };
  // Those furthest from the patient first: locks are taken from the other end.
  const owned = [...tables]
    .sort((a, b) => depthIn(tables, b.name) - depthIn(tables, a.name))
    .map((table) => ownedTable(table, moved.get(textOfTable(table.name)) as MovedTable, patient));
  const all = [...owned, ownRoot];
  const hide = OWNING_SHARDS.flatMap((shard) => {
    const ofShard = all
      .filter((table) => table.shard === shard)
      .map((table) => moved.get(textOfTable(table)) as MovedTable);
    return ofShard.length === 0 ? [] : [[shard, hidingTogether(ofShard, root)]];
  });
  return {
    root: ownRoot,
    owned: all,
    hide: Object.fromEntries(hide) as AdoptedTables['hide'],
    kept: [...keptTables([...kept, ...reference]), ...ownTables(all)],
    refusesRowsWithoutKey: declaration.onCoverage?.nullKey === 'refuse',
    schemas,
    keyColumn: patient.key.column,
    keyType: patient.key.type,
    shown: shownOf(patient.directory),
  };
}

const named = ({ schema, table }: StatementTable) => ({ schema, table, name: `${schema}.${table}` });

function ownedTable(table: OwnedTable, moved: MovedTable, patient: Declaration['patient']): AdoptedTable {
  const fences = table.links.flatMap(({ key, via, when }) => {
    // A way that holds for some rows only is none that a key can hold.
    if (when !== undefined) return [];
    const ends = via ?? [{ column: key ?? '', target: { ...patient.name, column: patient.key.column } }];
    const [first] = ends;
    if (first === undefined) return [];
    const { schema, table: name } = first.target;
    return [
      {
        columns: ends.map(({ column }) => column),
        target: { schema, table: name },
        targetColumns: ends.map(({ target }) => target.column),
      },
    ];
  });
  return {
    ...named(table.name),
    shard: table.shard,
    resourceType: table.resource,
    vault: moved.vault,
    moved,
    // What lies upstream is nobody's but by rows of other tables, and these are fenced.
    fences: table.fence === 'none' || table.upstream ? [] : fences,
    users: table.upstream ? usersOf(table) : [],
    unfenced: table.accepted,
    strategy: moving(moved),
  };
}

/** The keys of the tables that point to one upstream, each the other way round than it is declared. */
function usersOf({ links }: OwnedTable): UserKey[] {
  return links.flatMap(({ via = [] }) => {
    const [first] = via;
    if (first === undefined) return [];
    const { schema, table } = first.target;
    return {
      from: { schema, table },
      columns: via.map(({ target }) => target.column),
      targetColumns: via.map(({ column }) => column),
    };
  });
}

/** Each table with its ways, which lead to each other. */
function movedTables({ patient, tables }: Declaration): Map<string, MovedTable> {
  const parents = new Set(
    tables.flatMap(({ name, links, lockRows }) => [
      ...links.flatMap(({ via = [] }) => via.map(({ target }) => textOfTable(target))),
      ...(lockRows ? [textOfTable(name)] : []),
    ]),
  );
  const last = new Set(tables.filter(isLeftToTheLast).map(({ name }) => textOfTable(name)));
  const root = textOfTable(patient.name);
  const moved = new Map<string, { ways: Way[] } & Omit<MovedTable, 'ways'>>();
  for (const name of [patient.name, ...tables.map((table) => table.name)]) {
    const text = textOfTable(name);
    moved.set(text, {
      schema: name.schema,
      table: name.table,
      ways: [],
      vault: vaultOf(name),
      isParent: text !== root && (parents.has(text) || last.has(text)),
      leavesWithLast: last.has(text),
    });
  }
  moved.get(root)?.ways.push({ key: patient.key.column });
  for (const { name, links, upstream } of tables) {
    const ways = moved.get(textOfTable(name))?.ways;
    for (const link of links) ways?.push(wayOf(link, moved, { upstream, patient }));
  }
  return moved;
}

function wayOf(
  { when, key, via }: Link,
  moved: ReadonlyMap<string, MovedTable>,
  { upstream: isUpstream, patient }: { readonly upstream: boolean; readonly patient: Declaration['patient'] },
): Way {
  const [first] = via ?? [];
  if (via === undefined || first === undefined)
    return { when, key, patients: { table: patient.name, column: patient.key.column } };
  const columns = via.map(({ column }) => column);
  const targetColumns = via.map(({ target }) => target.column);
  const target = moved.get(textOfTable(first.target));
  // Of a table that no deletion touches: nobody's rows, which use what lies upstream.
  if (target === undefined) return { when, usedBy: { columns, target: first.target, targetColumns } };
  return { when, via: { columns, target, targetColumns, isUpstream } };
}

/** Whether a row stays while somebody else has it. */
const isLeftToTheLast = ({ shared, upstream }: OwnedTable) => upstream || shared === 'leavesWithLast';

/** How many tables lie between a table and the patient, by its longest way. */
function depthIn(tables: readonly OwnedTable[], name: StatementTable, seen: readonly string[] = []): number {
  const text = textOfTable(name);
  const own = tables.find((table) => textOfTable(table.name) === text);
  if (own === undefined || seen.includes(text)) return 0;
  const above = own.links.flatMap(({ via = [] }) => via.map(({ target }) => target));
  return 1 + Math.max(0, ...above.map((target) => depthIn(tables, target, [...seen, text])));
}

function keptTables(untouched: Declaration['kept']): KeptTable[] {
  return untouched.map(({ name, reason }) => ({
    schema: name.schema,
    table: name.table,
    reason: reason ?? 'nothing about patients',
  }));
}

/** What Silgi itself keeps there. */
function ownTables(owned: readonly AdoptedTable[]): KeptTable[] {
  const anchor = { schema: ANCHOR_SCHEMA, table: ANCHOR_TABLE, reason: 'the pseudonym of each patient' };
  return [
    anchor,
    ...owned.map(({ vault }) => ({
      schema: VAULT_SCHEMA,
      table: vault.table,
      reason: 'rows of deleted patients',
    })),
  ];
}

function shownOf(directory: Declaration['patient']['directory']): AdoptedTables['shown'] {
  return Object.fromEntries(
    Object.entries(directory).map(([what, shown]) => [
      what,
      'column' in shown ? identifier(shown.column) : shown.sql,
    ]),
  );
}

function refusalsOf({ file, undecided, tables, patient, onCoverage }: Declaration): string[] {
  const lines: string[] = [];
  const say = (place: Place, what: string) => lines.push(`${beginning(file, place)}: ${what}`);
  for (const { place, subject, question } of undecided) say(place, `${subject}: not decided: ${question}`);
  if (patient.shard !== 'patient')
    say(patient.place, 'the table of patients is of the shard patient, which is hidden last');
  if (onCoverage?.orphan === 'refuse')
    say(
      onCoverage.place,
      'onCoverage: orphan: refuse is not built: every deletion would read all rows; say report, and let foreign keys refuse them',
    );
  const vaults = new Map<string, string>();
  const circular = circularAmong(tables);
  for (const { name, place, strategy, shared, upstream, fence } of tables) {
    const text = textOfTable(name);
    if (strategy === 'mark')
      say(place, `${text}: the strategy mark is not built for a hospital’s own tables: say move`);
    if (shared === 'leavesWithLast' && !upstream && fence !== 'none')
      say(
        place,
        `${text}: leavesWithLast lets rows stay that name somebody who is deleted, which a foreign key forbids: ` +
          'say fence: none and why, or leavesWithFirst',
      );
    if (circular.has(text))
      say(place, `${text}: its ways lead in a circle, in which its rows cannot be looked for`);
    const vault = vaultOf(name).table;
    const other = vaults.get(vault);
    if (other !== undefined)
      say(place, `${text}: its rows would leave for the same table as those of ${other}`);
    vaults.set(vault, text);
  }
  return lines;
}

/** Tables from which ways lead back to themselves. */
function circularAmong(tables: readonly OwnedTable[]): Set<string> {
  const targets = new Map(
    tables.map(({ name, links }) => [
      textOfTable(name),
      links.flatMap(({ via = [] }) => via.map(({ target }) => textOfTable(target))),
    ]),
  );
  const reach = (from: string, seen: Set<string>): Set<string> => {
    for (const next of targets.get(from) ?? []) if (!seen.has(next)) reach(next, seen.add(next));
    return seen;
  };
  return new Set([...targets.keys()].filter((name) => reach(name, new Set()).has(name)));
}
