import pg from 'pg';
import { until } from '../support/processes.js';

/** Sessions of a hospital's own system that write without a pause, and note how long each statement took. */
export class HospitalWriters {
  private readonly times: number[] = [];
  private isStopped = false;
  private readonly work: Promise<unknown>;

  private constructor(private readonly clients: readonly pg.Client[]) {
    this.work = Promise.all(clients.map((client, number) => this.write(client, number)));
    this.work.catch(() => undefined);
  }

  static async start(url: string, sessions: number): Promise<HospitalWriters> {
    const clients = Array.from(
      { length: sessions },
      () => new pg.Client({ connectionString: url, application_name: 'bench hospital writer' }),
    );
    for (const client of clients) await client.connect();
    return new HospitalWriters(clients);
  }

  /** @returns how long each statement that ended meanwhile took, in milliseconds */
  async during(work: () => Promise<unknown>): Promise<number[]> {
    const from = this.times.length;
    await work();
    return this.times.slice(from);
  }

  /** Waits until so many more statements have ended. */
  async written(statements: number): Promise<void> {
    const wanted = this.times.length + statements;
    await Promise.race([until(() => this.times.length >= wanted, 600_000), this.work]);
  }

  /** @throws what a statement failed with */
  async stop(): Promise<void> {
    this.isStopped = true;
    try {
      await this.work;
    } finally {
      for (const client of this.clients) await client.end();
    }
  }

  private async write(client: pg.Client, number: number): Promise<void> {
    for (let n = 1; !this.isStopped; n++) {
      const key = 1 + ((n * 7919 + number) % 1000);
      // By turns: a row of the table that gets a key and an index, and the patient whom a trigger watches.
      const [text, values] =
        n % 2 === 0
          ? ['INSERT INTO his.event VALUES ($1, $2, now(), 1)', [n, key]]
          : ['UPDATE his.person SET surname = $1 WHERE person_no = $2', [`Yıldız ${n}`, key]];
      const started = performance.now();
      await client.query({ name: `write ${n % 2}`, text: text, values: values });
      this.times.push(performance.now() - started);
    }
  }
}
