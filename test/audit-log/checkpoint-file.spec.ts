import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type FileHandle, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CheckpointFile } from '../../src/transparency-log/index.js';

const NOTE = 'hospital/log\n1\nAAAA\n\n\u2014 hospital/log AAAAAAAA\n';
const WATCHED = ['appendFile', 'write', 'writeFile', 'truncate', 'sync', 'datasync'] as const;

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'silgi-checkpoints-'));
  path = join(folder, 'checkpoints.txt');
});

afterEach(async () => {
  jest.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

type Methods = Record<(typeof WATCHED)[number], (this: FileHandle, ...args: unknown[]) => Promise<unknown>>;

/** What every handle of a file inherits. */
async function handleMethods(): Promise<Methods> {
  const probe = await open(folder);
  await probe.close();
  return Object.getPrototypeOf(probe) as Methods;
}

/** What is done from now on to files and folders by this process, and which of it came to its end: growing lists. */
async function watchHandles(): Promise<{ done: string[]; handles: Set<FileHandle> }> {
  const methods = await handleMethods();
  const done: string[] = [];
  const handles = new Set<FileHandle>();
  for (const method of WATCHED) {
    const { [method]: real } = methods;
    jest.spyOn(methods, method).mockImplementation(async function (this: FileHandle, ...args) {
      handles.add(this);
      const action = `${method} the ${(await this.stat()).isDirectory() ? 'folder' : 'file'}`;
      done.push(action);
      const result = await real.apply(this, args);
      done.push(`${action}: done`);
      return result;
    });
  }
  return { done, handles };
}

const whole = (...actions: string[]) => actions.flatMap((action) => [action, `${action}: done`]);

describe('an append to the file of checkpoints', () => {
  it('is synced to the disk after it was written, and before it counts', async () => {
    await new CheckpointFile(path).append([NOTE]);
    const { done } = await watchHandles();
    await new CheckpointFile(path).append([NOTE]);
    expect(done).toEqual(whole('appendFile the file', 'sync the file'));
    expect(await readFile(path, 'utf8')).toBe(`${NOTE}\n${NOTE}\n`);
  });

  it('that makes the file syncs the folder too, without which a crash would lose the file', async () => {
    const { done, handles } = await watchHandles();
    await new CheckpointFile(path).append([NOTE]);
    expect(done).toEqual(whole('appendFile the file', 'sync the file', 'sync the folder'));
    expect([...handles].map(({ fd }) => fd)).toEqual([-1, -1]);
  });

  it('cuts off what a crash has left half-written, and syncs that with the rest', async () => {
    await writeFile(path, `${NOTE}\n${NOTE.slice(0, 20)}`);
    const { done } = await watchHandles();
    await new CheckpointFile(path).append([NOTE]);
    expect(done).toEqual(whole('truncate the file', 'appendFile the file', 'sync the file'));
    expect(await readFile(path, 'utf8')).toBe(`${NOTE}\n${NOTE}\n`);
  });

  it.each(['appendFile', 'sync'] as const)('fails where %s fails, and closes the file', async (method) => {
    const methods = await handleMethods();
    const failing = jest.spyOn(methods, method).mockRejectedValueOnce(new Error('the disk is full'));
    await expect(new CheckpointFile(path).append([NOTE])).rejects.toThrow('the disk is full');
    expect(failing.mock.contexts.map((handle) => (handle as FileHandle).fd)).toEqual([-1]);
  });
});
