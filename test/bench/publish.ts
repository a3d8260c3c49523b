import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { ANSWER, answerOf } from './answer.js';
import { chartsOf } from './chart.js';
import { BEGIN, END, renewed, tablesOf } from './report.js';
import type { Results } from './results.js';

/** Where the figures stand that the product is known by. */
export const PUBLISHED = resolve(import.meta.dirname, '../../docs/benchmarks');

/** Writes figures as JSON, in the style of the repository. */
export async function writeJson(file: string, value: unknown): Promise<void> {
  const options = await resolveConfig(PUBLISHED);
  await writeFile(file, await format(JSON.stringify(value), { ...options, parser: 'json' }));
}

/** The page of a folder; where it has none yet, one with places for the figures and nothing else. */
export async function readPage(folder: string, [begin, end]: readonly [string, string]): Promise<string> {
  const page = await readFile(join(folder, 'README.md'), 'utf8').catch(() => '');
  return page.includes(begin) ? page : `${page}\n${begin}\n${end}\n`;
}

/** Writes results.json, the charts, and the tables into README.md. @param folder is made where it is missing */
export async function publish(folder: string, results: Results): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeJson(join(folder, 'results.json'), results);
  for (const [name, chart] of Object.entries(chartsOf(results))) await writeFile(join(folder, name), chart);
  const page = renewed(await readPage(folder, ANSWER), answerOf(results), ANSWER);
  await writeFile(join(folder, 'README.md'), page);
  const whole = renewed(await readPage(folder, [BEGIN, END]), tablesOf(results));
  await writeFile(join(folder, 'README.md'), whole);
}
