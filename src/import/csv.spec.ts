import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from '@jest/globals';
import { type CsvRecord, CsvUnreadable, readCsv } from './csv.js';

const folder = mkdtempSync(join(tmpdir(), 'silgi-csv-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function read(content: string | Buffer, name = 'a.csv'): Promise<CsvRecord[]> {
  const path = join(folder, name);
  writeFileSync(path, content);
  const records: CsvRecord[] = [];
  for await (const record of readCsv(path)) records.push(record);
  return records;
}

describe('reading CSV', () => {
  it('gives the line on which each record begins, whatever line ends and quoted line breaks', async () => {
    const content = '\uFEFFID,B\r\n1,"a\r\nb\r\nc"\r\n\r\n2,"say ""x"""\r\n3,"d\ne"\n4,z\n';
    expect(await read(content)).toEqual([
      { line: 1, cells: ['ID', 'B'] },
      { line: 2, cells: ['1', 'a\r\nb\r\nc'] },
      { line: 6, cells: ['2', 'say "x"'] },
      { line: 7, cells: ['3', 'd\ne'] },
      { line: 9, cells: ['4', 'z'] },
    ]);
  });

  it('reads a compressed file the same', async () => {
    const content = 'ID,B\n1,ğ\n';
    expect(await read(gzipSync(content), 'a.csv.GZ')).toEqual(await read(content));
  });

  it('leaves the number of columns to the caller', async () => {
    expect((await read('A,B\n1\n1,2,3\n')).map(({ cells }) => cells.length)).toEqual([2, 1, 3]);
  });

  it('keeps characters whole that lie across two pieces of the file', async () => {
    const name = 'ş'.repeat(100_001);
    expect((await read(`A\nx${name}\n`))[1]?.cells).toEqual([`x${name}`]);
  });

  it.each([
    ['an unclosed quote', 'A,B\n1,"x\r\ny"\n2,"open\n3,z\n', 4, /never closed/],
    ['an unclosed quote that meets a later one', 'A,B\n1,2\n2,"open\n3,"z"\n', 3, /quote/],
    ['a quote within an open cell', 'A,B\n1,2\n2,op"en\n', 3, /quote/],
    ['an unclosed quote before a lot of text', `A,B\n1,2\n2,"${'x,\n'.repeat(1_000_000)}`, 3, /megabyte/],
  ])('names the line of %s', async (_, content, line, reason) => {
    const failure = await read(content).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(CsvUnreadable);
    expect(failure).toMatchObject({ line, message: expect.stringMatching(reason) });
  });

  it.each([
    ['bytes that are not UTF-8', Buffer.from([0x41, 0x0a, 0xe7, 0x0a]), 'a.csv', /not UTF-8/],
    ['a character cut off at the end', Buffer.from([0x41, 0x0a, 0xc5]), 'a.csv', /not UTF-8/],
    ['a truncated gzip file', gzipSync('A\n1\n'.repeat(999)).subarray(0, 30), 'a.csv.gz', /gzip/],
    ['a file that is not gzip', Buffer.from('A\n1\n'), 'a.csv.gz', /gzip/],
  ])('refuses %s', async (_, content, name, reason) => {
    const failure = await read(content, name).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(CsvUnreadable);
    expect(failure).toMatchObject({ message: expect.stringMatching(reason) });
  });
});
