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
 * What every session of Silgi says at connect and is checked for (RELIABILITY rule 29): whatever of it the server, the
 * database or the login say otherwise would make an answer false, or half of a statement be left out.
 */
export const SESSION_SETTINGS: Settings = {
  ...PLANNER,
  // By which whoever migrates sees that a service is connected, whatever its URL calls it (RELIABILITY rule 34).
  application_name: 'silgi',
  // What is read and written as text.
  client_encoding: 'UTF8',
  DateStyle: 'ISO, YMD',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  bytea_output: 'hex',
  extra_float_digits: '1',
  standard_conforming_strings: 'on',
  array_nulls: 'on',
  transform_null_equals: 'off',
  // Policies and generated columns are compared by their text, and names in them are qualified by the path.
  quote_all_identifiers: 'off',
  search_path: 'public, pg_temp',
  // What a transaction may do, and which rows it meets.
  row_security: 'on',
  default_transaction_isolation: 'read committed',
  default_transaction_read_only: 'off',
  default_transaction_deferrable: 'off',
  // A statement that fails must leave its session for the ROLLBACK.
  exit_on_error: 'off',
};

/** As long as a deletion waits for a lock (RELIABILITY rules 8 and 32). */
export const LOCK_TIMEOUT = '2s';

/** What every session of the service's pool begins with: no read waits for a lock longer than a deletion does (rule 32). */
export const POOL_SETTINGS: Settings = { ...SESSION_SETTINGS, lock_timeout: LOCK_TIMEOUT };

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

/**
 * What a transaction says that reads lines of a list in pages. A page follows an index and ends where it is full; a plan
 * that sorts, or collects places in a bitmap first, reads all of the list for each page, and is chosen wherever the
 * planner takes a list for shorter than it is.
 */
export const ORDERED_SETTINGS: Settings = {
  ...PLANNER,
  enable_seqscan: 'off',
  enable_bitmapscan: 'off',
  enable_sort: 'off',
  max_parallel_workers_per_gather: '0',
};

/**
 * What a statement says that looks for the few that have something, by an index of words: the bitmap of such an index is
 * the one way that is left. None of its matches may be left out at random.
 */
export const FINDING_SETTINGS: Settings = {
  ...PLANNER,
  enable_seqscan: 'off',
  enable_indexscan: 'off',
  enable_indexonlyscan: 'off',
  max_parallel_workers_per_gather: '0',
  gin_fuzzy_search_limit: '0',
};

/** One statement that sets all of these until the transaction ends. */
export function setLocally(settings: Settings): string {
  const calls = Object.entries(settings).map(([name, value]) => `set_config('${name}', '${value}', true)`);
  return `SELECT ${calls.join(', ')}`;
}
