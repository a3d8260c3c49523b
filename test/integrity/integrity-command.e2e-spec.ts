import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { integrityCommand } from '../../src/cli/integrity.command.js';
import { runInProcess } from '../support/command.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
let before: NodeJS.ProcessEnv;

beforeAll(async () => {
  database = await createTestDatabase();
  before = { ...process.env };
  Object.assign(process.env, { DATABASE_URL: database.url });
});

afterAll(async () => {
  process.env = before;
  await database.drop();
});

const integrity = () => runInProcess(integrityCommand());

describe('the command integrity', () => {
  it('finds a database that is as it was made healthy', async () => {
    expect(await integrity()).toMatchObject({ code: 0, said: expect.stringContaining('Healthy.') });
  });

  it('names what another start would put right, and leaves it as it is', async () => {
    const table = 'clinical.sharded_tani';
    await database.query(`ALTER TABLE ${table} DISABLE ROW LEVEL SECURITY`);
    await database.query(`GRANT DELETE ON ${table} TO relevant_user`);
    const found = {
      code: 1,
      said: expect.stringContaining(`${table}: row-level security is off; relevant_user may write`),
    };
    expect(await integrity()).toMatchObject(found);
    expect(await integrity()).toMatchObject(found);
  });

  it('looks at no database of another release, and migrates none', async () => {
    const [removed] = await database.query<{ name: string }>(
      'DELETE FROM public.silgi_migration WHERE id = (SELECT max(id) FROM public.silgi_migration) RETURNING name',
    );
    const name = removed?.name ?? 'none';
    const { code, said } = await integrity();
    expect(said).toContain(`1 migrations are pending (${name})`);
    expect(code).toBe(1);
    expect(await database.query('SELECT FROM public.silgi_migration WHERE name = $1', [name])).toEqual([]);
  });
});
