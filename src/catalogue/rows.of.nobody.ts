import type { EntityManager } from 'typeorm';
import { type AdoptedTable, countingRowsOfNobody, saysWhose, type ShardName } from '../shards/index.js';

/** Rows of one of a hospital's own tables that no patient has: no deletion takes them along. */
export interface RowsOfNobody {
  readonly shard: ShardName;
  readonly table: string;
  readonly rows: number;
  /** So many of them name nobody; the others name somebody who was never there. */
  readonly withoutKey: number;
}

/** Those of a table; none where there are no such rows, and where nothing says whose a row should be. */
export async function rowsOfNobody(manager: EntityManager, table: AdoptedTable): Promise<RowsOfNobody[]> {
  if (!saysWhose(table)) return [];
  const [found] = await manager.query<{ rows: string; without_key: string }[]>(
    countingRowsOfNobody(table.moved),
  );
  const rows = Number(found?.rows);
  if (rows === 0) return [];
  return [{ shard: table.shard, table: table.name, rows, withoutKey: Number(found?.without_key) }];
}
