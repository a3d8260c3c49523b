import { afterAll, beforeAll, describe, it } from '@jest/globals';
import type { PlayedAction } from './action.js';
import { ACTIONS } from './actions.js';
import { type Fault, FORM, FULL } from './fault.js';
import { FAULTS } from './faults.js';
import { assigned, type CellStep, type Expected } from './matrix.js';
import { type Came, report } from './report.js';
import { Stages } from './stage.js';
import { play, type Result } from './verdict.js';

/** A quick cell takes a tenth of a second; slow ones wait for limits of up to half a minute, and for each other. */
const CELL_LIMIT_MS = 300_000;
const STAGE_LIMIT_MS = 120_000;
/** So many slow cells wait at the same time, each on a stage of its own. */
const SLOW_AT_A_TIME = 16;

interface Cell {
  readonly action: PlayedAction;
  readonly fault: Fault;
  readonly step: CellStep;
  readonly expected: Expected;
}

/** Registers the cells of a file's faults as tests, and reports what they came to under its name. */
export function faultSuite(file: keyof typeof FAULTS): void {
  const faults: readonly Fault[] = FAULTS[file];
  const columns = Object.fromEntries(ACTIONS.map(({ name }) => [name, {}]));
  const stages = new Stages();
  const slow: Slow[] = [];

  let waiting: Promise<unknown> = Promise.resolve();
  beforeAll(() => {
    waiting = playTogether(slow);
  });
  const pairs = ACTIONS.flatMap((action) => faults.map((fault) => ({ action, fault })));
  for (const { action, fault } of pairs) {
    const column: Partial<Record<CellStep, Came>> = {};
    Object.assign(columns[action.name] ?? {}, { [fault.code]: column });
    const cells = cellsOf(action, fault, column);
    // Nothing of it is played in this form or on this machine; its table says so.
    if (cells.length === 0) continue;
    describe(`${action.name}: ${fault.code}, ${fault.title}, at step`, () => {
      for (const cell of cells) {
        const beside = fault.slow?.(cell.step) === true ? new Slow(cell) : undefined;
        if (beside !== undefined) slow.push(beside);
        registerCell(cell, column, async () => {
          if (beside !== undefined) return beside.result;
          return play(action, fault, await stages.of(fault.open), cell.step, cell.expected);
        });
      }
    });
  }
  for (const { code, title, unavailable } of faults) {
    const reason = unavailable?.();
    if (reason === undefined) continue;
    describe(`${code}, ${title}, at step`, () => {
      it.skip(reason, () => undefined);
    });
  }
  afterAll(async () => {
    await waiting;
    await stages.close();
    const missing = faults.flatMap(({ code, unavailable }) => {
      const reason = unavailable?.();
      return reason === undefined ? [] : [`${code}: ${reason}`];
    });
    const titles = Object.fromEntries(faults.map(({ code, title }) => [code, title]));
    await report(file, { columns, titles, missing });
  }, STAGE_LIMIT_MS);
}

function registerCell(
  { step, expected }: Cell,
  column: Partial<Record<CellStep, Came>>,
  playing: () => Promise<Result>,
): void {
  const promise = { N: 'changes nothing', C: 'is committed', R: 'is resolved' }[expected];
  it(
    `"${step}" ${promise}`,
    async () => {
      column[step] = 'FAILED';
      const result = await playing();
      column[step] = expected === 'R' ? `R>${result}` : result;
    },
    CELL_LIMIT_MS,
  );
}

/** The cells to play in this form on this machine; the others are noted as left out. */
function cellsOf(action: PlayedAction, fault: Fault, column: Partial<Record<CellStep, Came>>): Cell[] {
  const unavailable = fault.unavailable?.() !== undefined;
  const short = action.short === undefined ? fault.short : (action.short[fault.code] ?? []);
  return action.matrix.steps.flatMap((step): Cell[] => {
    const cell = assigned(action.matrix, fault.code, step);
    if (cell === undefined || 'reason' in cell) return [];
    if (unavailable) column[step] = 'no';
    else if (!FULL && short?.includes(step) === false) column[step] = 'left';
    // Some of the actions share their steps, and such a cell takes seconds of a process of its own.
    else if (FORM === 'full' && action.short !== undefined && fault.slow?.(step) === true)
      column[step] = 'left';
    else return [{ action, fault, step, expected: cell.expected }];
    return [];
  });
}

/** A cell that waits for a limit of seconds: it runs beside the others, on a stage of its own. */
class Slow {
  private settle: { resolve: (result: Result) => void; reject: (error: unknown) => void } | undefined;
  readonly result: Promise<Result>;

  constructor(private readonly cell: Cell) {
    this.result = new Promise((resolve, reject) => (this.settle = { resolve, reject }));
    this.result.catch(() => undefined);
  }

  async play(): Promise<void> {
    const { action, fault, step, expected } = this.cell;
    try {
      const stage = await openAlone(fault);
      try {
        this.settle?.resolve(await play(action, fault, stage, step, expected));
      } finally {
        await stage.close();
      }
    } catch (error) {
      this.settle?.reject(error);
    }
  }
}

let opening: Promise<unknown> = Promise.resolve();

/** Opens one stage after the other: many at once take all of the machine, and a session of the cells that play comes too late. */
function openAlone(fault: Fault): ReturnType<Fault['open']> {
  const opened = opening.then(() => fault.open());
  opening = opened.catch(() => undefined);
  return opened;
}

function playTogether(slow: readonly Slow[]): Promise<unknown> {
  const queue = [...slow];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await next.play();
  };
  return Promise.all(Array.from({ length: SLOW_AT_A_TIME }, worker));
}
