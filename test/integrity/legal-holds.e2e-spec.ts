import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { ensureDatabaseRoles } from '../../src/postgres/database.roles.js';
import { migrationOptions } from '../../src/postgres/index.js';
import { KeepCasesOfHolds1764000035000 } from '../../src/postgres/migrations/1764000035000-keep-cases-of-holds.migration.js';
import { HeldPatient } from '../orchestrator/hold.stage.js';
import { seedPatient } from '../support/patients.js';
import { openSilgi, type Silgi } from '../support/silgi.js';
import { EVENT, foundAfter, mismatchesIn } from './record.tampering.js';

let silgi: Silgi;
let patient: HeldPatient;

beforeAll(async () => {
  silgi = await openSilgi();
});
beforeEach(async () => {
  patient = new HeldPatient(silgi, await seedPatient(silgi.database, 1));
  await patient.place();
  const second = await patient.place({ ground: 'REGULATOR' });
  await patient.release(second.hold.holdId);
  expect(await scan()).toEqual([]);
});
afterAll(() => silgi.close());

const scan = () => mismatchesIn(silgi);
const foundBy = (statement: string) =>
  foundAfter(statement, { silgi, patientId: patient.patientId, records: 'patient.sharded_legal_hold' });

describe('the integrity scan finds', () => {
  it.each([
    [
      'a hold that was removed',
      'DELETE FROM patient.sharded_legal_hold WHERE patient_id = $1 AND released_at IS NULL',
      'AUDIT_EVENT_WITHOUT_LEGAL_HOLD',
    ],
    [
      'a hold that was released by hand',
      `UPDATE patient.sharded_legal_hold SET released_at = now(), released_by = 'x'
       WHERE patient_id = $1 AND released_at IS NULL`,
      'LEGAL_HOLD_WITHOUT_AUDIT_EVENT',
    ],
    [
      'a hold whose placing is not in the log',
      `DELETE FROM ${EVENT} WHERE patient_id = $1 AND reason = 'LITIGATION'`,
      'LEGAL_HOLD_WITHOUT_AUDIT_EVENT',
    ],
    [
      'a hold whose release is not in the log',
      `DELETE FROM ${EVENT} WHERE patient_id = $1 AND action = 'SYSTEM_RELEASE_LEGAL_HOLD'`,
      'LEGAL_HOLD_WITHOUT_AUDIT_EVENT',
    ],
    [
      'a hold of which another has placed it than the log says',
      `UPDATE patient.sharded_legal_hold SET placed_by = 'x' WHERE patient_id = $1 AND released_at IS NULL`,
      'LEGAL_HOLD_WITHOUT_AUDIT_EVENT',
    ],
    [
      'a hold that was released by the event of another one',
      `UPDATE patient.sharded_legal_hold h SET released_at = o.released_at, released_by = o.released_by,
         release_ground = o.release_ground, released_event_id = o.released_event_id FROM patient.sharded_legal_hold o
       WHERE h.patient_id = $1 AND o.patient_id = $1 AND h.released_at IS NULL AND o.released_at IS NOT NULL`,
      'AUDIT_EVENT_WITHOUT_LEGAL_HOLD',
    ],
    [
      'a released hold that keeps the event of its release, and stands again',
      `UPDATE patient.sharded_legal_hold SET released_at = NULL WHERE patient_id = $1 AND released_at IS NOT NULL`,
      'LEGAL_HOLD_WITHOUT_AUDIT_EVENT',
    ],
    [
      'a released hold that is made to stand again',
      `UPDATE patient.sharded_legal_hold SET released_at = NULL, released_by = NULL, release_ground = NULL,
         released_event_id = NULL WHERE patient_id = $1`,
      'AUDIT_EVENT_WITHOUT_LEGAL_HOLD',
    ],
  ])('%s', async (_, statement, what) => {
    expect(await foundBy(statement)).toEqual([{ what, rows: 1 }]);
  });
});

it('the integrity scan has nothing against a hold from before it had a case, standing or released', async () => {
  const placed = `INSERT INTO patient.sharded_legal_hold (patient_id, hold_id, reason, placed_by, placed_at, released_by,
    released_at) VALUES ($1, $2, 'COURT', 'someone', now(), $3, $4)`;
  await silgi.database.query(placed, [patient.patientId, randomUUID(), null, null]);
  await silgi.database.query(placed, [patient.patientId, randomUUID(), 'someone', new Date()]);
  expect(await scan()).toEqual([]);
});

it('the integrity scan has nothing against holds whose migration was undone and done again', async () => {
  const dataSource = await new DataSource(await migrationOptions(silgi.database.url)).initialize();
  const queryRunner = dataSource.createQueryRunner();
  const migration = new KeepCasesOfHolds1764000035000();
  try {
    const before = await patient.holds();
    await migration.down(queryRunner);
    await expect(
      queryRunner.query(`SET ROLE silgi_restorer; UPDATE patient.sharded_legal_hold SET released_at = now()`),
    ).rejects.toThrow('permission denied');
    await queryRunner.query('RESET ROLE');
    await migration.up(queryRunner);
    await ensureDatabaseRoles(queryRunner, () => undefined);
    expect(await scan()).toEqual([]);
    expect(await patient.holds()).toEqual(before.map((hold) => Object.assign(hold, { reference: null })));
  } finally {
    await dataSource.destroy();
  }
});
