import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { DeletionProbe } from '../../src/orchestrator/index.js';
import { SERVICE_ROLE } from '../../src/postgres/index.js';
import { openSilgi, type Silgi } from '../support/silgi.js';

let silgi: Silgi;

beforeAll(async () => {
  silgi = await openSilgi();
});

afterAll(() => silgi.close());

/** Runs statements on the session that the pool gives to whoever asks next. */
async function onNextSession(...statements: string[]): Promise<void> {
  const runner = silgi.app.get(DataSource).createQueryRunner();
  for (const statement of statements) await runner.query(statement);
  await runner.release();
}

const probe = () => silgi.app.get(DeletionProbe, { strict: false }).run(SERVICE_ROLE);

it.each([
  ['READ_ONLY', ['SET default_transaction_read_only = on'], ['RESET default_transaction_read_only']],
  ['ROLE_NOT_TAKEN', ['SET ROLE none'], [`SET ROLE ${SERVICE_ROLE}`]],
  ['ROW_SECURITY_OFF', ['SET row_security = off'], ['SET row_security = on']],
  [
    'TRIGGERS_OFF',
    ['SET ROLE none', `SET session_replication_role = replica`, `SET ROLE ${SERVICE_ROLE}`],
    ['SET ROLE none', 'SET session_replication_role = origin', `SET ROLE ${SERVICE_ROLE}`],
  ],
])('the probe says %s of a session that was changed after its start', async (obstacle, hurt, mend) => {
  expect(await probe()).toBeUndefined();
  await onNextSession(...hurt);
  expect(await probe()).toEqual({ obstacle });
  await onNextSession(...mend);
  expect(await probe()).toBeUndefined();
});
