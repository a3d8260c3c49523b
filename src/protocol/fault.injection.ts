import type { Run } from './action.js';
import type { Step } from './protocol.steps.js';

/**
 * The door through which tests and the demonstration make a step fail. Nothing is behind it in a service: it is an
 * optional provider, and no module of the product brings one.
 */
export abstract class FaultInjection {
  /** Whether the step is asked only when every step before it has answered, so that a fault strikes right there. */
  abstract separates(step: Step, run: Run): boolean;

  /**
   * Before the step's first statement; what it throws is the failure of the step.
   *
   * @param backendPid the server process of the transaction, once there is one
   */
  abstract before(step: Step, run: Run, backendPid: number | undefined): Promise<void> | void;
}
