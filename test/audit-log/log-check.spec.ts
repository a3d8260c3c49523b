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
import { checkLog, type LogRow } from '../../src/transparency-log/log.check.js';
import { GrowingTree } from '../../src/transparency-log/merkle.js';
import { SignedRoots } from '../../src/transparency-log/signed.roots.js';
import { TrustedCheckpoints } from '../../src/transparency-log/trusted.checkpoints.js';

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
    actorSource: { kind: 'TOKEN', issuer: 'https://id.hospital.example' },
    requestedAt: '2026-11-23T14:05:09.180Z',
    occurredAt: '2026-11-23T14:05:09.182Z',
    salt: uuid(300 + place),
    ...change,
  };
}

const hashOf = (event: SealableEvent) => leafHash(leafBytes(sealedLeafOf(event)));
const hashes = Array.from({ length: SIZE + 1 }, (_, place) => hashOf(eventAt(place)));
const rootAt = (size: number) => rootOf(hashes.slice(0, size));
const genuine = rootsOf(...SIGNED.map((size) => [size, rootAt(size)] as const));

function rootsOf(...signed: (readonly [size: number, root: Uint8Array])[]): SignedRoots {
  const roots = new SignedRoots();
  for (const [size, root] of signed) roots.add(size, root);
  return roots;
}

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
    expect(await check(logOf(1), rootsOf())).toMatchObject({
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
    const other = rootAt(6);
    for (const signed of [
      [rootAt(7), other],
      [other, rootAt(7)],
      [other, rootAt(7), rootAt(7)],
    ])
      expect(
        await check(
          logOf(),
          rootsOf([4, rootAt(4)], ...signed.map((root) => [7, root] as const), [SIZE, rootAt(SIZE)]),
        ),
      ).toMatchObject({ good: 4, finding: { what: 'REWRITTEN', lastIndex: 6 } });
  });

  it('gives others their turns in between', async () => {
    const turns = countTurns();
    const many = 3_000;
    await checkLog(
      async function* () {
        const [row] = await Promise.resolve(exported(logOf(1)));
        for (let leafIndex = 0; leafIndex < many; leafIndex++) if (row) yield { ...row, leafIndex };
      },
      rootsOf([many, rootAt(1)]),
    );
    expect(turns.end()).toBeGreaterThan(10);
  });
});

/** Counts how often the event loop comes round. */
function countTurns(): { end(): number } {
  let turns = 0;
  let isOver = false;
  const turn = () => {
    turns++;
    if (!isOver) setImmediate(turn);
  };
  turn();
  return {
    end: () => {
      isOver = true;
      return turns;
    },
  };
}

describe('the checkpoints that a check goes by', () => {
  const signer = new NoteSigner('hospital.example/audit-log', generateKeyPairSync('ed25519').privateKey);
  const stranger = new NoteSigner(signer.name, generateKeyPairSync('ed25519').privateKey);
  const textOf = (size: number, origin = signer.name, root = hashes[size] ?? Buffer.of()) =>
    checkpointText({ origin, size, root });
  async function open(...notes: string[]): Promise<TrustedCheckpoints> {
    const trusted = new TrustedCheckpoints(signer.verifierKey);
    for (const note of notes) await trusted.open(note, 'the file');
    return trusted;
  }

  it('are those that the key has signed for its own log, however often', async () => {
    const note = signer.sign(textOf(4));
    const { roots, forged } = await open(note, note, signer.sign(textOf(5)));
    expect(forged).toEqual([]);
    expect([3, 4, 5, 6].map((size) => roots.has(size))).toEqual([false, true, true, false]);
    expect([4, 5].map((size) => roots.agree(size, hashes[size] ?? Buffer.of()))).toEqual([true, true]);
    expect(roots.agree(4, hashes[5] ?? Buffer.of())).toBe(false);
    expect(roots.largest).toBe(5);
  });

  it('are none where two were signed for one size: no log fits both', async () => {
    const [one = Buffer.of(), other = Buffer.of()] = hashes;
    const { roots } = await open(
      signer.sign(textOf(4, signer.name, one)),
      signer.sign(textOf(4, signer.name, other)),
    );
    expect([one, other].map((root) => roots.agree(4, root))).toEqual([false, false]);
  });

  it.each([
    ['of another log', signer.sign(textOf(4, 'hospital.example/other'))],
    ['that a stranger has signed', stranger.sign(textOf(4))],
    ['that was changed', signer.sign(textOf(4)).replace('\n4\n', '\n5\n')],
    ['that is none', signer.sign('hospital.example/audit-log\n')],
  ])('are not one %s: that is a finding, and the others still count', async (_, note) => {
    const { roots, forged } = await open(note, signer.sign(textOf(6)));
    expect([4, 5, 6].map((size) => roots.has(size))).toEqual([false, false, true]);
    expect(forged).toMatchObject([
      { what: 'CHECKPOINT_FORGED', leafIndex: null, detail: expect.stringContaining('in the file') },
    ]);
  });

  it('that are forged are named up to a hundred, and counted beyond', async () => {
    const { forged } = await open(...Array.from({ length: 130 }, () => stranger.sign(textOf(4))));
    expect(forged).toHaveLength(101);
    expect(forged.at(-1)?.detail).toMatch(/^30 more/);
  });

  it('are opened in pieces that give others their turns', async () => {
    const note = signer.sign(textOf(4));
    const turns = countTurns();
    await open(...Array.from({ length: 2_000 }, () => note));
    expect(turns.end()).toBeGreaterThan(10);
  });
});
