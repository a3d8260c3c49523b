export type Priority = 'INTERACTIVE' | 'BATCH';

interface Waiting {
  readonly priority: Priority;
  readonly letIn: () => void;
}

/**
 * Lets so many in at a time. Somebody waits for what is interactive: while one is inside or waits, and for a while
 * after the last, no more than one of a batch is inside.
 */
export class Semaphore {
  private readonly inside: Record<Priority, number> = { INTERACTIVE: 0, BATCH: 0 };
  private readonly queue: Waiting[] = [];
  private quiet: NodeJS.Timeout | undefined;

  /**
   * @param places how many may be inside
   * @param quietAfterMs how long after the last interactive one a batch has all places
   */
  constructor(
    private readonly places: number,
    private readonly quietAfterMs: number,
  ) {}

  /**
   * Whoever comes when it is full waits, first come first served among those of the same priority.
   *
   * @param limit.withinMs how long; without end unless told
   * @param limit.signal ends the wait
   * @returns whether there was a place by then; where there was, {@link leave} has to follow
   */
  enter(
    priority: Priority,
    { withinMs, signal }: { withinMs?: number; signal?: AbortSignal } = {},
  ): Promise<boolean> | true {
    if (this.mayEnter(priority)) {
      this.inside[priority] += 1;
      return true;
    }
    return new Promise((resolve) => {
      const end = (isIn: boolean) => {
        clearTimeout(patience);
        signal?.removeEventListener('abort', giveUp);
        resolve(isIn);
      };
      const waiting = {
        priority,
        letIn: () => {
          end(true);
        },
      };
      const giveUp = () => {
        this.queue.splice(this.queue.indexOf(waiting), 1);
        end(false);
      };
      const patience = withinMs === undefined ? undefined : setTimeout(giveUp, withinMs);
      this.queue.push(waiting);
      signal?.addEventListener('abort', giveUp);
      if (signal?.aborted === true) giveUp();
    });
  }

  leave(priority: Priority): void {
    this.inside[priority] -= 1;
    if (priority === 'INTERACTIVE') this.keepQuiet();
    this.letIn();
  }

  private letIn(): void {
    for (const priority of ['INTERACTIVE', 'BATCH'] as const) {
      while (this.mayEnter(priority)) {
        const next = this.queue.findIndex((waiting) => waiting.priority === priority);
        if (next < 0) break;
        this.inside[priority] += 1;
        this.queue.splice(next, 1)[0]?.letIn();
      }
    }
  }

  private mayEnter(priority: Priority): boolean {
    const { INTERACTIVE, BATCH } = this.inside;
    if (INTERACTIVE + BATCH >= this.places) return false;
    if (priority === 'INTERACTIVE' || BATCH === 0) return true;
    return INTERACTIVE === 0 && this.quiet === undefined;
  }

  private keepQuiet(): void {
    if (this.quiet !== undefined) {
      this.quiet.refresh();
      return;
    }
    this.quiet = setTimeout(() => {
      this.quiet = undefined;
      this.letIn();
    }, this.quietAfterMs).unref();
  }
}
