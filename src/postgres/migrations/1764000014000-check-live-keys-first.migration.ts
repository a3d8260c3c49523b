import type { MigrationInterface, QueryRunner } from 'typeorm';
import { sqlstateOf } from '../../common/index.js';
import { poll } from '../../embedded-postgres/index.js';
import { LOCK_TIMEOUT } from '../session.settings.js';
import { DEMOGRAPHICS, plainKeyName, isAdopted } from './patient-owned.table.js';

type Kind = 'plain' | 'live';
const COLUMNS: Readonly<Record<Kind, readonly string[]>> = {
  plain: ['patient_id'],
  live: ['patient_id', 'live'],
};
const LOCK_LIMIT_MS = 600_000;
const LOCK_INTERVAL_MS = 500;
/** Not had in time, or two who waited for each other. */
const LOCK_NOT_HAD = new Set(['55P03', '40P01']);

/**
 * The foreign keys to the patients of every table, of one kind, with the first and the last of their triggers. A
 * hospital's partitioned tables are left alone: before PostgreSQL 18 they take no key that is checked afterwards.
 */
const KEYS = `
  SELECT c.conrelid::regclass::text AS "table", t.relname AS relation, c.conname AS name,
    regexp_replace(pg_get_constraintdef(c.oid), ' NOT VALID$', '') AS definition,
    min(g.tgname COLLATE "C") AS first, max(g.tgname COLLATE "C") AS last
  FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid AND t.relkind = 'r'
  JOIN pg_trigger g ON g.tgconstraint = c.oid AND g.tgrelid = c.conrelid
  WHERE c.contype = 'f' AND c.conparentid = 0 AND c.confrelid = '${DEMOGRAPHICS}'::regclass
    AND (SELECT array_agg(a.attname::text ORDER BY u.position)
      FROM unnest(c.conkey) WITH ORDINALITY u (attnum, position)
      JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = u.attnum) = $1::text[]
  GROUP BY c.oid, t.oid ORDER BY 1, 3`;

interface Key {
  readonly table: string;
  readonly relation: string;
  readonly name: string;
  readonly definition: string;
  readonly first: string;
  readonly last: string;
}

/**
 * Has the live key of every table be checked before the plain one, so that a row for a deleted patient and one for a
 * patient who never was are refused in the same words (docs/adr/0002-live-foreign-key.md). Keys are checked in the order
 * of the names of their triggers, which are made of the numbers that they got: a plain key that has an earlier one is
 * made anew. Online: the new key guards what is written from then on, then what is there is checked beside readers and
 * writers, and the old one goes only then. Outside of a transaction; one that was interrupted is done by the next.
 */
export class CheckLiveKeysFirst1764000014000 implements MigrationInterface {
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    if (await isAdopted(queryRunner)) return;
    const live = await keysOf(queryRunner, 'live');
    for (const table of new Set(live.map((key) => key.table)))
      // The names are compared as text: where the numbers have just got one digit more, both keys have to be new.
      for (const kind of ['plain', 'live', 'plain'] as const)
        if (await tellsDeletedFromUnknown(queryRunner, table)) await renew(queryRunner, table, kind);
  }

  /** The keys are the same whatever their order. */
  async down(): Promise<void> {}
}

async function keysOf(queryRunner: QueryRunner, kind: Kind, table?: string): Promise<Key[]> {
  const keys = (await queryRunner.query(KEYS, [COLUMNS[kind]])) as Key[];
  return table === undefined ? keys : keys.filter((key) => key.table === table);
}

async function tellsDeletedFromUnknown(queryRunner: QueryRunner, table: string): Promise<boolean> {
  const live = await keysOf(queryRunner, 'live', table);
  const plain = await keysOf(queryRunner, 'plain', table);
  return plain.some(({ first }) => live.some(({ last }) => first < last));
}

/** Puts a new key of the same definition in the place of those of one kind; at every moment one of them guards. */
async function renew(queryRunner: QueryRunner, table: string, kind: Kind): Promise<void> {
  const old = await keysOf(queryRunner, kind, table);
  const [like] = old;
  if (like === undefined) return;
  const name = kind === 'plain' ? `CONSTRAINT ${quote(freeName(plainKeyName(like.relation), old))}` : '';
  const add = `ALTER TABLE ${table} ADD ${name} ${like.definition} NOT VALID`;
  await underLock(queryRunner, 'SHARE ROW EXCLUSIVE', [add]);
  const all = await keysOf(queryRunner, kind, table);
  for (const made of all.filter((key) => !old.some((one) => one.name === key.name)))
    await queryRunner.query(`ALTER TABLE ${table} VALIDATE CONSTRAINT ${quote(made.name)}`);
  const drops = old.map((key) => `ALTER TABLE ${table} DROP CONSTRAINT ${quote(key.name)}`);
  await underLock(queryRunner, 'ACCESS EXCLUSIVE', drops);
}

function freeName(wanted: string, taken: readonly Key[]): string {
  return taken.some(({ name }) => name === wanted) ? `${wanted}1` : wanted;
}

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;

/**
 * Statements that lock the patients for a moment, who are locked first, as a deletion does. What cannot be had at once
 * is let go and asked for again, so that nobody waits behind a wait.
 */
async function underLock(
  queryRunner: QueryRunner,
  mode: string,
  statements: readonly string[],
): Promise<void> {
  const done = await poll(
    LOCK_LIMIT_MS,
    async () => {
      await queryRunner.startTransaction();
      try {
        await queryRunner.query(`SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'`);
        await queryRunner.query(`LOCK TABLE ONLY ${DEMOGRAPHICS} IN ${mode} MODE`);
        for (const statement of statements) await queryRunner.query(statement);
        await queryRunner.commitTransaction();
        return true;
      } catch (error) {
        await queryRunner.rollbackTransaction();
        if (LOCK_NOT_HAD.has(sqlstateOf(error) ?? '')) return undefined;
        throw error;
      }
    },
    LOCK_INTERVAL_MS,
  );
  if (done === undefined)
    throw new Error(`the lock on ${DEMOGRAPHICS} was not to be had; who holds it is in pg_locks`);
}
