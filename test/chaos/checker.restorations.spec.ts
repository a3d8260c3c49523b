import { describe, expect, it } from '@jest/globals';
import type { Property } from './checker.facts.js';
import { DELETED, DELETION, TABLE, UNDONE, UNDONE_DELETION, World } from './checker.world.js';
import type { HistoryEntry } from './history.js';

type Break = (world: World) => void;

/** Every way in which a restoration can be wrong: what has to be found, and how it comes about. */
const BROKEN: Readonly<Partial<Record<Property, Readonly<Record<string, Break>>>>> = {
  N5: {
    'was answered 200, and deletion-3 is not undone': (world) => {
      world.records.pop();
    },
    'was answered with another restoration than the record has': (world) => {
      world.answer('c.9', { restorationEventId: 'event-9' });
    },
    'c.9 was answered with the restoration of another request': (world) => {
      world.changeEvent('event-4', { request: 'c.99' });
    },
    'c.10 was answered with the restoration of another request': (world) => {
      world.call('c.10', { key: 'another' });
    },
    'c.9 was told SHARD_UNAVAILABLE, and has undone deletion-3': (world) => {
      world.answer('c.9', { outcome: 'fail', status: 503, code: 'SHARD_UNAVAILABLE' });
    },
    'was answered otherwise than the restoration’s record keeps': (world) => {
      world.answer('c.10', { body: 'another' });
    },
    'was told that deletion-1 is undone, which it is not': (world) => {
      world.refuseToRestore('ALREADY_RESTORED');
    },
  },
  N6: {
    'is called undone, and hides the patient': (world) => {
      world.rows(UNDONE, 'demographics', { live: false, deletionId: UNDONE_DELETION });
    },
    'are of deletion deletion-3, the demographics of none': (world) => {
      world.rows(UNDONE, 'child', { live: false, deletionId: UNDONE_DELETION });
    },
    'the restoration of deletion-3 has 0 audit events': (world) => {
      world.events.pop();
    },
    'the log has a restoration of deletion-1, whose record stands': (world) => {
      world.changeEvent('event-4', { patient: DELETED, deletionId: DELETION });
    },
    'the event SYSTEM_RESTORE_PATIENT and the record of deletion-3 differ': (world) => {
      world.changeEvent('event-4', { purged: [] });
    },
    'the event SYSTEM_DELETE_PATIENT and the record of deletion-3 differ': (world) => {
      world.changeEvent('event-3', { purged: [] });
    },
    'the answer to c.9 and the record differ': (world) => {
      world.answer('c.9', { rows: {} });
    },
    'row row-kept-hidden of clinical.sharded_tani, which the hospital had hidden, was brought back': (
      world,
    ) => {
      const row = { table: TABLE, row: 'row-kept-hidden', patient: UNDONE };
      world.written.splice(2, 1, { ...row, live: true, deletionId: null });
    },
  },
  ANSWERS: {
    'was refused by WINDOW_OVER, without a cause': (world) => {
      world.refuseToRestore('WINDOW_OVER');
    },
  },
};
const CASES = Object.entries(BROKEN).flatMap(([property, ways]) =>
  Object.entries(ways).map(([what, break_]) => [property, what, break_] as const),
);

const isAboutUndone = (entry: HistoryEntry) =>
  ('patient' in entry && entry.patient === UNDONE && entry.kind !== 'written' && entry.kind !== 'write') ||
  ('request' in entry && ['c.8', 'c.9', 'c.10', 'c.11'].includes(entry.request));

describe('the checker', () => {
  it.each(CASES)('finds %s broken by a restoration: %s', (property, what, break_) => {
    const world = new World();
    break_(world);
    expect(world.judge().violations).toContainEqual(
      expect.objectContaining({ property, what: expect.stringContaining(what) as unknown }),
    );
  });

  it('says of a run in which nothing was undone that it shows nothing of it', () => {
    const world = new World();
    world.history.splice(0, Infinity, ...world.history.filter((entry) => !isAboutUndone(entry)));
    world.records.splice(1);
    world.events.splice(1);
    const { verdicts, violations } = world.judge();
    expect(violations).toEqual([]);
    expect(verdicts.find(({ property }) => property === 'N6')?.verdict).toBe('not applicable');
  });
});
