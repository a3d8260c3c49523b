/**
 * Mutants of one file that the same suites must kill.
 *
 * @param {string} file
 * @param {string} suites a pattern of their paths below `test/`
 * @returns {(name: string, ...edits: [string, string][]) => import('./mutations.mjs').Mutation}
 */
export function mutantsOf(file, suites) {
  return (name, ...edits) => ({ name, file, suites, edits });
}
