import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { open, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { checkExport, exportLog, type Finding, notesIn } from '../../src/transparency-log/index.js';
import { makeHome } from './log.stage.js';
import { SealedLog, SIZE } from './tampering.stage.js';

let log: SealedLog;
let lines: string[];

beforeAll(async () => {
  log = await SealedLog.open();
  lines = [];
  await exportLog(log.instance.manager, SIZE, (text) => {
    lines.push(...text.split('\n').slice(0, -1));
    return Promise.resolve();
  });
});

afterAll(() => log.close());

describe('an export', () => {
  const exported = () => join(dirname(log.home.checkpointsFile), 'export.jsonl');

  /** @returns what is wrong with an export of these lines, held against all checkpoints or the last one */
  async function check(
    changed: readonly string[],
    which: 'all' | 'last' = 'all',
  ): Promise<readonly Finding[]> {
    await writeFile(exported(), changed.map((line) => `${line}\n`).join(''));
    const notes = notesIn(log.checkpoints);
    const { finding, forged } = await checkExport(
      exported(),
      which === 'all' ? notes : notes.slice(-1),
      log.instance.verifierKey,
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
    expect(await checkExport(exported(), notesIn(log.checkpoints), log.instance.verifierKey)).toMatchObject({
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
    const { finding } = await checkExport(exported(), notesIn(log.checkpoints), log.instance.verifierKey);
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
      'actorSource',
      'requestedAt',
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
    const { finding, forged } = await checkExport(
      exported(),
      notesIn(log.checkpoints),
      other.key.verifierKey,
    );
    expect(finding).toMatchObject({ what: 'INSERTED', leafIndex: 0 });
    expect(forged).toHaveLength(4);
    await other.remove();
  });
});
