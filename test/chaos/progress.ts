import type { HistoryEntry } from './history.js';

const EVERY_MS = 5_000;

/** Counts what happens in a run, and says so now and then. */
export class Progress {
  /** Answers to requests: `delete 201`, `preview 200`, `delete broken off`. */
  readonly answers = new Map<string, number>();
  /** Transactions of writers by isolation level and outcome. */
  readonly writes = new Map<string, number>();
  /** Faults that fired, and all that were tried, by kind. */
  readonly faults = new Map<string, { tried: number; fired: number }>();
  /** New deletions that were acknowledged. */
  deletions = 0;
  private readonly calls = new Map<string, string>();
  private readonly levels = new Map<string, string>();
  private readonly started = performance.now();
  private timer: NodeJS.Timeout | undefined;
  private last = { at: performance.now(), deletions: 0 };

  constructor(private readonly say: (line: string) => void) {}

  /** Takes an entry of the history into account. */
  readonly count = (entry: HistoryEntry): void => {
    if (entry.kind === 'call') this.calls.set(entry.request, entry.call);
    if (entry.kind === 'answer') {
      const { status, code, outcome, request } = entry;
      const unanswered = outcome === 'fail' ? 'not connected' : 'broken off';
      const said = status === undefined ? unanswered : [status, code].filter(Boolean).join(' ');
      const replay = entry.replayed === true ? ' replayed' : '';
      add(this.answers, `${this.calls.get(request) ?? ''} ${said}${replay}`);
      this.calls.delete(request);
      if (status === 201 && entry.replayed !== true) this.deletions += 1;
    }
    if (entry.kind === 'write') this.levels.set(entry.transaction, entry.isolation);
    if (entry.kind === 'written') {
      const end = { ok: 'committed', fail: 'refused', info: 'unknown' }[entry.outcome];
      add(this.writes, `${this.levels.get(entry.transaction) ?? ''}, ${end}`);
      this.levels.delete(entry.transaction);
    }
    if (entry.kind === 'fault') {
      const { tried, fired } = this.faults.get(entry.source) ?? { tried: 0, fired: 0 };
      this.faults.set(entry.source, { tried: tried + 1, fired: fired + (entry.fired ? 1 : 0) });
    }
  };

  begin(): void {
    this.timer = setInterval(() => {
      this.tell();
    }, EVERY_MS);
  }

  end(): void {
    clearInterval(this.timer);
  }

  get firedFaults(): number {
    return [...this.faults.values()].reduce((sum, { fired }) => sum + fired, 0);
  }

  private tell(): void {
    const now = performance.now();
    const rate = ((this.deletions - this.last.deletions) / (now - this.last.at)) * 1_000;
    this.last = { at: now, deletions: this.deletions };
    const seconds = Math.round((now - this.started) / 1_000);
    const kinds = [...this.faults].map(([kind, { fired }]) => `${kind} ${fired}`).join(', ');
    this.say(
      `${seconds} s  ${this.deletions} deletions (${Math.round(rate)}/s)  ${this.firedFaults} faults: ${kinds}`,
    );
  }
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
