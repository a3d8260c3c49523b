import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { leafBytes, leafHash, notesIn, openCheckpoint, rootOf } from '../../src/transparency-log/index.js';
import { AuditLogStore } from '../../src/transparency-log/audit-log.store.js';
import { PatientOrchestrator } from '../../src/orchestrator/index.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { seedPatient } from '../support/patients.js';
import { until } from '../support/processes.js';
import { deletionOf } from '../support/silgi.js';
import {
  addEvents,
  type Instance,
  LOG_TABLES,
  makeHome,
  openInstance,
  sealedIds,
  tamper,
} from './log.stage.js';
import { NEW_EVENTS } from './new.events.js';

let database: TestDatabase;
let home: Awaited<ReturnType<typeof makeHome>>;
let instance: Instance;

beforeAll(async () => {
  database = await createTestDatabase();
});

beforeEach(async () => {
  home = await makeHome();
  instance = await openInstance(database, home);
});

/** Every test has a log of its own in one database. */
afterEach(async () => {
  await instance.close();
  await tamper(database, ...LOG_TABLES.map((table) => `DELETE FROM audit.${table}`));
  await home.remove();
});

afterAll(async () => {
  await database.drop();
});

async function expectWhole(events: number): Promise<void> {
  const report = await instance.verification.run();
  expect(report).toMatchObject({
    valid: true,
    size: events,
    proven: events,
    findings: [],
    unsealed: { events: 0 },
  });
  const [indexes] = await database.query<{ min: number; max: number; count: number }>(
    'SELECT min(leaf_index)::int, max(leaf_index)::int, count(*)::int FROM audit.audit_log_leaf',
  );
  expect(indexes).toEqual({ min: 0, max: events - 1, count: events });
}

