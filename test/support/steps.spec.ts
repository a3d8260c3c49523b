import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { isRunning, until } from './processes.js';

const STEPS = resolve(import.meta.dirname, '../../.ci/steps.sh');
const folder = mkdtempSync(join(tmpdir(), 'silgi-steps-'));

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Runs lines of a shell that knows the steps. */
function run(lines: string) {
  const script = `. ${STEPS}; GRACE=1s; ${lines}; echo "\${results[@]}"`;
  return spawnSync('bash', ['-c', script], { encoding: 'utf8', cwd: folder });
}

describe('a step of .ci/run', () => {
  it('keeps the exit code of its command', () => {
    const { stdout } = run('step good 1m true; step bad 1m bash -c "exit 3"');
    expect(stdout.trim().split('\n').at(-1)).toBe('good=0 bad=3');
  });

  it('that does not end in time is ended with all that it started, says so, and counts as failed', async () => {
    // A child that does not hear the signal, of a command that does.
    const deaf = `bash -c "trap '' TERM; echo \\$\\$ > child; while :; do sleep 0.1; done" >/dev/null 2>&1 & wait`;
    const { stdout, stderr } = run(`step slow 1s bash -c '${deaf.replaceAll("'", `'"'"'`)}'`);
    expect(stderr).toContain('The step slow did not end within 1s and was ended.');
    expect(stdout.trim().split('\n').at(-1)).toBe('slow=124');
    const child = Number(readFileSync(join(folder, 'child'), 'utf8'));
    expect(child).toBeGreaterThan(0);
    await until(() => !isRunning(child));
  });

  it('has a limit in .ci/run, whatever it runs', () => {
    const steps = readFileSync(resolve(STEPS, '../run'), 'utf8').match(/^(?:jest_)?step .*/gm) ?? [];
    expect(steps.length).toBeGreaterThanOrEqual(8);
    expect(steps.filter((step) => !/^\w+ \w+ [1-9]\d*m /.test(step))).toEqual([]);
  });
});

describe('what the tests use of Debian’s packages', () => {
  const RUN = resolve(STEPS, '../run');
  /** Runs the script with these programs, and nothing else, in its way. */
  function install(programs: Record<string, string>) {
    const way = mkdtempSync(join(folder, 'way-'));
    for (const [name, lines] of Object.entries(programs))
      writeFileSync(join(way, name), `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
    const { status, stdout } = spawnSync('/bin/bash', [resolve(STEPS, '../packages')], {
      encoding: 'utf8',
      env: { PATH: way },
    });
    return { status, said: stdout.trimEnd() };
  }
  const asRoot = { id: 'echo 0', 'apt-get': 'echo "apt-get $*"' };

  it('is put there before they are run', () => {
    const steps = [...readFileSync(RUN, 'utf8').matchAll(/^(?:jest_)?step (\w+)/gm)].map(([, name]) => name);
    expect(steps.slice(0, 3)).toEqual(['install', 'packages', 'test']);
    expect(readFileSync(RUN, 'utf8')).toMatch(/^step packages \d+m \.ci\/packages /m);
  });

  it('is installed by root where it is missing, which is a failure where that cannot be done', () => {
    const { status, said } = install(asRoot);
    expect(said).toMatch(/^apt-get update .*\napt-get install .*--no-install-recommends poppler-utils$/);
    expect(status).toBe(0);
    expect(install({ ...asRoot, 'apt-get': 'exit 100' }).status).toBe(100);
  });

  it.each([
    ['it is there', { ...asRoot, pdfinfo: '' }],
    ['somebody else runs them', { ...asRoot, id: 'echo 1000' }],
  ])('is left as it is where %s', (_, programs) => {
    expect(install(programs)).toEqual({ status: 0, said: '' });
  });
});
