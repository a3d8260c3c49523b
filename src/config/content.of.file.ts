import { readFile } from 'node:fs/promises';
import { ConfigurationError } from './configuration.error.js';

/**
 * The text of a file that a setting names.
 *
 * @param option the setting, for messages
 * @throws ConfigurationError where it cannot be read
 */
export async function contentOfFile(path: string, option: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new ConfigurationError(
      `${option} must name a file that can be read: ${path} (${(cause as NodeJS.ErrnoException).code ?? ''}).`,
    );
  }
}
