/**
 * One wrong version of the product: texts to find in a file, each standing there once, with their replacements, and
 * the suites that must turn red: a pattern of their paths below `test/`.
 */
export interface Mutation {
  readonly name: string;
  readonly file: string;
  readonly edits: readonly (readonly [from: string, to: string])[];
  readonly suites: string;
}

export const MUTATIONS: readonly Mutation[];

/** Of so many mutants one is tried in each run of the gate. */
export const GATE_SHARE: number;

/** One mutant of so many, by a whole number of 0 or more: consecutive numbers draw each of them once. */
export function drawnBy(seed: number): readonly Mutation[];
