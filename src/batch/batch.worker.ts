import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import type { WorkerSettings } from '../config/index.js';
import { Admission, AT_A_TIME, type Place } from '../protocol/index.js';
import { PatientOrchestrator } from '../orchestrator/index.js';
import { RecurringFailure } from '../telemetry/index.js';
import { BatchLedger } from './batch.ledger.js';
import { BatchMetrics } from './batch.metrics.js';
import { BatchQueue, type Claimed, type EndedBatch, type Settled, type Settlement } from './batch.queue.js';
import { type BatchRow, keyOf, requesterOf } from './batch.records.js';
import { BatchWakeUp } from './batch.wake-up.js';
import { WakeSignal } from './wake.signal.js';
import { type ItemEnd, NOT_BEGUN, ofDeletion, ofError, ofPreview } from './item.end.js';

const IDLE_MS = 1_000;
/** Lines taken ahead for each that is at work, so that a claim is paid for by several. */
const DEPTH = 8;
/** How often batches of which lines are in hand are looked at for what workers that died have left. */
const TIDY_MS = 1_000;
/** Lines that have ended and are not written down; beyond them the database is waited for. */
const MOST_UNWRITTEN = 1_000;

const SILENCE = { log: () => undefined, warn: () => undefined, error: () => undefined };

/** One worker's run, from its start to its end. */
export interface WorkerRun extends WorkerSettings {
  readonly signal: AbortSignal;
  /** Works at this batch alone, and ends with it; without it at all, for ever. */
  readonly only?: string;
  /** Whether it says nothing: a command speaks for itself, and its terminal must not show what an error quotes. */
  readonly isQuiet?: boolean;
}

/** Makes {@link BatchShift}s: one for a service, one for a command. */
@Injectable()
export class BatchWorker {
  constructor(
    private readonly queue: BatchQueue,
    private readonly orchestrator: PatientOrchestrator,
    private readonly admission: Admission,
    private readonly metrics: BatchMetrics,
    private readonly wakeUp: BatchWakeUp,
  ) {}

  /** Works until the signal, or the end of the one batch; what is in hand then is brought to its end. Never throws. */
  async run(run: WorkerRun): Promise<void> {
    const shift = new BatchShift(this.queue, this.orchestrator, this.admission, this.metrics, {
      ...run,
      concurrency: Math.min(run.concurrency, AT_A_TIME),
    });
    this.wakeUp.listen(() => {
      shift.wake();
    });
    await shift.work();
  }
}

/** Takes lines, deletes their patients one by one, several at a time, and has the outcomes written down. */
class BatchShift {
  private readonly log: Pick<Logger, 'log' | 'warn' | 'error'>;
  /** Who holds the leases: new for every run, so that a restarted process is not taken for the one that died. */
  private readonly owner = randomUUID();
  private readonly wakeSignal = new WakeSignal();
  private readonly ledger: BatchLedger;
  /** Taken, and not written down yet; and until when nobody else can have taken them, in ms of the clock. */
  private readonly inHand = new Map<Claimed, number>();
  private readonly notBegun: Claimed[] = [];
  /** Each waits for a place among the runs under way, and then has a line. */
  private readonly turns = new Set<Promise<void>>();
  private waiting = 0;
  private readonly tidied = new Map<string, number>();
  private lookedAt = -Infinity;
  private readonly failure: RecurringFailure;

  constructor(
    private readonly queue: BatchQueue,
    private readonly orchestrator: PatientOrchestrator,
    private readonly admission: Admission,
    private readonly metrics: BatchMetrics,
    private readonly run: WorkerRun,
  ) {
    this.log = run.isQuiet === true ? SILENCE : new Logger('Batch');
    this.failure = new RecurringFailure(this.log, {
      failing: 'Batches cannot be worked at now; trying again every second',
      over: 'Batches are being worked at again.',
    });
    this.ledger = new BatchLedger(
      queue,
      this.owner,
      (settled, settlement) => {
        this.written(settled, settlement);
      },
      (error) => {
        this.failed(error);
      },
    );
  }

  /** A batch was made or turned in this process: it is looked at now. */
  wake(): void {
    this.lookedAt = -Infinity;
    this.wakeSignal.notify();
  }

  async work(): Promise<void> {
    const { signal } = this.run;
    const renewing = setInterval(() => void this.renew(), this.run.leaseMs / 3);
    const notify = () => {
      this.wakeSignal.notify();
    };
    signal.addEventListener('abort', notify);
    try {
      while (!signal.aborted) if (await this.round()) break;
      for (const item of this.notBegun.splice(0)) this.ledger.add(item, NOT_BEGUN);
      await Promise.all(this.turns);
      await this.ledger.close();
    } finally {
      signal.removeEventListener('abort', notify);
      clearInterval(renewing);
    }
  }

  /** @returns whether the one batch has ended */
  private async round(): Promise<boolean> {
    const begun = this.turns.size - this.waiting;
    const unwritten = this.inHand.size - this.notBegun.length - begun;
    const free = unwritten > MOST_UNWRITTEN ? 0 : DEPTH * this.run.concurrency - this.notBegun.length - begun;
    const isDue = free >= (DEPTH / 2) * this.run.concurrency || performance.now() - this.lookedAt > IDLE_MS;
    let taken = 0;
    let isOver = false;
    if (this.queue.isOpen && isDue) {
      this.lookedAt = performance.now();
      try {
        const open = await this.queue.open(this.run.only);
        this.metrics.running(open.filter(({ state }) => state === 'RUNNING').length);
        this.stopTurned(open);
        isOver =
          this.run.only !== undefined &&
          open.every(({ state }) => state === 'PAUSED') &&
          this.inHand.size === 0;
        taken = await this.take(open, free);
        this.failure.succeeded();
      } catch (error) {
        this.failed(error);
      }
    }
    this.begin();
    if (taken === 0 && !isOver) await this.wakeSignal.wait(IDLE_MS);
    return isOver;
  }

