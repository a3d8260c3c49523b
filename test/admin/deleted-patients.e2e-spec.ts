import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Role } from '../../src/auth/index.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type Api, expectProblem, openApi, REQUEST, SUBJECT } from './api.js';

describe('names of deleted patients', () => {
  let own: TestDatabase;
  let service: Api;
  const gone: string[] = [];

  beforeAll(async () => {
    own = await createTestDatabase();
    service = await openApi(own.url);
    for (const [given, hidden] of [
      ['Ada', false],
      ['Bora', true],
      ['Cem', true],
      ['Deniz', true],
    ] as const) {
      const id = randomUUID();
      await own.query(
        `INSERT INTO patient.sharded_patient_demographics (patient_id, given_name, family_name, record_number)
         VALUES ($1, $2, 'Çelik', $3)`,
        [id, given, `H-${given}`],
      );
      if (!hidden) continue;
      gone.push(id);
      if (given !== 'Deniz')
        await service.call('post', `/patients/${id}/deletions`, 'system-admin').send(REQUEST).expect(201);
    }
    // One that the hospital's own system has hidden.
    await own.query(
      'UPDATE patient.sharded_patient_demographics SET is_deleted = true, deleted_at = now() WHERE patient_id = $1',
      [gone[2]],
    );
  });

  afterAll(async () => {
    await service.close();
    await own.drop();
  });

  const reads = () =>
    own.query<{
      patient: string;
      deletion: string;
      actor: string;
      role: string;
      request: string;
      all: string;
    }>(
      `SELECT e.patient_id AS patient, coalesce(d.deletion_id::text, e.deletion_id::text) AS deletion, e.actor,
         e.actor_role AS role, e.request_id AS request, row_to_json(e)::text AS all
       FROM audit.sharded_audit_event e
       LEFT JOIN patient.sharded_patient_deletion d ON d.deletion_id = e.deletion_id AND d.patient_id = e.patient_id
       WHERE e.action = 'DELETED_PATIENT_READ' ORDER BY e.audit_event_id`,
    );
  const shown = async (query: string, role: Role) => {
    const answer = await service.call('get', `/patients?${query}`, role).expect(200);
    return (answer.body as { items: { givenName: string }[] }).items.map(({ givenName }) => givenName);
  };

  it('are shown to no system-admin, however they are asked for, and nothing is written', async () => {
    const refused = await service.call('get', '/patients?state=deleted', 'system-admin');
    expectProblem(refused, 403, 'FORBIDDEN');
    expect(refused.body).toHaveProperty('detail', expect.stringContaining('privacy-officer'));
    expectProblem(
      await service.call('get', '/patients?state=deleted&search=bora', 'system-admin'),
      403,
      'FORBIDDEN',
    );
    expect(await shown('', 'system-admin')).toEqual(['Ada']);
    expect(await shown('search=celik', 'system-admin')).toEqual([]);
    expect(await shown(`search=${encodeURIComponent('çelik')}`, 'system-admin')).toEqual(['Ada']);
    expect(await shown('search=bora', 'system-admin')).toEqual([]);
    expect(await reads()).toEqual([]);
  });

  it('are shown to a privacy-officer, and each that was shown is one audit event without the name', async () => {
    const asked = (query: string, id: string) =>
      service.call('get', `/patients?${query}`, 'privacy-officer').set('X-Request-Id', id).expect(200);
    await asked('state=live', 'r.1');
    await asked('search=nobody', 'r.2');
    expect(await reads()).toEqual([]);
    // The page shows two of three; the third is read to know whether there is more, and shown to nobody.
    const page = (await asked('state=deleted&limit=2', 'r.3')).body as { nextCursor: string };
    const events = await reads();
    expect(events.map(({ patient }) => patient)).toEqual([gone[0], gone[1]]);
    for (const event of events) {
      expect(event).toMatchObject({ actor: SUBJECT, role: 'privacy-officer', request: 'r.3' });
      expect(event.all).not.toMatch(/Bora|Cem|Çelik|H-/);
    }
    await asked(`state=deleted&cursor=${page.nextCursor}`, 'r.4');
    expect((await reads()).slice(2)).toMatchObject([
      { patient: gone[2], deletion: '00000000-0000-0000-0000-000000000000', request: 'r.4' },
    ]);
    await asked('', 'r.5');
    expect(await reads()).toHaveLength(6);
    const listed = await service
      .call('get', '/audit-events?action=DELETED_PATIENT_READ', 'auditor')
      .expect(200);
    expect((listed.body as { items: object[] }).items).toHaveLength(6);
  });

  it('are not answered where their event cannot be written', async () => {
    await own.query(
      `CREATE FUNCTION audit.refuse_read() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN IF NEW.action = 'DELETED_PATIENT_READ' THEN RAISE EXCEPTION 'no'; END IF; RETURN NEW; END $$`,
    );
    const trigger = (kind: string) =>
      own.query(
        `CREATE ${kind} ON audit.sharded_audit_event
         ${kind.includes('CONSTRAINT') ? 'DEFERRABLE INITIALLY DEFERRED' : ''}
         FOR EACH ROW EXECUTE FUNCTION audit.refuse_read()`,
      );
    const before = await reads();
    // At the statement, and at COMMIT.
    for (const kind of ['TRIGGER refuse BEFORE INSERT', 'CONSTRAINT TRIGGER refuse AFTER INSERT']) {
      await trigger(kind);
      const answer = await service.call('get', '/patients?state=deleted', 'privacy-officer');
      expectProblem(answer, 500, 'INTERNAL_ERROR');
      expect(answer.text).not.toMatch(/Bora|Cem|Deniz|Çelik/);
      await own.query('DROP TRIGGER refuse ON audit.sharded_audit_event');
    }
    expect(await reads()).toEqual(before);
    expect(await shown('state=live', 'privacy-officer')).toEqual(['Ada']);
  });
});
