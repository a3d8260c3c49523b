import type { Fault, Scene } from '../fault.js';
import { until } from '../../support/processes.js';
import { ServerStage } from '../server.stage.js';
import { failureAt } from '../verdict.js';
import { noticedByTheNextMessage } from './session.faults.js';

const open = () => ServerStage.open();

/** What the two faults have in common: the server dies, and comes back by itself only where the service waits for it. */
function crashOf({ stage, step }: Scene<ServerStage>) {
  let crashed = 0;
  let restarting: Promise<void> | undefined;
  return {
    async strike() {
      await stage.crash();
      crashed += 1;
      if ((noticedByTheNextMessage(step) ?? step) === 'commit') restarting = stage.server.startAgain();
    },
    strikes: () => crashed,
    lift: () => restarting ?? stage.server.startAgain(),
  };
}

/** The server is killed just before the step, and started again. */
const serverKilled: Fault<ServerStage> = {
  code: 'SRV',
  title: 'every process of the server is killed just before the step; it is started again',
  short: [
    'connect',
    'begin',
    'lock',
    'mark finance',
    'mark patient',
    'compare counts',
    'record',
    'commit',
    'answer',
  ],
  unrecorded: true,
  open,
  shows: ({ step }) => noticedByTheNextMessage(step),
  async set(scene) {
    // Only a new connection sends anything at connect.
    if (scene.step === 'connect') await scene.stage.endIdleSessions();
    const crash = crashOf(scene);
    scene.strike(() => crash.strike());
    return {
      ...crash,
      resolvesTo: 'N',
      error: failureAt(noticedByTheNextMessage(scene.step) ?? scene.step, 'SHARD_UNAVAILABLE'),
    };
  },
};

/** The server acts on the step's first message and is killed before its answer arrives. */
const killedAfterActing: Fault<ServerStage> = {
  code: 'SRA',
  title: 'the server is killed when it has acted on the message; its answer is lost, it is started again',
  short: ['commit'],
  unrecorded: true,
  open,
  async set(scene) {
    const { stage } = scene;
    if (scene.step === 'connect') await stage.endIdleSessions();
    const crash = crashOf(scene);
    const before = stage.proxy.fired;
    let crashing: Promise<void> = Promise.resolve();
    scene.strike(() => {
      stage.proxy.cutNext('after');
      crashing = until(() => stage.proxy.fired > before).then(() => crash.strike());
    });
    return {
      strikes: crash.strikes,
      async lift() {
        await crashing;
        await crash.lift();
      },
      resolvesTo: 'C',
      error: failureAt(scene.step, 'SHARD_UNAVAILABLE'),
    };
  },
};

/** Faults of the database server as a whole. */
export const serverFaults: readonly Fault<ServerStage>[] = [serverKilled, killedAfterActing];
