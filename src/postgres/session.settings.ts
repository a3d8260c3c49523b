/** Settings of a session by name, each as PostgreSQL writes it. */
export type Settings = Readonly<Record<string, string>>;

/** How short statements are planned, whatever the server, the database or the login say. */
const PLANNER: Settings = {
  // Compiling one of them takes longer than a whole deletion.
  jit: 'off',
  enable_indexscan: 'on',
  enable_indexonlyscan: 'on',
  enable_bitmapscan: 'on',
};

/**
 * What every session of Silgi says at connect. A pooler may drop it (RELIABILITY rule 29), so nothing that is stored
 * rests on it: without it, statements take longer, rounds of sealing meet conflicts and are repeated, and an integrity
 * scan may report a drift that is none.
 */
export const SESSION_SETTINGS: Settings = {
  ...PLANNER,
  default_transaction_isolation: 'read committed',
  // Policies and generated columns are compared by their text.
  quote_all_identifiers: 'off',
};

/**
 * What a transaction says, in which every statement looks rows up by patient: a plan that scans a table is never right,
 * and one that was right once is right for ever. Without it, a plan that was made while a table was small or not
 * analysed yet would be kept until it is (docs/adr/0004-marks-are-statements.md).
 */
export const LOOKUP_SETTINGS: Settings = {
  ...PLANNER,
  enable_seqscan: 'off',
  random_page_cost: '4',
  // Starting a worker takes longer than any of the lookups.
  max_parallel_workers_per_gather: '0',
  plan_cache_mode: 'force_generic_plan',
};

/** One statement that sets all of these until the transaction ends. */
export function setLocally(settings: Settings): string {
  const calls = Object.entries(settings).map(([name, value]) => `set_config('${name}', '${value}', true)`);
  return `SELECT ${calls.join(', ')}`;
}

/** The startup parameter `options`: what was there before, then the settings, of which the last word counts. */
export function startupOptions(before: string | undefined, settings: Settings): string {
  const said = Object.entries(settings).map(
    ([name, value]) => `-c ${name}=${value.replace(/[\\ ]/g, '\\$&')}`,
  );
  return [before ?? '', ...said].join(' ').trim();
}
