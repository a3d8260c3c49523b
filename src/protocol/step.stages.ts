import type { Pipeline } from '../postgres/index.js';
import type { Step } from './protocol.steps.js';

/** A step that is to run. */
export interface StepCall {
  readonly step: Step & { readonly after?: readonly string[] };
  readonly run: () => Promise<unknown>;
  /** It is asked only when every step before it has answered. */
  readonly isSeparate: boolean;
}

/** A server that takes the statements of several steps in one message. */
export interface StepServer {
  openPipeline(): Pipeline;
}

/**
 * Runs steps in as few messages as their declarations allow: a step is asked with those before it where the steps
 * that it rests on have answered, or stand before it in the same message to the same server.
 *
 * @param calls in their order
 * @param serverOf the server of a step's shard
 * @param answered names of steps that have answered in this transaction; those that answer are added
 * @returns what each has come to, in the same order
 * @throws the failure of the first of them that failed; none behind its stage is asked
 */
export async function runInStages(
  calls: readonly StepCall[],
  serverOf: (step: Step) => StepServer,
  answered: Set<string>,
): Promise<unknown[]> {
  const results = new Map<StepCall, unknown>();
  for (let waiting = calls; waiting.length > 0; waiting = waiting.filter((call) => !results.has(call))) {
    const stage = stageOf(waiting, serverOf, answered);
    if (stage.length === 0)
      throw new Error(`"${(waiting[0] as StepCall).step.name}" waits for a step that is not asked.`);
    for (const [call, result] of await runStage(stage, serverOf)) {
      results.set(call, result);
      answered.add(call.step.name);
    }
  }
  return calls.map((call) => results.get(call));
}

/** The steps that may be asked now. */
function stageOf(
  waiting: readonly StepCall[],
  serverOf: (step: Step) => StepServer,
  answered: ReadonlySet<string>,
): StepCall[] {
  const stage: StepCall[] = [];
  for (const call of waiting) {
    if (call.isSeparate && stage.length > 0) break;
    const server = serverOf(call.step);
    const isAskedBefore = (name: string) =>
      stage.some(({ step }) => step.name === name && serverOf(step) === server);
    const { after = [] } = call.step;
    if (after.every((name) => answered.has(name) || isAskedBefore(name))) stage.push(call);
  }
  return stage;
}

/** Asks all of them, and hears the answers server by server. */
async function runStage(
  stage: readonly StepCall[],
  serverOf: (step: Step) => StepServer,
): Promise<Map<StepCall, unknown>> {
  const pipelines = new Map<StepServer, { pipeline: Pipeline; calls: StepCall[] }>();
  for (const call of stage) {
    const server = serverOf(call.step);
    const asked = pipelines.get(server) ?? { pipeline: server.openPipeline(), calls: [] };
    pipelines.set(server, asked);
    asked.calls.push(call);
    // One that has failed before it asked is the last.
    if (!(await asked.pipeline.add(call.run))) break;
  }
  const flushed = [...pipelines.values()].map(({ pipeline, calls }) => ({
    calls,
    answers: pipeline.flush(),
  }));
  // The first failure is the one that is thrown; that others are not listened to then ends no process.
  for (const { answers } of flushed) answers.catch(() => undefined);
  const results = new Map<StepCall, unknown>();
  for (const { calls, answers } of flushed)
    for (const [index, answer] of (await answers).entries()) results.set(calls[index] as StepCall, answer);
  return results;
}
