import { readFile } from 'node:fs/promises';
import { CommandFailed } from '../common/index.js';
import { type Declaration, DeclarationRefused, readDeclaration } from '../declaration/index.js';
import { assertReadable } from './given.paths.js';

/**
 * The declaration in a file.
 *
 * @throws CommandFailed with every line of what is wrong
 */
export async function declarationIn(path: string): Promise<Declaration> {
  await assertReadable(path);
  try {
    return readDeclaration(await readFile(path, 'utf8'), path);
  } catch (error) {
    if (!(error instanceof DeclarationRefused)) throw error;
    throw new CommandFailed(`${error.message}\nThe database was not looked at.`, 2, { cause: error });
  }
}
