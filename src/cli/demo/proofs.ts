import type { Narrator } from './narrator.js';

/** Every claim of the demo is computed and said to hold or not; one that does not makes the demo fail. */
export class Proofs {
  private held = 0;
  private readonly failures: string[] = [];

  constructor(private readonly narrator: Narrator) {}

  /**
   * @param claim what is shown to be so, as a sentence
   * @param holds whether it is
   * @param found what was found instead, said where it does not hold
   */
  that(claim: string, holds: boolean, found?: unknown): void {
    if (holds) this.held += 1;
    else this.failures.push(claim);
    const instead = holds || found === undefined ? '' : ` Found: ${JSON.stringify(found)}.`;
    this.narrator.proof(holds, `${claim}${instead}`);
  }

  get count(): number {
    return this.held + this.failures.length;
  }

  /** The claims that do not hold. */
  get failed(): readonly string[] {
    return this.failures;
  }
}
