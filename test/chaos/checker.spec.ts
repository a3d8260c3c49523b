import { describe, expect, it } from '@jest/globals';
import type { Property } from './checker.facts.js';
import type { RecordRow } from './snapshot.js';
import { DELETED, DELETION, HELD, LIVE, TABLE, World } from './checker.world.js';

type Break = (world: World) => void;

/** Every way in which each promise can be broken: what has to be found, and how it comes about. */
const BROKEN: Readonly<Record<Property, Readonly<Record<string, Break>>>> = {
  N1: {
    'the demographics of none': (world) => {
      world.rows(DELETED, 'demographics', { live: true, deletionId: null });
    },
    'are of deletion deletion-9': (world) => {
      world.rows(DELETED, 'child', { deletionId: 'deletion-9' });
    },
    'live demographics carry a deletion’s mark': (world) => {
      world.rows(LIVE, 'demographics', { deletionId: DELETION });
    },
    'the demographics are hidden, and by no deletion': (world) => {
      world.rows(LIVE, 'demographics', { live: false });
    },
    'live rows with a deletion’s mark': (world) => {
      world.rows(DELETED, 'child', { live: true });
    },
    'the record says deletion deletion-1, the rows do not': (world) => {
      world.rows(DELETED, 'demographics', { live: true, deletionId: null });
    },
    'the deletion deletion-1 has 0 records': (world) => {
      world.records.shift();
    },
    'hidden by no deletion; the hospital hid 0': (world) => {
      world.rows(LIVE, 'child', { live: false });
    },
    'nothing was deleted': (world) => {
      world.rows(DELETED, 'demographics', { live: true, deletionId: null });
    },
    'o saw at': (world) => {
      const seen = [{ patient: LIVE, property: 'N1', what: 'a row and the demographics differ' }];
      world.history.push({ kind: 'look', actor: 'o', patients: 1, seen });
    },
  },
  N2: {
    'has 0 audit events': (world) => {
      world.events.shift();
    },
    'has 2 audit events': (world) => {
      world.events.push(...world.events);
    },
  },
  N3: {
    'tells of deletion deletion-9, which is not there': (world) => {
      const [event] = world.events;
      if (event !== undefined) world.events.push({ ...event, patient: LIVE, deletionId: 'deletion-9' });
    },
  },
  N4: {
    'live rows of a deleted patient': (world) => {
      world.rows(DELETED, 'child', { live: true, deletionId: null });
    },
    'rows of a patient with 0 demographics': (world) => {
      world.rows(LIVE, 'child', { patient: 'nobody' });
    },
    'nobody knows whether they are deleted': (world) => {
      world.strangers.push('clinical.forgotten');
    },
    'live in spite of deletion-1': (world) => {
      world.written[0] = { table: TABLE, row: 'row-added', patient: DELETED, live: true, deletionId: null };
    },
  },
  N5: {
    'which is not there': (world) => {
      world.answer('c.0', { deletionId: 'deletion-9' });
    },
    'with another audit event than the record has': (world) => {
      world.answer('c.0', { auditEventId: 'event-9' });
    },
    'was answered 201 for the deletion of c.0': (world) => {
      world.answer('c.1', { replayed: false });
    },
    'with a deletion under another key': (world) => {
      world.call('c.1', { key: 'another' });
    },
    'was told 503 SHARD_UNAVAILABLE, and its deletion deletion-2 is there': (world) => {
      world.deleteUnasked('c.4');
    },
    'to wait for another deletion than its own': (world) => {
      world.deleteUnasked('c.5');
      world.answer('c.5', { status: 202, deletionId: 'deletion-9' });
    },
    'was told of deletion deletion-9, not there': (world) => {
      world.answer('c.2', { deletionId: 'deletion-9' });
    },
    'nobody asked for deletion deletion-2': (world) => {
      world.deleteUnasked('c.99');
    },
    'have one key and different answers': (world) => {
      world.answer('c.1', { body: 'another' });
    },
    'asked for something else than c.0, with its key': (world) => {
      world.call('c.1', { asked: 'something else' });
    },
    'was answered otherwise than the record keeps': (world) => {
      world.answer('c.0', { body: 'another' });
      world.answer('c.1', { body: 'another' });
    },
    'after the deletion was acknowledged': (world) => {
      world.answer('c.3', { outcome: 'ok', status: 200 });
    },
    'was told that the patient is deleted, who is not': (world) => {
      world.answer('c.6', { outcome: 'fail', status: 410, code: 'PATIENT_DELETED' });
    },
    'was left CLAIMED': (world) => {
      world.records.push({ ...recordOf(world), deletionId: 'deletion-2', request: 'c.2', state: 'CLAIMED' });
    },
    'failed; it is there': (world) => {
      const [event] = world.events;
      if (event === undefined) return;
      world.events.push({ ...event, auditEventId: 'event-2', action: 'SYSTEM_DELETE_PATIENT_FAILED' });
    },
  },
  N6: {},
  N7: {
    'the answer and rows differ': (world) => {
      world.answer('c.0', { rows: {} });
    },
    'the answer says 4 rows in all, 3 are marked': (world) => {
      world.answer('c.1', { totalRows: 4 });
    },
    'the audit event and rows differ': (world) => {
      world.events.splice(0, 1, ...world.events.map((event) => ({ ...event, purged: [] })));
    },
    'the record and rows differ': (world) => {
      world.records.splice(0, 1, { ...recordOf(world), shards: [] });
    },
    '2 demographics rows marked, not 1': (world) => {
      world.rows(DELETED, 'demographics', { rows: 2 });
    },
  },
  N8: {
    'after the last request: session 7': (world) => {
      world.history.push({ kind: 'leftover', when: 'quiet', what: 'session 7' });
    },
    'after the services had stopped: session 7': (world) => {
      world.history.push({ kind: 'leftover', when: 'stopped', what: 'session 7' });
    },
  },
  WRITES: {
    'its row row-added of clinical.sharded_tani is not there': (world) => {
      world.written.shift();
    },
    'w.1 failed, and its row': (world) => {
      const row = { table: TABLE, row: 'row-refused', patient: DELETED };
      world.written.push({ ...row, live: false, deletionId: DELETION });
    },
    '1 rows in clinical.sharded_tani, where 2 to 2 were stored': (world) => {
      world.rows(LIVE, 'child', { rows: 1 });
    },
    'the patient was made, and has 0 demographics': (world) => {
      world.rows(LIVE, 'demographics', { patient: 'somebody else' });
    },
  },
  ANSWERS: {
    'was answered 500 INTERNAL_ERROR, for which there is no cause': (world) => {
      world.answer('c.4', { status: 500, code: 'INTERNAL_ERROR' });
    },
    'was answered 500 SHARD_FAILED, for which there is no cause': (world) => {
      world.answer('c.4', { status: 500, code: 'SHARD_FAILED', table: TABLE });
    },
    'for a patient who was made': (world) => {
      world.answer('c.4', { status: 404, code: 'PATIENT_NOT_FOUND' });
    },
    'with no legal hold': (world) => {
      world.answer('c.4', { status: 409, code: 'DELETION_VETOED' });
    },
    '412 PREVIEW_OUTDATED without a preview': (world) => {
      world.answer('c.4', { status: 412, code: 'PREVIEW_OUTDATED' });
    },
    '422 IDEMPOTENCY_KEY_REUSED without a key': (world) => {
      world.answer('c.4', { status: 422, code: 'IDEMPOTENCY_KEY_REUSED' });
    },
    '409 REQUEST_IN_PROGRESS without a key': (world) => {
      world.answer('c.4', { status: 409, code: 'REQUEST_IN_PROGRESS' });
    },
    'in spite of a legal hold': (world) => {
      world.history.push({ kind: 'wave', patients: [], held: [DELETED], rows: {} });
    },
    'service 0 ended by itself': (world) => {
      world.history.push({ kind: 'died', what: 'service 0 ended by itself' });
    },
    'got no definite answer': (world) => {
      world.history.push({ kind: 'gave-up', actor: 'c', patient: HELD });
    },
  },
  FAULTS: {
    'freeze-service was tried 5 times and never fired': (world) => {
      const fault = { kind: 'fault', source: 'freeze-service', fired: false, what: 'nothing' } as const;
      world.history.push(...Array.from({ length: 5 }, () => fault));
    },
    'not one fault fired': (world) => {
      world.history.pop();
    },
  },
};
const CASES = Object.entries(BROKEN).flatMap(([property, ways]) =>
  Object.entries(ways).map(([what, break_]) => [property, what, break_] as const),
);

