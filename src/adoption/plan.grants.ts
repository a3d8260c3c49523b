import { textOfTable } from '../declaration/index.js';
import { RESTORER_ROLE, SERVICE_ROLE } from '../postgres/index.js';
import {
  type AdoptedTable,
  identifier,
  literal,
  quotedName,
  type StatementTable,
  VAULT_SCHEMA,
} from '../shards/index.js';
import type { CatalogueTable } from './catalogue.js';
import type { PlanLine } from './plan.line.js';

/**
 * What Silgi's roles may do with a hospital's own tables: the service moves rows out of them, and who restores brings them
 * back.
 *
 * @param reads other tables that the SQL of the declaration reads
 * @param live the hospital's tables by name
 */
export function grantLines(
  owned: readonly AdoptedTable[],
  reads: readonly StatementTable[],
  live: ReadonlyMap<string, CatalogueTable>,
): PlanLine[] {
  const names = new Set(owned.map(textOfTable));
  // Those too whose rows use what lies upstream.
  const users = owned.flatMap((table) => table.users.map(({ from }) => from));
  const read = new Map([...reads, ...users].map((table) => [textOfTable(table), table]));
  const others = [...read.values()].filter((table) => !names.has(textOfTable(table)));
  const schemas = [...new Set([...owned, ...others].map(({ schema }) => schema))];
  return [
    ...[SERVICE_ROLE, RESTORER_ROLE].flatMap((role) => [
      ...schemas.map((schema) => entering(schema, role)),
      // What is granted on Silgi's own schema goes with it.
      { ...entering(VAULT_SCHEMA, role), undo: [] },
      ...others.map((table) =>
        grant(role, table, {
          all: ['SELECT'],
          what: `read ${table.schema}.${table.table}, which the declaration does`,
        }),
      ),
    ]),
    ...owned.map((table) => {
      const column = identifier(live.get(textOfTable(table))?.columns[0]?.name ?? '');
      // To lock rows takes a right to change them: that of one column is the least.
      const what = `move the rows of ${table.name}`;
      return grant(SERVICE_ROLE, table, { all: ['SELECT', 'DELETE'], column, what });
    }),
    ...owned.flatMap((table) => {
      const what = `bring back the rows of ${table.name}`;
      return [
        grant(RESTORER_ROLE, table, { all: ['SELECT', 'INSERT'], what }),
        {
          ...grant(RESTORER_ROLE, table.vault, {
            all: ['SELECT', 'DELETE'],
            what: `${what} from where they are`,
          }),
          undo: [],
        },
      ];
    }),
  ];
}

function entering(schema: string, role: string): PlanLine {
  return {
    what: `${role} may enter the schema ${schema}`,
    make: [`GRANT USAGE ON SCHEMA ${identifier(schema)} TO ${role}`],
    isThere: `has_schema_privilege('${role}', ${literal(schema)}, 'USAGE')`,
    undo: [`REVOKE USAGE ON SCHEMA ${identifier(schema)} FROM ${role}`],
    lock: null,
    rows: 0,
  };
}

/** @param may.column the quoted name of one that may be changed */
function grant(
  role: string,
  table: StatementTable,
  { all, column, what }: { readonly all: readonly string[]; readonly column?: string; readonly what: string },
): PlanLine {
  const name = quotedName(table);
  const privileges = [...all, ...(column === undefined ? [] : [`UPDATE (${column})`])].join(', ');
  const has = all.map((privilege) => `has_table_privilege('${role}', ${literal(name)}, '${privilege}')`);
  if (column !== undefined) has.push(`has_any_column_privilege('${role}', ${literal(name)}, 'UPDATE')`);
  return {
    what: `${role} may ${what}`,
    make: [`GRANT ${privileges} ON ${name} TO ${role}`],
    isThere: has.join(' AND '),
    undo: [`REVOKE ${privileges} ON ${name} FROM ${role}`],
    lock: null,
    rows: 0,
  };
}
