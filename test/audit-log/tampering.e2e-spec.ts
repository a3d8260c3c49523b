import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { open, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  checkExport,
  CheckpointFile,
  exportLog,
  type Finding,
  notesIn,
  type VerificationReport,
} from '../../src/transparency-log/index.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { addEvents, type Instance, LOG_TABLES, makeHome, openInstance, tamper } from './log.stage.js';

/** Events of the log, sealed in rounds of these sizes. */
const ROUNDS = [5, 1, 6, 9];
const SIZE = 21;

let database: TestDatabase;
let home: Awaited<ReturnType<typeof makeHome>>;
let instance: Instance;
let checkpoints: string;
/** Audit event ids by leaf index. */
let ids: string[];
let lines: string[];

beforeAll(async () => {
  database = await createTestDatabase();
  home = await makeHome();
  instance = await openInstance(database, home);
  for (const count of ROUNDS) {
    await addEvents(database, count);
    await instance.sealAll();
  }
  checkpoints = await readFile(home.checkpointsFile, 'utf8');
  const rows = await database.query<{ id: string }>(
    'SELECT audit_event_id AS id FROM audit.audit_log_leaf ORDER BY leaf_index',
  );
  ids = rows.map(({ id }) => id);
  lines = [];
  await exportLog(instance.manager, SIZE, (text) => {
    lines.push(...text.split('\n').slice(0, -1));
    return Promise.resolve();
  });
  for (const table of LOG_TABLES)
    await database.query(`CREATE TABLE public.kept_${table} AS TABLE audit.${table}`);
});

afterAll(async () => {
  await instance.close();
  await database.drop();
  await home.remove();
});

const id = (index: number) => ids[index] ?? '';
const event = (index: number) => `audit_event_id = '${id(index)}'`;
const verify = (): Promise<VerificationReport> => instance.verification.run();

/** Leaves and nodes as somebody makes them who knows how, over the events that are there now, in their old order. */
async function rebuildTree(): Promise<void> {
  const strangersHome = await makeHome();
  await tamper(
    database,
    'CREATE TABLE public.genuine AS TABLE audit.audit_log_checkpoint',
    ...LOG_TABLES.slice(1).map((table) => `DELETE FROM audit.${table}`),
  );
  const stranger = await openInstance(database, strangersHome);
  await stranger.sealAll();
  await stranger.close();
  await strangersHome.remove();
}

