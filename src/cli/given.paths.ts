import { constants } from 'node:fs';
import { access, link, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Option } from 'commander';
import { alreadyThere, cannotBeWritten, CommandFailed, type Output } from '../common/index.js';

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

/** Without it, no command replaces a file. */
export function overwriteOption(): Option {
  return new Option('--overwrite', 'replace a file that is there already');
}

/**
 * Holds a path to be one to which a file can be written, before anything else is done or asked.
 *
 * @throws CommandFailed with the exit code of missing input; where a file is there that may not be replaced, too
 */
export async function assertWritable(output: Output): Promise<void> {
  const { path, overwrite } = output;
  let isThere: boolean;
  try {
    await access(dirname(path), constants.W_OK);
    isThere = await assertNoFolder(path).then(
      () => true,
      (error: unknown) => {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
        return false;
      },
    );
  } catch (cause) {
    throw cannotBeWritten(output, cause);
  }
  if (isThere && !overwrite) throw alreadyThere(output);
}

/**
 * Gives a draft its name, whole and at once.
 *
 * @throws CommandFailed where a file has come to be there meanwhile that may not be replaced
 */
export async function place(draft: string, output: Output): Promise<void> {
  const { path, overwrite } = output;
  if (!overwrite)
    try {
      await link(draft, path);
      return;
    } catch (error) {
      // Else a file system without links to files; nothing was there at the start.
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw alreadyThere(output);
    }
  await rename(draft, path);
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
