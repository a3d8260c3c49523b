import { databaseUrl, onServer } from '../support/database.js';
import { StockServer } from '../support/stock.server.js';
import { migrate } from '../../src/postgres/index.js';
import { deleteInTurns, type PairsOptions, type Side } from './pairs.js';
import { Population } from './population.js';
import type { StockServerFigures } from './results.js';
import type { Bench } from './section.js';
import { WorkerProcess } from './worker.process.js';

const TABLE_ROWS = 10_000;

/**
 * Deletes patients on PostgreSQL as Debian ships it, in turns in a database with all of its defaults and in one whose
 * just-in-time compiler is off: by the protocol without HTTP.
 */
export async function measureStockServer(
  { cluster, say }: Bench,
  options: PairsOptions,
): Promise<StockServerFigures | { readonly skipped: string }> {
  const programs = await StockServer.find();
  if (programs === undefined) return { skipped: 'no PostgreSQL of Debian is installed' };
  const server = await StockServer.start(programs, cluster.path('stock'));
  try {
    const [row] = await onServer<{ server_version: string }>(server.url, 'SHOW server_version');
    say(`filling ${TABLE_ROWS} rows into each child table of PostgreSQL ${row?.server_version ?? ''}`);
    const { one, other, ...measured } = await withSide(server, 'without_compiler', ['jit = off'], (without) =>
      withSide(server, 'as_it_comes', [], (as) => deleteInTurns([without, as], options)),
    );
    return { postgres: row?.server_version ?? '', withoutCompiler: one, asItComes: other, ...measured };
  } finally {
    await server.stop();
  }
}

/** @param settings of the database, each as `name = value` */
async function withSide<T>(
  server: StockServer,
  name: string,
  settings: readonly string[],
  work: (side: Side) => Promise<T>,
): Promise<T> {
  await onServer(server.url, `CREATE DATABASE ${name} TEMPLATE template0`);
  for (const setting of settings) await onServer(server.url, `ALTER DATABASE ${name} SET ${setting}`);
  const url = databaseUrl(server.url, name);
  await migrate(url);
  const population = await Population.in(url);
  await population.addBackground(TABLE_ROWS);
  await population.vacuum();
  const driver = await WorkerProcess.start('orchestrator', { BENCH_DATABASE_URL: url });
  try {
    return await work({ population, driver });
  } finally {
    await driver.stop();
    await population.close();
  }
}
