import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CommandFailed } from '../common/index.js';

const EXIT_USAGE = 2;

/**
 * Holds a file to be there and readable, before anything else is done or asked.
 *
 * @throws CommandFailed with the exit code of missing input
 */
export async function assertReadable(path: string): Promise<void> {
  try {
    await assertNoFolder(path);
    await access(path, constants.R_OK);
  } catch (error) {
    throw cannotBeRead(path, error);
  }
}

/**
 * Holds a path to be one to which a file can be written, before anything else is done or asked.
 *
 * @param what is to be written, as the message begins: `The export`
 * @throws CommandFailed with the exit code of missing input
 */
export async function assertWritable(path: string, what: string): Promise<void> {
  try {
    await access(dirname(path), constants.W_OK);
    await assertNoFolder(path).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    });
  } catch (cause) {
    throw new CommandFailed(`${what} cannot be written to ${path} (${codeOf(cause)}).`, EXIT_USAGE, {
      cause,
    });
  }
}

/** What a command says of a file that it cannot read. */
export function cannotBeRead(path: string, cause: unknown): CommandFailed {
  return new CommandFailed(`${path} cannot be read (${codeOf(cause)}). Nothing was done.`, EXIT_USAGE, {
    cause,
  });
}

async function assertNoFolder(path: string): Promise<void> {
  if ((await stat(path)).isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown reason';
}
