import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandFailed } from '../common/index.js';

const BUCKETS = 1_024;
const CHUNK_CHARACTERS = 16_384;

interface Bucket {
  /** Lines that are not on disk yet. */
  pending: string;
  readonly chunks: { readonly position: number; readonly length: number }[];
}

/**
 * Rows on their way from files in any order to patients one by one: held by bucket in a temporary file, so that
 * memory holds one bucket's rows and not a folder's. The file has no name from the moment it is made, so it is
 * gone with the process however that ends; a folder of a few thousand rows never touches the disk at all.
 */
export class Spill<Entry> {
  private readonly buckets: Bucket[] = Array.from({ length: BUCKETS }, () => ({ pending: '', chunks: [] }));
  private file: number | undefined;
  private size = 0;

  /**
   * @param group whole number from 0; the entries of one group come back together
   * @param entry anything that JSON holds
   * @throws CommandFailed where the temporary file cannot be written
   */
  add(group: number, entry: Entry): void {
    const bucket = this.bucketOf(group);
    bucket.pending += `${JSON.stringify(entry)}\n`;
    if (bucket.pending.length >= CHUNK_CHARACTERS) this.flush(bucket);
  }

  /** Everything that was added, bucket by bucket; within one in the order in which it was added. */
  *read(): Generator<Entry[]> {
    for (const { chunks, pending } of this.buckets) {
      const lines = [...chunks.map((chunk) => this.load(chunk)), pending].join('').split('\n');
      lines.pop();
      if (lines.length > 0) yield lines.map((line) => JSON.parse(line) as Entry);
    }
  }

  /** Frees the disk space. */
  close(): void {
    if (this.file !== undefined) closeSync(this.file);
    this.file = undefined;
  }

  private bucketOf(group: number): Bucket {
    const bucket = this.buckets[group % BUCKETS];
    if (bucket === undefined) throw new RangeError(`There is no group ${group}.`);
    return bucket;
  }

  private flush(bucket: Bucket): void {
    const chunk = Buffer.from(bucket.pending);
    try {
      this.file ??= openNameless();
      for (let written = 0; written < chunk.length;)
        written += writeSync(this.file, chunk, written, chunk.length - written, this.size + written);
    } catch (error) {
      throw new CommandFailed(
        `The temporary file in ${tmpdir()} cannot be written (${(error as NodeJS.ErrnoException).code ?? ''}). ` +
          'Nothing was written to the database. Make room there, or set TMPDIR to another folder, and import again.',
        1,
        { cause: error },
      );
    }
    bucket.chunks.push({ position: this.size, length: chunk.length });
    bucket.pending = '';
    this.size += chunk.length;
  }

  private load({ position, length }: { position: number; length: number }): string {
    if (this.file === undefined) throw new Error('The temporary file is closed.');
    const chunk = Buffer.alloc(length);
    for (let read = 0; read < length;) {
      const bytes = readSync(this.file, chunk, read, length - read, position + read);
      if (bytes === 0) throw new Error('The temporary file is shorter than what was written to it.');
      read += bytes;
    }
    return chunk.toString();
  }
}

function openNameless(): number {
  const path = join(tmpdir(), `silgi-import-${randomUUID()}`);
  const file = openSync(path, 'wx+', 0o600);
  unlinkSync(path);
  return file;
}
