/** Stands for two roots that were signed for one size: no log fits both. */
const CONTRADICTION = '';

/** The roots that were signed, by the number of events under them. A million takes about 100 MB. */
export class SignedRoots {
  /** Bytes as the characters of a string, which takes a third of the memory of a byte array. */
  private readonly bySize = new Map<number, string>();
  private largestSize = 0;

  /** The size of the largest log that was signed. */
  get largest(): number {
    return this.largestSize;
  }

  add(size: number, root: Uint8Array): void {
    const signed = characters(root);
    this.bySize.set(size, (this.bySize.get(size) ?? signed) === signed ? signed : CONTRADICTION);
    this.largestSize = Math.max(this.largestSize, size);
  }

  has(size: number): boolean {
    return this.bySize.has(size);
  }

  /** Whether this root was signed for this size, and no other. */
  agree(size: number, root: Uint8Array): boolean {
    return this.bySize.get(size) === characters(root);
  }
}

function characters(root: Uint8Array): string {
  return Buffer.from(root).toString('latin1');
}
