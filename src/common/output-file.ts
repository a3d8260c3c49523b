import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { CommandFailed } from './command.failure.js';

const EXIT_USAGE = 2;
const { O_WRONLY, O_CREAT, O_EXCL, O_TRUNC, O_APPEND } = constants;

/** A file that a command is to write. */
export interface Output {
  readonly path: string;
  /** What is to be written, as a message begins: `The report`. */
  readonly what: string;
  /** Whether a file that is there may be replaced: said with `--overwrite`, in every command (RELIABILITY rule 34). */
  readonly overwrite: boolean;
}

/**
 * Opens a file to be written, for its owner's eyes alone, before anything else is done. A pipe or a terminal holds
 * nothing that could be lost, and is written to as it is. Each write goes to the end of what is there.
 *
 * @returns its descriptor
 * @throws CommandFailed where the file is there and may not be replaced, or cannot be written
 */
export function openOutput(output: Output): number {
  const { path, overwrite } = output;
  try {
    if (overwrite) return openSync(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0o600);
    return openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND, 0o600);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cannotBeWritten(output, cause);
  }
  return openWhatIsThere(output);
}

function openWhatIsThere(output: Output): number {
  let file: number;
  try {
    file = openSync(output.path, O_WRONLY | O_APPEND);
  } catch (cause) {
    throw cannotBeWritten(output, cause);
  }
  if (!fstatSync(file).isFile()) return file;
  closeSync(file);
  throw alreadyThere(output);
}

/** What a command says of a file that it will not replace. */
export function alreadyThere({ path, what }: Output): CommandFailed {
  return new CommandFailed(
    `${what} cannot be written: ${path} is there already. Nothing was done; name another file, or add --overwrite to ` +
      'replace it.',
    EXIT_USAGE,
  );
}

/** What a command says of a file that it cannot write. */
export function cannotBeWritten({ path, what }: Output, cause: unknown): CommandFailed {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown reason';
  return new CommandFailed(`${what} cannot be written to ${path} (${code}). Nothing was done.`, EXIT_USAGE, {
    cause,
  });
}
