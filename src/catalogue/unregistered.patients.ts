import type { EntityManager } from 'typeorm';
import { adoptedTables, ANCHOR, ANCHOR_KEY, identifier, quotedName } from '../shards/index.js';
import type { UndeclaredTable } from './catalogue.guard.js';

/** Patients of a hospital's own table who have no pseudonym: they cannot be found, nor deleted. */
export async function unregisteredPatients(manager: EntityManager): Promise<UndeclaredTable[]> {
  const adopted = adoptedTables();
  if (adopted === undefined) return [];
  const { root, keyColumn } = adopted;
  const [found] = await manager.query<{ rows: string }[]>(
    `SELECT count(*) AS rows FROM ${quotedName(root)} p
     WHERE NOT EXISTS (SELECT FROM ${ANCHOR} a WHERE a.${ANCHOR_KEY} = p.${identifier(keyColumn)})`,
  );
  const rows = Number(found?.rows);
  return rows === 0
    ? []
    : [{ table: root.name, why: `${rows} patients have no pseudonym: run silgi adopt apply` }];
}
