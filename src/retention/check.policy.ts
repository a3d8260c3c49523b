import type { TableDeclaration } from '../shards/index.js';
import { linesOf, problemsOfShape, type Written } from '../yaml/index.js';
import { policySchema } from './policy.schema.js';
import { RetentionPolicy } from './retention.policy.js';

/** What is no retention policy: every reason is a line of its own, `file:line:column: what is wrong`. */
export class PolicyRefused extends Error {
  override readonly name = 'PolicyRefused';

  constructor(readonly lines: readonly string[]) {
    super(lines.join('\n'));
  }
}

/**
 * The policy that somebody has written.
 *
 * @param about.name of the file, for messages
 * @param about.tables which it has to be about, and no others
 * @param about.today 2026-12-01: nothing is signed off later; no day needed where nobody has signed
 * @throws PolicyRefused with every reason, in the order of the file
 */
export function checkedPolicy(
  { content, places, unclear }: Pick<Written, 'content' | 'places' | 'unclear'>,
  about: {
    readonly name: string;
    readonly tables: readonly TableDeclaration[];
    readonly today?: string;
    readonly isDefault: boolean;
  },
): RetentionPolicy {
  const { name, tables, today = '', isDefault } = about;
  const { data, error } = policySchema(tables, today).safeParse(content);
  const problems = [...unclear, ...problemsOfShape(error, places)];
  if (data === undefined || problems.length > 0) throw new PolicyRefused(linesOf(name, problems));
  const rules = tables.flatMap(({ resourceType, shard, table }) => {
    const rule = data.rules[resourceType];
    return rule === undefined ? [] : [{ resourceType, shard, table, ...rule }];
  });
  return new RetentionPolicy(rules, data.signedOff ?? null, isDefault);
}
