import { expect, it } from '@jest/globals';
import { EmbeddedServer } from '../../src/embedded-postgres/index.js';
import { migrate } from '../../src/postgres/index.js';
import { openApi } from '../admin/api.js';
import { SteadyDatabase } from '../faults/steady.database.js';
import { killWithChildren, until } from '../support/processes.js';
import { temporaryFolder } from '../support/run.folder.js';
import {
  deletedOnce,
  endOf,
  finishedOf,
  inShort,
  itemsOf,
  makeBatch,
  seedMany,
  startWorker,
} from './batch.stage.js';

const PATIENTS = 200;
/** The server is killed when so many lines have come to their ends, and the only worker with it, or not. */
const CRASHES = [
  { at: 1, takesWorker: false },
  { at: 50, takesWorker: true },
  { at: 100, takesWorker: false },
  { at: 150, takesWorker: true },
];

/** For a start of the service and of the server, and what is left of a lease, beside other suites. */
const LIMIT_MS = 120_000;

it('a batch outlives SIGKILL of the database server, with its worker and without', async () => {
  const server = await EmbeddedServer.start({ dataDir: await temporaryFolder(), settings: { fsync: 'off' } });
  await migrate(server.url);
  const database = SteadyDatabase.at(server.url);
  const ids = await seedMany(database, PATIENTS);
  const api = await openApi(server.url, { env: { BATCH_CONCURRENCY: '0' } });
  let worker = await startWorker(database);
  try {
    const batchId = await makeBatch(api, ids);
    for (const { at, takesWorker } of CRASHES) {
      await until(async () => (await finishedOf(database, batchId)) >= at, LIMIT_MS);
      if (takesWorker) worker.kill('SIGKILL');
      await killWithChildren(server.pid);
      await server.startAgain();
      if (takesWorker) worker = await startWorker(database);
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
}, 600_000);