function recordOf(world: World): RecordRow {
  const [record] = world.records;
  if (record === undefined) throw new Error('There is no record.');
  return record;
}

function found(break_: Break) {
  const world = new World();
  break_(world);
  return world.judge();
}

describe('the checker', () => {
  it('finds every promise kept in a history that keeps them', () => {
    const { violations, verdicts, deletions } = new World().judge();
    expect(violations).toEqual([]);
    expect(deletions).toBe(1);
    const rest = verdicts.filter(({ verdict }) => verdict !== 'kept');
    expect(rest).toEqual([]);
  });

  it.each(CASES)('finds %s broken: %s', (property, what, break_) => {
    const { violations, verdicts } = found(break_);
    expect(violations).toContainEqual(
      expect.objectContaining({ property, what: expect.stringContaining(what) as unknown }),
    );
    expect(verdicts.find((verdict) => verdict.property === property)?.verdict).toBe('BROKEN');
  });

  it('takes a broken connection either way', () => {
    const { violations, deletions } = found((world) => {
      world.deleteUnasked('c.5');
      world.answer('c.6', { outcome: 'fail', status: 410, code: 'PATIENT_DELETED' });
    });
    expect(violations).toEqual([]);
    expect(deletions).toBe(2);
  });

  it('lets a deletion fail whose rows the hospital hid between count and mark', () => {
    const { violations } = found((world) => {
      world.answer('c.4', { status: 500, code: 'SHARD_FAILED', table: TABLE });
      const at = world.history.findIndex((entry) => entry.kind === 'answer' && entry.request === 'c.4');
      const ids = { transaction: 'w.2', patient: LIVE } as const;
      const changes = [{ act: 'hide', table: TABLE, row: 'row-1' }] as const;
      world.history.splice(
        ...([at, 0] as const),
        { kind: 'write', ...ids, actor: 'w', isolation: 'READ COMMITTED' },
        { kind: 'written', ...ids, outcome: 'ok', changes },
      );
    });
    expect(violations).toEqual([]);
  });
});
