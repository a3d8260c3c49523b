import { until } from '../support/processes.js';
import type { BenchCluster } from './bench.cluster.js';
import { type BenchIssuer, BenchService } from './bench.service.js';
import { Population } from './population.js';
import { WorkerProcess } from './worker.process.js';

/** What every section is given. */
export interface Bench {
  readonly cluster: BenchCluster;
  readonly issuer: BenchIssuer;
  readonly say: (line: string) => void;
}

/** A service on a database of its own, with somebody who asks it and somebody who fills it. */
export interface ServedDatabase {
  readonly url: string;
  readonly service: BenchService;
  readonly driver: WorkerProcess;
  readonly population: Population;
}

/**
 * Opens one, and takes it away when the work is done or has failed.
 *
 * @param settings variables of the service beside those of every section
 */
export async function withServedDatabase<T>(
  { cluster, issuer }: Bench,
  name: string,
  work: (served: ServedDatabase) => Promise<T>,
  settings: Readonly<Record<string, string>> = {},
): Promise<T> {
  const url = await cluster.createDatabase(name);
  const population = await Population.in(url);
  const service = await BenchService.start(url, cluster.path(name), issuer, settings);
  const driver = await WorkerProcess.start('http', service.variables);
  try {
    return await work({ url, service, driver, population });
  } finally {
    await driver.stop();
    await population.close();
    await service.stop();
    await cluster.dropDatabase(name);
  }
}

/** Waits until the service has sealed every audit event: nothing of its work is left to be done behind it. */
export function untilSealed(population: Population): Promise<void> {
  const unsealed = `SELECT (SELECT count(*) FROM audit.sharded_audit_event) - (SELECT count(*) FROM audit.audit_log_leaf) AS n`;
  return until(async () => (await population.query<{ n: string }>(unsealed))[0]?.n === '0', 60_000);
}
