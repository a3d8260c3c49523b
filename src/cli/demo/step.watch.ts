import type { StepName } from '../../orchestrator/index.js';
import type { StepObserver } from '../../protocol/index.js';

/** Watches the steps of deletions, and does something before one of them where it was told to. */
export class StepWatch {
  private steps: StepName[] = [];
  private transactions = 0;
  private order: { step: StepName; action: (backendPid: number) => Promise<void> } | undefined;

  /** @param observer the application's own, which goes on observing */
  constructor(observer: StepObserver) {
    const before = observer.before.bind(observer);
    // The demo tells how far an attempt came: no step begins before those ahead of it are done.
    observer.separates = () => true;
    observer.before = async (step, deletionId, backendPid) => {
      if (step === 'connect') this.transactions += 1;
      if (this.transactions === 1) this.steps.push(step);
      await before(step, deletionId, backendPid);
      if (this.order?.step !== step || backendPid === undefined) return;
      const { action } = this.order;
      this.order = undefined;
      await action(backendPid);
    };
  }

  /** Watches the next transaction. */
  begin(): void {
    this.steps = [];
    this.transactions = 0;
  }

  /** Once, before the next such step: `backendPid` is the server process of its transaction. */
  beforeNext(step: StepName, action: (backendPid: number) => Promise<void>): void {
    this.order = { step, action };
  }

  /**
   * The steps that the first transaction since {@link begin} entered, in order; the one after it, in which a
   * failed attempt is recorded, is not the attempt.
   */
  get entered(): readonly StepName[] {
    return this.steps;
  }
}
