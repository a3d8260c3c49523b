import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import {
  migrate,
  MigrationError,
  migrationOptions,
  pendingMigrations,
  revert,
} from '../../src/postgres/index.js';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/processes.js';
import { WireProxy } from '../support/wire.proxy.js';

let database: TestDatabase;
let dataSource: DataSource;

beforeEach(async () => {
  database = await createEmptyDatabase();
  dataSource = await new DataSource(await migrationOptions(database.url)).initialize();
});

afterEach(async () => {
  await dataSource.destroy();
  await database.drop();
});

/** Every schema, table, index, constraint, function and type but PostgreSQL's own and the record of migrations. */
async function objects(): Promise<string[]> {
  const rows = await database.query<{ object: string }>(`
    WITH own AS (SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema$)')
    SELECT format('schema %s', nspname) AS object FROM own WHERE nspname <> 'public'
    UNION ALL
    SELECT format('relation %s.%s', nspname, relname) FROM pg_class c JOIN own ON own.oid = relnamespace
      LEFT JOIN pg_index ON indexrelid = c.oid
      WHERE coalesce(indrelid, c.oid)::regclass::text !~ 'silgi_migration'
    UNION ALL
    SELECT format('constraint %s on %s', conname, conrelid::regclass) FROM pg_constraint
      JOIN own ON own.oid = connamespace WHERE conrelid::regclass::text !~ 'silgi_migration'
    UNION ALL
    SELECT format('function %s.%s', nspname, proname) FROM pg_proc JOIN own ON own.oid = pronamespace
    UNION ALL
    SELECT format('type %s.%s', nspname, typname) FROM pg_type JOIN own ON own.oid = typnamespace
      WHERE typtype IN ('e', 'd')`);
  return rows.map(({ object }) => object).sort();
}

async function recorded(): Promise<string[]> {
  const rows = await database.query<{ name: string }>('SELECT name FROM public.silgi_migration ORDER BY id');
  return rows.map(({ name }) => name);
}

describe('the migrations', () => {
  it('lead up from nothing, down to nothing and up to the same again', async () => {
    const all = await pendingMigrations(dataSource);
    expect(all.length).toBeGreaterThan(0);

    expect((await migrate(database.url)).applied).toEqual(all);
    const schema = await objects();
    expect(schema.length).toBeGreaterThan(0);
    expect(await pendingMigrations(dataSource)).toEqual([]);

    for (const name of [...all].reverse()) {
      expect(await revert(database.url)).toBe(name);
      expect(await recorded()).toEqual(all.slice(0, all.indexOf(name)));
    }
    expect(await objects()).toEqual([]);
    expect(await pendingMigrations(dataSource)).toEqual(all);

    expect((await migrate(database.url)).applied).toEqual(all);
    expect(await objects()).toEqual(schema);
  });

  it('change nothing when there is nothing to do', async () => {
    await migrate(database.url);
    expect(await migrate(database.url)).toEqual({ applied: [] });
  });

  it('are applied once each when three runners start at the same moment', async () => {
    const all = await pendingMigrations(dataSource);
    const runs = await Promise.all([migrate(database.url), migrate(database.url), migrate(database.url)]);
    expect(runs.flatMap(({ applied }) => applied)).toEqual(all);
    expect(await recorded()).toEqual(all);
  });

  it('wait for the runner that holds the lock, and say so', async () => {
    const other = await database.connect();
    await other.query('SELECT pg_advisory_lock($1)', [0x73696c67696d]);
    const lines: string[] = [];
    const run = migrate(database.url, (line) => {
      lines.push(line);
      if (line.includes('waiting')) void other.end();
    });
    expect((await run).applied.length).toBeGreaterThan(0);
    expect(lines[0]).toMatch(/^Another process is migrating/);
  });

  it('leave no session behind', async () => {
    await dataSource.destroy();
    await migrate(database.url);
    // Ending a session is the client's last message; the server may be a moment behind.
    await until(async () => {
      const sessions = await database.query(
        'SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      );
      return sessions.length === 0;
    });
    await dataSource.initialize();
  });

  describe('whose COMMIT the server answers with ROLLBACK', () => {
    /** One that runs in a transaction. */
    const IN_TRANSACTION = 'KeepNotesAsBytes1764000009000';
    const TAG = /answered COMMIT with ROLLBACK/;
    let proxy: WireProxy;
    beforeEach(async () => {
      proxy = await WireProxy.before(database.url);
    });
    afterEach(() => proxy.close());

    it('fail by name, and none after them is applied', async () => {
      const all = await pendingMigrations(dataSource);
      const at = all.indexOf(IN_TRANSACTION);
      await migrate(database.url);
      while ((await revert(database.url)) !== IN_TRANSACTION);
      proxy.cutAt('COMMIT', 'roll back');
      const failure = await migrate(proxy.url).catch((error: unknown) => error);
      expect(proxy.fired).toBe(1);
      expect(failure).toBeInstanceOf(MigrationError);
      expect((failure as Error).message).toContain(`The migration ${IN_TRANSACTION} failed`);
      expect((failure as Error).message).toMatch(TAG);
      expect(await recorded()).toEqual(all.slice(0, at));
      expect((await migrate(proxy.url)).applied).toEqual(all.slice(at));
    });

    it('are not undone, and the call fails', async () => {
      await migrate(database.url);
      while ((await recorded()).at(-1) !== IN_TRANSACTION) await revert(database.url);
      const [applied, made] = [await recorded(), await objects()];
      proxy.cutAt('COMMIT', 'roll back');
      await expect(revert(proxy.url)).rejects.toThrow(TAG);
      expect(await recorded()).toEqual(applied);
      expect(await objects()).toEqual(made);
    });

    it('fail as well where it is the one of the roles', async () => {
      await migrate(database.url);
      proxy.cutAt('COMMIT', 'roll back');
      await expect(migrate(proxy.url)).rejects.toThrow(TAG);
    });
  });

  it('make no table by being asked for', async () => {
    await pendingMigrations(dataSource);
    expect(await database.query("SELECT FROM pg_class WHERE relname = 'silgi_migration'")).toEqual([]);
  });

  it('are all applied in the template of the tests', async () => {
    const clone = await createTestDatabase();
    try {
      const cloned = await new DataSource(await migrationOptions(clone.url)).initialize();
      expect(await pendingMigrations(cloned)).toEqual([]);
      await cloned.destroy();
    } finally {
      await clone.drop();
    }
  });
});
