import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { integrityCommand } from '../../src/cli/integrity.command.js';
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

/** Runs the command in this process. @returns its exit code and what it printed, or the error that it ends with */
async function integrity(): Promise<{ code: number; said: string }> {
  let said = '';
  const write = ((text: string) => {
    said += text;
    return true;
  }) as typeof process.stdout.write;
  const spies = [process.stdout, process.stderr].map((stream) =>
    jest.spyOn(stream, 'write').mockImplementation(write),
  );
  const kept = process.exitCode;
  const exitCode = () => process.exitCode;
  process.exitCode = undefined;
  try {
    await integrityCommand().parseAsync([], { from: 'user' });
    return { code: Number(exitCode() ?? 0), said };
  } catch (error) {
    const { message, exitCode: code } = error as Error & { exitCode?: number };
    return { code: code ?? 1, said: `${said}${message}` };
  } finally {
    process.exitCode = kept;
    for (const spy of spies) spy.mockRestore();
  }
}

describe('the command integrity', () => {
  it('finds a database that is as it was made healthy', async () => {
    expect(await integrity()).toMatchObject({ code: 0, said: expect.stringContaining('Healthy.') });
  });

  it('names what another start would put right, and leaves it as it is', async () => {
    const table = 'clinical.sharded_tani';
    await database.query(`ALTER TABLE ${table} DISABLE ROW LEVEL SECURITY`);
    await database.query(`GRANT DELETE ON ${table} TO relevant_user`);
    const found = {
      ...{ code: 1 },
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
