import { describe, expect, it, jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { ListUnreadable, PatientList, readCsvList } from '../../src/batch/index.js';

const A = '0198c5a2-7d1e-4c3b-9f60-2b7a51e0c914';
const B = 'ffffffff-0000-7000-8000-00000000000b';

/** A stream of pieces of this size. */
async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

function read(text: string | Buffer, size = 65_536): Promise<PatientList> {
  return readCsvList(inPieces(Buffer.from(text), size));
}

/** The lines in short: `2 0198…`, `2 <007>` of a key, or `3 (why not)`. */
function inShort(list: PatientList): string[] {
  const held = (key: string | null) => (key === null ? null : `<${key}>`);
  return [...list.pieces(1_000)]
    .flat()
    .map(({ line, patientId, key, reason }) => `${line} ${patientId ?? held(key) ?? `(${reason})`}`);
}

const NOT_AN_ID = '(What stands here is not a patient id, which is a UUID.)';
const NOTHING = '(The line is without a patient id.)';
const SHORT = '(The line is shorter than the header: it has no patient id.)';
const NO_KEY = '(The line is without a key.)';
const SHORT_OF_KEY = '(The line is shorter than the header: it has no key.)';
const LONGEST = 'ğ'.repeat(200);
const TOO_LONG = '(The key is longer than 200 characters, as none is.)';
const UNREADABLE = '(The key has a character that cannot be read: save the list in UTF-8.)';

describe('a list in CSV', () => {
  it.each<[string, string, string[]]>([
    ['one bare column', `${A}\n${B}\n`, [`1 ${A}`, `2 ${B}`]],
    ['no line end at its end', `${A}\n${B}`, [`1 ${A}`, `2 ${B}`]],
    ['one line', A, [`1 ${A}`]],
    ['Windows line ends', `patientId\r\n${A}\r\n${B}\r\n`, [`2 ${A}`, `3 ${B}`]],
    ['old Macintosh line ends', `patientId\r${A}\r${B}\r`, [`2 ${A}`, `3 ${B}`]],
    ['a byte order mark before a header', `\uFEFFpatient_id,x\n${A},1\n`, [`2 ${A}`]],
    ['a byte order mark before an id', `\uFEFF${A}\n`, [`1 ${A}`]],
    ['a byte order mark before a quoted header', `\uFEFF"Patient Id";"x"\n"${A}";"1"\n`, [`2 ${A}`]],
    ['semicolons, and commas within', `Ad;patientId\nYılmaz, Ayşe, Hanım;${A}\n`, [`2 ${A}`]],
    ['tabs', `x\tID\n1\t${A}\n`, [`2 ${A}`]],
    ['Synthea’s patients', `Id,BIRTHDATE,FIRST\n${A},1980-05-17,"Ada, B."\n`, [`2 ${A}`]],
    ['Synthea’s encounters, by their patient', `Id,PATIENT\n${B},${A}\n`, [`2 ${A}`]],
    ['capital letters and space', `patientId\n  ${A.toUpperCase()} \n`, [`2 ${A}`]],
    ['blank lines, and lines of separators', `id;x\n\n${A};\n;\n \n${B};\n\n`, [`3 ${A}`, `6 ${B}`]],
    ['lines within quotes', `x,id\n"a\r\nb\nc",${A}\nd,${B}\n`, [`2 ${A}`, `5 ${B}`]],
    ['quotes in the middle', `x,id\nThe "old" one,${A}\n`, [`2 ${A}`]],
    ['what is no id', `id\n${A}\n10000000146\n${A}0\n`, [`2 ${A}`, `3 ${NOT_AN_ID}`, `4 ${NOT_AN_ID}`]],
    ['a cell that is empty or missing', `x,id\n1,\n2\n3,${A}\n`, [`2 ${NOTHING}`, `3 ${SHORT}`, `4 ${A}`]],
    ['more cells than the header', `id\n${A},more\n`, [`2 ${A}`]],
    ['a column of keys', `patientKey\n7\n007\n`, ['2 <7>', '3 <007>']],
    ['keys beside what is not read', `Ad;Patient Key;x\nIşıl;"7;8";1\n`, ['2 <7;8>']],
    ['a column named key', `\uFEFFname,KEY\nx,Ş-1\n`, ['2 <Ş-1>']],
    ['patientKey before key', `key,patient_key\n1,2\n`, ['2 <2>']],
    ['blanks of a key, which are its own', `key,x\n 7,\n"7 ",\n`, ['2 < 7>', '3 <7 >']],
    ['NULL for a key', `key\nNULL\n`, ['2 <NULL>']],
    ['an id for a key', `key\n${A.toUpperCase()}\n`, [`2 <${A.toUpperCase()}>`]],
    ['no key on a line', `x,key\n1,\n1, \n2\n`, [`2 ${NO_KEY}`, `3 ${NO_KEY}`, `4 ${SHORT_OF_KEY}`]],
    ['the longest key', `key\n${LONGEST}\n${LONGEST}9\n`, [`2 <${LONGEST}>`, `3 ${TOO_LONG}`]],
  ])('is read with %s', async (_, text, lines) => {
    expect(inShort(await read(text))).toEqual(lines);
    // Wherever the network cuts it.
    expect(inShort(await read(text, 1))).toEqual(lines);
  });

  it('is read whatever the letters of other columns are encoded in', async () => {
    const latin5 = Buffer.concat([Buffer.from('ad;id\n'), Buffer.from([0xdd, 0xfe, 0x3b]), Buffer.from(A)]);
    expect(inShort(await read(latin5))).toEqual([`2 ${A}`]);
  });

  it('says of a key whose letters are not in UTF-8 that it cannot be read', async () => {
    const latin5 = Buffer.concat([Buffer.from('key\n'), Buffer.from([0xdd, 0xfe]), Buffer.from('\n7\n')]);
    expect(inShort(await read(latin5))).toEqual([`2 ${UNREADABLE}`, '3 <7>']);
  });

  it.each<[string, string | Buffer, RegExp, number | undefined]>([
    ['nothing', '', /^The list: it is empty/, undefined],
    ['blank lines', '\uFEFF\r\n\n ;\n', /^The list: it is empty/, undefined],
    ['a header alone', 'patientId\n\n', /header and no line/, undefined],
    ['no column for the id', `\nname,birth\nx,${A}\n`, /no column named/, 2],
    ['text', 'Dear colleague,\nplease delete them all.\n', /no column named/, 1],
    ['two columns for the id', `patient_id,patientId\n${A},${B}\n`, /two columns/, 1],
    ['two columns for the key', `key,x,KEY\n1,,2\n`, /two columns of the header could be the key/, 1],
    [
      'a column of ids and one of keys',
      `id,key\n${A},7\n`,
      /one column .* ids and one of keys; leave one/,
      1,
    ],
    ['keys without a header', `7\n8\n`, /no column named/, 1],
    ['JSON', `{"patientIds":["${A}"]}`, /JSON/, 1],
    ['a list in JSON', `\uFEFF [ "${A}" ]`, /JSON/, 1],
    ['a PDF', '%PDF-1.7\n\0', /PDF/, 1],
    ['a workbook', 'PK\x03\x04\0\0', /workbook/, 1],
    ['a page', '<!doctype html>', /HTML/, 1],
    ['something compressed', gzipSync(`id\n${A}`), /compressed/, 1],
    ['UTF-16', Buffer.from(`\uFEFFid\n${A}`, 'utf16le'), /UTF-16/, 1],
    ['a null byte', `id\n${A}\n\0\n`, /null byte/, 3],
    ['a null byte far behind', `id\n${`${A}\n`.repeat(2_000)}\0`, /null byte/, 2_002],
    ['a quote without end', `id\n${A}\n"${`${B}\n`.repeat(9)}`, /never closed/, 3],
    ['a quote without end, long', `id\n${A}\n"${`${B}\n`.repeat(9_000)}`, /never closed/, 3],
  ])('is refused where it is %s', async (_, text, why, line) => {
    const refusal = await read(text).then(undefined, (error: unknown) => error as ListUnreadable);
    expect(refusal).toBeInstanceOf(ListUnreadable);
    expect(refusal).toMatchObject({ line, message: expect.stringMatching(why) });
    expect((refusal as Error).message).toMatch(/Nothing was stored and nobody deleted\.$/);
    expect((refusal as Error).message).not.toContain(A);
  });

  it('holds a million lines in little memory, and not one more', async () => {
    const id = randomUUID();
    const before = process.memoryUsage().arrayBuffers;
    const list = new PatientList();
    for (let line = 1; line <= 1_000_000; line++) list.add(line, id);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(30_000_000);
    for (const more of ['add', 'refuse', 'pass'] as const)
      expect(() => {
        list[more](1_000_001, id);
      }).toThrow(/^Line 1000001: the list is longer/);
    const lines = Buffer.from(`${id}\n`.repeat(1_000));
    const many = async function* (): AsyncGenerator<Buffer> {
      for (let at = 0; at < 30; at++) yield await Promise.resolve(lines);
    };
    expect((await readCsvList(many())).length).toBe(30_000);
  });

  it('holds a million keys in little memory, in their order', () => {
    const before = process.memoryUsage().arrayBuffers;
    const list = new PatientList('keys');
    for (let line = 1; line <= 1_000_000; line++) list.add(line, `TR-${line}`);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(30_000_000);
    let line = 0;
    for (const piece of list.pieces(5_000))
      for (const entry of piece)
        if (entry.key !== `TR-${++line}` || entry.line !== line) throw new Error(`${line}`);
    expect(line).toBe(1_000_000);
  });

  it('is refused where its keys are longer than what is held of a list', () => {
    const list = new PatientList('keys');
    const long = 'k'.repeat(200);
    expect(() => {
      for (let line = 1; line <= 400_000; line++) list.add(line, long);
    }).toThrow(/^Line 320001: the keys are longer than 64000000 characters together; send it in parts/);
  });

  it('names its patients by ids or by keys, and not by both', () => {
    expect(inShort(PatientList.of({ patientIds: [A] }))).toEqual([`1 ${A}`]);
    const keys = ['7', '', '\0', '\ud800', '7'];
    expect(inShort(PatientList.of({ patientKeys: keys }))).toEqual([
      '1 <7>',
      `2 ${NO_KEY}`,
      `3 ${UNREADABLE}`,
      `4 ${UNREADABLE}`,
      '5 <7>',
    ]);
    expect(() => PatientList.of({ patientIds: [A], patientKeys: keys })).toThrow(ListUnreadable);
  });

  it('counts blank lines and lines without an id against the limit of lines', async () => {
    const lines = (text: string, times: number) => Buffer.from(text.repeat(times));
    const list = async function* (last: string): AsyncGenerator<Buffer> {
      yield await Promise.resolve(Buffer.from(`x,id\n1,${A}\n`));
      // In pieces as they come over the network.
      for (let at = 0; at < 9; at++) yield lines('\n', 55_555);
      for (let at = 0; at < 9; at++) yield lines(',x\n', 55_555);
      yield Buffer.from(`${',\n'.repeat(9)}${last}`);
    };
    await expect(readCsvList(list('\n'))).rejects.toThrow(
      /^Line 1000002: the list is longer than 1000000 lines/,
    );
  });

  it.each([
    ['blank lines', '\n'],
    ['lines that start with a comma', ',x\n'],
    ['ids', `${A}\n`],
  ])('leaves others their turn while it reads %s that come at once', async (_, line) => {
    let turns = 0;
    const turn = setInterval(() => {
      turns++;
    }, 1);
    await readCsvList(inPieces(Buffer.from(`id\n${A}\n${line.repeat(200_000)}`), 10_000_000));
    clearInterval(turn);
    expect(turns).toBeGreaterThan(9);
  });

  it('makes no error for a line that is shorter or longer than the one before it', async () => {
    const made = jest.spyOn(Error, 'captureStackTrace');
    const list = await read(`id\n${`,x\n${A}\n`.repeat(500)}`);
    expect(list.length).toBe(1_000);
    expect(made.mock.calls.length).toBeLessThan(100);
    made.mockRestore();
  });
});
