import { describe, expect, it } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import {
  checkpointText,
  leafBytes,
  leafHash,
  NoteSigner,
  rootOf,
  type SealableEvent,
  sealedLeafOf,
} from '../../src/transparency-log/index.js';
import { checkLog, type LogRow, type SignedRoots } from '../../src/transparency-log/log.check.js';
import { GrowingTree } from '../../src/transparency-log/merkle.js';
import { trustedCheckpoints } from '../../src/transparency-log/signed.roots.js';

const SIZE = 9;
const SIGNED = [4, 7, SIZE];

const uuid = (place: number) => `00000000-0000-4000-8000-${String(place).padStart(12, '0')}`;

function eventAt(place: number, change: Partial<SealableEvent> = {}): SealableEvent {
  return {
    patientId: uuid(100 + place),
    auditEventId: uuid(place),
    action: 'SYSTEM_DELETE_PATIENT',
    actor: 'admin@hospital.example',
    actorRole: 'system-admin',
    reason: 'COURT_ORDER',
    legalBasis: 'OTHER_LAW',
    deletionId: uuid(200 + place),
    purged: [],
    failure: null,
    requestId: 'r',
    occurredAt: '2026-11-23T14:05:09.182Z',
    salt: uuid(300 + place),
    ...change,
  };
}

const hashOf = (event: SealableEvent) => leafHash(leafBytes(sealedLeafOf(event)));
const hashes = Array.from({ length: SIZE + 1 }, (_, place) => hashOf(eventAt(place)));
const genuine: SignedRoots = new Map(SIGNED.map((size) => [size, [rootOf(hashes.slice(0, size))]]));

/** The log as the database has it, with the stored subtrees; of so many events. */
function logOf(size = SIZE): LogRow[] {
  const tree = new GrowingTree();
  return hashes.slice(0, size).map((hash, leafIndex) => ({
    leafIndex,
    auditEventId: uuid(leafIndex),
    leafHash: hash,
    event: eventAt(leafIndex),
    nodes: tree.append(hash).map((node) => node.hash),
  }));
}

async function check(rows: readonly LogRow[], roots = genuine) {
  // A log is read from its beginning as often as it is asked for.
  return checkLog(async function* () {
    yield* await Promise.resolve(rows);
  }, roots);
}

/** The log with one of its rows changed. */
const withRow = (place: number, change: (row: LogRow) => LogRow) =>
  logOf().map((row) => (row.leafIndex === place ? change(row) : row));

/** An export has no stored subtrees. */
const exported = (rows: readonly LogRow[]): LogRow[] => rows.map(({ nodes: _nodes, ...row }) => row);

