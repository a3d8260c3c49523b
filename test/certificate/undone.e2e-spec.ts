import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Contract } from '../contract/contract.js';
import { documentOf } from '../contract/document.js';
import { verifyCertificate } from '../../src/certificate/index.js';
import { expectProblem, REQUEST } from '../admin/api.js';
import { CertificateStage, type Deleted } from './certificate.stage.js';

let stage: CertificateStage;
beforeAll(async () => {
  stage = await CertificateStage.open();
});
afterAll(() => stage.close());

describe('the certificate of a deletion that was undone', () => {
  let of: Deleted;
  let record: Record<string, string>;
  beforeAll(async () => {
    of = await stage.deletePatient();
    record = await stage.restore(of);
  });

  it('says so, from sealed events, in JSON and in PDF, in either language', async () => {
    const response = await stage.certificateOf(of).expect(200);
    const { certificate } = verifyCertificate(Buffer.from(response.text), stage.key);
    expect(certificate).toMatchObject({
      version: 3,
      deletionId: of.deletionId,
      deletedAt: of.deletedAt,
      shards: of.shards,
      ...REQUEST,
      restoration: {
        actorRole: 'privacy-officer',
        requestedVia: 'TOKEN',
        reason: 'DELETED_IN_ERROR',
        requestedAt: record['restoredAt'],
        restoredAt: record['restoredAt'],
        log: {
          leaf: { auditEventId: record['restorationEventId'], deletionId: of.deletionId, purged: of.shards },
        },
      },
      log: { leaf: { auditEventId: of.auditEventId } },
    });
    for (const language of ['en', 'tr']) {
      const pdf = await stage.asPdf(of, { 'Accept-Language': language }).expect(200);
      expect(verifyCertificate(pdf.body as Buffer, stage.key).certificate.version).toBe(3);
    }
    const { status, headers, text } = response;
    new Contract(documentOf(stage.api.app)).check({
      method: 'GET',
      target: `/api/v1/patients/${of.patientId}/deletions/${of.deletionId}/certificate`,
      status,
      headers,
      text,
    });
  });

  it('is given beside that of a deletion which followed it, and stands', async () => {
    const path = `/patients/${of.patientId}/deletions`;
    const again = await stage.api.call('post', path, 'system-admin').send(REQUEST).expect(201);
    const standing = await stage.certificateOf(again.body as Deleted).expect(200);
    expect(verifyCertificate(Buffer.from(standing.text), stage.key).certificate.version).toBe(2);
    const undone = await stage.certificateOf(of).expect(200);
    expect(verifyCertificate(Buffer.from(undone.text), stage.key).certificate.version).toBe(3);
  });

  it.each([
    ['restoredBy differs', `restored_by = 'somebody else'`],
    ['restorationReason differs', `restoration_reason = 'COURT_ORDER'`],
    ['restoredAt differs', `restored_at = restored_at + interval '1 day'`],
    ['names no audit event of it', 'restoration_event_id = NULL'],
    ['is not in the audit log', 'restoration_event_id = gen_random_uuid()'],
  ])('is refused where of the record one must say: %s', async (why, change) => {
    const other = await stage.deletePatient();
    await stage.restore(other);
    await stage.tamper([
      `UPDATE patient.sharded_patient_deletion SET ${change} WHERE deletion_id = $1`,
      [other.deletionId],
    ]);
    const response = await stage.certificateOf(other);
    expectProblem(response, 409, 'CERTIFICATE_REFUSED');
    expect((response.body as { detail: string }).detail).toMatch(new RegExp(why));
  });

  it('is refused where record and rows were set back as if nothing had been undone', async () => {
    const other = await stage.deletePatient();
    await stage.restore(other);
    const { patientId, deletionId } = other;
    const tables = other.shards.flatMap((count) => {
      const { shard, resources } = count as { shard: string; resources: { table: string }[] };
      return resources.map(({ table }) => `${shard}.${table}`);
    });
    await stage.tamper(
      ...tables.map((table): [string, unknown[]] => [
        `UPDATE ${table} SET is_deleted = true, deleted_at = $3, deletion_id = $2 WHERE patient_id = $1`,
        [patientId, deletionId, other.deletedAt],
      ]),
      [
        `UPDATE patient.sharded_patient_deletion SET state = 'DELETED', restored_at = NULL, restored_by = NULL,
           restoration_reason = NULL, restoration_event_id = NULL WHERE deletion_id = $1`,
        [deletionId],
      ],
    );
    const response = await stage.certificateOf(other);
    expectProblem(response, 409, 'CERTIFICATE_REFUSED');
    expect((response.body as { detail: string }).detail).toMatch(/contradict each other: state differs/);
  });
});
