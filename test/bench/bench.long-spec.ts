import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';

/** Of runs that take less than a minute and a half by themselves. */
const LIMIT_MS = 300_000;

async function shortBenchmark(...sections: readonly string[]): Promise<string> {
  const args = ['--import', '@swc-node/register/esm-register', 'test/bench/main.ts'];
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...args,
    ...['--short', '--only', ...sections],
  ]);
  return stdout;
}

it(
  'the short benchmark deletes over HTTP and prints the CPU time that the service needs',
  async () => {
    const stdout = await shortBenchmark('profile');
    expect(stdout).toMatch(/\| CPU time of the service for a deletion over HTTP at 8 clients, .* \d ms \|/);
    expect(stdout).toMatch(/The service used \d+\.\d+ ms of CPU time for each/);
    expect(stdout).toMatch(/\| Package \| Share \| Function \| Share \|/);
  },
  LIMIT_MS,
);

it(
  'the short benchmark moves patients out of a hospital’s own tables, and adopts one beneath its writers',
  async () => {
    const stdout = await shortBenchmark('adopted');
    for (const who of ['bare SQL by raw pg', 'Silgi over HTTP', 'Silgi’s orchestrator without HTTP'])
      expect(stdout).toMatch(new RegExp(`\\| 8 \\| ${who} \\| [\\d.,]+ \\| [\\d.,]+ \\| [\\d.,]+ \\|`));
    expect(stdout).toMatch(/took [\d.]+ s where one table of 100,000 rows got an index and a foreign key/);
    expect(stdout).toMatch(/\| while it ran \| [\d,]+ \| [\d.,]+ \| [\d.,]+ \|/);
  },
  LIMIT_MS,
);

it(
  'the short benchmark makes two sound hospitals, and compares what the same costs in both',
  async () => {
    const stdout = await shortBenchmark('growth', 'catch-up');
    expect(stdout).toMatch(/\| What \| 300 patients \| 3,000 patients \| Largest to smallest \|/);
    expect(stdout).toMatch(/\| a deletion \| [\d.]+ \| [\d.]+ \| [\d.]+ \([\d.]+–[\d.]+\) \|/);
    for (const work of [
      'integrity scan',
      'verification',
      '`silgi verify-audit`',
      '`silgi export-audit`',
      'sealing',
    ])
      expect(stdout).toMatch(new RegExp(`\\| ${work}.* \\| 3,000 \\|`));
    expect(stdout).toMatch(/\| sealing of a backlog of 20,000 events \| ≥ 5,000 a second \|/);
    expect(stdout).toMatch(/\| the same by `silgi verify-audit` \|/);
  },
  LIMIT_MS,
);
