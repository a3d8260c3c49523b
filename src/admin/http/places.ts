/** So many at a time for each client, and so many for all of them: whoever takes one has to give it back. */
export class Places {
  private readonly taken = new Map<string, number>();
  private total = 0;

  /**
   * @param each at a time for one client
   * @param all at a time for all of them
   */
  constructor(
    private readonly each: number,
    private readonly all = Infinity,
  ) {}

  /** Takes a place. @returns gives it back, once; or which limit is reached: that of the client, or that of all */
  take(client: string): (() => void) | 'each' | 'all' {
    const held = this.taken.get(client) ?? 0;
    if (held >= this.each) return 'each';
    if (this.total >= this.all) return 'all';
    this.taken.set(client, held + 1);
    this.total += 1;
    let isHeld = true;
    return () => {
      if (isHeld) this.giveBack(client);
      isHeld = false;
    };
  }

  private giveBack(client: string): void {
    const left = (this.taken.get(client) ?? 0) - 1;
    this.total -= 1;
    // Nothing is kept of who has left.
    if (left > 0) this.taken.set(client, left);
    else this.taken.delete(client);
  }
}
