import { describe, expect, it } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { leafBytes, type SealableEvent, sealedLeafOf } from '../../src/transparency-log/index.js';

/** From before requests were kept with their events. */
const EVENT: SealableEvent = {
  patientId: '0198c5a2-7d1e-4c3b-9f60-2b7a51e0c914',
  auditEventId: '019ac10f-52b8-7011-b7c3-1f4e8d2a6b95',
  action: 'SYSTEM_DELETE_PATIENT',
  actor: 'işıl@hospital.example',
  actorRole: 'system-admin',
  reason: 'DATA_SUBJECT_REQUEST',
  legalBasis: 'KVKK_ART_7',
  deletionId: '019ac10f-52b7-7e31-8a4d-6c2f90b1d8e7',
  purged: [{ shard: 'clinical', resources: [{ resourceType: 'Diagnosis', table: 'sharded_tani', rows: 9 }] }],
  failure: null,
  requestId: '7b0c3f6e-1c5a-4b5e-9d55-0f6f3f1f2c11',
  actorSource: null,
  requestedAt: null,
  occurredAt: '2026-11-23T14:05:09.182Z',
  salt: '3f1c9a52-0b6d-4e87-a1f4-5d2c8e7b9a60',
};

describe('a sealed leaf', () => {
  it('is canonical JSON: its keys in order, without a space, the same whatever the order they came in', () => {
    const text = Buffer.from(leafBytes(sealedLeafOf(EVENT))).toString();
    expect(text).toMatch(
      /^\{"action":"SYSTEM_DELETE_PATIENT","actor":"[\w-]{43}","actorRole":"system-admin","auditEventId":"019ac10f-52b8-7011-b7c3-1f4e8d2a6b95","deletionId":"019ac10f-52b7-7e31-8a4d-6c2f90b1d8e7","failure":null,"legalBasis":"KVKK_ART_7","occurredAt":"2026-11-23T14:05:09\.182Z","purged":\[\{"resources":\[\{"resourceType":"Diagnosis","rows":9,"table":"sharded_tani"\}\],"shard":"clinical"\}\],"reason":"DATA_SUBJECT_REQUEST","request":"[\w-]{43}","subject":"[\w-]{43}","v":1\}$/,
    );
    const purged = [
      {
        resources: [{ rows: 9, table: 'sharded_tani', resourceType: 'Diagnosis' }],
        shard: 'clinical' as const,
      },
    ];
    expect(leafBytes(sealedLeafOf({ ...EVENT, purged }))).toEqual(leafBytes(sealedLeafOf(EVENT)));
  });

  it('of an event that keeps its request is of version 2, and hides how the actor is known but for its kind', () => {
    const requestedAt = '2026-11-23T14:05:09.180Z';
    const terminal = { kind: 'TERMINAL', databaseLogin: 'silgi_admin', claimedName: 'Dr. Işıl' } as const;
    const leaf = sealedLeafOf({ ...EVENT, actorRole: null, actorSource: terminal, requestedAt });
    const key = Buffer.from('3f1c9a520b6d4e87a1f45d2c8e7b9a60', 'hex');
    const source = 'actor-source:{"claimedName":"Dr. Işıl","databaseLogin":"silgi_admin","kind":"TERMINAL"}';
    expect(leaf).toEqual({
      ...sealedLeafOf(EVENT),
      v: 2,
      actorRole: null,
      requestedAt,
      actorKind: 'TERMINAL',
      actorSource: createHmac('sha256', key).update(source).digest('base64url'),
    });
    expect(Buffer.from(leafBytes(leaf)).toString()).not.toMatch(/silgi_admin|Işıl/);
  });

  it('keys the hashes of personal data with the sixteen bytes of the salt', () => {
    const key = Buffer.from('3f1c9a520b6d4e87a1f45d2c8e7b9a60', 'hex');
    const keyed = (text: string) => createHmac('sha256', key).update(text).digest('base64url');
    expect(sealedLeafOf(EVENT)).toMatchObject({
      subject: keyed(`subject:${EVENT.patientId}`),
      actor: keyed(`actor:${EVENT.actor}`),
      request: keyed(`request:${EVENT.requestId}`),
    });
  });

  it('holds nobody’s id, and hides that two events are about the same patient', () => {
    const text = Buffer.from(leafBytes(sealedLeafOf(EVENT))).toString();
    for (const secret of [EVENT.patientId, EVENT.actor, EVENT.requestId, EVENT.salt])
      expect(text).not.toContain(secret);
    const second = sealedLeafOf({ ...EVENT, salt: '00000000-0000-4000-8000-000000000000' });
    expect(second.subject).not.toBe(sealedLeafOf(EVENT).subject);
  });
});
