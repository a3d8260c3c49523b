import { expect, it } from '@jest/globals';
import { EmbeddedServer, migrate } from '../../src/database/index.js';
import { openApi } from '../admin/api.js';
import { ProductProcess } from '../admin/service.process.js';
import { SteadyDatabase } from '../faults/steady.database.js';
import { killWithChildren, until } from '../support/processes.js';
import { temporaryFolder } from '../support/run.folder.js';
import { deletedOnce, endOf, inShort, itemsOf, makeBatch, seedMany } from './batch.stage.js';

const PATIENTS = 200;
/** The server is killed when so many lines have come to their ends, and the only worker with it, or not. */
const CRASHES = [
  { at: 1, takesWorker: false },
  { at: 50, takesWorker: true },
  { at: 100, takesWorker: false },
  { at: 150, takesWorker: true },
];

/** For a start of the service and of the server, and what is left of a lease, beside other suites. */
const LIMIT_MS = 40_000;

it('a batch outlives SIGKILL of the database server, with its worker and without', async () => {
  const server = await EmbeddedServer.start({ dataDir: await temporaryFolder(), settings: { fsync: 'off' } });
  await migrate(server.url);
  const database = SteadyDatabase.at(server.url);
  const ids = await seedMany(database, PATIENTS);
  const api = await openApi(server.url, { env: { BATCH_CONCURRENCY: '0' } });
  const env = {
    DATABASE_URL: server.url,
    DATA_DIR: await temporaryFolder(),
    PORT: '0',
    BATCH_LEASE_MS: '1500',
  };
  let worker = new ProductProcess(['main.js'], env);
  try {
    const batchId = await makeBatch(api, ids);
    for (const { at, takesWorker } of CRASHES) {
      await until(async () => {
        const [row] = await database.query<{ finished: number }>(
          'SELECT finished FROM patient.sharded_deletion_batch WHERE batch_id = $1',
          [batchId],
        );
        return (row?.finished ?? 0) >= at;
      }, LIMIT_MS);
      if (takesWorker) worker.kill('SIGKILL');
      await killWithChildren(server.pid);
      await server.startAgain();
      if (takesWorker) worker = new ProductProcess(['main.js'], env);
    }
    const { state, counts, finished, totalRows } = await endOf(api, batchId, LIMIT_MS);
    expect({ state, finished, totalRows }).toEqual({
      state: 'COMPLETED',
      finished: PATIENTS,
      totalRows: PATIENTS * 15,
    });
    expect(counts).toMatchObject({ DELETED: PATIENTS, PENDING: 0, RUNNING: 0 });
    expect(inShort(await itemsOf(api, batchId))).toEqual(ids.map((_, index) => `${index + 1} DELETED`));
    expect(await deletedOnce(database, ids)).toBe(PATIENTS);
  } finally {
    worker.kill('SIGKILL');
    await worker.ends();
    await api.close();
    await database.drop();
    await server.stop();
  }
}, 180_000);
