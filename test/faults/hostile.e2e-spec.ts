import { afterAll, describe, it } from '@jest/globals';
import { deletion } from './deletion.action.js';
import { FULL } from './fault.js';
import { HOSTILE_STATES } from './hostile.states.js';
import { type Hostile, report } from './report.js';
import { Stages } from './stage.js';
import { play } from './verdict.js';

describe('a deletion in a hostile state of the database', () => {
  const found: Hostile[] = [];
  const stages = new Stages();
  const played = HOSTILE_STATES.filter(({ fullOnly }) => FULL || fullOnly !== true);

  afterAll(async () => {
    await stages.close();
    const left = HOSTILE_STATES.filter((hostile) => !played.includes(hostile));
    const lines = left.map(({ state, outcome }) => ({ state, expected: outcome, came: '-' }));
    await report('hostile', { hostile: [...found, ...lines] });
  });

  it.each(played.map((hostile) => [hostile.state, hostile.outcome, hostile] as const))(
    '%s: %s',
    async (state, outcome, { step, expected, fault }) => {
      const line = { state, expected: outcome, came: 'FAILED' };
      found.push(line);
      line.came = await play(deletion, fault, await stages.of(fault.open), step, expected);
    },
  );
});