describe('the check of a log', () => {
  it('proves a log that is as it was sealed up to its last checkpoint, with and without stored subtrees', async () => {
    expect(await check(logOf())).toEqual({ good: SIZE, finding: undefined });
    expect(await check(exported(logOf()))).toEqual({ good: SIZE, finding: undefined });
  });

  it('proves no more than the last checkpoint, and takes what lies beyond it for added', async () => {
    expect(await check(logOf(SIZE + 1))).toMatchObject({
      good: SIZE,
      finding: { what: 'INSERTED', leafIndex: SIZE, auditEventId: uuid(SIZE) },
    });
    expect(await check(logOf(1), new Map())).toMatchObject({
      good: 0,
      finding: { what: 'INSERTED', leafIndex: 0 },
    });
  });

  it.each([0, 4, 8])('finds an event of which the log was cut off at place %d', async (size) => {
    const good = size < 4 ? 0 : size < 7 ? 4 : 7;
    expect(await check(logOf(size))).toMatchObject({
      good,
      finding: { what: 'TRUNCATED', leafIndex: size, lastIndex: SIZE - 1 },
    });
  });

  it.each([
    ['whose content is another', 'EDITED', (row) => ({ ...row, event: eventAt(5, { actor: 'x' }) })],
    [
      'whose content and seal are another, against the stored tree',
      'REWRITTEN',
      (row) => ({ ...row, event: eventAt(5, { actor: 'x' }), leafHash: hashOf(eventAt(5, { actor: 'x' })) }),
    ],
    ['whose seal is another', 'EDITED', (row) => ({ ...row, leafHash: hashes[0] ?? row.leafHash })],
    ['that stands under the id of another', 'EDITED', (row) => ({ ...row, auditEventId: uuid(6) })],
    ['whose numbers are read as others than are stored', 'EDITED', (row) => ({ ...row, isLossy: true })],
    [
      'that has no canonical form',
      'EDITED',
      (row) => ({ ...row, event: eventAt(5, { reason: NaN as never }) }),
    ],
    ['that is gone', 'REMOVED', (row) => ({ ...row, event: undefined })],
    ['that cannot be read', 'EDITED', (row) => ({ ...row, auditEventId: null, event: undefined })],
  ] satisfies [string, string, (row: LogRow) => LogRow][])('finds an event %s', async (_, what, change) => {
    const { good, finding } = await check(withRow(5, change));
    expect({ good, what: finding?.what }).toEqual({ good: 4, what });
    expect(finding?.leafIndex).toBe(what === 'REWRITTEN' ? 4 : 5);
  });

  it('finds a gap, and an event that claims a place a second time', async () => {
    expect((await check(logOf().filter(({ leafIndex }) => leafIndex !== 5))).finding).toMatchObject({
      what: 'REMOVED',
      leafIndex: 5,
    });
    const twice = logOf().flatMap((row) => (row.leafIndex === 5 ? [row, row] : [row]));
    expect((await check(twice)).finding).toMatchObject({
      what: 'INSERTED',
      leafIndex: 5,
      auditEventId: uuid(5),
    });
  });

  it('finds a stored subtree that is another, and one that is missing', async () => {
    const [other = Buffer.of()] = hashes;
    for (const nodes of [[other], [undefined]])
      expect((await check(withRow(5, (row) => ({ ...row, nodes })))).finding).toMatchObject({
        what: 'REWRITTEN',
        leafIndex: 4,
        lastIndex: 5,
      });
  });

  it('finds a log that contradicts a signed root, between the checkpoint before it and that one', async () => {
    const replaced = exported(
      withRow(5, (row) => ({
        ...row,
        event: eventAt(5, { actor: 'x' }),
        leafHash: hashOf(eventAt(5, { actor: 'x' })),
      })),
    );
    expect(await check(replaced)).toMatchObject({
      good: 4,
      finding: { what: 'REWRITTEN', leafIndex: 4, lastIndex: 6 },
    });
  });

  it('finds that two roots were signed for one size, whichever comes first', async () => {
    const own = rootOf(hashes.slice(0, 7));
    for (const roots of [
      [own, hashes[0] ?? own],
      [hashes[0] ?? own, own],
    ])
      expect(await check(logOf(), new Map([...genuine, [7, roots]]))).toMatchObject({
        good: 4,
        finding: { what: 'REWRITTEN', lastIndex: 6 },
      });
  });
});

describe('the checkpoints that a check goes by', () => {
  const signer = new NoteSigner('hospital.example/audit-log', generateKeyPairSync('ed25519').privateKey);
  const stranger = new NoteSigner(signer.name, generateKeyPairSync('ed25519').privateKey);
  const textOf = (size: number, origin = signer.name, root = hashes[size] ?? Buffer.of()) =>
    checkpointText({ origin, size, root });
  const open = (...notes: string[]) => trustedCheckpoints([{ name: 'the file', notes }], signer.verifierKey);

  it('are those that the key has signed for its own log, each once', () => {
    const note = signer.sign(textOf(4));
    const { roots, forged } = trustedCheckpoints(
      [
        { name: 'the file', notes: [note] },
        { name: 'the database', notes: [note, signer.sign(textOf(5))] },
      ],
      signer.verifierKey,
    );
    expect(forged).toEqual([]);
    expect([...roots]).toEqual([
      [4, [hashes[4]]],
      [5, [hashes[5]]],
    ]);
  });

  it('are both where two were signed for one size', () => {
    expect([...open(signer.sign(textOf(4)), signer.sign(textOf(4, signer.name, hashes[0]))).roots]).toEqual([
      [4, [hashes[4], hashes[0]]],
    ]);
  });

  it.each([
    ['of another log', signer.sign(textOf(4, 'hospital.example/other'))],
    ['that a stranger has signed', stranger.sign(textOf(4))],
    ['that was changed', signer.sign(textOf(4)).replace('\n4\n', '\n5\n')],
    ['that is none', signer.sign('hospital.example/audit-log\n')],
  ])('are not one %s: that is a finding, and the others still count', (_, note) => {
    const { roots, forged } = open(note, signer.sign(textOf(6)));
    expect([...roots.keys()]).toEqual([6]);
    expect(forged).toMatchObject([
      { what: 'CHECKPOINT_FORGED', leafIndex: null, detail: expect.stringContaining('in the file') },
    ]);
  });
});
