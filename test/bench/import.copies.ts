import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

const UUID = /\b([0-9a-f]{8})(-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\b/gi;
/** Odd, so that no two copies get the same; large, so that ids lie anywhere, as random ones do. */
const STRIDE = 0x9e3779b1;

/**
 * Writes a folder of Synthea's files with the patients of another so many times, each time with ids of their own: large
 * enough that the start of a command no longer shows.
 */
export async function copyPatients(source: string, target: string, times: number): Promise<void> {
  await mkdir(target);
  for (const name of await readdir(source)) {
    const file = createReadStream(join(source, name));
    const content = await text(name.endsWith('.gz') ? file.pipe(createGunzip()) : file);
    const bodyAt = content.indexOf('\n') + 1;
    const copies = function* () {
      yield content.slice(0, bodyAt);
      for (let copy = 0; copy < times; copy++) yield withOtherIds(content.slice(bodyAt), copy);
    };
    await pipeline(Readable.from(copies()), createWriteStream(join(target, name.replace(/\.gz$/, ''))));
  }
}

function withOtherIds(rows: string, copy: number): string {
  const mask = Math.imul(copy, STRIDE);
  return rows.replace(
    UUID,
    (_, first: string, rest: string) =>
      ((parseInt(first, 16) ^ mask) >>> 0).toString(16).padStart(8, '0') + rest,
  );
}
