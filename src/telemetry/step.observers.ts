import { Logger } from '@nestjs/common';
import { type Resolution, type Run, type RunEnd, StepObserver } from '../protocol/index.js';
import { type StepName } from '../orchestrator/index.js';

/**
 * Tells several observers of the same steps, in order. What one of them throws is logged and reaches neither the
 * others nor the deletion: watching decides nothing.
 */
export class StepObservers extends StepObserver {
  private readonly log = new Logger(StepObservers.name);

  constructor(private readonly observers: readonly StepObserver[]) {
    super();
  }

  override began(run: Run): void {
    this.tell((observer) => {
      observer.began(run);
    });
  }

  override before(step: StepName, deletionId: string, backendPid?: number): void {
    this.tell((observer) => {
      void observer.before(step, deletionId, backendPid);
    });
  }

  override separates(step: StepName, deletionId: string): boolean {
    let separates = false;
    this.tell((observer) => {
      separates ||= observer.separates(step, deletionId);
    });
    return separates;
  }

  override after(step: StepName, milliseconds: number, error: unknown, deletionId: string): void {
    this.tell((observer) => {
      observer.after(step, milliseconds, error, deletionId);
    });
  }

  override retried(deletionId: string): void {
    this.tell((observer) => {
      observer.retried(deletionId);
    });
  }

  override resolved(resolution: Resolution, deletionId: string): void {
    this.tell((observer) => {
      observer.resolved(resolution, deletionId);
    });
  }

  override ended(run: Run, end: RunEnd): void {
    this.tell((observer) => {
      observer.ended(run, end);
    });
  }

  private tell(one: (observer: StepObserver) => void): void {
    for (const observer of this.observers) {
      try {
        one(observer);
      } catch (error) {
        this.log.error('Whoever watches the steps has failed', error);
      }
    }
  }
}
