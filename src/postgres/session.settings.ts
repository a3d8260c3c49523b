/** Settings of a session by name, each as PostgreSQL writes it. */
export type Settings = Readonly<Record<string, string>>;

/**
 * What every session of Silgi says at connect of how its statements are planned, whatever the server, the database or
 * the login say. Only speed rests on it: a pooler may drop it (RELIABILITY rule 29).
 */
export const SESSION_SETTINGS: Settings = {
  // Compiling one of the short statements takes longer than a whole deletion.
  jit: 'off',
  enable_indexscan: 'on',
  enable_indexonlyscan: 'on',
  enable_bitmapscan: 'on',
};

/**
 * What a transaction says, in which every statement looks rows up by patient: a plan that scans a table is never right,
 * and one that was right once is right for ever. Without it, a plan that was made while a table was small or not
 * analysed yet would be kept until it is (docs/adr/0004-marks-are-statements.md).
 */
export const LOOKUP_SETTINGS: Settings = {
  ...SESSION_SETTINGS,
  enable_seqscan: 'off',
  random_page_cost: '4',
  // Starting a worker takes longer than any of the look-ups.
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
  const said = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
  return [before ?? '', ...said].join(' ').trim();
}
