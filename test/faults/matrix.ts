import {
  ALL_DELETION_STEPS,
  type DeletionStep,
  type HoldStep,
  type RequestStep,
} from '../../src/orchestrator/index.js';
import type { Step } from '../../src/protocol/index.js';

/** A step of the protocol, or `answer`: after the commit, before the caller hears. */
export type CellStep = DeletionStep | HoldStep | RequestStep | 'connect' | 'begin' | 'commit' | 'answer';

/**
 * What a fault at a step must come to. N: nothing changed, and the error names phase and shard. C: committed,
 * all rows and exactly one audit event. R: either of the two, as long as the caller is told the one that is true.
 */
export type Expected = 'N' | 'C' | 'R';

/** One column: the letter of every step, as it is written. */
export type Column = ReadonlyMap<string, string>;

/** What every fault must come to at every step of an action. */
export interface Matrix {
  /** The rows: the steps as the code exports them, and the answer. */
  readonly steps: readonly CellStep[];
  /** The columns by the codes of the faults, in order. */
  readonly columns: ReadonlyMap<string, Column>;
}

/**
 * Every fault at every step of a deletion, assigned by hand. A step that the code adds has no row here, and fails the suite
 * until somebody has thought about each of its cells. Small letters are {@link REASONS}.
 */
const IN_THE_DATABASE = `
                    EXC SWL CHK SER DLK CAN TMO TRS TRM LCK DDK IDL DSK
  connect           N   a   b   b   b   b   b   b   R   c   c   f   N
  begin             N   a   b   b   b   b   b   b   N   c   c   f   N
  claim             N   N   N   C   C   N   N   N   N   N   e   N   N
  lock              N   N   N   C   C   N   N   N   N   N   C   N   N
  vote patient      N   N   N   C   C   N   N   N   N   N   C   N   N
  vote clinical     N   N   N   C   C   N   N   N   N   N   C   N   N
  vote finance      N   N   N   C   C   N   N   N   N   N   C   N   N
  vote audit        N   N   N   C   C   N   N   N   N   c   c   N   N
  vote catalogue    N   N   N   C   C   N   N   N   N   N   C   N   N
  mark clinical     N   N   N   C   C   N   N   N   N   N   C   N   N
  mark finance      N   N   N   C   C   N   N   N   N   N   C   N   N
  mark patient      N   N   N   C   C   N   N   N   N   N   C   N   N
  guard demographics N  N   N   C   C   N   N   N   N   d   d   N   N
  rescan            N   N   N   C   C   N   N   N   N   d   d   N   N
  audit             N   N   N   C   C   N   N   N   N   N   C   N   N
  record            N   N   N   C   C   N   N   N   N   d   d   N   N
  compare counts    N   a   b   b   b   b   b   b   N   c   c   N   C
  commit            N   N   N   C   C   N   R   R   R   c   c   R   C
  answer            C   a   b   b   b   b   b   b   C   c   c   f   C`;

const AROUND_IT = `
                    WRC WRR WRS DUP CON POL DDL CUB CUA STL SRV SRA SIG
  connect           C   C   C   C   C   N   N   N   N   N   N   N   N
  begin             C   C   C   C   C   C   N   N   N   N   N   N   N
  claim             C   C   C   C   C   C   N   N   N   N   N   N   N
  lock              C   C   C   C   C   C   N   N   N   N   N   N   N
  vote patient      C   C   C   C   C   C   N   N   N   N   N   N   N
  vote clinical     C   C   C   C   C   C   N   N   N   N   N   N   N
  vote finance      C   C   C   C   C   C   N   N   N   N   N   N   N
  vote audit        C   C   C   C   C   C   N   N   N   N   N   N   N
  vote catalogue    C   C   C   C   C   C   N   N   N   N   N   N   N
  mark clinical     C   C   C   C   C   C   N   N   N   N   N   N   N
  mark finance      C   C   C   C   C   C   N   N   N   N   N   N   N
  mark patient      C   C   C   C   C   C   N   N   N   N   N   N   N
  guard demographics C  C   C   C   C   C   N   N   N   N   N   N   N
  rescan            C   C   C   C   C   C   N   N   N   N   N   N   N
  audit             C   C   C   C   C   C   C   N   N   N   N   N   N
  record            C   C   C   C   C   C   C   N   N   N   N   N   N
  compare counts    C   C   C   C   C   C   C   g   g   g   N   g   N
  commit            C   C   C   C   C   C   C   R   R   R   R   R   N
  answer            C   C   C   C   C   C   C   C   h   h   C   h   C`;

/** Why a fault cannot happen at a step, or is not played there. */
export const REASONS: Readonly<Record<string, string>> = {
  a: 'no repository is called at this step (a swallowed error of an earlier one is the cell of its own step and of commit)',
  b: 'this step sends no statement that touches a table, so that the database has nothing to refuse',
  c: 'this step waits for no lock',
  d: 'this step needs only locks that the action holds already',
  e: 'the action holds nothing yet that another session could wait for',
  f: 'no transaction is open at this step',
  g: 'this step sends no message: it compares figures in memory',
  h: 'COMMIT is acknowledged: no message follows whose answer could be lost (its own answer is the cell of commit)',
  i: 'the action neither counts nor changes rows of the patient: a writer of those never meets it',
  j: 'the action asks nothing of the catalogue',
  k: 'the action has no key: whoever repeats it is another caller (CON)',
};

export const DELETION_MATRIX = matrixOf(ALL_DELETION_STEPS, IN_THE_DATABASE, AROUND_IT);

/**
 * A matrix as it is written.
 *
 * @param steps of the action, as the code exports them
 * @param tables a line of codes each, and one for every step
 */
export function matrixOf(steps: readonly Step[], ...tables: readonly string[]): Matrix {
  return {
    steps: [...steps.map(({ name }) => name), 'answer'] as CellStep[],
    columns: new Map(tables.flatMap(parse)),
  };
}

/** What a fault must come to at a step, or why it does not apply, or undefined where nobody has said. */
export function assigned(
  { columns }: Matrix,
  code: string,
  step: CellStep,
): { expected: Expected } | { reason: string } | undefined {
  const letter = columns.get(code)?.get(step) ?? '';
  if (letter === 'N' || letter === 'C' || letter === 'R') return { expected: letter };
  const reason = REASONS[letter];
  return reason === undefined ? undefined : { reason };
}

/** What is wrong with a column: steps of the code without a cell, cells without a step, letters without a meaning. */
export function flawsOf(column: Column, steps: readonly string[]): string[] {
  const known = new Set(['N', 'C', 'R', ...Object.keys(REASONS)]);
  return [
    ...steps.filter((step) => !column.has(step)).map((step) => `no cell for the step "${step}"`),
    ...[...column.keys()].filter((step) => !steps.includes(step)).map((step) => `"${step}" is no step`),
    ...[...column]
      .filter(([, letter]) => !known.has(letter))
      .map(([step, l]) => `"${step}": what is "${l}"?`),
  ];
}

function parse(table: string): [string, Column][] {
  const [head = '', ...lines] = table.split('\n').filter((line) => line.trim() !== '');
  const codes = head.trim().split(/\s+/);
  const rows = lines.map((line) => {
    const cells = line.trim().split(/\s+/);
    const letters = cells.splice(-codes.length);
    return { step: cells.join(' '), letters };
  });
  return codes.map((code, at) => [code, new Map(rows.map(({ step, letters }) => [step, letters[at] ?? '']))]);
}
