import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { integrityCommand } from '../../src/cli/integrity.command.js';
import { defaultPolicy, readRetentionPolicy } from '../../src/retention/index.js';
import { SAME, WHOLE } from '../retention/examples.js';
import { runInProcess } from '../support/command.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { temporaryFolder } from '../support/run.folder.js';
import { type Api, expectProblem, openApi } from './api.js';

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await createTestDatabase();
  folder = await temporaryFolder();
});
afterAll(() => database.drop());

/** The path of a file with this content. */
async function fileOf(content: string): Promise<string> {
  const path = join(folder, 'retention.yaml');
  await writeFile(path, content);
  return path;
}

/** The answer of a service that was told this. */
async function answerOf(env: NodeJS.ProcessEnv): Promise<unknown> {
  const api: Api = await openApi(database.url, { env });
  const { body } = (await api.call('get', '/retention-policy', 'auditor').expect(200)) as { body: unknown };
  await api.close();
  return body;
}

describe('the retention policy over HTTP', () => {
  it('is the default one, which nobody has signed off, where no file is named', async () => {
    const { digest, rules } = defaultPolicy();
    expect(await answerOf({})).toEqual({ source: 'DEFAULT', digest, signedOff: null, rules });
  });

  it('is that of the file, with who has signed it off, and the same for a file that says the same', async () => {
    const { digest, rules } = readRetentionPolicy(WHOLE, 'policy.yaml', '2026-12-01');
    const signedOff = { by: 'Dr. A. Yılmaz, data controller', on: '2026-11-30' };
    const path = await fileOf(WHOLE);
    const answer = await answerOf({ RETENTION_POLICY: path });
    expect(answer).toEqual({ source: 'FILE', digest, signedOff, rules });
    expect(JSON.stringify(answer)).not.toContain(folder);
    expect(await answerOf({ RETENTION_POLICY: await fileOf(SAME) })).toEqual(answer);
  });

  it('is shown to the privacy officer and the auditor alone', async () => {
    const api = await openApi(database.url);
    await api.call('get', '/retention-policy', 'privacy-officer').expect(200);
    expectProblem(await api.call('get', '/retention-policy', 'system-admin'), 403, 'FORBIDDEN');
    expectProblem(await api.call('get', '/retention-policy'), 401, 'UNAUTHENTICATED');
    await api.close();
  });
});

describe('a command', () => {
  let before: NodeJS.ProcessEnv;
  beforeAll(() => {
    before = { ...process.env };
    Object.assign(process.env, { DATABASE_URL: database.url, DATA_DIR: folder });
  });
  afterAll(() => {
    process.env = before;
  });

  it('refuses a wrong policy with every fault, and begins nothing', async () => {
    const path = await fileOf(WHOLE.replace('P18M', 'P4W').replace('[onset_date]', '[deleted_at]'));
    process.env['RETENTION_POLICY'] = path;
    const { code, said } = await runInProcess(integrityCommand());
    expect(code).not.toBe(0);
    const lines = said.split('\n');
    expect(lines.map((line) => line.replace(/(: rules.*?: \S+).*/, '$1'))).toEqual([
      `${path}:8:59: rules / Diagnosis / dates / 0: deleted_at`,
      `${path}:14:25: rules / Supply / keep: must`,
      'The retention policy is not in force, and nothing was changed.',
    ]);
  });

  it('refuses a file that is not there', async () => {
    process.env['RETENTION_POLICY'] = join(folder, 'nowhere.yaml');
    const { code, said } = await runInProcess(integrityCommand());
    expect(code).not.toBe(0);
    expect(said).toMatch(
      /^RETENTION_POLICY must name a file that can be read: .*nowhere\.yaml \(ENOENT\)\.$/,
    );
  });
});
