/** Lets one waiter go on before its time is up. */
export class WakeSignal {
  private isNotified = false;
  private go: () => void = () => undefined;

  /** Ends the wait, or where nobody waits, the next one at once. */
  notify(): void {
    this.isNotified = true;
    this.go();
  }

  /** @param limitMs milliseconds after which the wait ends by itself */
  async wait(limitMs: number): Promise<void> {
    if (!this.isNotified)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, limitMs);
        this.go = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    this.isNotified = false;
    this.go = () => undefined;
  }
}
