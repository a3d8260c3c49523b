import { readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { ACTIONS } from './actions.js';
import type { Fault } from './fault.js';
import { FAULTS } from './faults.js';
import { flawsOf, REASONS } from './matrix.js';

const faults: readonly Fault[] = Object.values(FAULTS).flat();

const matrices = ACTIONS.map(({ name, matrix }) => ({ name, ...matrix }));

describe.each(matrices)('the fault matrix of $name', ({ steps, columns }) => {
  it.each([...columns])(
    '%s has a cell for every step that the code exports, and for no other',
    (_, column) => {
      expect(flawsOf(column, steps)).toEqual([]);
    },
  );

  it.each([...columns])('%s fails as soon as the code has one more step', (_, column) => {
    expect(flawsOf(column, [...steps, 'vote imaging'])).toEqual(['no cell for the step "vote imaging"']);
  });

  it.each([...columns])('%s fails as soon as the code has one step less', (_, column) => {
    expect(flawsOf(column, steps.slice(1))).toEqual([`"${steps[0] ?? ''}" is no step`]);
  });

  it('has a column for every fault, and a fault for every column', () => {
    expect(faults.map(({ code }) => code).sort()).toEqual([...columns.keys()].sort());
  });

  it('plays at least one fault at every step', () => {
    const played = (step: string) =>
      [...columns.values()].filter((column) => /^[NCR]$/.test(column.get(step) ?? ''));
    for (const step of steps) expect([step, played(step).length > 0]).toEqual([step, true]);
  });
});

describe('the fault matrix', () => {
  it('is played by a file for each of its parts', () => {
    const files = readdirSync(new URL('.', import.meta.url));
    for (const name of Object.keys(FAULTS)) expect(files).toContain(`${name}.e2e-spec.ts`);
  });

  it('gives no reason that no cell needs', () => {
    const used = new Set(
      matrices.flatMap(({ columns }) => [...columns.values()]).flatMap((column) => [...column.values()]),
    );
    expect(Object.keys(REASONS).filter((letter) => !used.has(letter))).toEqual([]);
  });
});
