import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { Arena } from './arena.js';
import type { Change, Outcome } from './history.js';
import { Stream } from './stream.js';

const ISOLATION_LEVELS = ['READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE'];
/** What the hospital's system does to a patient's rows, by how often. */
const ACTS = { insert: 52, touch: 26, hide: 11, show: 11 } as const;
const MEAN_PAUSE_MS = 25;
const CONNECT_AGAIN_MS = 100;
/** SQLSTATEs after which the server itself has gone: it may have committed or not. */
const SERVER_GONE = /^(08|57P)/;

/** A session of the hospital's own system, which knows nothing of deletions and writes at every isolation level. */
export class HospitalWriter {
  private client: pg.Client | undefined;
  private readonly name: string;

  constructor(
    private readonly arena: Arena,
    number: number,
  ) {
    this.name = `writer-${number}`;
  }

  /** Writes until the run stops. */
  async work(): Promise<void> {
    const { seed, stopping } = this.arena;
    for (let turn = 0; !stopping.aborted; turn++) {
      const stream = new Stream(seed, this.name, turn);
      await pause(stream.gap(MEAN_PAUSE_MS));
      const client = await this.session();
      if (client !== undefined) await this.take(client, turn, stream);
    }
    await this.client?.end().catch(() => undefined);
  }

  private async session(): Promise<pg.Client | undefined> {
    if (this.client !== undefined) return this.client;
    const client = new pg.Client({
      connectionString: this.arena.hospital.urlOf('owner'),
      application_name: 'chaos writer',
      connectionTimeoutMillis: 5_000,
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query(`SET lock_timeout = '4s'; SET idle_in_transaction_session_timeout = '10s'`);
      return (this.client = client);
    } catch {
      void client.end().catch(() => undefined);
      await pause(CONNECT_AGAIN_MS);
      return undefined;
    }
  }

  private async take(client: pg.Client, turn: number, stream: Stream): Promise<void> {
    const { waves, clients, history } = this.arena;
    const around = waves.frontier + stream.between(-3 * clients, 2 * clients);
    const [patient] = await waves.near([around]);
    if (patient === undefined) return;
    const transaction = `${this.name}.${turn}`;
    const isolation = stream.pick(ISOLATION_LEVELS);
    const acts = Array.from({ length: stream.between(1, 3) }, () => stream.weighted(ACTS));
    const changes: Change[] = [];
    history.append({ kind: 'write', transaction, actor: this.name, isolation, patient });
    let committing = false;
    let outcome: Outcome;
    let failure: unknown;
    try {
      await client.query(`BEGIN ISOLATION LEVEL ${isolation}`);
      for (const act of acts) await this.change(client, act, patient, stream, changes);
      committing = true;
      outcome = (await client.query('COMMIT')).command === 'COMMIT' ? 'ok' : 'fail';
    } catch (error) {
      failure = error;
      const { code } = error as pg.DatabaseError;
      outcome = committing && (code === undefined || SERVER_GONE.test(code)) ? 'info' : 'fail';
      await this.clean(client);
    }
    const error = failure === undefined ? {} : { error: describe(failure) };
    history.append({ kind: 'written', transaction, patient, outcome, changes, ...error });
  }

  /** One statement; notes down which row it changed, or was to add. */
  private async change(
    client: pg.Client,
    act: Change['act'],
    patient: string,
    stream: Stream,
    changes: Change[],
  ): Promise<void> {
    const [table, text] = stream.pick([...this.arena.hospital.children]);
    if (act === 'insert') {
      const row = stream.uuid();
      changes.push({ act, table, row });
      await client.query(`INSERT INTO ${table} (patient_id, id, ${text}) VALUES ($1, $2, 'new')`, [
        patient,
        row,
      ]);
      return;
    }
    const set = {
      touch: `${text} = coalesce(${text}, '') || '.'`,
      hide: 'is_deleted = true, deleted_at = now()',
      show: 'is_deleted = false, deleted_at = NULL, deletion_id = NULL',
    }[act];
    // A row that is to be shown again may be one that a deletion has marked: that has to be refused.
    const { rows } = await client.query<{ id: string }>(
      `UPDATE ${table} SET ${set} WHERE patient_id = $1 AND id = (
         SELECT id FROM ${table} WHERE patient_id = $1 AND is_deleted = $2 ORDER BY id LIMIT 1) RETURNING id`,
      [patient, act === 'show'],
    );
    for (const { id } of rows) changes.push({ act, table, row: id });
  }

  /** Ends the transaction, or else the session. */
  private async clean(client: pg.Client): Promise<void> {
    try {
      await client.query('ROLLBACK');
    } catch {
      this.client = undefined;
      void client.end().catch(() => undefined);
    }
  }
}

function describe(error: unknown): string {
  const { code, message } = error as pg.DatabaseError;
  return code ?? message;
}
