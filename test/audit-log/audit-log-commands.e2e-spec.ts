import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { exportAuditCommand } from '../../src/cli/export-audit.command.js';
import { verifyAuditCommand } from '../../src/cli/verify-audit.command.js';
import { ProductProcess } from '../admin/service.process.js';
import { runInProcess } from '../support/command.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { addEvents, type Instance, makeHome, openInstance, tamper } from './log.stage.js';

let database: TestDatabase;
let home: Awaited<ReturnType<typeof makeHome>>;
let instance: Instance;
let folder: string;
let before: NodeJS.ProcessEnv;

beforeAll(async () => {
  database = await createTestDatabase();
  home = await makeHome();
  folder = dirname(home.checkpointsFile);
  before = { ...process.env };
  const { url: DATABASE_URL } = database;
  Object.assign(process.env, { DATABASE_URL, DATA_DIR: folder, AUDIT_LOG_CHECKPOINTS: home.checkpointsFile });
  instance = await openInstance(database, home);
  for (const count of [700, 1]) {
    await addEvents(database, count);
    await instance.sealAll();
  }
});

afterAll(async () => {
  await instance.close();
  await database.drop();
  await home.remove();
  process.env = before;
});

const file = (name: string) => join(folder, name);
const verify = (...args: string[]) => runInProcess(verifyAuditCommand(), ...args);

describe('export-audit and verify-audit', () => {
  it('write the log to a file that is checked without database and service', async () => {
    const exported = await runInProcess(
      exportAuditCommand(),
      '--out',
      file('log.jsonl'),
      '--checkpoint',
      file('checkpoint.txt'),
    );
    expect(exported).toMatchObject({ code: 0, said: expect.stringContaining('701 sealed events are in') });
    expect(exported.said).toContain('Exporting events');
    expect((await stat(file('log.jsonl'))).mode & 0o777).toBe(0o600);
    const lines = (await readFile(file('log.jsonl'), 'utf8')).split('\n');
    expect(lines).toHaveLength(702);

    const against = (checkpoint: string) => ['--checkpoint', checkpoint, '--key', instance.verifierKey];
    const good = await verify('--export', file('log.jsonl'), ...against(file('checkpoint.txt')));
    expect(good).toMatchObject({ code: 0, said: expect.stringMatching(/^Valid: 701 events/) });
    const all = await verify('--export', file('log.jsonl'), ...against(home.checkpointsFile));
    expect(all).toMatchObject({ code: 0, said: expect.stringContaining('all 2 checkpoints') });

    const changed = lines.map((line, at) => (at === 123 ? line.replace('admin@', 'other@') : line));
    await writeFile(file('changed.jsonl'), changed.join('\n'));
    const { auditEventId } = JSON.parse(lines[123] ?? '') as { auditEventId: string };
    // Nothing of a database is in its environment.
    const bad = new ProductProcess(
      ['cli/main.ts', 'verify-audit', '--export', file('changed.jsonl'), ...against(file('checkpoint.txt'))],
      {},
    );
    expect(await bad.ends()).toBe(1);
    expect(bad.stdout).toContain(`EDITED: event 123 (audit event ${auditEventId})`);
  });

  it('refuse an export that was cut off, and a checkpoint that the key has not signed', async () => {
    const note = await readFile(file('checkpoint.txt'), 'utf8');
    const lines = (await readFile(file('log.jsonl'), 'utf8')).split('\n');
    await writeFile(file('cut.jsonl'), lines.slice(0, 700).join('\n'));
    await writeFile(file('forged.txt'), `${note.replace('\n701\n', '\n700\n')}\n${note}`);
    for (const [log, checkpoint, finding] of [
      ['cut.jsonl', 'checkpoint.txt', /^Events proven .*: 0\nTRUNCATED: event 700 .*\nNOT VALID/],
      ['log.jsonl', 'forged.txt', /^Events proven .*: 701\nCHECKPOINT_FORGED: .*\nNOT VALID/],
      ['cut.jsonl', 'forged.txt', /^Events proven .*: 0\nTRUNCATED: .*\nCHECKPOINT_FORGED: .*\nNOT VALID/],
    ] as const) {
      const { code, said } = await verify(
        '--export',
        file(log),
        '--checkpoint',
        file(checkpoint),
        '--key',
        instance.verifierKey,
      );
      expect({ log, checkpoint, code, said }).toEqual({
        log,
        checkpoint,
        code: 1,
        said: expect.stringMatching(finding),
      });
    }
  });

  it('say what is wrong with how they are called', async () => {
    await writeFile(file('no-note.txt'), 'nothing\n');
    const exports = ['--export', file('log.jsonl')];
    const key = ['--key', instance.verifierKey];
    for (const [args, why] of [
      [[...exports, '--checkpoint', home.checkpointsFile, '--key', 'none'], 'name+hexid+base64'],
      [exports, 'needs --checkpoint FILE and --key KEY'],
      [[...exports, ...key], 'needs --checkpoint FILE and --key KEY'],
      [[...exports, ...key, '--checkpoint', file('none.txt')], 'none.txt cannot be read (ENOENT)'],
      [[...exports, ...key, '--checkpoint', file('no-note.txt')], 'no signed checkpoint'],
      [
        ['--export', file('none'), ...key, '--checkpoint', home.checkpointsFile],
        'none cannot be read (ENOENT)',
      ],
    ] as const)
      expect(await verify(...args)).toEqual({ code: 2, said: expect.stringContaining(why) });
    const nowhere = await runInProcess(exportAuditCommand(), '--out', file('none/log.jsonl'));
    expect(nowhere).toMatchObject({ code: 2, said: expect.stringContaining('(ENOENT)') });
  });

  it('check the database itself', async () => {
    const good = await verify();
    expect(good).toMatchObject({ code: 0, said: expect.stringContaining('Valid: every sealed event') });
    expect(good.said).toContain('Checkpoints: 2 in the database, 2 in');
    const [event] = await database.query<{ id: string }>(
      'SELECT audit_event_id AS id FROM audit.audit_log_leaf WHERE leaf_index = 42',
    );
    await tamper(
      database,
      `DELETE FROM audit.sharded_audit_event WHERE audit_event_id = '${event?.id ?? ''}'`,
    );
    const bad = await verify('--key', instance.verifierKey);
    expect(bad.code).toBe(1);
    expect(bad.said).toContain(`REMOVED: event 42 (audit event ${event?.id ?? ''})`);
    const refused = await runInProcess(exportAuditCommand(), '--out', file('never.jsonl'));
    expect(refused).toMatchObject({ code: 1, said: expect.stringContaining('Event 42') });
    await expect(stat(file('never.jsonl'))).rejects.toThrow('ENOENT');
  });
});
