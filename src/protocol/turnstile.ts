/** Lets so many in at a time; whoever comes when it is full waits, first come first served. */
export class Turnstile {
  private inside = 0;
  private readonly queue: (() => void)[] = [];

  constructor(private readonly places: number) {}

  /** @returns whether there was a place within so many milliseconds; then {@link leave} has to follow */
  enter(withinMs: number): Promise<boolean> | true {
    if (this.inside < this.places) {
      this.inside += 1;
      return true;
    }
    return new Promise((resolve) => {
      const letIn = () => {
        clearTimeout(patience);
        resolve(true);
      };
      const patience = setTimeout(() => {
        this.queue.splice(this.queue.indexOf(letIn), 1);
        resolve(false);
      }, withinMs);
      this.queue.push(letIn);
    });
  }

  /** Gives the place to whoever has waited longest. */
  leave(): void {
    const next = this.queue.shift();
    if (next === undefined) this.inside -= 1;
    else next();
  }
}
