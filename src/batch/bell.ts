/** Lets one waiter go on before its time is up. */
export class Bell {
  private rung = false;
  private go: () => void = () => undefined;

  /** Ends the wait, or where nobody waits, the next one at once. */
  ring(): void {
    this.rung = true;
    this.go();
  }

  /** @param limitMs milliseconds after which the wait ends by itself */
  async wait(limitMs: number): Promise<void> {
    if (!this.rung)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, limitMs);
        this.go = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    this.rung = false;
    this.go = () => undefined;
  }
}
