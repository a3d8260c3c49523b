import { expect } from '@jest/globals';
import { IntegrityScan, type IntegrityReport } from '../../src/catalogue/index.js';
import type { Silgi } from '../support/silgi.js';

export const EVENT = 'audit.sharded_audit_event';

/** What the scan finds between records and events; it is healthy where that is nothing. */
export async function mismatchesIn(silgi: Silgi): Promise<IntegrityReport['mismatches']> {
  const { healthy, mismatches } = await silgi.app.get(IntegrityScan).run();
  expect(healthy).toBe(mismatches.length === 0);
  return mismatches;
}

/**
 * Does as the owner what nobody may, looks, and removes all that the patient had of events and of these records.
 *
 * @param statement in which `$1` is the patient
 * @param records the table of the records, `schema.table`
 */
export async function foundAfter(
  statement: string,
  { silgi, patientId, records }: { silgi: Silgi; patientId: string; records: string },
): Promise<IntegrityReport['mismatches']> {
  const session = await silgi.database.connect();
  await session.query(`ALTER TABLE ${EVENT} DISABLE TRIGGER append_only`);
  try {
    await session.query(statement.replaceAll('$1', `'${patientId}'`));
    await session.query(`ALTER TABLE ${EVENT} ENABLE ALWAYS TRIGGER append_only`);
    return await mismatchesIn(silgi);
  } finally {
    await session.query(`ALTER TABLE ${EVENT} DISABLE TRIGGER append_only`);
    for (const table of [EVENT, records])
      await session.query(`DELETE FROM ${table} WHERE patient_id = $1`, [patientId]);
    await session.query(`ALTER TABLE ${EVENT} ENABLE ALWAYS TRIGGER append_only`);
    await session.end();
  }
}
