import { readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { Fault } from './fault.js';
import { FAULTS } from './faults.js';
import { COLUMNS, flawsOf, REASONS, STEPS } from './matrix.js';

const faults: readonly Fault[] = Object.values(FAULTS).flat();

describe('the fault matrix', () => {
  it.each([...COLUMNS])(
    '%s has a cell for every step that the code exports, and for no other',
    (_, column) => {
      expect(flawsOf(column)).toEqual([]);
    },
  );

  it.each([...COLUMNS])('%s fails as soon as the code has one more step', (_, column) => {
    expect(flawsOf(column, [...STEPS, 'vote imaging'])).toEqual(['no cell for the step "vote imaging"']);
  });

  it.each([...COLUMNS])('%s fails as soon as the code has one step less', (_, column) => {
    expect(flawsOf(column, STEPS.slice(1))).toEqual([`"${STEPS[0] ?? ''}" is no step`]);
  });

  it('has a column for every fault, and a fault for every column', () => {
    expect(faults.map(({ code }) => code).sort()).toEqual([...COLUMNS.keys()].sort());
  });

  it('is played by a file for each of its parts', () => {
    const files = readdirSync(new URL('.', import.meta.url));
    for (const name of Object.keys(FAULTS)) expect(files).toContain(`${name}.e2e-spec.ts`);
  });

  it('plays at least one fault at every step', () => {
    const played = (step: string) =>
      [...COLUMNS.values()].filter((column) => /^[NCR]$/.test(column.get(step) ?? ''));
    for (const step of STEPS) expect([step, played(step).length > 0]).toEqual([step, true]);
  });

  it('gives no reason that no cell needs', () => {
    const used = new Set([...COLUMNS.values()].flatMap((column) => [...column.values()]));
    expect(Object.keys(REASONS).filter((letter) => !used.has(letter))).toEqual([]);
  });
});
