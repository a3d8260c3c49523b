/**
 * `npm run test:mutants`: applies each mutation of the protocol to a copy of the product and runs the suites that
 * must turn red. A mutant that survives is a bug of the tests, and the exit code says so.
 * `-- --only WORDS` runs those whose name contains the words.
 */
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MUTATIONS } from './mutations.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const COPIED = [
  'bin',
  'src',
  'test',
  'package.json',
  'jest.config.js',
  'tsconfig.json',
  'tsconfig.build.json',
];
const PARALLEL = Math.max(1, Math.floor(cpus().length / 2));
const LIMIT_MS = 240_000;

const only = process.argv[2] === '--only' ? process.argv.slice(3).join(' ') : '';
const chosen = MUTATIONS.filter(({ name }) => name.includes(only));
const results = [];
// All of them before the first is run: a text that does not fit any more is told at once.
const queue = await Promise.all(
  chosen.map(async (mutation) => ({ ...mutation, text: await mutatedText(mutation) })),
);

/** @returns {Promise<string>} the text of the file with the mutation in it */
async function mutatedText({ name, file, edits }) {
  let text = await readFile(join(ROOT, file), 'utf8');
  for (const [from, to] of edits) {
    if (text.split(from).length !== 2)
      throw new Error(`"${name}": the text to change stands not once in ${file}: ${from}`);
    text = text.replace(from, () => to);
  }
  return text;
}

/** @returns {Promise<string>} the folder of a copy with one mutation in it */
async function mutated({ file, text }) {
  const copy = await mkdtemp(join(tmpdir(), 'silgi-mutant-'));
  for (const path of COPIED) await cp(join(ROOT, path), join(copy, path), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  await writeFile(join(copy, file), text);
  return copy;
}

/** Runs the suites. @returns {Promise<{ red: boolean, by: string }>} */
function judge(copy, suites) {
  return new Promise((resolve) => {
    const jest = spawn(
      process.execPath,
      [
        ...['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js'],
        ...[
          '--selectProjects',
          'unit',
          'e2e',
          'long',
          '--testPathPatterns',
          `test/${suites}`,
          '--bail',
          '--runInBand',
          '--coverage=false',
        ],
      ],
      { cwd: copy, stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, NO_COLOR: '1' } },
    );
    let output = '';
    jest.stderr.on('data', (chunk) => (output += String(chunk)));
    const limit = setTimeout(() => jest.kill('SIGINT'), LIMIT_MS);
    jest.on('close', (code) => {
      clearTimeout(limit);
      const [, by = ''] = /●.*› (.*)/.exec(output) ?? [];
      const ran = /^Tests:.*\b\d+ (failed|passed)/m.test(output);
      resolve({
        red: code !== 0 && (ran || by !== ''),
        by: by || (ran ? '' : `no test ran: ${output.slice(0, 300)}`),
      });
    });
  });
}

async function worker() {
  for (let mutation = queue.shift(); mutation !== undefined; mutation = queue.shift()) {
    const copy = await mutated(mutation);
    try {
      const { red, by } = await judge(copy, mutation.suites);
      results.push({ ...mutation, red, by });
      console.log(
        `${red ? 'killed  ' : 'SURVIVED'}  ${mutation.name}${by === '' ? '' : `\n          by: ${by}`}`,
      );
    } finally {
      await rm(copy, { recursive: true, force: true });
    }
  }
}

await Promise.all(Array.from({ length: PARALLEL }, worker));
const survivors = results.filter(({ red }) => !red);
const table = [
  '| mutant | turned red |',
  '|---|---|',
  ...chosen.map(({ name }) => {
    const { red, by } = results.find((result) => result.name === name);
    return `| ${name} | ${red ? by : '**survived**'} |`;
  }),
];
await mkdir(join(ROOT, 'test-results'), { recursive: true });
await writeFile(join(ROOT, 'test-results', 'mutants.md'), `${table.join('\n')}\n`);
console.log(`\n${results.length - survivors.length} of ${results.length} mutants killed`);
process.exitCode = survivors.length === 0 ? 0 : 1;
