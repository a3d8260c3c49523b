/** What is used of jest's own results. */
export interface JestResults {
  readonly testResults: readonly {
    /** The path of the file. */
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

/** How much has run. */
export interface Extent {
  readonly suites?: number;
  readonly tests?: number;
}

/** A test that is not run under some condition, and why. */
export interface Skip {
  readonly run: string;
  readonly title: string;
  /** What makes it run all the same. */
  readonly unless: string;
  readonly reason: string;
}

export function extentOf(results: JestResults): Required<Extent>;
export function failuresOf(results: JestResults): string[];
export function shortfalls(run: string, extent: Extent, floor: Extent | undefined): string[];
export function skipFlaws(
  runs: Readonly<Record<string, JestResults>>,
  list: readonly Skip[],
  isSo: (condition: string) => boolean,
): string[];
export function unrun(runs: readonly JestResults[], files: readonly string[]): string[];
export function strays(
  files: readonly string[],
  projects: Readonly<Record<string, readonly string[]>>,
): string[];
export function isNamedAsTest(path: string): boolean;
