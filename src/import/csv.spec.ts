import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { Encoding } from '../common/index.js';
import { type CsvRecord, readCsv } from './csv.js';
import { CsvUnreadable } from './csv.text.js';

const folder = mkdtempSync(join(tmpdir(), 'silgi-csv-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function read(content: string | Buffer, name = 'a.csv', encoding?: Encoding): Promise<CsvRecord[]> {
  const path = join(folder, name);
  writeFileSync(path, content);
  const records: CsvRecord[] = [];
  const options = encoding === undefined ? {} : { encoding };
  for await (const some of readCsv(path, options)) records.push(...some);
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

  it.each([
    [';', 'a,b'],
    ['\t', 'a,b;c'],
    [',', 'a;b'],
  ])('takes the delimiter that its header has most of: %j', async (delimiter, other) => {
    const header = `"ID, or; so"${delimiter}B${delimiter}C`;
    expect(
      (await read(`\uFEFF${header}\r\n1${delimiter}${other}${delimiter}\r\n`)).map(({ cells }) => cells),
    ).toEqual([
      ['ID, or; so', 'B', 'C'],
      ['1', other, ''],
    ]);
  });

  it.each(['windows-1254', 'iso-8859-9'] as const)('reads %s where it is told to', async (encoding) => {
    // İ Ş Ğ ı ş ğ ö, the letters in which the encodings of Europe differ, and a sign of Windows alone.
    const bytes = Buffer.from([0x41, 0x0a, 0xdd, 0xde, 0xd0, 0xfd, 0xfe, 0xf0, 0xf6, 0x0a, 0x80, 0x0a]);
    expect((await read(bytes, 'a.csv', encoding)).map(({ cells }) => cells)).toEqual([
      ['A'],
      ['İŞĞışğö'],
      ['€'],
    ]);
    expect((await read(gzipSync(bytes), 'a.csv.gz', encoding))[1]?.cells).toEqual(['İŞĞışğö']);
  });

  it('refuses to read UTF-8 as something else, which would change every name', async () => {
    await expect(read(`A\n${'x'.repeat(65_535)}ş\n`, 'a.csv', 'windows-1254')).rejects.toThrow(
      /is UTF-8, not windows-1254/,
    );
    expect(await read('A\n1\n', 'a.csv', 'windows-1254')).toHaveLength(2);
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

  const turkish = (line: number) =>
    Buffer.concat([Buffer.from(`A\n"${'ş\n'.repeat(line - 2)}`), Buffer.from([0xde, 0x0a, 0x22, 0x0a])]);
  const advised = /^is not UTF-8; it looks like Windows-1254 .*--encoding windows-1254$/;

  it.each([
    ['in the first piece of the file', turkish(28), 28, advised],
    ['in a later piece', turkish(100_000), 100_000, advised],
    ['in the header', Buffer.from([0xdd, 0x0a, 0x31, 0x0a]), 1, advised],
    [
      'at the end, cut off',
      Buffer.from([0x41, 0x0a, 0x31, 0x0a, 0xc5]),
      3,
      /^is not UTF-8; save the file as UTF-8$/,
    ],
    [
      'that no Turkish text has',
      Buffer.from([0x41, 0x0a, 0x31, 0x0a, 0xe9, 0x0a]),
      3,
      /; save the file as UTF-8$/,
    ],
    [
      'of a character that goes on wrongly',
      Buffer.from([0x41, 0x0a, 0xe2, 0x82, 0x0a, 0xfe]),
      2,
      /^is not UTF-8/,
    ],
  ])('names the line of the first byte that is not UTF-8 %s', async (_, content, line, reason) => {
    for (const [bytes, name] of [
      [content, 'a.csv'],
      [gzipSync(content), 'a.csv.gz'],
    ] as const) {
      const failure = await read(bytes, name).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(CsvUnreadable);
      expect(failure).toMatchObject({ line, message: expect.stringMatching(reason) });
    }
  });

  it.each([
    ['UTF-16 with a mark', Buffer.from('\uFEFFA\n1\n', 'utf16le'), 'a.csv', /^is in UTF-16/],
    ['UTF-16 without one', Buffer.from('A\n1\n', 'utf16le'), 'a.csv', /^is in UTF-16/],
    ['big-endian UTF-16', Buffer.from('A\n1\n', 'utf16le').swap16(), 'a.csv', /^is in UTF-16/],
    ['a workbook', Buffer.from('PK\x03\x04...'), 'a.csv', /^is a workbook/],
    ['a compressed file by another name', gzipSync('A\n1\n'), 'a.csv', /^is compressed/],
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
