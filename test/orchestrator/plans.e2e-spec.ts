import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EntityManager } from 'typeorm';
import { createTestDatabase } from '../support/database.js';
import { CHILD_TABLES, PATIENT_TABLES, seedPatient } from '../support/patients.js';
import {
  type ExecutedPlan,
  explainAll,
  nodesOf,
  plansOf,
  setForDatabase,
  shapeOf,
} from '../support/plans.js';
import { deletionOf, openSilgi, type Silgi } from '../support/silgi.js';

/** Each of them makes a deletion several times slower where it is left as it is. */
const HOSTILE: Readonly<Record<string, string>> = {
  jit: 'on',
  jit_above_cost: '0',
  jit_inline_above_cost: '0',
  jit_optimize_above_cost: '0',
  enable_seqscan: 'on',
  enable_indexscan: 'off',
  enable_indexonlyscan: 'off',
  enable_bitmapscan: 'off',
  random_page_cost: '1000000000',
  plan_cache_mode: 'force_custom_plan',
  max_parallel_workers_per_gather: '2',
  parallel_setup_cost: '0',
  parallel_tuple_cost: '0',
  min_parallel_table_scan_size: '0',
  min_parallel_index_scan_size: '0',
};
/** What a deletion says of them, where it is not PostgreSQL's own default; older servers weigh the cost of a page too. */
const STATED = /^(enable_.*|jit|random_page_cost|plan_cache_mode|max_parallel_workers_per_gather)$/;
const SAID = {
  jit: 'off',
  enable_seqscan: 'off',
  max_parallel_workers_per_gather: '0',
  plan_cache_mode: 'force_generic_plan',
};

describe('how the statements of a deletion are planned', () => {
  const opened: Silgi[] = [];
  let asItComes: ExecutedPlan[];
  beforeAll(async () => {
    asItComes = await plansOfOneDeletion(await open());
  });
  afterAll(async () => {
    for (const silgi of opened) {
      await silgi.assertNothingLeaked();
      await silgi.close();
    }
  });

  /** A database of small tables that the planner knows to be small, and that nothing analyses again. */
  async function open(settings: Readonly<Record<string, string>> = {}): Promise<Silgi> {
    const database = await createTestDatabase();
    await seedPatient(database, 1);
    for (const table of PATIENT_TABLES) {
      await database.query(`ALTER TABLE ${table} SET (autovacuum_enabled = off)`);
      await database.query(`ANALYZE ${table}`);
    }
    await explainAll(database);
    await setForDatabase(database, settings);
    const silgi = await openSilgi({ database });
    opened.push(silgi);
    // The first deletion reads the catalogue in full.
    await remove(silgi);
    return silgi;
  }

  const remove = async (silgi: Silgi) =>
    silgi.orchestrator.deletePatient(deletionOf(await seedPatient(silgi.database, 1)));

  const plansOfOneDeletion = (silgi: Silgi) => plansOf(silgi.app, () => remove(silgi));

  /** Nothing is planned otherwise, and nothing is compiled. */
  function expectTheSame(plans: readonly ExecutedPlan[]): void {
    expect(plans.map(shapeOf)).toEqual(asItComes.map(shapeOf));
    for (const { Settings = {} } of plans) {
      const ours = Object.entries(Settings).filter(([name]) => STATED.test(name));
      expect(Object.fromEntries(ours)).toEqual(SAID);
    }
    expect(plans.filter(({ JIT }) => JIT !== undefined)).toEqual([]);
  }

  it('no table is read through, also where the plans were made while the tables were small', async () => {
    const silgi = await open();
    for (const table of CHILD_TABLES)
      await silgi.database.query(
        `INSERT INTO ${table} (patient_id, id) SELECT patient_id, gen_random_uuid()
         FROM patient.sharded_patient_demographics, generate_series(1, 500) WHERE NOT is_deleted`,
      );
    const nodes = (await plansOfOneDeletion(silgi)).flatMap(({ Plan }) => nodesOf(Plan));
    const found = (schema: RegExp, type: RegExp) =>
      nodes.filter((node) => schema.test(node.Schema ?? '') && type.test(node['Node Type']));
    const shard = /^(patient|clinical|finance|audit)$/;
    // Fourteen tables are counted, marked, and looked through once more, twice by their keys to the patient.
    expect(found(shard, /^Index|^Bitmap Heap/).length).toBeGreaterThan(3 * CHILD_TABLES.length);
    expect(found(shard, /^Seq Scan/)).toEqual([]);
  });

  it('they are planned in the same way, and not compiled, where the database sets the planner against them', async () => {
    expectTheSame(await plansOfOneDeletion(await open(HOSTILE)));
  });

  it('and the catalogue is not read in full for what is set for another database of the server', async () => {
    const silgi = await open();
    const other = await createTestDatabase();
    await setForDatabase(other, { work_mem: '8MB' });
    expectTheSame(await plansOfOneDeletion(silgi));
    await other.drop();
  });

  it('also where what their session has said at connect was lost on the way', async () => {
    const silgi = await open();
    for (const [name, value] of Object.entries(HOSTILE))
      await silgi.app.get(EntityManager).query(`SET ${name} = '${value}'`);
    expectTheSame(await plansOfOneDeletion(silgi));
  });
});
