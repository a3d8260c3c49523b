import { type MovedTable, ofNobody, withoutKey } from './moved.table.js';
import type { Blocker, ShardName } from './shard.js';
import { literal, quotedName } from './sql.text.js';
import type { AdoptedTable } from './table.declaration.js';

/** How many rows of the table are no patient's, though a way says whose they should be, and how many of them name nobody. */
export function countingRowsOfNobody(moved: MovedTable): string {
  return `SELECT count(*) AS rows, count(*) FILTER (WHERE ${withoutKey(moved)}) AS without_key
    FROM ${quotedName(moved)} WHERE ${ofNobody(moved)}`;
}

/** Whether something says whose each row of the table should be: nothing does of what lies upstream, and a patient is himself. */
export const saysWhose = ({ users, moved }: AdoptedTable): boolean =>
  users.length === 0 && moved.ways.every(({ key, patients }) => key === undefined || patients !== undefined);

/** The names of those of the tables that hold rows that name nobody; undefined where there are no tables. */
export function namingNobody(tables: readonly AdoptedTable[]): string | undefined {
  const asked = tables
    .filter(saysWhose)
    .map(
      ({ name, moved }) =>
        `SELECT ${literal(name)} WHERE EXISTS (SELECT FROM ${quotedName(moved)} WHERE ${withoutKey(moved)})`,
    );
  return asked.length === 0 ? undefined : asked.join(' UNION ALL ');
}

/** The same as a reason to refuse: they may be the patient's. @param rows what the statement has answered */
export function vetoesOfNobody(shard: ShardName, rows: readonly (readonly (string | null)[])[]): Blocker[] {
  return rows.map(([table]) => ({
    shard,
    code: 'ROWS_WITHOUT_KEY',
    detail:
      `${table ?? ''} has rows that name no patient: whose they are is not known, and the declaration refuses deletions then ` +
      '(onCoverage, nullKey: refuse). Let the hospital say whose they are, or remove them.',
  }));
}
