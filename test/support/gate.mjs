// What the results of a run must show besides passed tests. Plain functions of the runners' own results, without a
// package: they judge an installation that failed, too.

/** @typedef {import('./gate.d.mts').JestResults} JestResults */

const ran = ({ status }) => status === 'passed' || status === 'failed';

/** How many suites and tests of a jest run have run: what was skipped has not. */
export function extentOf({ testResults }) {
  return {
    suites: testResults.filter(({ assertionResults }) => assertionResults.some(ran)).length,
    tests: testResults.flatMap(({ assertionResults }) => assertionResults.filter(ran)).length,
  };
}

/** Where fewer suites or tests have run than ever must. */
export function shortfalls(run, extent, floor) {
  if (floor === undefined) return [`${run}: no floor says how many suites and tests must run`];
  return Object.entries(floor)
    .filter(([what, least]) => !((extent[what] ?? 0) >= least))
    .map(([what, least]) => `${run}: ${extent[what] ?? 0} ${what} have run, of at least ${least}`);
}

/** The tests of a jest run that failed, and the files that could not be run. */
export function failuresOf({ testResults }) {
  return testResults.flatMap(({ name, status, assertionResults }) => {
    const failed = assertionResults.filter((result) => result.status === 'failed');
    const names = failed.map(({ fullName }) => fullName);
    return status === 'failed' && assertionResults.length === 0 ? [`${name} could not be run`] : names;
  });
}

/** Skips that nobody has given a reason for, and reasons given for what was not skipped. */
export function skipFlaws(runs, list, isSo) {
  const skipped = Object.entries(runs).flatMap(([run, { testResults }]) =>
    testResults
      .flatMap(({ assertionResults }) => assertionResults.filter((result) => !ran(result)))
      .map(({ fullName }) => `${run}: ${fullName}`),
  );
  const due = list.filter(({ run, unless }) => run in runs && !isSo(unless));
  const excused = due.map(({ run, title }) => `${run}: ${title}`);
  return [
    ...skipped.filter((name) => !excused.includes(name)).map((name) => `skipped without a reason: ${name}`),
    ...excused.filter((name) => !skipped.includes(name)).map((name) => `not skipped any more: ${name}`),
  ];
}

/** Test files that have not run once each in these runs. */
export function unrun(runs, files) {
  const times = new Map(files.map((file) => [file, 0]));
  for (const { testResults } of runs)
    for (const { name } of testResults) times.set(name, (times.get(name) ?? 0) + 1);
  return [...times]
    .filter(([, count]) => count !== 1)
    .map(([file, count]) => `${file} has run ${count} times in this gate`);
}

/** Files that look like tests and that no project of jest would run, or more than one. */
export function strays(files, projects) {
  const matching = (file) => Object.keys(projects).filter((name) => projects[name].includes(file));
  return files
    .map((file) => ({ file, by: matching(file) }))
    .filter(({ by }) => by.length !== 1)
    .map(
      ({ file, by }) => `${file}: ${by.length === 0 ? 'run by no project' : `run by ${by.join(' and ')}`}`,
    );
}

/** Whether a file's name says that it tests something; below `test`, whether the word stands in it at all. */
export function isNamedAsTest(path) {
  const name = path.split('/').at(-1);
  if (!/\.[cm]?[jt]sx?$/.test(name)) return false;
  if (/(^|\/)__tests__\//.test(path) || /[._-](spec|test)s?[._-]/i.test(name)) return true;
  return path.startsWith('test/') && /spec|test/i.test(name);
}
