import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import type { TestDatabase } from '../support/database.js';

/** A session of a login of its own that is a member of the role, and of nothing else. */
export async function sessionOf(
  database: TestDatabase,
  role: string,
): Promise<{ session: pg.Client; end: () => Promise<void> }> {
  const login = `silgi_test_${randomBytes(6).toString('hex')}`;
  await database.query(`CREATE ROLE ${login} LOGIN PASSWORD 'only-for-this-test' IN ROLE ${role}`);
  const url = new URL(database.url);
  url.username = login;
  url.password = 'only-for-this-test';
  const session = await database.connect(url.href);
  return {
    session,
    end: async () => {
      await session.end();
      await database.query(`DROP ROLE ${login}`);
    },
  };
}

/** Has silgi_service inherit what silgi_restorer may do, as each version of the server has it. */
export const INHERIT_RESTORER = `DO $$ BEGIN
  IF current_setting('server_version_num')::int >= 160000
    THEN EXECUTE 'GRANT silgi_restorer TO silgi_service WITH INHERIT TRUE';
    ELSE ALTER ROLE silgi_service INHERIT;
  END IF; END $$`;
