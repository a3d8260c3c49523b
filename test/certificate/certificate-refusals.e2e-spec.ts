import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectProblem, REQUEST } from '../admin/api.js';
import { PATIENT_TABLES } from '../support/patients.js';
import { CertificateStage } from './certificate.stage.js';

let stage: CertificateStage;

beforeAll(async () => {
  stage = await CertificateStage.open();
});

afterAll(() => stage.close());

describe('a certificate is refused', () => {
  it.each(PATIENT_TABLES)('while a row in %s is live', async (table) => {
    const { patientId } = stage.deleted;
    const row = `ctid = (SELECT min(ctid) FROM ${table} WHERE patient_id = $1)`;
    await stage.tamper([`UPDATE ${table} SET is_deleted = false WHERE ${row}`, [patientId]]);
    const response = await stage.certificateOf(stage.deleted);
    expectProblem(response, 409, 'LIVE_ROWS_FOUND');
    expect((response.body as { detail: string }).detail).toContain(`(${table}: 1)`);
    await stage.tamper([`UPDATE ${table} SET is_deleted = true WHERE patient_id = $1`, [patientId]]);
    await stage.certificateOf(stage.deleted).expect(200);
  });

  it.each([
    ['names no audit event of it', `state = 'RESTORED', restored_at = now()`],
    [
      'is not in the audit log',
      `state = 'RESTORED', restored_at = now(), restoration_event_id = gen_random_uuid()`,
    ],
    [
      'was claimed and never completed',
      `state = 'CLAIMED', deleted_at = null, shards = null, audit_event_id = null`,
    ],
    ['shards, totalRows differs', `shards = jsonb_set(shards, '{0,resources,0,rows}', '2'), total_rows = 30`],
    ['totalRows differs', 'total_rows = 28'],
    ['reason differs', `reason = 'COURT_ORDER'`],
    ['legalBasis differs', `legal_basis = 'OTHER_LAW'`],
    ['requestedBy differs', `requested_by = 'somebody else'`],
    ['requestId differs', `request_id = 'another'`],
    ['deletedAt differs', `deleted_at = deleted_at + interval '1 day'`],
    ['requestedAt differs', `requested_at = requested_at - interval '1 microsecond'`],
    ['requestedBy, requestedAt differs', `requested_at = '2020-01-01', requested_by = 'x'`],
    ['is not in the audit log', `audit_event_id = gen_random_uuid()`],
  ])('where of the record one must say: %s', async (why, change) => {
    const of = await stage.deletePatient();
    await stage.tamper([
      `UPDATE patient.sharded_patient_deletion SET ${change} WHERE deletion_id = $1`,
      [of.deletionId],
    ]);
    const response = await stage.certificateOf(of);
    expectProblem(response, 409, 'CERTIFICATE_REFUSED');
    expect((response.body as { detail: string }).detail).toMatch(new RegExp(why));
  });

  it('where the record names the event of another deletion', async () => {
    const [of, other] = [await stage.deletePatient(), await stage.deletePatient()];
    const sql = 'UPDATE patient.sharded_patient_deletion SET audit_event_id = $1 WHERE deletion_id = $2';
    await stage.tamper([sql, [other.auditEventId, of.deletionId]]);
    const response = await stage.certificateOf(of);
    expectProblem(response, 409, 'CERTIFICATE_REFUSED');
    expect((response.body as { detail: string }).detail).toMatch(/: deletionId, patientId,[^.]+ differs/);
  });

  it('where record and sealed event were both changed to fit each other', async () => {
    const of = await stage.deletePatient();
    await stage.certificateOf(of).expect(200);
    const trigger = (verb: string): [string] => [
      `ALTER TABLE audit.sharded_audit_event ${verb} TRIGGER append_only`,
    ];
    await stage.tamper(
      trigger('DISABLE'),
      [
        `UPDATE audit.sharded_audit_event SET reason = 'COURT_ORDER' WHERE audit_event_id = $1`,
        [of.auditEventId],
      ],
      trigger('ENABLE ALWAYS'),
      [
        `UPDATE patient.sharded_patient_deletion SET reason = 'COURT_ORDER' WHERE deletion_id = $1`,
        [of.deletionId],
      ],
    );
    expectProblem(await stage.certificateOf(of), 500, 'AUDIT_LOG_DAMAGED');
    await stage.tamper(
      trigger('DISABLE'),
      [
        `UPDATE audit.sharded_audit_event SET reason = $2 WHERE audit_event_id = $1`,
        [of.auditEventId, REQUEST.reason],
      ],
      trigger('ENABLE ALWAYS'),
    );
  });

  it('until its event is sealed, and says when to ask again', async () => {
    await stage.database.query('REVOKE INSERT ON audit.audit_log_leaf FROM silgi_service');
    const of = await stage.deletePatient();
    const response = await stage.certificateOf(of);
    expectProblem(response, 503, 'AUDIT_EVENT_NOT_SEALED');
    expect(response.headers['retry-after']).toBe('5');
    await stage.database.query('GRANT INSERT ON audit.audit_log_leaf TO silgi_service');
    await stage.certificateOf(of).expect(200);
  });
});