describe('a superuser in the database who', () => {
  afterEach(async () => {
    await tamper(
      database,
      ...LOG_TABLES.map((table) => `DELETE FROM audit.${table}`),
      ...LOG_TABLES.map((table) => `INSERT INTO audit.${table} SELECT * FROM public.kept_${table}`),
      'DROP TABLE IF EXISTS public.genuine',
    );
    await writeFile(home.checkpointsFile, checkpoints);
  });

  it('touches nothing is told that all is well', async () => {
    expect(await verify()).toMatchObject({
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
  ])('edits an event (%s) is found out', async (change) => {
    await tamper(database, `UPDATE audit.sharded_audit_event SET ${change} WHERE ${event(7)}`);
    const report = await verify();
    expect(report.valid).toBe(false);
    expect(report.firstBadEvent).toMatchObject({ what: 'EDITED', leafIndex: 7, auditEventId: id(7) });
    // The last checkpoint before it still holds.
    expect(report.proven).toBe(6);
  });

  it('edits several events is told of the first', async () => {
    await tamper(
      database,
      `UPDATE audit.sharded_audit_event SET actor = 'x' WHERE ${event(15)} OR ${event(2)}`,
    );
    expect((await verify()).firstBadEvent).toMatchObject({
      what: 'EDITED',
      leafIndex: 2,
      auditEventId: id(2),
    });
  });

  it('replaces the seal of an event is found out', async () => {
    await tamper(database, `UPDATE audit.audit_log_leaf SET leaf_hash = sha256('') WHERE leaf_index = 20`);
    expect((await verify()).firstBadEvent).toMatchObject({ what: 'EDITED', leafIndex: 20 });
  });

  it('removes an event is found out', async () => {
    await tamper(database, `DELETE FROM audit.sharded_audit_event WHERE ${event(9)}`);
    expect((await verify()).firstBadEvent).toMatchObject({
      what: 'REMOVED',
      leafIndex: 9,
      auditEventId: id(9),
    });
  });

  it('removes an event with its leaf is found out', async () => {
    await tamper(
      database,
      `DELETE FROM audit.sharded_audit_event WHERE ${event(9)}`,
      `DELETE FROM audit.audit_log_leaf WHERE ${event(9)}`,
    );
    expect((await verify()).firstBadEvent).toMatchObject({ what: 'REMOVED', leafIndex: 9 });
  });

  it('closes the gap behind a removed event is found out', async () => {
    await tamper(
      database,
      `DELETE FROM audit.sharded_audit_event WHERE ${event(9)}`,
      `DELETE FROM audit.audit_log_leaf WHERE ${event(9)}`,
      'UPDATE audit.audit_log_leaf SET leaf_index = leaf_index + 1000 WHERE leaf_index > 9',
      'UPDATE audit.audit_log_leaf SET leaf_index = leaf_index - 1001 WHERE leaf_index > 1000',
    );
    expect((await verify()).firstBadEvent).toMatchObject({ what: 'REWRITTEN', leafIndex: 8, lastIndex: 9 });
  });

  it('inserts an event into the sealed part is found out', async () => {
    const [added = ''] = await addEvents(database, 1);
    await tamper(
      database,
      'UPDATE audit.audit_log_leaf SET leaf_index = leaf_index + 1000 WHERE leaf_index >= 10',
      'UPDATE audit.audit_log_leaf SET leaf_index = leaf_index - 999 WHERE leaf_index >= 1000',
      `INSERT INTO audit.audit_log_leaf VALUES (10, '${added}', sha256(''))`,
    );
    expect((await verify()).firstBadEvent).toMatchObject({
      what: 'EDITED',
      leafIndex: 10,
      auditEventId: added,
    });
  });

  it('inserts an event a second time is found out', async () => {
    await tamper(
      database,
      `CREATE TEMP TABLE copied AS SELECT * FROM audit.sharded_audit_event WHERE ${event(4)}`,
      'UPDATE copied SET patient_id = gen_random_uuid()',
      'INSERT INTO audit.sharded_audit_event SELECT * FROM copied',
    );
    const { valid, firstBadEvent } = await verify();
    expect({ valid, what: firstBadEvent?.what }).toEqual({
      valid: false,
      what: expect.stringMatching(/INSERTED|EDITED/),
    });
    expect(firstBadEvent).toMatchObject({ leafIndex: 4, auditEventId: id(4) });
  });

  it('inserts an event behind the last sealing, as if it were older, is found out', async () => {
    const [added = ''] = await addEvents(database, 1);
    expect(await verify()).toMatchObject({ valid: true, unsealed: { events: 1 } });
    await tamper(
      database,
      `UPDATE audit.sharded_audit_event SET inserted_by = '3' WHERE audit_event_id = '${added}'`,
    );
    const report = await verify();
    expect(report.valid).toBe(false);
    expect(report.firstBadEvent).toMatchObject({ what: 'INSERTED', leafIndex: null, auditEventId: added });
  });

  it.each([SIZE, 1_000_000_000_000])(
    'inserts an event with a leaf in place %d, that no checkpoint covers, is found out',
    async (leafIndex) => {
      const [added = ''] = await addEvents(database, 1);
      await tamper(
        database,
        `INSERT INTO audit.audit_log_leaf VALUES (${leafIndex}, '${added}', sha256(''))`,
      );
      expect((await verify()).firstBadEvent).toMatchObject({
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
    const [added = ''] = await addEvents(database, 1);
    await tamper(database, `INSERT INTO audit.audit_log_leaf VALUES (${place}, '${added}', sha256(''))`);
    expect(await verify()).toMatchObject({
      valid: false,
      size: SIZE,
      proven: SIZE,
      firstBadEvent: { what: 'INSERTED', leafIndex: null, auditEventId: added },
    });
  });

  it.each(['-1', 'NULL'])('inserts an event with a leaf in place %s is found out', async (place) => {
    const [added = ''] = await addEvents(database, 1);
    await tamper(
      database,
      'ALTER TABLE audit.audit_log_leaf DROP CONSTRAINT audit_log_leaf_leaf_index_check',
      'ALTER TABLE audit.audit_log_leaf DROP CONSTRAINT audit_log_leaf_pkey',
      'ALTER TABLE audit.audit_log_leaf ALTER leaf_index DROP NOT NULL',
      `INSERT INTO audit.audit_log_leaf VALUES (${place}, '${added}', sha256(''))`,
    );
    const { firstBadEvent } = await verify();
    await tamper(
      database,
      `DELETE FROM audit.audit_log_leaf WHERE audit_event_id = '${added}'`,
      'ALTER TABLE audit.audit_log_leaf ADD CHECK (leaf_index >= 0), ADD PRIMARY KEY (leaf_index)',
    );
    expect(firstBadEvent).toMatchObject({ what: 'INSERTED', leafIndex: null, auditEventId: added });
  });

  it('inserts an event that no transaction wrote, so that it is never sealed, is found out', async () => {
    const [added = ''] = await addEvents(database, 1);
    await tamper(
      database,
      'ALTER TABLE audit.sharded_audit_event ALTER inserted_by DROP NOT NULL',
      `UPDATE audit.sharded_audit_event SET inserted_by = NULL WHERE audit_event_id = '${added}'`,
    );
    const { firstBadEvent } = await verify();
    await tamper(
      database,
      `DELETE FROM audit.sharded_audit_event WHERE audit_event_id = '${added}'`,
      'ALTER TABLE audit.sharded_audit_event ALTER inserted_by SET NOT NULL',
    );
    expect(firstBadEvent).toMatchObject({ what: 'INSERTED', leafIndex: null, auditEventId: added });
  });

  it('lets two events change places is found out', async () => {
    await tamper(
      database,
      `UPDATE audit.audit_log_leaf SET audit_event_id = gen_random_uuid() WHERE leaf_index = 8`,
      `UPDATE audit.audit_log_leaf SET audit_event_id = '${id(8)}' WHERE leaf_index = 13`,
      `UPDATE audit.audit_log_leaf SET audit_event_id = '${id(13)}' WHERE leaf_index = 8`,
    );
    expect((await verify()).firstBadEvent).toMatchObject({
      what: 'REORDERED',
      leafIndex: 8,
      auditEventId: id(13),
    });
  });

  it.each([
    [9, 14],
    [8, 15],
    [8, 9],
  ])('lets two events change places with their seals (%d and %d) is found out', async (one, other) => {
    await tamper(
      database,
      `UPDATE audit.audit_log_leaf SET leaf_index = 999 WHERE leaf_index = ${one}`,
      `UPDATE audit.audit_log_leaf SET leaf_index = ${one} WHERE leaf_index = ${other}`,
      `UPDATE audit.audit_log_leaf SET leaf_index = ${other} WHERE leaf_index = 999`,
    );
    expect((await verify()).firstBadEvent).toMatchObject({
      what: 'REORDERED',
      leafIndex: one,
      auditEventId: id(other),
    });
  });

  it('cuts off the last events is found out', async () => {
    await tamper(
      database,
      `DELETE FROM audit.sharded_audit_event WHERE audit_event_id = ANY (ARRAY['${ids.slice(18).join("','")}']::uuid[])`,
      'DELETE FROM audit.audit_log_leaf WHERE leaf_index >= 18',
    );
    expect((await verify()).firstBadEvent).toMatchObject({ what: 'TRUNCATED', leafIndex: 18, lastIndex: 20 });
  });

  it('cuts off the last events with tree and checkpoints is found out by the file outside', async () => {
    await tamper(
      database,
      `DELETE FROM audit.sharded_audit_event WHERE audit_event_id = ANY (ARRAY['${ids.slice(12).join("','")}']::uuid[])`,
      'DELETE FROM audit.audit_log_leaf WHERE leaf_index >= 12',
      'DELETE FROM audit.audit_log_node WHERE (index + 1) << level > 12',
      'DELETE FROM audit.audit_log_checkpoint WHERE tree_size > 12',
    );
    expect(await verify()).toMatchObject({
      valid: false,
      size: 12,
      proven: 12,
      firstBadEvent: { what: 'TRUNCATED', leafIndex: 12, lastIndex: 20 },
    });
  });

  it('rewrites the whole tree and signs it with a key of his own is found out', async () => {
    await tamper(database, `UPDATE audit.sharded_audit_event SET actor = 'x' WHERE ${event(7)}`);
    await rebuildTree();
    const { valid, findings } = await verify();
    expect(valid).toBe(false);
    expect(findings.map(({ what }) => what)).toEqual(
      expect.arrayContaining(['CHECKPOINT_FORGED', 'REWRITTEN']),
    );
  });

  it('rewrites the whole tree under the genuine checkpoints is found out, in the round of the edited event', async () => {
    await tamper(database, `UPDATE audit.sharded_audit_event SET actor = 'x' WHERE ${event(7)}`);
    const order = ids.map((one, index) => `('${one}'::uuid, ${index})`).join(',');
    // So that the stranger's sealer takes the events in the genuine order.
    await tamper(
      database,
      `UPDATE audit.sharded_audit_event e SET inserted_by = (1000 + place)::text::xid8 FROM (VALUES ${order}) AS o (id, place) WHERE o.id = e.audit_event_id`,
    );
    await rebuildTree();
    await tamper(
      database,
      'DELETE FROM audit.audit_log_checkpoint',
      'INSERT INTO audit.audit_log_checkpoint SELECT * FROM public.genuine',
    );
    expect((await verify()).firstBadEvent).toMatchObject({ what: 'REWRITTEN', leafIndex: 6, lastIndex: 11 });
  });

  it('rewrites everything in the database, checkpoints included, is found out by the file outside', async () => {
    await tamper(database, `UPDATE audit.sharded_audit_event SET actor = 'x' WHERE ${event(0)}`);
    await rebuildTree();
    await tamper(database, 'DELETE FROM audit.audit_log_checkpoint');
    const { valid, firstBadEvent } = await verify();
    expect({ valid, firstBadEvent }).toMatchObject({
      valid: false,
      firstBadEvent: { leafIndex: 0, lastIndex: 4 },
    });
  });

  it('forges a checkpoint is found out', async () => {
    await tamper(
      database,
      "UPDATE audit.audit_log_checkpoint SET note = replace(note, E'\\n12\\n', E'\\n13\\n') WHERE tree_size = 12",
    );
    const { valid, findings, proven } = await verify();
    expect({ valid, proven }).toEqual({ valid: false, proven: SIZE });
    expect(findings.map(({ what }) => what)).toEqual(['CHECKPOINT_FORGED', 'CHECKPOINT_FORGED']);
  });

  it('files a genuine checkpoint under another size is found out', async () => {
    await tamper(database, 'UPDATE audit.audit_log_checkpoint SET tree_size = 13 WHERE tree_size = 12');
    expect((await verify()).findings).toMatchObject([{ what: 'CHECKPOINT_FORGED' }]);
  });

  it('files a genuine checkpoint with another root is found out', async () => {
    await tamper(
      database,
      "UPDATE audit.audit_log_checkpoint SET root_hash = sha256('') WHERE tree_size = 12",
    );
    expect((await verify()).findings).toMatchObject([{ what: 'CHECKPOINT_FORGED' }]);
  });

  it('files a genuine checkpoint under a size that cannot be counted is found out', async () => {
    await tamper(
      database,
      "UPDATE audit.audit_log_checkpoint SET tree_size = '9223372036854775807' WHERE tree_size = 12",
    );
    expect((await verify()).findings).toMatchObject([{ what: 'CHECKPOINT_FORGED' }]);
  });

  it.each([12, SIZE])(
    'takes out the checkpoint of %d events is found out by the file outside',
    async (size) => {
      await tamper(database, `DELETE FROM audit.audit_log_checkpoint WHERE tree_size = ${size}`);
      const { valid, findings, proven } = await verify();
      expect({ valid, proven }).toEqual({ valid: false, proven: SIZE });
      expect(findings).toMatchObject([{ what: 'REMOVED', leafIndex: null, auditEventId: null }]);
      expect(findings[0]?.detail).toContain(`the first of them of ${size} events`);
    },
  );

  it.each([
    [1, (SIZE - 1) / 2],
    [2_147_483_647, 0],
  ])('puts a node (%d, %d) where the tree may grow is found out', async (level, index) => {
    await tamper(database, `INSERT INTO audit.audit_log_node VALUES (${level}, ${index}, sha256(''))`);
    expect((await verify()).findings).toMatchObject([{ what: 'INSERTED', leafIndex: null }]);
  });

  it.each([
    ['puts another key on record', "UPDATE audit.audit_log_key SET verifier_key = 'other+00000000+AAAA'"],
    ['takes the key off the record', 'DELETE FROM audit.audit_log_key'],
  ])('%s is found out', async (_, change) => {
    await tamper(database, change);
    const { valid, findings } = await verify();
    expect(valid).toBe(false);
    expect(findings).toMatchObject([{ what: 'REWRITTEN', leafIndex: null, auditEventId: null }]);
  });

  it('writes a checkpoint of his own into the file is found out', async () => {
    const [first = ''] = notesIn(checkpoints);
    await writeFile(home.checkpointsFile, `${first.replace('\n5\n', '\n4\n')}\n${checkpoints}`);
    expect((await verify()).findings).toMatchObject([{ what: 'CHECKPOINT_FORGED' }]);
    expect(await new CheckpointFile(home.checkpointsFile).notes()).toHaveLength(5);
  });
});

describe('an export', () => {
  const exported = () => join(dirname(home.checkpointsFile), 'export.jsonl');

  /** @returns what is wrong with an export of these lines, held against all checkpoints or the last one */
  async function check(
    changed: readonly string[],
    which: 'all' | 'last' = 'all',
  ): Promise<readonly Finding[]> {
    await writeFile(exported(), changed.map((line) => `${line}\n`).join(''));
    const notes = notesIn(checkpoints);
    const { finding, forged } = await checkExport(
      exported(),
      which === 'all' ? notes : notes.slice(-1),
      instance.verifierKey,
    );
    return finding === undefined ? forged : [finding, ...forged];
  }

  const line = (index: number) => lines[index] ?? '';
  const edited = (index: number, change: object) =>
    lines.map((one, at) =>
      at === index ? JSON.stringify({ ...(JSON.parse(one) as object), ...change }) : one,
    );
  /** The lines with their places counted anew. */
  const renumbered = (changed: readonly string[]) =>
    changed.map((one, leafIndex) => JSON.stringify({ ...(JSON.parse(one) as object), leafIndex }));

  it('that nobody touched is valid, against one checkpoint and against all', async () => {
    expect(lines).toHaveLength(SIZE);
    expect(await check(lines)).toEqual([]);
    expect(await check(lines, 'last')).toEqual([]);
  });

  it('is valid with line ends of another system, and without the last of them', async () => {
    expect(await check(lines.map((one) => `${one}\r`))).toEqual([]);
    await writeFile(exported(), lines.join('\r\n'));
    expect(await checkExport(exported(), notesIn(checkpoints), instance.verifierKey)).toMatchObject({
      good: SIZE,
      finding: undefined,
    });
  });

  it('with a line that is longer than a string can be is refused', async () => {
    await writeFile(
      exported(),
      lines
        .slice(0, 7)
        .map((one) => `${one}\n`)
        .join(''),
    );
    const file = await open(exported(), 'a');
    // A sparse file: its zeros take no room on the disk.
    await file.truncate(540 * 1024 * 1024);
    await file.close();
    const { finding } = await checkExport(exported(), notesIn(checkpoints), instance.verifierKey);
    expect(finding).toMatchObject({ what: 'EDITED', leafIndex: 7 });
  });

  it('has everything that the seal covers, salt included', () => {
    expect(Object.keys(JSON.parse(line(0)) as object)).toEqual([
      'leafIndex',
      'leafHash',
      'patientId',
      'auditEventId',
      'action',
      'actor',
      'actorRole',
      'reason',
      'legalBasis',
      'deletionId',
      'purged',
      'failure',
      'requestId',
      'occurredAt',
      'salt',
    ]);
  });

  it.each([
    ['edited', () => edited(7, { actor: 'somebody else' }), 'EDITED', 7],
    ['edited, with a field more', () => edited(7, { note: 'x' }), 'EDITED', 7],
    [
      'edited, by a doubled key',
      () => lines.map((one, at) => (at === 7 ? one.replace('{', '{"actor":"x",') : one)),
      'EDITED',
      7,
    ],
    ['edited, no JSON any more', () => lines.map((one, at) => (at === 7 ? one.slice(1) : one)), 'EDITED', 7],
    ['removed', () => lines.filter((_, at) => at !== 9), 'REMOVED', 9],
    ['inserted twice', () => [...lines.slice(0, 10), line(3), ...lines.slice(10)], 'INSERTED', 3],
    [
      'inserted at the end',
      () => [...lines, JSON.stringify({ ...(JSON.parse(line(3)) as object), leafIndex: SIZE })],
      'INSERTED',
      SIZE,
    ],
    ['reordered', () => [...lines.slice(0, 10), line(11), line(10), ...lines.slice(12)], 'REORDERED', 10],
    ['truncated', () => lines.slice(0, 18), 'TRUNCATED', 18],
    ['emptied', () => [], 'TRUNCATED', 0],
  ] as const)('with an event %s is refused, and the event is named', async (_, changed, what, leafIndex) => {
    for (const which of ['all', 'last'] as const)
      expect((await check(changed(), which))[0]).toMatchObject({ what, leafIndex });
  });

  it.each([
    ['an event taken out', () => renumbered(lines.filter((_, at) => at !== 9))],
    [
      'events in another order',
      () => renumbered([...lines.slice(0, 9), line(11), line(10), line(9), ...lines.slice(12)]),
    ],
    ['an event put in', () => renumbered([...lines.slice(0, 9), line(3), ...lines.slice(9)])],
  ])(
    'made to look whole with %s is refused by the checkpoints, in the round of that event',
    async (_, changed) => {
      expect((await check(changed()))[0]).toMatchObject({ what: 'REWRITTEN', leafIndex: 6, lastIndex: 11 });
      expect((await check(changed(), 'last'))[0]).toBeDefined();
    },
  );

  it('is not proven by a checkpoint of somebody else', async () => {
    await writeFile(exported(), lines.map((one) => `${one}\n`).join(''));
    const other = await makeHome();
    const { finding, forged } = await checkExport(exported(), notesIn(checkpoints), other.key.verifierKey);
    expect(finding).toMatchObject({ what: 'INSERTED', leafIndex: 0 });
    expect(forged).toHaveLength(4);
    await other.remove();
  });
});
