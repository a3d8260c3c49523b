import { z } from 'zod';
import { assertName, RequesterRefused, RETENTION_GROUNDS } from '../common/index.js';
import { rootTable, type TableDeclaration } from '../shards/index.js';
import { columnsOf } from './date.columns.js';
import { periodIn } from './period.js';
import { RETENTION_STARTS } from './retention.policy.js';

const LONGEST_NAME = 200;
const LAST_OF_ALL =
  'has no rule: the patient’s own record goes last, when nothing else of him remains; take it out';

const keep = z.string().transform((text, context) => {
  const period = periodIn(text);
  if (period !== undefined) return period;
  const message = 'must be whole years, months or days from P0D up to P100Y, such as P20Y, P18M or P1Y6M';
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

/** Who signs: a name is compared by its composed form (NFC), however it was typed. */
const signer = z.string().transform((text, context) => {
  const name = text.normalize('NFC');
  try {
    assertName(name, 'the name');
    if (Array.from(name).length <= LONGEST_NAME) return name;
  } catch (error) {
    if (!(error instanceof RequesterRefused)) throw error;
  }
  const message = `must be one line of 1 to ${LONGEST_NAME} characters, all of them visible`;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

/** @param today 2026-12-01 */
const pastDay = (today: string) =>
  z.string().superRefine((text, context) => {
    if (!z.iso.date().safeParse(text).success)
      context.addIssue({ code: 'custom', message: 'must be a calendar date such as 2026-11-30' });
    else if (text > today)
      context.addIssue({ code: 'custom', message: `is in the future: today is ${today}` });
  });

/** Columns of a table that say when the matter of a row was. */
function datesOf(owned: TableDeclaration) {
  const columns = columnsOf(owned);
  const offered = [...columns].flatMap(([name, { isDate, isMark }]) => (isDate && !isMark ? [name] : []));
  const among =
    offered.length === 0
      ? `: ${owned.table} has none that holds a date`
      : `: the dates of ${owned.table} are ${offered.join(', ')}`;
  return z.array(z.unknown()).transform((given, context) => {
    const say = (message: string, ...path: PropertyKey[]) => {
      context.addIssue({ code: 'custom', message, path });
    };
    if (given.length === 0) say(`must name a column${among}`);
    const names = given.filter((name) => typeof name === 'string');
    for (const [at, name] of given.entries()) {
      const column = typeof name === 'string' ? columns.get(name) : undefined;
      if (typeof name !== 'string') say('must be the name of a column', at);
      else if (column === undefined) say(`${name} is no column of ${owned.table}${among}`, at);
      else if (!column.isDate) say(`${name} holds no date, but ${column.type}${among}`, at);
      else if (column.isMark) say(`${name} is a mark of the deletion, and no date of the row${among}`, at);
      if (typeof name === 'string' && given.indexOf(name) !== at) say(`${name} is named twice`, at);
    }
    return names.sort();
  });
}

const ruleFor = (owned: TableDeclaration) =>
  z.strictObject({
    keep,
    from: z.enum(RETENTION_STARTS),
    dates: datesOf(owned),
    ground: z.enum(RETENTION_GROUNDS),
  });

type RawRule = z.infer<ReturnType<typeof ruleFor>>;

/**
 * What a policy has to look like.
 *
 * @param tables for each of which, but for the patient's own, there has to be a rule
 * @param today 2026-12-01, in the controller's time zone
 */
export function policySchema(tables: readonly TableDeclaration[], today: string) {
  const root = rootTable().resourceType;
  const rules: Record<string, z.ZodType<RawRule | undefined>> = {};
  for (const owned of tables) if (owned.resourceType !== root) rules[owned.resourceType] = ruleFor(owned);
  rules[root] = z.never({ error: LAST_OF_ALL }).optional();
  return z.strictObject({
    version: z.literal(1, { error: 'must be 1' }),
    signedOff: z.strictObject({ by: signer, on: pastDay(today) }).optional(),
    rules: z.strictObject(rules),
  });
}
