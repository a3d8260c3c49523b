import { readFile, writeFile } from 'node:fs/promises';
import type { VerificationReport } from '../../src/transparency-log/index.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import {
  addEvents,
  type Instance,
  LOG_TABLES,
  makeHome,
  openInstance,
  sealedIds,
  tamper,
} from './log.stage.js';

/** Events of the log, sealed in rounds of these sizes. */
const ROUNDS = [5, 1, 6, 9];
export const SIZE = 21;

type Home = Awaited<ReturnType<typeof makeHome>>;

/** A log of {@link SIZE} events under four checkpoints, to be tampered with and put back. */
export class SealedLog {
  private constructor(
    readonly database: TestDatabase,
    readonly home: Home,
    readonly instance: Instance,
    /** The file of checkpoints, as it was. */
    readonly checkpoints: string,
    /** Audit event ids by leaf index. */
    readonly ids: readonly string[],
  ) {}

  static async open(): Promise<SealedLog> {
    const database = await createTestDatabase();
    const home = await makeHome();
    const instance = await openInstance(database, home);
    for (const count of ROUNDS) {
      await addEvents(database, count);
      await instance.sealAll();
    }
    for (const table of LOG_TABLES)
      await database.query(`CREATE TABLE public.kept_${table} AS TABLE audit.${table}`);
    const checkpoints = await readFile(home.checkpointsFile, 'utf8');
    return new SealedLog(database, home, instance, checkpoints, await sealedIds(database));
  }

  id(index: number): string {
    return this.ids[index] ?? '';
  }

  /** The condition that selects the event of this leaf. */
  event(index: number): string {
    return `audit_event_id = '${this.id(index)}'`;
  }

  verify(): Promise<VerificationReport> {
    return this.instance.verification.run();
  }

  /** @returns the id of an event that nobody has sealed */
  async addEvent(): Promise<string> {
    const [added = ''] = await addEvents(this.database, 1);
    return added;
  }

  tamper(...statements: string[]): Promise<void> {
    return tamper(this.database, ...statements);
  }

  /**
   * Leaves and nodes as somebody makes them who knows how, over the events that are there now, in their old order. The
   * genuine checkpoints are kept in `public.genuine`.
   */
  async rebuildTree(): Promise<void> {
    const strangersHome = await makeHome();
    await this.tamper(
      'CREATE TABLE public.genuine AS TABLE audit.audit_log_checkpoint',
      ...LOG_TABLES.slice(1).map((table) => `DELETE FROM audit.${table}`),
    );
    const stranger = await openInstance(this.database, strangersHome);
    await stranger.sealAll();
    await stranger.close();
    await strangersHome.remove();
  }

  /** Puts everything back, in the database and in the file outside. */
  async restore(): Promise<void> {
    await this.tamper(
      ...LOG_TABLES.map((table) => `DELETE FROM audit.${table}`),
      ...LOG_TABLES.map((table) => `INSERT INTO audit.${table} SELECT * FROM public.kept_${table}`),
      'DROP TABLE IF EXISTS public.genuine',
    );
    await writeFile(this.home.checkpointsFile, this.checkpoints);
  }

  async close(): Promise<void> {
    await this.instance.close();
    await this.database.drop();
    await this.home.remove();
  }
}