describe('a round of sealing', () => {
  it('seals the event of a deletion with the role that asked for it, and signs a checkpoint over it', async () => {
    const patientId = await seedPatient(database);
    const { answer } = await instance.app.get(PatientOrchestrator).deletePatient(deletionOf(patientId));
    expect(await instance.sealer.round()).toEqual({ sealed: 1, more: false });

    const proof = await instance.proofs.inclusionOf(answer.auditEventId);
    expect(proof).toMatchObject({ leafIndex: 0, treeSize: 1, proof: [] });
    expect(proof.leaf).toMatchObject({
      auditEventId: answer.auditEventId,
      deletionId: answer.deletionId,
      actorRole: 'system-admin',
      purged: answer.shards,
      occurredAt: answer.deletedAt,
    });
    expect(JSON.stringify(proof)).not.toMatch(new RegExp(`${patientId}|admin@hospital`));
    const checkpoint = openCheckpoint(proof.checkpoint, instance.verifierKey);
    expect(checkpoint.root).toEqual(rootOf([leafHash(leafBytes(proof.leaf))]));
    expect(notesIn(await readFile(home.checkpointsFile, 'utf8'))).toEqual([proof.checkpoint]);
    await expectWhole(1);
  });

  it('signs an empty log once, and nothing more as long as nothing happens', async () => {
    await instance.sealAll();
    await instance.sealAll();
    const checkpoint = openCheckpoint(await instance.proofs.checkpoint(), instance.verifierKey);
    expect(checkpoint).toMatchObject({ size: 0, root: rootOf([]) });
    expect(notesIn(await readFile(home.checkpointsFile, 'utf8'))).toHaveLength(1);
  });

  it('finds the event of a transaction that was still running when a newer one was sealed', async () => {
    await instance.sealAll();
    const older = await database.connect();
    await older.query('BEGIN');
    const { rows } = await older.query<{ id: string }>(NEW_EVENTS, [1]);
    const newer = await addEvents(database, 2);
    expect((await instance.sealer.round()).sealed).toBe(2);
    // Another round in between, so that the horizon could have passed the older one by.
    const newest = await addEvents(database, 1);
    await instance.sealAll();
    expect(await sealedIds(database)).toEqual([...newer.sort(), ...newest]);

    await older.query('COMMIT');
    await older.end();
    expect(await instance.sealer.round()).toEqual({ sealed: 1, more: false });
    expect(await sealedIds(database)).toEqual([...newer, ...newest, rows[0]?.id]);
    await expectWhole(4);
  });

  it('is cut into batches that skip nothing, also within one transaction and behind one that runs', async () => {
    await instance.sealAll();
    const older = await database.connect();
    await older.query('BEGIN');
    await older.query(NEW_EVENTS, [3]);
    await addEvents(database, 1_500);
    await addEvents(database, 700);
    expect(await instance.sealer.round()).toEqual({ sealed: 1_000, more: true });
    await older.query('COMMIT');
    await older.end();
    expect(await instance.sealAll()).toBe(1_203);
    await expectWhole(2_203);
  });

  it('seals every event once, where several instances seal at once while events come in', async () => {
    const others = await Promise.all([1, 2, 3].map(() => openInstance(database, home)));
    const all = [instance, ...others];
    try {
      let writing = true;
      const rounds = all.map(async ({ sealer }) => {
        while (writing) await sealer.round();
      });
      const writers = Array.from({ length: 4 }, async () => {
        for (let round = 0; round < 20; round++) await addEvents(database, 3);
      });
      await Promise.all(writers);
      writing = false;
      await Promise.all(rounds);
      for (const each of all) await each.sealAll();
      await expectWhole(240);
      const [lost] = await database.query<{ checkpoints: number }>(
        'SELECT count(*)::int AS checkpoints FROM audit.audit_log_checkpoint',
      );
      expect(lost?.checkpoints).toBeGreaterThan(1);
    } finally {
      for (const other of others) await other.close();
    }
  });

  it('takes the first checkpoint of another instance for what it is, where it shares the file with it', async () => {
    await addEvents(database, 1);
    const other = await openInstance(database, home);
    // Its own view of the log is from before the other's first round.
    const stale = jest.spyOn(other.app.get(AuditLogStore), 'newest').mockResolvedValueOnce(undefined);
    await instance.sealAll();
    await addEvents(database, 1);
    expect(await other.sealAll()).toBe(1);
    expect(stale).toHaveBeenCalled();
    await other.close();
    await expectWhole(2);
  });

  it('keeps nothing where its session dies in the middle, and is made up for by the next', async () => {
    await instance.sealAll();
    await addEvents(database, 5);
    const blocker = await database.connect();
    await blocker.query('BEGIN; LOCK TABLE audit.audit_log_node IN SHARE MODE');
    const round = instance.sealer.round().catch((error: unknown) => error);
    const waiting = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()
      AND wait_event_type = 'Lock' AND query LIKE '%INSERT INTO audit.audit_log_checkpoint%' AND pid <> pg_backend_pid()`;
    await until(async () => (await database.query(waiting)).length === 1);
    expect(await round).toBeInstanceOf(Error);
    await blocker.end();
    expect(await sealedIds(database)).toEqual([]);
    // The pool may still hold the session that has died: the round that meets it fails as well, and seals nothing.
    let sealed = 0;
    await until(async () => {
      sealed += (await instance.sealer.round().catch(() => ({ sealed: 0 }))).sealed;
      return sealed > 0;
    });
    expect(sealed).toBe(5);
    await expectWhole(5);
  });

  it('looks through everything where the horizon belongs to another server', async () => {
    await addEvents(database, 2);
    await instance.sealAll();
    await tamper(database, "UPDATE audit.audit_log_checkpoint SET horizon = '9223372036854775807'");
    await addEvents(database, 1);
    expect(await instance.sealer.round()).toEqual({ sealed: 1, more: false });
    await expectWhole(3);
  });

  it('looks through everything once at each start', async () => {
    await addEvents(database, 1);
    await instance.sealAll();
    const [hidden] = await addEvents(database, 1);
    await tamper(
      database,
      `UPDATE audit.sharded_audit_event SET inserted_by = '3' WHERE audit_event_id = '${hidden ?? ''}'`,
    );
    expect((await instance.sealer.round()).sealed).toBe(0);
    const started = await openInstance(database, home);
    expect((await started.sealer.round()).sealed).toBe(1);
    await started.close();
  });
});

describe('sealing is refused', () => {
  it('to an instance with another key', async () => {
    await addEvents(database, 1);
    await instance.sealAll();
    await addEvents(database, 1);
    const strangersHome = await makeHome();
    const stranger = await openInstance(database, strangersHome);
    const refusal = await stranger.sealer.round().catch((error: unknown) => String(error));
    expect(refusal).toContain(stranger.verifierKey);
    expect(refusal).toContain(instance.verifierKey);
    expect(refusal).toContain('AUDIT_LOG_KEY');
    expect(await sealedIds(database)).toHaveLength(1);
    expect((await instance.sealer.round()).sealed).toBe(1);
    await stranger.close();
    await strangersHome.remove();
  });

  it('to the slower of two first instances with different keys', async () => {
    await addEvents(database, 1);
    const strangersHome = await makeHome();
    const stranger = await openInstance(database, strangersHome);
    const ends = await Promise.allSettled([instance.sealer.round(), stranger.sealer.round()]);
    expect(ends.map(({ status }) => status)).toContain('fulfilled');
    const keys = await database.query('SELECT FROM audit.audit_log_key');
    expect(keys).toHaveLength(1);
    const again = await Promise.allSettled([instance.sealAll(), stranger.sealAll()]);
    await addEvents(database, 1);
    const last = await Promise.allSettled([instance.sealAll(), stranger.sealAll()]);
    expect(again).toHaveLength(2);
    expect(last.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await stranger.close();
    await strangersHome.remove();
  });

  it('on a tree that does not lead to its signed root', async () => {
    await addEvents(database, 3);
    await instance.sealAll();
    await tamper(database, "UPDATE audit.audit_log_node SET hash = sha256('') WHERE level = 1 AND index = 0");
    await addEvents(database, 1);
    await expect(instance.sealer.round()).rejects.toThrow(/does not lead to the root/);
    expect(await sealedIds(database)).toHaveLength(3);
  });

  it('on a checkpoint that was signed for another number of events', async () => {
    await addEvents(database, 3);
    await instance.sealAll();
    await tamper(database, 'UPDATE audit.audit_log_checkpoint SET tree_size = 4');
    await addEvents(database, 1);
    await expect(instance.sealer.round()).rejects.toThrow(
      /claims 4 events and was signed for another number/,
    );
    expect(await sealedIds(database)).toHaveLength(3);
  });

  it('where rows stand beyond the last checkpoint', async () => {
    await addEvents(database, 1);
    await instance.sealAll();
    await database.query("INSERT INTO audit.audit_log_leaf VALUES (1, gen_random_uuid(), sha256(''))");
    await addEvents(database, 1);
    const refusal = (async () => {
      for (let round = 0; round < 100; round++) await instance.sealer.round();
    })();
    await expect(refusal).rejects.toThrow(/cannot grow beyond 1 events/);
  });
});

describe('the database', () => {
  it.each(LOG_TABLES)('refuses to change or empty %s, to a superuser too', async (table) => {
    await addEvents(database, 1);
    await instance.sealAll();
    const [column] = await database.query<{ name: string }>(
      'SELECT attname AS name FROM pg_attribute WHERE attrelid = $1::regclass AND attnum = 1',
      [`audit.${table}`],
    );
    const name = column?.name ?? '';
    for (const statement of [
      `UPDATE audit.${table} SET ${name} = ${name}`,
      `DELETE FROM audit.${table}`,
      `TRUNCATE audit.${table} CASCADE`,
    ])
      await expect(
        database.query(`SET session_replication_role = replica; ${statement}`),
      ).rejects.toMatchObject({ code: '42501', message: expect.stringContaining('append-only') });
  });
});
