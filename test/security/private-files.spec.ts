import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { existsSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import {
  chmod,
  chown,
  type FileHandle,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TokenVerifier } from '../../src/auth/index.js';
import { DataFolder } from '../../src/embedded-postgres/data.folder.js';
import { AuditLogKey, CheckpointFile } from '../../src/transparency-log/index.js';
import { DevelopmentKey } from '../../src/auth/development.key.js';
import { ConfigurationError, readEnvironment } from '../../src/config/index.js';

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

/** One line that says what is wrong; nothing may have been made, read or waited for. */
async function refusalOf(opening: Promise<unknown>): Promise<string> {
  const error = await opening.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Error);
  const { message } = error as Error;
  expect(message).not.toContain('\n');
  return message;
}

/** Only root can make what belongs to root. */
const itAsRoot = process.geteuid?.() === 0 ? it : it.skip;

const SECRETS = [
  [
    'the key that signs the log',
    'audit-log-signing-key.pem',
    () => AuditLogKey.open(readEnvironment({ DATA_DIR: dataDir }).auditLog),
  ],
  ['the development key', 'development-signing-key.json', () => DevelopmentKey.open(dataDir)],
] as const;

describe.each(SECRETS)('%s', (_, name, openSecret) => {
  const file = () => join(dataDir, name);
  /** A key of another's making: whole, and not of the product. */
  const planted = async () => {
    await openSecret();
    const elsewhere = join(parent, 'planted');
    await rename(file(), elsewhere);
    return elsewhere;
  };

  it('is not taken from behind a symbolic link', async () => {
    await symlink(await planted(), file());
    expect(await refusalOf(openSecret())).toMatch(/is a symbolic link/);
  });

  it.each([0o640, 0o604, 0o620, 0o602, 0o666])('is not taken with the permissions %o', async (mode) => {
    await openSecret();
    await chmod(file(), mode);
    expect(await refusalOf(openSecret())).toMatch(/others may read or change .*chmod 600/);
  });

  it('is not waited for where a pipe is in its place', async () => {
    await mkdir(dataDir, { mode: 0o700 });
    execFileSync('mkfifo', ['-m', '600', file()]);
    expect(await refusalOf(openSecret())).toMatch(/is no file/);
  });

  it('is not made in a folder that is a symbolic link, or that others may write into', async () => {
    const elsewhere = join(parent, 'elsewhere');
    await mkdir(elsewhere, { mode: 0o700 });
    await symlink(elsewhere, dataDir);
    expect(await refusalOf(openSecret())).toMatch(/is a symbolic link/);
    await rm(dataDir);
    for (const mode of [0o777, 0o1777, 0o770, 0o702]) {
      await rm(dataDir, { recursive: true, force: true });
      await mkdir(dataDir);
      await chmod(dataDir, mode);
      expect(await refusalOf(openSecret())).toMatch(/others may write into the folder .*chmod go-w/);
      expect(await readdir(dataDir)).toEqual([]);
    }
    expect(await readdir(elsewhere)).toEqual([]);
  });

  it('is not taken from another user, nor made in another user’s folder', async () => {
    // Who runs this is another user than the one to whom everything belongs; root may hand it over.
    await openSecret();
    const { uid } = await stat(dataDir);
    if (process.geteuid?.() === 0) await chown(file(), 12_345, 12_345);
    else jest.spyOn(process as { geteuid: () => number }, 'geteuid').mockReturnValue(uid + 1);
    expect(await refusalOf(openSecret())).toMatch(/belongs to the user with uid \d+/);
    if (process.geteuid?.() !== 0) return;
    await rm(file());
    await chown(dataDir, 12_345, 12_345);
    expect(await refusalOf(openSecret())).toMatch(/belongs to the user with uid 12345/);
    expect(await readdir(dataDir)).toEqual([]);
  });

  itAsRoot('is made on a volume of root’s that the group of the process may write to', async () => {
    await mkdir(dataDir);
    await chmod(dataDir, 0o2770);
    const group = (await stat(dataDir)).gid;
    jest.spyOn(process as { geteuid: () => number }, 'geteuid').mockReturnValue(1_000_680_000);
    jest.spyOn(process as { getegid: () => number }, 'getegid').mockReturnValue(group);
    await openSecret();
    expect(await readdir(dataDir)).toEqual([name]);
    jest.spyOn(process as { getegid: () => number }, 'getegid').mockReturnValue(group + 1);
    expect(await refusalOf(DevelopmentKey.open(dataDir))).toMatch(/others may write/);
  });
});

describe('the other files', () => {
  it('checkpoints are not written through a symbolic link or into a pipe', async () => {
    await mkdir(dataDir);
    const target = join(parent, 'target');
    await writeFile(target, 'precious');
    const file = join(dataDir, 'checkpoints.txt');
    await symlink(target, file);
    expect(await refusalOf(new CheckpointFile(file).append(['x']))).toMatch(/is a symbolic link/);
    expect(await readFile(target, 'utf8')).toBe('precious');
    await rm(file);
    execFileSync('mkfifo', [file]);
    expect(await refusalOf(new CheckpointFile(file).append(['x']))).toMatch(/is no file/);
  });

  it('a named key may be a symbolic link to a secret of the container, but not one that everybody may change', async () => {
    const { auditLog } = readEnvironment({ DATA_DIR: dataDir });
    await AuditLogKey.open(auditLog);
    const named = join(parent, 'secret.pem');
    await symlink(auditLog.keyFile, named);
    await chmod(auditLog.keyFile, 0o444);
    const env = { DATA_DIR: join(parent, 'other'), AUDIT_LOG_KEY: named };
    await expect(AuditLogKey.open(readEnvironment(env).auditLog)).resolves.toBeDefined();
    await chmod(auditLog.keyFile, 0o446);
    expect(await refusalOf(AuditLogKey.open(readEnvironment(env).auditLog))).toMatch(/everybody may change/);
  });

  it('keys of the issuer are not taken from a file that everybody may change, or from a pipe', async () => {
    const jwks = join(parent, 'jwks.json');
    await writeFile(jwks, '{"keys":[]}');
    const environment = readEnvironment({ AUTH_JWKS: jwks, AUTH_ISSUER: 'i', AUTH_AUDIENCE: 'a' });
    await expect(TokenVerifier.of(environment)).resolves.toBeDefined();
    await chmod(jwks, 0o646);
    expect(await refusalOf(TokenVerifier.of(environment))).toMatch(/^AUTH_JWKS .*everybody may change/);
    await rm(jwks);
    execFileSync('mkfifo', [jwks]);
    expect(await refusalOf(TokenVerifier.of(environment))).toMatch(/^AUTH_JWKS .*is no file/);
  });

  it('the embedded database is not made in a folder that others may write into', async () => {
    await mkdir(dataDir);
    await chmod(dataDir, 0o777);
    const none = { initdb: '', pg_ctl: '', postgres: '' };
    expect(await refusalOf(DataFolder.prepare(dataDir, none))).toMatch(/^DATA_DIR .*others may write/);
    expect(await readdir(dataDir)).toEqual([]);
  });

  it('are refused as settings that are wrong, in one line', async () => {
    await symlink(parent, dataDir);
    await expect(DevelopmentKey.open(dataDir)).rejects.toBeInstanceOf(ConfigurationError);
    await expect(AuditLogKey.open(readEnvironment({ DATA_DIR: dataDir }).auditLog)).rejects.toBeInstanceOf(
      ConfigurationError,
    );
  });
});
