import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import type { History, Rows } from './history.js';
import type { Hospital } from './hospital.js';
import { Stream } from './stream.js';

const WAVE = 400;
const WAVES_PER_ANALYZE = 8;
const HELD = 0.015;
const TRY_AGAIN_MS = 100;
/** Most children have no row at all in some tables; three are as good as three hundred to find one forgotten. */
const ROWS_PER_TABLE = { '0': 45, '1': 30, '2': 15, '3': 10 } as const;

/** Makes patients in bulk, ahead of those who want them. Patient number n is the same in every run of a seed. */
export class PatientWaves {
  private readonly made = new Map<number, Promise<readonly string[]>>();
  private furthest = 0;

  constructor(
    private readonly seed: string,
    private readonly hospital: Pick<Hospital, 'control' | 'children'>,
    private readonly history: History,
  ) {}

  /** The highest number that anybody has asked for. */
  get frontier(): number {
    return this.furthest;
  }

  /** The id of a patient that is in the database when this returns. */
  async patient(number: number): Promise<string> {
    this.furthest = Math.max(this.furthest, number);
    const wave = Math.floor(number / WAVE);
    const patients = await this.make(wave);
    // Not awaited: whoever needs it comes to it by `patient`.
    this.make(wave + 1).catch(() => undefined);
    return patients[number % WAVE] ?? '';
  }

  /** Ids of patients around the frontier that are in the database already. */
  async near(numbers: readonly number[]): Promise<string[]> {
    const ids: string[] = [];
    for (const number of numbers) {
      const wave = this.made.get(Math.floor(Math.max(0, number) / WAVE));
      const id = (await wave)?.[Math.max(0, number) % WAVE];
      if (id !== undefined) ids.push(id);
    }
    return ids;
  }

  private make(wave: number): Promise<readonly string[]> {
    const known = this.made.get(wave);
    if (known !== undefined) return known;
    const making = this.insertUntilThere(wave);
    this.made.set(wave, making);
    return making;
  }

  private async insertUntilThere(wave: number): Promise<readonly string[]> {
    const stream = new Stream(this.seed, 'wave', wave);
    const patients = Array.from({ length: WAVE }, () => stream.uuid());
    const held = patients.filter(() => stream.chance(HELD));
    const rows: Record<string, number> = {};
    for (const table of this.hospital.children.keys()) {
      const drawn = Number(stream.weighted(ROWS_PER_TABLE));
      if (drawn > 0) rows[table] = drawn;
    }
    let first: unknown;
    for (let attempt = 0; attempt < 600; attempt++) {
      try {
        await this.insert(patients, held, rows);
        this.history.append({ kind: 'wave', patients, held, rows });
        if (wave % WAVES_PER_ANALYZE === 0) void this.analyze();
        return patients;
      } catch (error) {
        // The server is killed now and then, also under this.
        first ??= error;
        await pause(TRY_AGAIN_MS);
      }
    }
    throw new Error('The patients could not be made.', { cause: first });
  }

  /** A server that is killed every few seconds forgets what was written, and autovacuum never sets out. */
  private async analyze(): Promise<void> {
    await this.hospital.control.query('ANALYZE').catch(() => undefined);
  }

  private async insert(patients: readonly string[], held: readonly string[], rows: Rows): Promise<void> {
    const client = await this.hospital.control.connect();
    let broken = true;
    try {
      await client.query('BEGIN');
      if (await insertDemographics(client, patients)) {
        for (const [table, each] of Object.entries(rows)) {
          await client.query(
            `INSERT INTO ${table} (patient_id, id)
             SELECT p, gen_random_uuid() FROM unnest($1::uuid[]) p, generate_series(1, $2)`,
            [patients, each],
          );
        }
        await client.query(
          `INSERT INTO patient.sharded_legal_hold (patient_id, hold_id, reason, placed_by, placed_at)
           SELECT p, gen_random_uuid(), 'COURT_ORDER', 'officer', now() FROM unnest($1::uuid[]) p`,
          [held],
        );
      }
      if ((await client.query('COMMIT')).command !== 'COMMIT') throw new Error('The wave was rolled back.');
      broken = false;
    } finally {
      client.release(broken);
    }
  }
}

/** @returns false where an earlier attempt had committed unnoticed: all of the wave is there then */
async function insertDemographics(client: pg.PoolClient, patients: readonly string[]): Promise<boolean> {
  const { rowCount } = await client.query(
    `INSERT INTO patient.sharded_patient_demographics (patient_id, record_number, given_name, family_name)
     SELECT p, 'H-' || left(p::text, 8), 'Işıl', 'Yıldız' FROM unnest($1::uuid[]) p ON CONFLICT DO NOTHING`,
    [patients],
  );
  return rowCount !== 0;
}
