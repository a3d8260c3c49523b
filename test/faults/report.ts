import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { TEMPLATE } from '../support/database.js';
import type { PlayedAction } from './action.js';
import { ACTIONS } from './actions.js';
import { FORM } from './fault.js';
import { assigned, type CellStep, REASONS } from './matrix.js';

const RESULTS = resolve(import.meta.dirname, '../../test-results');
const PARTS = join(RESULTS, 'fault-cells');

/** What one cell came to: N, C, R>N, R>C, FAILED; `left` where the short form leaves it out, `no` where it cannot be made here. */
export type Came = 'N' | 'C' | 'R>N' | 'R>C' | 'FAILED' | 'left' | 'no';

/** What the columns of an action came to, by the codes of the faults. */
type Columns = Record<string, Partial<Record<CellStep, Came>>>;

/** A state of the database that is hostile from the start, and what a deletion came to in it. */
export interface Hostile {
  readonly state: string;
  readonly expected: string;
  readonly came: string;
}

interface Part {
  /** The test run that wrote it: parts of earlier runs do not count. */
  readonly run: string;
  /** By the names of the actions. */
  readonly columns: Readonly<Record<string, Columns>>;
  readonly titles: Readonly<Record<string, string>>;
  readonly missing: readonly string[];
  readonly hostile: readonly Hostile[];
}

/**
 * Adds what one file of the suite has found, and writes the matrix of this run so far to
 * `test-results/fault-matrix.md`. The file that completes it prints it.
 */
export async function report(file: string, part: Partial<Omit<Part, 'run'>>): Promise<void> {
  await mkdir(PARTS, { recursive: true });
  const run = process.env[TEMPLATE] ?? '';
  await write(
    join(PARTS, `${file}.json`),
    JSON.stringify({ columns: {}, titles: {}, missing: [], hostile: [], ...part, run }),
  );
  const names = (await readdir(PARTS)).filter((name) => name.endsWith('.json'));
  const all = await Promise.all(
    names.map(async (name) => JSON.parse(await readFile(join(PARTS, name), 'utf8')) as Part),
  );
  const parts = all.filter((other) => other.run === run);
  const text = render(parts);
  await write(join(RESULTS, 'fault-matrix.md'), text);
  const complete = ACTIONS.every((action) =>
    [...action.matrix.columns.keys()].every((code) => code in cameOf(action, parts)),
  );
  if (complete && parts.some(({ hostile }) => hostile.length > 0)) process.stdout.write(`\n${text}\n`);
}

/** Whole or not at all: the files of the suite may run at the same time. */
async function write(path: string, text: string): Promise<void> {
  await writeFile(`${path}.${process.pid}`, text);
  await rename(`${path}.${process.pid}`, path);
}

/** What an action came to, of all the files together. */
function cameOf({ name }: PlayedAction, parts: readonly Part[]): Columns {
  return Object.assign({}, ...parts.map(({ columns }) => columns[name] ?? {})) as Columns;
}

function render(parts: readonly Part[]): string {
  const titles = new Map(parts.flatMap(({ titles }) => Object.entries(titles)));
  return [
    `# Fault matrix (${FORM} form)`,
    '',
    'N nothing changed, C committed, R>N and R>C resolved to it, small letters not applicable, - left out of this',
    'form, x not possible on this machine, !!! not as promised.',
    '',
    ...ACTIONS.flatMap((action) => [`## ${action.name}`, '', ...section(action, cameOf(action, parts)), '']),
    ...[...titles].map(([code, title]) => `- ${code}: ${title}`),
    '',
    ...Object.entries(REASONS).map(([letter, reason]) => `- ${letter}: ${reason}`),
    ...parts.flatMap(({ missing }) => missing.map((reason) => `- x: ${reason}`)),
    '',
    ...hostileTable(parts.flatMap(({ hostile }) => hostile)),
  ].join('\n');
}

/** The table of one action, and how many of its cells came to what. */
function section({ matrix }: PlayedAction, columns: Columns): string[] {
  const codes = [...matrix.columns.keys()].filter((code) => code in columns);
  const cells = codes.flatMap((code) =>
    matrix.steps.map((step) => {
      const cell = assigned(matrix, code, step);
      return cell !== undefined && 'reason' in cell ? 'na' : columns[code]?.[step];
    }),
  );
  const count = (...kinds: string[]) =>
    cells.filter((cell) => cell !== undefined && kinds.includes(cell)).length;
  const fired = count('N', 'C', 'R>N', 'R>C');
  const letter = (code: string, step: CellStep) => {
    const came = columns[code]?.[step];
    if (came === 'left') return '-';
    if (came === 'FAILED') return '!!!';
    if (came === 'no') return 'x';
    return came ?? matrix.columns.get(code)?.get(step) ?? '?';
  };
  const first = Math.max(...matrix.steps.map(({ length }) => length));
  const row = (step: string, letters: readonly string[]) =>
    `| ${step.padEnd(first)} | ${letters.map((one) => one.padEnd(3)).join(' | ')} |`;
  return [
    row('step', codes),
    row(
      '---',
      codes.map(() => '---'),
    ),
    ...matrix.steps.map((step) =>
      row(
        step,
        codes.map((code) => letter(code, step)),
      ),
    ),
    '',
    `Cells: ${cells.length}. Tried ${fired + count('FAILED')}, fired and as promised ${fired} (N ${count('N')}, C ${count('C')}, ` +
      `R>N ${count('R>N')}, R>C ${count('R>C')}), failed ${count('FAILED')}, not applicable ${count('na')}, ` +
      `left out ${count('left')}, not possible here ${count('no')}.`,
  ];
}

function hostileTable(states: readonly Hostile[]): string[] {
  if (states.length === 0) return [];
  return [
    '| hostile state | expected | came to |',
    '| --- | --- | --- |',
    ...states.map(({ state, expected, came }) => `| ${state} | ${expected} | ${came} |`),
    '',
  ];
}
