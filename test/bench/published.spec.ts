import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ANSWER, answerOf } from './answer.js';
import { chartsOf } from './chart.js';
import { BEGIN, END, renewed, tablesOf } from './report.js';
import type { Results } from './results.js';
import { growthOf } from './soak.samples.js';
import { SOAK_BEGIN, SOAK_END, type SoakResults, soakTables } from './soak.report.js';
import { targetsOf } from './targets.js';

const FOLDER = resolve(import.meta.dirname, '../../docs/benchmarks');
const read = (name: string) => readFileSync(join(FOLDER, name), 'utf8');
const page = read('README.md');
const results = JSON.parse(read('results.json')) as Results;
const soak = JSON.parse(read('soak.json')) as SoakResults;

/** What stands between two markers. */
const between = (begin: string, end: string) => page.split(begin)[1]?.split(end)[0]?.trim();

describe('docs/benchmarks', () => {
  it('answers in its first screen by those figures whether it is fast enough', () => {
    const [begin, end] = ANSWER;
    expect(between(begin, end)).toBe(answerOf(results));
    expect(page.slice(0, page.indexOf(begin)).split('\n').length).toBeLessThan(10);
  });

  it('shows in its tables what results.json holds', () => {
    expect(between(BEGIN, END)).toBe(tablesOf(results));
  });

  it('judges the targets by those figures', () => {
    expect(results.targets).toEqual(targetsOf(results));
    expect(results.targets.length).toBeGreaterThanOrEqual(6);
  });

  it('is of a full run of all parts', () => {
    expect(results.short).toBe(false);
    const parts = [
      'comparison',
      'bulk',
      'millionRows',
      'largerTables',
      'stockServer',
      'importSpeed',
      'startTime',
      'profile',
    ] as const;
    expect(parts.filter((part) => results[part] === null)).toEqual([]);
  });

  it('draws those figures', () => {
    const charts = Object.entries(chartsOf(results));
    expect(charts.length).toBeGreaterThan(0);
    for (const [name, chart] of charts) {
      expect(read(name)).toBe(chart);
      expect(page).toContain(`](${name})`);
    }
  });

  it('shows of the long run what soak.json holds, and judges it by its samples', () => {
    expect(between(SOAK_BEGIN, SOAK_END)).toBe(soakTables(soak));
    expect(soak.growth).toEqual(growthOf(soak.samples));
  });

  it('renews figures and leaves the text around them alone', () => {
    const text = `before\n${BEGIN}\nold\n${END}\nafter\n`;
    expect(renewed(text, 'new')).toBe(`before\n${BEGIN}\n\nnew\n\n${END}\nafter\n`);
    expect(() => renewed('no markers', 'new')).toThrow('no <!-- results: begin -->');
  });
});
