import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import {
  checkpointText,
  NoteSigner,
  notesIn,
  rootOf,
  SealingRefused,
} from '../../src/transparency-log/index.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import {
  addEvents,
  type Instance,
  LOG_TABLES,
  makeHome,
  openInstance,
  sealedIds,
  tamper,
} from './log.stage.js';

let database: TestDatabase;
let home: Awaited<ReturnType<typeof makeHome>>;
let instance: Instance;

beforeAll(async () => {
  database = await createTestDatabase();
});

beforeEach(async () => {
  home = await makeHome();
  instance = await openInstance(database, home);
});

/** Every test has a log of its own in one database. */
afterEach(async () => {
  await instance.close();
  await tamper(database, ...LOG_TABLES.map((table) => `DELETE FROM audit.${table}`));
  await home.remove();
});

afterAll(async () => {
  await database.drop();
});

describe('the file of checkpoints', () => {
  it('gets what a crash has left out, behind what a crash has left half-written', async () => {
    for (const count of [1, 2, 3]) {
      await addEvents(database, count);
      await instance.sealAll();
    }
    const whole = await readFile(home.checkpointsFile, 'utf8');
    const [first = '', second = '', third = ''] = notesIn(whole);
    expect(whole).toBe([first, second, third].map((note) => `${note}\n`).join(''));
    // At every byte at which the process may have died.
    for (const length of [
      0,
      1,
      first.length - 3,
      first.length,
      first.length + 1,
      first.length + second.length,
    ]) {
      await writeFile(home.checkpointsFile, Buffer.from(whole).subarray(0, length));
      const started = await openInstance(database, home);
      await started.sealer.round();
      await started.close();
      expect(notesIn(await readFile(home.checkpointsFile, 'utf8'))).toEqual([first, second, third]);
    }
  });

  it('stops the sealing where the database holds an older state than the file', async () => {
    await addEvents(database, 3);
    await instance.sealAll();
    const before = await database.query<{ size: string }>(
      'SELECT max(tree_size) AS size FROM audit.audit_log_checkpoint',
    );
    await addEvents(database, 2);
    await instance.sealAll();
    const from = before[0]?.size ?? '';
    await tamper(
      database,
      `DELETE FROM audit.sharded_audit_event WHERE audit_event_id IN
         (SELECT audit_event_id FROM audit.audit_log_leaf WHERE leaf_index >= ${from})`,
      `DELETE FROM audit.audit_log_leaf WHERE leaf_index >= ${from}`,
      `DELETE FROM audit.audit_log_node WHERE (index + 1) << level > ${from}`,
      `DELETE FROM audit.audit_log_checkpoint WHERE tree_size > ${from}`,
    );
    const restored = await openInstance(database, home);
    await expect(restored.sealer.round()).rejects.toThrow(/does not continue the last checkpoint/);
    await addEvents(database, 1);
    await expect(restored.sealer.round()).rejects.toThrow(SealingRefused);
    expect(await sealedIds(database)).toHaveLength(3);
    await restored.close();
  });

  it('stops the sealing where the database has lost the whole log', async () => {
    await addEvents(database, 3);
    await instance.sealAll();
    await tamper(database, ...LOG_TABLES.map((table) => `DELETE FROM audit.${table}`));
    await addEvents(database, 1);
    const started = await openInstance(database, home);
    await expect(started.sealer.round()).rejects.toThrow(
      /of 0 events, does not continue the last checkpoint/,
    );
    expect(await sealedIds(database)).toEqual([]);
    await started.close();
  });

  it.each([3, 5])(
    'stops the sealing where the database holds another log of %d events, signed by the same key',
    async (size) => {
      await addEvents(database, 3);
      await instance.sealAll();
      await tamper(database, ...LOG_TABLES.map((table) => `DELETE FROM audit.${table}`));
      await addEvents(database, size);
      const other = await openInstance(database, {
        ...home,
        checkpointsFile: `${home.checkpointsFile}.other`,
      });
      await other.sealAll();
      await other.close();

      const started = await openInstance(database, home);
      await expect(started.sealer.round()).rejects.toThrow(/does not continue the last checkpoint/);
      await addEvents(database, 1);
      await expect(started.sealer.round()).rejects.toThrow(SealingRefused);
      expect(await sealedIds(database)).toHaveLength(size);
      expect(notesIn(await readFile(home.checkpointsFile, 'utf8'))).toHaveLength(1);
      await started.close();
    },
  );

  it.each([
    ['of another log', () => home.key.signer, 'another/log'],
    [
      'that a stranger has signed under its name',
      () => new NoteSigner(home.key.signer.name, generateKeyPairSync('ed25519').privateKey),
      '',
    ],
  ] as const)('stops the sealing where its last checkpoint is one %s', async (_, signer, origin) => {
    await addEvents(database, 1);
    const { name } = home.key.signer;
    const text = checkpointText({ origin: origin || name, size: 0, root: rootOf([]) });
    await writeFile(home.checkpointsFile, `${signer().sign(text)}\n`);
    await expect(instance.sealer.round()).rejects.toThrow(/cannot be used/);
    expect(await sealedIds(database)).toEqual([]);
  });
});