  /** What was taken of a batch that has been paused or cancelled since, and not begun, goes back. */
  private stopTurned(open: readonly BatchRow[]): void {
    const running = new Set(open.filter(({ state }) => state === 'RUNNING').map(({ batchId }) => batchId));
    for (const item of this.notBegun.splice(0))
      if (running.has(item.batch.batchId)) this.notBegun.push(item);
      else this.ledger.add(item, NOT_BEGUN);
  }

  /** As many of each running batch, so that a small one need not wait for a large one. */
  private async take(open: readonly BatchRow[], free: number): Promise<number> {
    let taken = 0;
    const running = open.filter(({ state }) => state === 'RUNNING');
    for (const batch of open) await this.tidy(batch);
    for (const [index, batch] of running.entries()) {
      const share = Math.ceil((free - taken) / (running.length - index));
      if (share <= 0) break;
      const until = Date.now() + this.run.leaseMs;
      const items = await this.queue.claim(batch, this.owner, this.run.leaseMs, share);
      if (items.length > 0 && batch.startedAt === null && (await this.queue.begin(batch.batchId)))
        this.began(batch);
      for (const item of items) {
        this.inHand.set(item, until);
        this.notBegun.push(item);
      }
      taken += items.length;
      this.begin();
    }
    return taken;
  }

  /** What workers that have died left behind, and what is left of a cancelled batch. */
  private async tidy({ batchId, state }: BatchRow): Promise<void> {
    const now = performance.now();
    if (now - (this.tidied.get(batchId) ?? -Infinity) < TIDY_MS) return;
    this.tidied.set(batchId, now);
    if (state !== 'CANCELLED') {
      if ((await this.queue.takeBack(batchId)) > 0)
        this.log.warn('Lines were taken over from a worker that has died', { batchId });
      return;
    }
    const { ended, more } = await this.queue.sweep(batchId);
    this.over(ended);
    if (!more) return;
    this.tidied.delete(batchId);
    this.wake();
  }

  private begin(): void {
    while (
      this.turns.size < this.run.concurrency &&
      this.waiting < this.notBegun.length &&
      !this.run.signal.aborted
    ) {
      const turn: Promise<void> = this.takeTurn().then(() => {
        this.turns.delete(turn);
        this.begin();
        if (this.turns.size === this.waiting) this.ledger.hurry();
        this.wakeSignal.notify();
      });
      this.turns.add(turn);
    }
  }

  /** The line is chosen when there is a place for it: it may have been paused or cancelled by then. */
  private async takeTurn(): Promise<void> {
    this.waiting += 1;
    const place = await this.admission.enter('BATCH', { signal: this.run.signal });
    this.waiting -= 1;
    if (place === undefined) return;
    try {
      const item = this.next();
      if (item !== undefined) this.ledger.add(item, await this.endOf(item, place));
    } finally {
      place.leave();
    }
  }

  /** Whoever stood still for longer than the lease may find a line cancelled, or with another: it goes back. */
  private next(): Claimed | undefined {
    for (;;) {
      const item = this.notBegun.shift();
      if (item === undefined || Date.now() < (this.inHand.get(item) ?? 0)) return item;
      this.ledger.add(item, NOT_BEGUN);
    }
  }

  /** Brings one patient to an end. The key makes a repeat, by whatever process, get the first answer. */
  private async endOf({ batch, patientId, attempts }: Claimed, place: Place): Promise<ItemEnd> {
    const { batchId, reason, legalBasis, requestId } = batch;
    const command = { patientId, reason, legalBasis, ...requesterOf(batch), requestId, place };
    try {
      if (batch.dryRun) return ofPreview(await this.orchestrator.previewDeletion(command));
      const deletion = { ...command, idempotencyKey: keyOf(batchId), isFirstUse: attempts === 1 };
      return ofDeletion((await this.orchestrator.deletePatient(deletion)).answer);
    } catch (error) {
      const end = ofError(error, attempts);
      if (end.kind === 'over' && end.state === 'FAILED')
        this.log.error('A line of a batch has failed', { batchId, code: end.code, err: error });
      return end;
    }
  }

  private async renew(): Promise<void> {
    const items = [...this.inHand.keys()];
    if (items.length === 0) return;
    const until = Date.now() + this.run.leaseMs;
    try {
      for (const item of await this.queue.renew(items, this.owner, this.run.leaseMs))
        if (this.inHand.has(item)) this.inHand.set(item, until);
    } catch (error) {
      this.failed(error);
    }
  }

  private written(settled: readonly Settled[], { own, ended }: Settlement): void {
    for (const { item, end } of settled) {
      this.inHand.delete(item);
      if (!own.has(item.line)) continue;
      if (end.kind === 'over') this.metrics.ended(end.state);
      else if (end.isAttempt) this.metrics.putBack();
    }
    this.over(ended);
    this.wakeSignal.notify();
  }

  private began({ batchId, dryRun, lines, requestId }: BatchRow): void {
    this.log.log('batch started', { batchId, requestId, dryRun, lines });
  }

  private over(ended: EndedBatch | undefined): void {
    if (ended === undefined) return;
    const { batchId, requestId, dryRun, lines, state, totalRows } = ended.batch;
    this.tidied.delete(batchId);
    const line = {
      batchId,
      requestId,
      dryRun,
      lines,
      state,
      counts: ended.counts,
      totalRows: Number(totalRows),
    };
    this.log.log('batch ended', line);
  }

  private failed(error: unknown): void {
    if (!this.run.signal.aborted) this.failure.failed(error);
  }
}
