import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { existsSync } from 'node:fs';
import { type FileHandle, mkdtemp, open, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuditLogKey, CheckpointFile } from '../../src/transparency-log/index.js';
import { DevelopmentKey } from '../../src/auth/development.key.js';
import { readEnvironment } from '../../src/config/index.js';

let parent: string;
let dataDir: string;
let umask: number;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'silgi-private-'));
  dataDir = join(parent, 'data');
});

afterEach(async () => {
  jest.restoreAllMocks();
  await rm(parent, { recursive: true, force: true });
});

/** The permissions of everything in a folder and of the folder itself, by name. */
async function modesIn(folder: string): Promise<Record<string, string>> {
  const names = [...(await readdir(folder)), '.'];
  const modes = names.map(async (name) => [
    name,
    ((await stat(join(folder, name))).mode & 0o777).toString(8),
  ]);
  return Object.fromEntries(await Promise.all(modes)) as Record<string, string>;
}

describe.each([
  // Nothing is taken away from what the product asks for: what it asks for is seen.
  ['lets everybody read and write new files', 0],
  ['is the usual one', 0o022],
])('where the umask %s', (_, mask) => {
  beforeEach(() => {
    umask = process.umask(mask);
  });
  afterEach(() => {
    process.umask(umask);
  });

  it.each([
    [
      'the signing key',
      'audit-log-signing-key.pem',
      () => AuditLogKey.open(readEnvironment({ DATA_DIR: dataDir }).auditLog),
    ],
    [
      'the file of checkpoints',
      'checkpoints.txt',
      () => new CheckpointFile(join(dataDir, 'checkpoints.txt')).append([]),
    ],
    ['the development key', 'development-signing-key.json', () => DevelopmentKey.open(dataDir)],
  ])(
    '%s is readable and writable by its owner alone, and so is the folder made for it',
    async (_, name, make) => {
      await make();
      expect(await modesIn(dataDir)).toEqual({ [name]: '600', '.': '700' });
    },
  );
});

describe('a key', () => {
  /** @returns what is synced from now on, and whether the file had its name by then: a growing list */
  async function watchSyncs(path: string): Promise<{ what: string; hasName: boolean }[]> {
    const probe = await open(parent);
    await probe.close();
    const methods = Object.getPrototypeOf(probe) as { sync: (this: FileHandle) => Promise<void> };
    const { sync } = methods;
    const synced: { what: string; hasName: boolean }[] = [];
    jest.spyOn(methods, 'sync').mockImplementation(async function (this: FileHandle) {
      const what = (await this.stat()).isDirectory() ? 'folder' : 'file';
      await sync.apply(this);
      synced.push({ what, hasName: existsSync(path) });
    });
    return synced;
  }

  it('that signs the log is on the disk before it has its name, and its name before it signs', async () => {
    const { auditLog } = readEnvironment({ DATA_DIR: dataDir });
    const synced = await watchSyncs(auditLog.keyFile);
    await AuditLogKey.open(auditLog);
    expect(synced).toEqual([
      { what: 'file', hasName: false },
      { what: 'folder', hasName: true },
    ]);
  });

  it('for development is on the disk before it has its name', async () => {
    const synced = await watchSyncs(join(dataDir, 'development-signing-key.json'));
    await DevelopmentKey.open(dataDir);
    expect(synced).toEqual([{ what: 'file', hasName: false }]);
  });
});
