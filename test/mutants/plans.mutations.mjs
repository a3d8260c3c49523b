import { mutantsOf } from './mutants.of.mjs';

/** Wrong versions of the settings by which every lookup keeps to its index, whatever the server was told. */

const settings = mutantsOf('src/postgres/session.settings.ts', 'orchestrator/plans');

const finding = mutantsOf('src/postgres/session.settings.ts', 'database/level-patients');

/** @type {import('./mutations.mjs').Mutation[]} */
export const PLANS_MUTATIONS = [
  settings('tables may be read through', [
    "  enable_seqscan: 'off',\n  random_page_cost",
    '  random_page_cost',
  ]),
  settings('the dearest lookups are compiled', ["  jit: 'off',\n", '']),
  settings('a server may forbid the lookups their indexes', ["  enable_indexscan: 'on',\n", '']),
  settings('the lookups may be shared out among processes', [
    "  max_parallel_workers_per_gather: '0',\n  plan_cache_mode",
    '  plan_cache_mode',
  ]),
  settings('a server may have every look-up planned anew', [
    "  plan_cache_mode: 'force_generic_plan',\n",
    '',
  ]),
  settings('a server may make an index dearer than a scan', ["  random_page_cost: '4',\n", '']),
  finding('a server may have matches left out at random', ["  gin_fuzzy_search_limit: '0',\n", '']),
  settings('what is said at connect is not said again where a pooler may have dropped it', [
    "  ...PLANNER,\n  enable_seqscan: 'off',\n  random_page_cost",
    "  enable_seqscan: 'off',\n  random_page_cost",
  ]),
];
