import type { EntityManager } from 'typeorm';
import type { CheckpointFile } from './checkpoint.file.js';
import type { Finding } from './log.check.js';
import { LAST_PLACE } from './log.rows.js';
import type { TrustedCheckpoints } from './trusted.checkpoints.js';

/** Checkpoints that are read at a time. */
const BATCH = 1_000;
const LOWEST = '-9223372036854775808';
const IN_ORDER = `
  SELECT tree_size::text AS size, root_hash AS root, note FROM audit.audit_log_checkpoint
  WHERE tree_size > $1 AND (tree_size <= $2 OR tree_size > $3) ORDER BY tree_size LIMIT ${BATCH}`;
const OF_SIZES = `
  SELECT tree_size::text AS size, note FROM audit.audit_log_checkpoint WHERE tree_size = ANY ($1::bigint[])`;

interface StoredNote {
  readonly size: string;
  readonly root: Buffer;
  readonly note: Buffer;
}

/**
 * Opens every checkpoint in the database; one whose columns say something else than its signed note is a finding too.
 *
 * @param size only up to this one, the newest when the check began, and those of sizes that no log has
 * @returns how many there are
 */
export async function checkStored(
  manager: EntityManager,
  size: number,
  trusted: TrustedCheckpoints,
): Promise<number> {
  for (let count = 0, after = LOWEST; ;) {
    const rows = await manager.query<StoredNote[]>(IN_ORDER, [after, size, LAST_PLACE]);
    for (const { size: filed, root, note } of rows) {
      const text = note.toString();
      await trusted.open(text, 'the database');
      const [, signedSize, signedRoot] = text.split('\n', 3);
      if (signedSize !== filed || signedRoot !== root.toString('base64'))
        trusted.refuse(`The checkpoint filed under ${filed} events was signed for another log.`);
    }
    count += rows.length;
    if (rows.length < BATCH) return count;
    after = rows.at(-1)?.size ?? after;
  }
}

/**
 * Holds the file outside against the database, behind {@link checkStored}: the database has every checkpoint before
 * the file has it. What is the same in both is not opened again.
 *
 * @returns how many are in the file, and what the database has lost
 */
export async function checkFile(
  manager: EntityManager,
  file: CheckpointFile,
  trusted: TrustedCheckpoints,
): Promise<{ count: number; gone: Finding | undefined }> {
  let count = 0;
  let lost = 0;
  let first: number | undefined;
  for await (const notes of batchesOf(file.notes())) {
    const stored = await storedNotes(manager, notes.map(sizeIn));
    for (const note of notes) {
      const inDatabase = stored.get(sizeIn(note));
      if (inDatabase === note) continue;
      const known = trusted.roots.has(Number(sizeIn(note)));
      const checkpoint = await trusted.open(note, file.path);
      if (checkpoint === undefined || known || inDatabase !== undefined) continue;
      lost++;
      first ??= checkpoint.size;
    }
    count += notes.length;
  }
  return { count, gone: first === undefined ? undefined : goneFrom(file, lost, first) };
}

async function storedNotes(manager: EntityManager, sizes: readonly string[]): Promise<Map<string, string>> {
  const countable = sizes.filter((size) => /^\d{1,16}$/.test(size));
  const rows = await manager.query<{ size: string; note: Buffer }[]>(OF_SIZES, [countable]);
  return new Map(rows.map(({ size, note }) => [size, note.toString()]));
}

async function* batchesOf(notes: AsyncIterable<string>): AsyncGenerator<string[]> {
  let batch: string[] = [];
  for await (const note of notes) {
    batch.push(note);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** The size that a note says it was signed for. */
function sizeIn(note: string): string {
  return note.split('\n', 2)[1] ?? '';
}

function goneFrom({ path }: CheckpointFile, count: number, first: number): Finding {
  const detail =
    `${count} of the checkpoints in ${path} are gone from the database, the first of them of ${first} events: ` +
    'somebody took them out, or the database was restored from an older state.';
  return { what: 'REMOVED', leafIndex: null, lastIndex: null, auditEventId: null, detail };
}
