import type { ShardName } from '../shards/index.js';
import type { FailurePoint } from './action.errors.js';
import type { Action, Phase, StepDeclaration } from './action.js';

/** The steps that the protocol itself takes for every action, in the home shard's name. */
const OWN_STEPS = {
  connect: 'PREPARE',
  begin: 'PREPARE',
  commit: 'COMMIT',
  /** Learns the outcome of a COMMIT that was not acknowledged, in a transaction of its own. */
  resolve: 'COMMIT',
} as const satisfies Record<string, Phase>;

export type OwnStep = keyof typeof OWN_STEPS;

/** A step of a run: where a failure in it is said to have happened. */
export interface Step {
  readonly name: string;
  readonly phase: Phase;
  readonly shard: ShardName;
}

type Declared = Pick<Action<unknown>, 'home' | 'steps'>;

/** The step of this name. @param name one of the action's own or of the protocol's */
export function stepOf({ home, steps }: Declared, name: string): Step & StepDeclaration {
  const own = (OWN_STEPS as Readonly<Record<string, Phase>>)[name];
  if (own !== undefined) return { name, phase: own, shard: home };
  const declared = steps[name];
  if (declared === undefined) throw new Error(`No step is called "${name}".`);
  return { name, ...declared };
}

/** Every step of a run that succeeds, in order, with the protocol's own around the action's. */
export function stepsOf(declared: Declared): readonly Step[] {
  return ['connect', 'begin', ...Object.keys(declared.steps), 'commit'].map((name) => {
    const { phase, shard } = stepOf(declared, name);
    return { name, phase, shard };
  });
}

/** Where a run stands in this step, for an error that is thrown in it. */
export function pointOf({ name, phase, shard }: Step, table?: string): FailurePoint {
  return { phase, shard, step: name, ...(table !== undefined && { table }) };
}
