import type { Cut } from '../../support/wire.proxy.js';
import type { Fault } from '../fault.js';
import { NetworkStage } from '../network.stage.js';
import { failureAt } from '../verdict.js';

const open = () => NetworkStage.open();

/** The step's first message is lost so. */
function lostMessage(code: string, title: string, cut: Cut): Fault<NetworkStage> {
  return {
    code,
    title,
    open,
    async set(scene) {
      const { proxy } = scene.stage;
      // Only a new connection sends anything at connect.
      if (scene.step === 'connect') await scene.stage.endIdleSessions();
      const before = proxy.fired;
      scene.strike(() => {
        if (scene.step !== 'answer') {
          proxy.cutNext(cut);
          return;
        }
        proxy.refuse(true);
        proxy.refuse(false);
      });
      return {
        resolvesTo: cut === 'before' ? 'N' : 'C',
        error: failureAt(scene.step, 'SHARD_UNAVAILABLE'),
        strikes: () => (scene.step === 'answer' ? 1 : proxy.fired - before),
      };
    },
  };
}

/** Faults of the network between service and database. */
export const networkFaults: readonly Fault<NetworkStage>[] = [
  lostMessage('CUB', 'the connection is cut before the message reaches the server', 'before'),
  lostMessage('CUA', 'the connection is cut when the server has acted on the message', 'after'),
  {
    ...lostMessage('STL', 'the server acts on the message, and the connection stalls', 'stall'),
    slow: () => true,
    short: ['commit'],
  },
];
