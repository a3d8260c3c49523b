import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { CHILD_TABLES, seedPatient } from '../support/patients.js';
import { deletionOf, openSilgi, type Silgi } from '../support/silgi.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

describe('the rules of reliability', () => {
  describe('5 and 9: the linter refuses in the protocol', () => {
    const banned = [
      ['`await using`', 'await using runner = open();', 'commits when the body throws'],
      ['Promise.all', 'await Promise.all([one(), two()]);', 'awaited one by one'],
      ['Promise.race', 'await Promise.race([one(), two()]);', 'awaited one by one'],
      ['a spread of a literal', 'export const it = { ...{ one: 1 }, two: 2 };', 'misspelt properties'],
      [
        'seven dependencies',
        'export class It { constructor(a: A, b: B, c: C, d: D, e: E, f: F, g: G) {} }',
        'At most six dependencies',
      ],
      ['a shape that the formatter must keep', 'export const it = 1; // prettier-ignore', 'prettier-ignore'],
    ] as const;
    let messages: string[][];

    /** The messages for each text, as if it stood in a file of the protocol. */
    beforeAll(() => {
      const program = `import { ESLint } from 'eslint';
        const linter = new ESLint();
        const said = [];
        for (const text of ${JSON.stringify(banned.map(([, text]) => text))}) {
          const [result] = await linter.lintText(text, { filePath: 'src/protocol/session.ts' });
          said.push(result.messages.map(({ message }) => message));
        }
        console.log(JSON.stringify(said));`;
      const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
        cwd: ROOT,
        encoding: 'utf8',
        // The text given is linted, not the file on the disk, as typescript-eslint would under CI=true.
        env: { ...process.env, TSESTREE_SINGLE_RUN: 'false' },
      });
      messages = JSON.parse(stdout) as string[][];
    }, 60_000);

    it.each(banned.map(([name, , message], at) => [name, at, message] as const))('%s', (_, at, message) => {
      expect(messages[at]?.join('\n')).toContain(message);
    });
  });

  describe('on a database', () => {
    let silgi: Silgi;
    beforeAll(async () => {
      silgi = await openSilgi();
    });
    afterEach(async () => {
      silgi.faults.reset();
      await silgi.assertNothingLeaked();
    });
    afterAll(() => silgi.close());

    it('1: the isolation level is said on every deletion, whatever the database defaults to', async () => {
      const { name } = silgi.database;
      await silgi.database.query(`ALTER DATABASE ${name} SET default_transaction_isolation = 'serializable'`);
      // New sessions take the default: those of the pool are ended.
      await endSessions(silgi);
      let level: string | undefined;
      silgi.faults.at('lock', async ({ backendPid }) => {
        // A serializable transaction holds predicate locks from its first read on.
        const [row] = await silgi.database.query<{ held: string }>(
          `SELECT count(*) AS held FROM pg_locks WHERE pid = $1 AND mode = 'SIReadLock'`,
          [backendPid],
        );
        level = row?.held;
      });
      await silgi.orchestrator.deletePatient(deletionOf(await seedPatient(silgi.database)));
      expect(level).toBe('0');
      await silgi.database.query(`ALTER DATABASE ${name} RESET default_transaction_isolation`);
    });

    it('9: a pool whose idle connections were all ended does not end the process, and works on', async () => {
      await silgi.orchestrator.deletePatient(deletionOf(await seedPatient(silgi.database)));
      expect(await endSessions(silgi)).toBeGreaterThan(0);
      await expect(
        silgi.orchestrator.deletePatient(deletionOf(await seedPatient(silgi.database))),
      ).resolves.toMatchObject({ replayed: false });
    });

    it('15: nothing depends on the name of a constraint', async () => {
      const constraints = await silgi.database.query<{ table: string; name: string }>(
        `SELECT conrelid::regclass::text AS table, conname AS name FROM pg_constraint
         WHERE connamespace IN ('patient'::regnamespace, 'clinical'::regnamespace, 'finance'::regnamespace,
           'audit'::regnamespace) AND contype IN ('p', 'u', 'f', 'c') AND conparentid = 0`,
      );
      expect(constraints.length).toBeGreaterThan(3 * CHILD_TABLES.length);
      for (const [index, { table, name }] of constraints.entries()) {
        await silgi.database.query(`ALTER TABLE ${table} RENAME CONSTRAINT "${name}" TO renamed_${index}`);
      }
      const command = deletionOf(await seedPatient(silgi.database), { idempotencyKey: 'after the renaming' });
      const first = await silgi.orchestrator.deletePatient(command);
      await expect(silgi.orchestrator.deletePatient(command)).resolves.toEqual({ ...first, replayed: true });
      await expect(
        silgi.orchestrator.deletePatient({ ...command, reason: 'COURT_ORDER' }),
      ).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
    });
  });
});

/** Ends every session of the service in this database, and returns how many. */
async function endSessions(silgi: Silgi): Promise<number> {
  const ended = await silgi.database.query<{ ended: boolean }>(
    `SELECT pg_terminate_backend(pid, 5000) AS ended FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'silgi'`,
  );
  return ended.filter((row) => row.ended).length;
}
