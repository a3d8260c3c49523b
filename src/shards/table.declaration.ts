import type { DeletableRow } from './deletable.row.js';
import type { ShardName } from './shard.js';
import type { StatementTable, Strategy } from './strategy.js';

/** A table with rows about one patient: where it is, how its rows are found, and how they are hidden. */
export interface TableDeclaration extends StatementTable {
  /** The shard that answers for it. */
  readonly shard: ShardName;
  /** The name of what it holds: `Examination`. */
  readonly resourceType: string;
  readonly strategy: Strategy;
  readonly entity: new () => DeletableRow;
}
