import { ConfigurationError, contentOfFile } from '../config/index.js';
import { adoptedTables, patientOwnedTables } from '../shards/index.js';
import { linesOf, readYaml } from '../yaml/index.js';
import { checkedPolicy, PolicyRefused } from './check.policy.js';
import { defaultPolicy } from './default.policy.js';
import type { RetentionPolicy } from './retention.policy.js';

/**
 * Reads a policy for Silgi's own tables and checks it whole; the database is not needed.
 *
 * @param text the content of the file, YAML 1.2
 * @param file its name, for messages
 * @param today 2026-12-01, in the controller's time zone
 * @throws PolicyRefused with every reason, in the order of the file
 */
export function readRetentionPolicy(text: string, file: string, today: string): RetentionPolicy {
  const { isReadable, ...written } = readYaml(text);
  if (!isReadable) throw new PolicyRefused(linesOf(file, written.unclear));
  return checkedPolicy(written, { name: file, tables: patientOwnedTables(), today, isDefault: false });
}

/**
 * The policy that is in force: that of the file that is named, or else the default one.
 *
 * @param told the path of the file, and in whose days it is today
 * @param option by which the file was named, for messages
 * @throws ConfigurationError with every line of what is wrong: it cannot be read, is none, or patients stand in a
 *   hospital's own tables, about which no policy is so far
 */
export async function retentionPolicyOf(
  told: { readonly retentionPolicy: string | undefined; readonly timeZone: string },
  option = 'RETENTION_POLICY',
): Promise<RetentionPolicy> {
  const { retentionPolicy: path, timeZone } = told;
  if (path === undefined) return defaultPolicy();
  if (adoptedTables() !== undefined)
    throw new ConfigurationError(
      `${option} must not be set where a declaration is in force: retention policies are for Silgi’s own tables so far.`,
    );
  const text = await contentOfFile(path, option);
  try {
    // Sweden writes a day as ISO 8601 does.
    return readRetentionPolicy(text, path, new Intl.DateTimeFormat('sv-SE', { timeZone }).format());
  } catch (error) {
    if (!(error instanceof PolicyRefused)) throw error;
    throw new ConfigurationError(
      `${error.message}\nThe retention policy is not in force, and nothing was changed.`,
    );
  }
}
