/** Encodings in which CSV files are read: UTF-8, and the one of Turkish Windows, which covers ISO-8859-9 (Latin-5). */
export const ENCODINGS = ['utf-8', 'windows-1254', 'iso-8859-9'] as const;
export type Encoding = (typeof ENCODINGS)[number];

const DELIMITERS = [',', ';', '\t'] as const;

/**
 * The delimiter that the first line with anything in it has most of, outside of quotes: a spreadsheet writes commas,
 * semicolons or tabs as its country does.
 *
 * @param head beginning of the file
 */
export function delimiterOf(head: Buffer): string {
  const lines = head
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '')
    .split(/\r\n|\n|\r/);
  const first = lines.find((text) => /[^\s,;]/.test(text)) ?? lines.find((text) => text.trim() !== '') ?? '';
  const bare = first.replace(/"[^"]*"/g, '');
  const count = (delimiter: string) => bare.split(delimiter).length;
  return [...DELIMITERS].sort((a, b) => count(b) - count(a))[0] ?? ',';
}

/** Lines of a file that a record takes, whose cells may hold line ends of any kind. */
export function linesOf(cells: readonly string[]): number {
  return cells.reduce((sum, cell) => sum + (cell.match(/\r\n|\n|\r/g)?.length ?? 0), 1);
}
