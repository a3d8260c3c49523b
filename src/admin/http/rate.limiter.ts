const MINUTE_MS = 60_000;
const MOST_CLIENTS = 10_000;

/** How a {@link RateLimiter} differs from the usual one. */
export interface RateLimiterOptions {
  /** Clients that are remembered; beyond them, whoever was let in longest ago is forgotten. */
  readonly clients?: number;
  /** Milliseconds on a clock that never jumps. */
  readonly now?: () => number;
}

/**
 * Lets each client make so many requests a minute: all of them at once, and then one more whenever its share of
 * a minute has passed (the generic cell rate algorithm). It keeps one number for a client, of no more clients
 * than it is told, and nobody waits for longer than a minute, whatever they did and whatever the wall clock does.
 */
export class RateLimiter {
  private readonly share: number;
  private readonly clients: number;
  private readonly now: () => number;
  /** By client, when all that it has used up will have come back; whoever was let in longest ago first. */
  private readonly usedUntil = new Map<string, number>();

  constructor(perMinute: number, { clients = MOST_CLIENTS, now }: RateLimiterOptions = {}) {
    this.share = MINUTE_MS / perMinute;
    this.clients = clients;
    this.now = now ?? (() => performance.now());
  }

  /** Clients that are remembered. */
  get size(): number {
    return this.usedUntil.size;
  }

  /** Seconds until this client has a request left, in whole ones; 0 where it has. */
  wait(client: string): number {
    // The tolerance is for sums of fractions.
    const excess = this.usedBy(client) + this.share - MINUTE_MS - 1e-6;
    return excess > 0 ? Math.ceil(excess / 1_000) : 0;
  }

  /** Takes one request off what this client has left, where anything is. */
  charge(client: string): void {
    const used = Math.min(this.usedBy(client) + this.share, MINUTE_MS);
    this.usedUntil.delete(client);
    this.usedUntil.set(client, this.now() + used);
    if (this.usedUntil.size > this.clients) this.usedUntil.delete(this.usedUntil.keys().next().value ?? '');
  }

  /** The same as {@link wait}, and takes the request off where there is no need to wait. */
  take(client: string): number {
    const seconds = this.wait(client);
    if (seconds === 0) this.charge(client);
    return seconds;
  }

  private usedBy(client: string): number {
    return Math.max((this.usedUntil.get(client) ?? 0) - this.now(), 0);
  }
}
