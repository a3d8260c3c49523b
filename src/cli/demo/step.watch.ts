import type { DeletionStep } from '../../orchestrator/index.js';
import { FaultInjection, type Run, type Step } from '../../protocol/index.js';

/** A step of a deletion, or one that the protocol takes around it. */
export type WatchedStep = DeletionStep | 'connect' | 'begin' | 'commit';

/** Watches the steps of deletions, and does something before one of them where it was told to. */
export class StepWatch extends FaultInjection {
  private steps: string[] = [];
  private transactions = 0;
  private order: { step: WatchedStep; action: (backendPid: number) => Promise<void> } | undefined;

  /** The demo tells how far an attempt came: no step begins before those ahead of it are done. */
  separates(): boolean {
    return true;
  }

  async before({ name }: Step, _run: Run, backendPid: number | undefined): Promise<void> {
    if (name === 'connect') this.transactions += 1;
    if (this.transactions === 1) this.steps.push(name);
    if (this.order?.step !== name || backendPid === undefined) return;
    const { action } = this.order;
    this.order = undefined;
    await action(backendPid);
  }

  /** Watches the next transaction. */
  begin(): void {
    this.steps = [];
    this.transactions = 0;
  }

  /** Once, before the next such step: `backendPid` is the server process of its transaction. */
  beforeNext(step: WatchedStep, action: (backendPid: number) => Promise<void>): void {
    this.order = { step, action };
  }

  /**
   * The steps that the first transaction since {@link begin} entered, in order; the one after it, in which a
   * failed attempt is recorded, is not the attempt.
   */
  get entered(): readonly string[] {
    return this.steps;
  }
}
