import { getMetadataArgsStorage } from 'typeorm';
import type { TableDeclaration } from '../shards/index.js';

const DATES = ['date', 'timestamp', 'timestamptz', 'timestamp with time zone', 'timestamp without time zone'];

/** A column of one of Silgi's own tables. */
export interface OwnColumn {
  /** As the entity names it: `timestamptz`. */
  readonly type: string;
  readonly isDate: boolean;
  /** Whether it belongs to the deletion, and says nothing of the matter itself. */
  readonly isMark: boolean;
}

/**
 * The columns of one of Silgi's own tables, by name: what its entity declares, and before that what every
 * patient-owned row has.
 *
 * @throws Error for a table of a hospital's own, of which nobody knows them without the database
 */
export function columnsOf({ name, intake }: TableDeclaration): ReadonlyMap<string, OwnColumn> {
  if (intake === undefined) throw new Error(`The columns of ${name} are known to its database alone.`);
  const columns = new Map<string, OwnColumn>();
  const { columns: declared } = getMetadataArgsStorage();
  for (let owner: unknown = intake.entity; typeof owner === 'function'; owner = Object.getPrototypeOf(owner))
    for (const { options, propertyName } of declared.filter(({ target }) => target === owner)) {
      const type = typeof options.type === 'string' ? options.type : '';
      columns.set(options.name ?? propertyName, {
        type,
        isDate: DATES.includes(type),
        isMark: owner !== intake.entity,
      });
    }
  return columns;
}
