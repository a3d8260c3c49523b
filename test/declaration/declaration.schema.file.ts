import { readFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { declarationJsonSchema } from '../../src/declaration/index.js';

/** Where the JSON Schema of `silgi.yaml` is kept, for editors. */
export const COMMITTED = new URL('../../docs/silgi.schema.json', import.meta.url);

/** The schema of the code as it stands: formatted as every file of the project. */
export async function currentText(): Promise<string> {
  const options = await resolveConfig(COMMITTED.pathname);
  return format(JSON.stringify(declarationJsonSchema()), { ...options, parser: 'json' });
}

/** What is committed; nothing where the file is not there. */
export async function committedText(): Promise<string> {
  return readFile(COMMITTED, 'utf8').catch(() => '');
}
