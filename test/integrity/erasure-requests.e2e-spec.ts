import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AskingPatient } from '../orchestrator/request.stage.js';
import { seedPatient } from '../support/patients.js';
import { openSilgi, type Silgi } from '../support/silgi.js';
import { EVENT, foundAfter, mismatchesIn } from './record.tampering.js';

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

const scan = () => mismatchesIn(silgi);
const foundBy = (statement: string) =>
  foundAfter(statement, { silgi, patientId: patient.patientId, records: REQUEST });

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
    expect(await foundBy(statement)).toEqual([{ what, rows }]);
  });
});
