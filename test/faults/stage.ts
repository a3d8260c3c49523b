import type pg from 'pg';
import { DataSource } from 'typeorm';
import { createTestDatabase } from '../support/database.js';
import { digestOf } from '../support/patients.js';
import { until } from '../support/processes.js';
import { openSilgi, type Silgi } from '../support/silgi.js';
import { SteadyDatabase } from './steady.database.js';

/** So many rows every child table has of a patient. */
export const ROWS_PER_TABLE = 2;

/** The pool behind the service, as pg keeps it. */
interface Pool {
  readonly totalCount: number;
  readonly options: { max: number };
  on(event: 'connect', listener: (client: pg.Client) => void): unknown;
  off(event: 'connect', listener: (client: pg.Client) => void): unknown;
}

/** Where the cells of some faults are played: the product, its database, and a patient whom nobody deletes. */
export class Stage {
  private atAnswer: (() => Promise<void> | void) | undefined;
  private committed = false;

  protected constructor(
    readonly silgi: Silgi,
    readonly database: SteadyDatabase,
    private readonly bystander: { patientId: string; digest: string },
  ) {
    this.watchForTheAnswer();
  }

  /** The product on a new clone of the template. */
  static async open(): Promise<Stage> {
    return Stage.over(new SteadyDatabase(await createTestDatabase()));
  }

  /** The product on this database. */
  static async over(database: SteadyDatabase, url?: string): Promise<Stage> {
    return new Stage(...(await Stage.parts(database, url)));
  }

  protected static async parts(database: SteadyDatabase, url?: string) {
    const silgi = await openSilgi({ database, ...(url !== undefined && { url: () => url }) });
    const patientId = await database.seed(ROWS_PER_TABLE);
    const bystander = { patientId, digest: await digestOf(database, patientId) };
    return [silgi, database, bystander] as const;
  }

  get dataSource(): DataSource {
    return this.silgi.app.get(DataSource);
  }

  get pool(): Pool {
    return (this.dataSource.driver as unknown as { master: Pool }).master;
  }

  /** A session of another program in the same database. */
  session(): Promise<pg.Client> {
    return this.database.connect();
  }

  /** Ends the service's idle sessions from the server's side, and waits until the pool has noticed. */
  async endIdleSessions(): Promise<void> {
    await this.database.query(
      `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'silgi' AND state = 'idle'`,
    );
    await until(() => this.pool.totalCount === 0);
  }

  /** Does this once the next commit is acknowledged and before the caller hears of it. */
  whenCommitted(action: () => Promise<void> | void): void {
    this.committed = false;
    this.atAnswer = action;
    this.silgi.faults.onEnd = (step, error) => {
      this.committed ||= step === 'commit' && error === undefined;
    };
  }

  /** Whether the patient whom nobody deletes is as before. */
  async bystanderIsUntouched(): Promise<boolean> {
    return (await digestOf(this.database, this.bystander.patientId)) === this.bystander.digest;
  }

  async close(): Promise<void> {
    await this.silgi.close();
  }

  /** Giving the connection back is the last that a deletion does before it answers. */
  private watchForTheAnswer(): void {
    const { dataSource } = this;
    const create = dataSource.createQueryRunner.bind(dataSource);
    dataSource.createQueryRunner = (mode) => {
      const queryRunner = create(mode);
      const release = queryRunner.release.bind(queryRunner);
      queryRunner.release = async () => {
        const action = this.committed ? this.atAnswer : undefined;
        if (action !== undefined) this.atAnswer = undefined;
        await action?.();
        await release();
      };
      return queryRunner;
    };
  }
}

/** The stages of one file: cells that ask for the same kind share one. */
export class Stages {
  private readonly opened = new Map<() => Promise<Stage>, Promise<Stage>>();

  of(open: () => Promise<Stage>): Promise<Stage> {
    const stage = this.opened.get(open) ?? open();
    this.opened.set(open, stage);
    return stage;
  }

  async close(): Promise<void> {
    for (const stage of this.opened.values()) await (await stage).close();
  }
}
