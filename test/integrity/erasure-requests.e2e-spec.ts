import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { IntegrityScan } from '../../src/catalogue/index.js';
import { AskingPatient } from '../orchestrator/request.stage.js';
import { seedPatient } from '../support/patients.js';
import { openSilgi, type Silgi } from '../support/silgi.js';

const EVENT = 'audit.sharded_audit_event';
const REQUEST = 'patient.sharded_erasure_request';

let silgi: Silgi;
let patient: AskingPatient;

beforeAll(async () => {
  silgi = await openSilgi();
});
beforeEach(async () => {
  patient = new AskingPatient(silgi, await seedPatient(silgi.database, 1));
  const { request } = await patient.record();
  await patient.extend(request.erasureRequestId);
  await patient.refuse(request.erasureRequestId);
  const { request: other } = await patient.record({ channel: 'EMAIL' });
  await patient.withdraw(other.erasureRequestId);
  expect(await scan()).toEqual([]);
});
afterAll(() => silgi.close());

const scan = async () => {
  const { healthy, mismatches } = await silgi.app.get(IntegrityScan).run();
  expect(healthy).toBe(mismatches.length === 0);
  return mismatches;
};

/** Does as the owner what nobody may, looks, and removes all that the patient had of requests. */
async function foundAfter(statement: string): Promise<readonly unknown[]> {
  const session = await silgi.database.connect();
  await session.query(`ALTER TABLE ${EVENT} DISABLE TRIGGER append_only`);
  try {
    await session.query(statement.replaceAll('$1', `'${patient.patientId}'`));
    await session.query(`ALTER TABLE ${EVENT} ENABLE ALWAYS TRIGGER append_only`);
    return await scan();
  } finally {
    await session.query(`ALTER TABLE ${EVENT} DISABLE TRIGGER append_only`);
    for (const table of [EVENT, REQUEST])
      await session.query(`DELETE FROM ${table} WHERE patient_id = $1`, [patient.patientId]);
    await session.query(`ALTER TABLE ${EVENT} ENABLE ALWAYS TRIGGER append_only`);
    await session.end();
  }
}

const of = (action: string) =>
  `DELETE FROM ${EVENT} WHERE patient_id = $1 AND action = 'SYSTEM_${action}_ERASURE_REQUEST'`;
const change = (what: string, which: string) =>
  `UPDATE ${REQUEST} SET ${what} WHERE patient_id = $1 AND ${which}`;
const WITHOUT_EVENT = 'ERASURE_REQUEST_WITHOUT_AUDIT_EVENT';
const WITHOUT_REQUEST = 'AUDIT_EVENT_WITHOUT_ERASURE_REQUEST';

describe('the integrity scan finds', () => {
  it.each([
    ['requests that were removed', `DELETE FROM ${REQUEST} WHERE patient_id = $1`, [WITHOUT_REQUEST, 5]],
    ['requests whose recording is not in the log', of('RECORD'), [WITHOUT_EVENT, 2]],
    ['a request whose extension is not', of('EXTEND'), [WITHOUT_EVENT, 1]],
    ['a request whose refusal is not', of('REFUSE'), [WITHOUT_EVENT, 1]],
    ['a request whose withdrawal is not', of('WITHDRAW'), [WITHOUT_EVENT, 1]],
    ['another channel than the log has', change(`channel = 'OTHER'`, `channel = 'KEP'`), [WITHOUT_EVENT, 1]],
    ['another person', change(`closed_by = 'x'`, `closed_as = 'REFUSED'`), [WITHOUT_EVENT, 1]],
    ['another time', change(`extended_at = now()`, 'extended_at IS NOT NULL'), [WITHOUT_EVENT, 1]],
    ['another ground', change(`closing_ground = 'x'`, `closed_as = 'REFUSED'`), [WITHOUT_EVENT, 1]],
    [
      'a refusal called a withdrawal',
      change(`closed_as = 'WITHDRAWN'`, `channel = 'KEP'`),
      [WITHOUT_EVENT, 1],
    ],
    [
      'an extension that was taken away',
      change(
        'extension_reason = NULL, extended_by = NULL, extended_at = NULL, extended_event_id = NULL',
        'true',
      ),
      [WITHOUT_REQUEST, 1],
    ],
    [
      'a request that was opened again',
      change(
        'closed_as = NULL, closing_ground = NULL, closed_by = NULL, closed_at = NULL, closed_event_id = NULL',
        `channel = 'KEP'`,
      ),
      [WITHOUT_REQUEST, 1],
    ],
  ] as const)('%s', async (_, statement, [what, rows]) => {
    expect(await foundAfter(statement)).toEqual([{ what, rows }]);
  });
});
