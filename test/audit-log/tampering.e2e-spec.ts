import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { SealedLog, SIZE } from './tampering.stage.js';

let log: SealedLog;

beforeAll(async () => {
  log = await SealedLog.open();
});

afterEach(() => log.restore());

afterAll(() => log.close());

describe('a superuser in the database who', () => {
  it('touches nothing is told that all is well', async () => {
    expect(await log.verify()).toMatchObject({
      valid: true,
      size: SIZE,
      proven: SIZE,
      checkpoints: 4,
      checkpointsInFile: 4,
      firstBadEvent: null,
      findings: [],
      unsealed: { events: 0, oldestSeconds: 0 },
    });
  });

  it.each([
    'patient_id = gen_random_uuid()',
    "action = 'SYSTEM_DELETE_PATIENT_FAILED'",
    "actor = 'somebody else'",
    "actor_role = 'auditor'",
    'actor_role = NULL',
    "reason = 'COURT_ORDER'",
    "legal_basis = 'GDPR_ART_17_1_A'",
    'deletion_id = gen_random_uuid()',
    `purged = jsonb_set(purged, '{0,resources,0,rows}', '2')`,
    `purged = jsonb_set(purged, '{0,resources,0,rows}', '3.00000000000000000000001')`,
    `purged = jsonb_set(purged, '{0,resources,0,rows}', '1e400')`,
    `purged = (repeat('[', 5000) || repeat(']', 5000))::jsonb`,
    'purged = NULL',
    `failure = '{"code": "SHARD_FAILED"}'`,
    "request_id = ''",
    "occurred_at = occurred_at + interval '1 microsecond'",
    "occurred_at = (to_char(occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') || '+00 BC')::timestamptz",
    "occurred_at = 'infinity'",
    'salt = gen_random_uuid()',
    "requested_at = requested_at + interval '1 microsecond'",
    "requested_at = 'infinity'",
    'requested_at = NULL',
    `actor_source = jsonb_set(actor_source, '{kind}', '"TERMINAL"')`,
    `actor_source = jsonb_set(actor_source, '{issuer}', '"https://other.example"')`,
    `actor_source = actor_source || '{"more": 1.00}'`,
    'actor_source = NULL',
    'requested_at = NULL, actor_source = NULL',
  ])('edits an event (%s) is found out', async (change) => {
    await log.tamper(`UPDATE audit.sharded_audit_event SET ${change} WHERE ${log.event(7)}`);
    const report = await log.verify();
    expect(report.valid).toBe(false);
    expect(report.firstBadEvent).toMatchObject({ what: 'EDITED', leafIndex: 7, auditEventId: log.id(7) });
    // The last checkpoint before it still holds.
    expect(report.proven).toBe(6);
  });

  it('edits several events is told of the first', async () => {
    await log.tamper(
      `UPDATE audit.sharded_audit_event SET actor = 'x' WHERE ${log.event(15)} OR ${log.event(2)}`,
    );
    expect((await log.verify()).firstBadEvent).toMatchObject({
      what: 'EDITED',
      leafIndex: 2,
      auditEventId: log.id(2),
    });
  });

  it('replaces the seal of an event is found out', async () => {
    await log.tamper(`UPDATE audit.audit_log_leaf SET leaf_hash = sha256('') WHERE leaf_index = 20`);
    expect((await log.verify()).firstBadEvent).toMatchObject({ what: 'EDITED', leafIndex: 20 });
  });

  it('removes an event is found out', async () => {
    await log.tamper(`DELETE FROM audit.sharded_audit_event WHERE ${log.event(9)}`);
    expect((await log.verify()).firstBadEvent).toMatchObject({
      what: 'REMOVED',
      leafIndex: 9,
      auditEventId: log.id(9),
    });
  });

  it('removes an event with its leaf is found out', async () => {
    await log.tamper(
      `DELETE FROM audit.sharded_audit_event WHERE ${log.event(9)}`,
      `DELETE FROM audit.audit_log_leaf WHERE ${log.event(9)}`,
    );
    expect((await log.verify()).firstBadEvent).toMatchObject({ what: 'REMOVED', leafIndex: 9 });
  });

  it('closes the gap behind a removed event is found out', async () => {
    await log.tamper(
      `DELETE FROM audit.sharded_audit_event WHERE ${log.event(9)}`,
      `DELETE FROM audit.audit_log_leaf WHERE ${log.event(9)}`,
      'UPDATE audit.audit_log_leaf SET leaf_index = leaf_index + 1000 WHERE leaf_index > 9',
      'UPDATE audit.audit_log_leaf SET leaf_index = leaf_index - 1001 WHERE leaf_index > 1000',
    );
    expect((await log.verify()).firstBadEvent).toMatchObject({
      what: 'REWRITTEN',
      leafIndex: 8,
      lastIndex: 9,
    });
  });

  it('inserts an event into the sealed part is found out', async () => {
    const added = await log.addEvent();
    await log.tamper(
      'UPDATE audit.audit_log_leaf SET leaf_index = leaf_index + 1000 WHERE leaf_index >= 10',
      'UPDATE audit.audit_log_leaf SET leaf_index = leaf_index - 999 WHERE leaf_index >= 1000',
      `INSERT INTO audit.audit_log_leaf VALUES (10, '${added}', sha256(''))`,
    );
    expect((await log.verify()).firstBadEvent).toMatchObject({
      what: 'EDITED',
      leafIndex: 10,
      auditEventId: added,
    });
  });

  it('inserts an event a second time is found out', async () => {
    await log.tamper(
      `CREATE TEMP TABLE copied AS SELECT * FROM audit.sharded_audit_event WHERE ${log.event(4)}`,
      'UPDATE copied SET patient_id = gen_random_uuid()',
      'INSERT INTO audit.sharded_audit_event SELECT * FROM copied',
    );
    const { valid, firstBadEvent } = await log.verify();
    expect({ valid, what: firstBadEvent?.what }).toEqual({
      valid: false,
      what: expect.stringMatching(/INSERTED|EDITED/),
    });
    expect(firstBadEvent).toMatchObject({ leafIndex: 4, auditEventId: log.id(4) });
  });

  it('inserts an event behind the last sealing, as if it were older, is found out', async () => {
    const added = await log.addEvent();
    expect(await log.verify()).toMatchObject({ valid: true, unsealed: { events: 1 } });
    await log.tamper(
      `UPDATE audit.sharded_audit_event SET inserted_by = '3' WHERE audit_event_id = '${added}'`,
    );
    const report = await log.verify();
    expect(report.valid).toBe(false);
    expect(report.firstBadEvent).toMatchObject({ what: 'INSERTED', leafIndex: null, auditEventId: added });
  });

  it.each([SIZE, 1_000_000_000_000])(
    'inserts an event with a leaf in place %d, that no checkpoint covers, is found out',
    async (leafIndex) => {
      const added = await log.addEvent();
      await log.tamper(`INSERT INTO audit.audit_log_leaf VALUES (${leafIndex}, '${added}', sha256(''))`);
      expect((await log.verify()).firstBadEvent).toMatchObject({
        what: 'INSERTED',
        leafIndex,
        auditEventId: added,
      });
    },
  );

  it.each([
    ['that cannot be counted', '9007199254740993'],
    ['that is the largest of all', '9223372036854775807'],
  ])('inserts an event with a leaf in a place %s is found out', async (_, place) => {
    const added = await log.addEvent();
    await log.tamper(`INSERT INTO audit.audit_log_leaf VALUES (${place}, '${added}', sha256(''))`);
    expect(await log.verify()).toMatchObject({
      valid: false,
      size: SIZE,
      proven: SIZE,
      firstBadEvent: { what: 'INSERTED', leafIndex: null, auditEventId: added },
    });
  });

  it.each(['-1', 'NULL'])('inserts an event with a leaf in place %s is found out', async (place) => {
    const added = await log.addEvent();
    await log.tamper(
      'ALTER TABLE audit.audit_log_leaf DROP CONSTRAINT audit_log_leaf_leaf_index_check',
      'ALTER TABLE audit.audit_log_leaf DROP CONSTRAINT audit_log_leaf_pkey',
      'ALTER TABLE audit.audit_log_leaf ALTER leaf_index DROP NOT NULL',
      `INSERT INTO audit.audit_log_leaf VALUES (${place}, '${added}', sha256(''))`,
    );
    const { firstBadEvent } = await log.verify();
    await log.tamper(
      `DELETE FROM audit.audit_log_leaf WHERE audit_event_id = '${added}'`,
      'ALTER TABLE audit.audit_log_leaf ADD CHECK (leaf_index >= 0), ADD PRIMARY KEY (leaf_index)',
    );
    expect(firstBadEvent).toMatchObject({ what: 'INSERTED', leafIndex: null, auditEventId: added });
  });

  it('inserts an event that no transaction wrote, so that it is never sealed, is found out', async () => {
    const added = await log.addEvent();
    await log.tamper(
      'ALTER TABLE audit.sharded_audit_event ALTER inserted_by DROP NOT NULL',
      `UPDATE audit.sharded_audit_event SET inserted_by = NULL WHERE audit_event_id = '${added}'`,
    );
    const { firstBadEvent } = await log.verify();
    await log.tamper(
      `DELETE FROM audit.sharded_audit_event WHERE audit_event_id = '${added}'`,
      'ALTER TABLE audit.sharded_audit_event ALTER inserted_by SET NOT NULL',
    );
    expect(firstBadEvent).toMatchObject({ what: 'INSERTED', leafIndex: null, auditEventId: added });
  });

  it('lets two events change places is found out', async () => {
    await log.tamper(
      `UPDATE audit.audit_log_leaf SET audit_event_id = gen_random_uuid() WHERE leaf_index = 8`,
      `UPDATE audit.audit_log_leaf SET audit_event_id = '${log.id(8)}' WHERE leaf_index = 13`,
      `UPDATE audit.audit_log_leaf SET audit_event_id = '${log.id(13)}' WHERE leaf_index = 8`,
    );
    expect((await log.verify()).firstBadEvent).toMatchObject({
      what: 'REORDERED',
      leafIndex: 8,
      auditEventId: log.id(13),
    });
  });

  it.each([
    [9, 14],
    [8, 15],
    [8, 9],
  ])('lets two events change places with their seals (%d and %d) is found out', async (one, other) => {
    await log.tamper(
      `UPDATE audit.audit_log_leaf SET leaf_index = 999 WHERE leaf_index = ${one}`,
      `UPDATE audit.audit_log_leaf SET leaf_index = ${one} WHERE leaf_index = ${other}`,
      `UPDATE audit.audit_log_leaf SET leaf_index = ${other} WHERE leaf_index = 999`,
    );
    expect((await log.verify()).firstBadEvent).toMatchObject({
      what: 'REORDERED',
      leafIndex: one,
      auditEventId: log.id(other),
    });
  });

  it('cuts off the last events is found out', async () => {
    await log.tamper(
      `DELETE FROM audit.sharded_audit_event WHERE audit_event_id = ANY (ARRAY['${log.ids.slice(18).join("','")}']::uuid[])`,
      'DELETE FROM audit.audit_log_leaf WHERE leaf_index >= 18',
    );
    expect((await log.verify()).firstBadEvent).toMatchObject({
      what: 'TRUNCATED',
      leafIndex: 18,
      lastIndex: 20,
    });
  });
});
