import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { CommandFailed } from '../common/index.js';
import { ProblemLog } from './problem.log.js';

function fill(log: ProblemLog, problems: number): void {
  for (let n = 1; n <= problems; n++) log.add(`a.csv:${n}`, 'is bad');
}

describe('the problem log', () => {
  it('shows the first fifty, how many more there are, and how to see those', () => {
    const log = new ProblemLog();
    fill(log, 60);
    expect(log.count).toBe(60);
    expect(log.lines()).toHaveLength(51);
    expect(log.lines()[49]).toBe('a.csv:50: is bad');
    expect(log.lines()[50]).toMatch(/^… and 10 more; run again with --report FILE/);
  });

  it('writes all of them to the report, which only its owner may read', () => {
    const folder = mkdtempSync(join(tmpdir(), 'silgi-report-'));
    const path = join(folder, 'report');
    const log = new ProblemLog(path);
    fill(log, 60);
    log.close();
    expect(readFileSync(path, 'utf8').trimEnd().split('\n')).toHaveLength(60);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(log.lines()[50]).toContain(path);
    rmSync(folder, { recursive: true });
  });

  it('refuses a report that cannot be written before any work is done', () => {
    const attempt = () => new ProblemLog(join(tmpdir(), 'no', 'such', 'folder'));
    expect(attempt).toThrow(CommandFailed);
    expect(attempt).toThrow(/ENOENT/);
  });
});
