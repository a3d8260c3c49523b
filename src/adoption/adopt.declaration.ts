import { ConfigurationError, contentOfFile } from '../config/index.js';
import {
  type Declaration,
  DeclarationRefused,
  readDeclaration,
  readDeclarationObject,
} from '../declaration/index.js';
import { adoptTables } from '../shards/index.js';
import { adoptedTablesOf, NotBuilt } from './adopted.tables.js';

/** What a declaration says, wherever it was read. */
const contentOf = (declaration: Declaration) =>
  JSON.stringify(declaration, (key, value: unknown) =>
    key === 'file' || key === 'place' ? undefined : value,
  );
const NO_DECLARATION = '';
/** What this process has settled on; undefined until it has. */
let settled: string | undefined;

/**
 * Puts a hospital's declaration in force in this process: from here on its tables are the patient-owned ones.
 *
 * @param given path of the file, or its content as an object of JavaScript
 * @param option by which it was given, for messages
 * @returns what it says
 * @throws ConfigurationError with every line of what is wrong: it cannot be read, is none, is not decided, asks for what
 *   is not built, or is another one than is in force already
 */
export async function adoptDeclaration(given: string | object, option = 'DECLARATION'): Promise<Declaration> {
  try {
    const declaration =
      typeof given === 'string'
        ? readDeclaration(await contentOfFile(given, option), given)
        : readDeclarationObject(given, option);
    const tables = adoptedTablesOf(declaration);
    if (settle(contentOf(declaration))) adoptTables(tables);
    return declaration;
  } catch (error) {
    if (!(error instanceof DeclarationRefused || error instanceof NotBuilt)) throw error;
    throw new ConfigurationError(
      `${error.message}\nThe declaration is not in force, and nothing was changed.`,
    );
  }
}

/** Has patients stand in Silgi's own tables in this process. @throws ConfigurationError where a declaration is in force */
export function adoptNothing(): void {
  settle(NO_DECLARATION);
}

/** @returns whether nothing was settled before */
function settle(content: string): boolean {
  if (settled !== undefined && settled !== content)
    throw new ConfigurationError(
      settled === NO_DECLARATION
        ? 'A declaration cannot be put in force in a process in which patients stand in Silgi’s own tables: run it in another.'
        : 'Another declaration is in force in this process: every Silgi in it must be told the same one.',
    );
  const isFirst = settled === undefined;
  settled = content;
  return isFirst;
}
