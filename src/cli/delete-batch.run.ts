import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import {
  type BatchOrder,
  type BatchView,
  BatchWorker,
  DeletionBatches,
  ITEM_STATES,
  NOT_DELETED,
  OUTCOMES,
  type PatientList,
  readCsvList,
} from '../batch/index.js';
import type { BatchSettings } from '../config/index.js';
import { CommandFailed } from '../common/index.js';
import type { DatabaseSession } from './database.session.js';
import type { BatchReport } from './delete-batch.report.js';
import { cannotBeRead } from './given.paths.js';
import type { Progress } from './progress.js';

const LOOK_EVERY_MS = 200;
const PAGE = 1_000;

/** How the command speaks, asks and works. */
export interface RunOptions extends BatchSettings {
  readonly say: (lines: string) => void;
  readonly progress: Progress;
  readonly confirm: (question: string) => Promise<boolean>;
  readonly requestedBy: string;
}

/** One run of `delete-batch`: a dry run, a question, and the deletions. */
export class DeleteBatchRun {
  private readonly batches: DeletionBatches;
  private readonly worker: BatchWorker;

  constructor(
    private readonly session: DatabaseSession,
    private readonly report: BatchReport,
    private readonly options: RunOptions,
  ) {
    this.batches = session.app.get(DeletionBatches, { strict: false });
    this.worker = session.app.get(BatchWorker, { strict: false });
  }

  /**
   * Reads a list, rehearses it and carries it out.
   *
   * @returns whether every patient of the list is deleted, or in a dry run could be
   * @throws CommandFailed where nothing was done, or the run was interrupted
   */
  async start(
    path: string,
    why: Pick<BatchOrder, 'reason' | 'legalBasis'>,
    isDryRun: boolean,
  ): Promise<boolean> {
    const list = await this.read(path);
    const { batchId } = await this.batches.create({ ...why, ...this.by(), dryRun: true }, list);
    const rehearsal = await this.follow(batchId);
    this.options.say(summaryOf(rehearsal));
    if (!isDryRun) return this.carryOut(rehearsal);
    return this.close(rehearsal);
  }

  /** Goes on with a batch, whatever it was stopped by. @returns, @throws as {@link start} */
  async resume(batchId: string): Promise<boolean> {
    let batch = await this.batches.get(batchId);
    if (batch.state === 'PAUSED') batch = await this.batches.resume(batchId);
    if (batch.state === 'COMPLETED' && (batch.counts.FAILED ?? 0) > 0)
      batch = await this.batches.retry(batchId);
    if (batch.endedAt === null) batch = await this.follow(batchId);
    if (batch.dryRun && batch.state === 'COMPLETED') {
      this.options.say(summaryOf(batch));
      return this.carryOut(batch);
    }
    this.options.say(summaryOf(batch));
    return this.close(batch);
  }

  private async carryOut(rehearsal: BatchView): Promise<boolean> {
    const patients = rehearsal.counts.WOULD_DELETE ?? 0;
    if (patients === 0 && rehearsal.executionId === null) {
      this.options.say('There is nobody to delete.');
      return this.close(rehearsal);
    }
    const question = `Delete ${patients} patients (${rehearsal.totalRows} rows)?`;
    if (rehearsal.executionId === null && !(await this.options.confirm(question)))
      throw new CommandFailed(
        `Nobody was deleted. To do it later: npx silgi delete-batch --resume ${rehearsal.batchId}`,
      );
    const { batchId } = await this.batches.execute(rehearsal.batchId, this.by());
    this.options.say(`Batch ${batchId}; Ctrl-C pauses it.`);
    const batch = await this.follow(batchId);
    this.options.say(summaryOf(batch));
    return this.close(batch);
  }

  /** Works at a batch until it has ended, with whoever else does, and shows how it goes. */
  private async follow(batchId: string): Promise<BatchView> {
    const { progress, concurrency, leaseMs } = this.options;
    const { signal } = this.session.interruption;
    const ended = new AbortController();
    let batch = await this.batches.get(batchId);
    progress.begin(batch.dryRun ? 'Dry run' : 'Deleting', batch.lines, 'patients');
    const run = {
      concurrency,
      leaseMs,
      isQuiet: true,
      only: batchId,
      signal: AbortSignal.any([signal, ended.signal]),
    };
    const working = this.worker.run(run);
    try {
      for (let shown = 0; ;) {
        // A database that is away now is waited for, as the worker does.
        batch = await this.batches.get(batchId).catch(() => batch);
        progress.advance(batch.finished - shown);
        shown = batch.finished;
        if (batch.endedAt !== null || batch.state === 'PAUSED') break;
        if (signal.aborted) await this.stop(batch, working);
        await pause(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
      }
    } finally {
      ended.abort();
      await working;
      progress.end();
    }
    return batch;
  }

  /** @throws CommandFailed always: it says how to go on */
  private async stop({ batchId, dryRun }: BatchView, working: Promise<void>): Promise<void> {
    if (dryRun) {
      await this.batches.cancel(batchId);
      this.session.interruption.assertNone('Interrupted in the dry run. Nobody was deleted.');
    }
    await this.batches.pause(batchId);
    await working;
    const { finished, lines } = await this.batches.get(batchId);
    this.session.interruption.assertNone(
      `Paused: ${finished} of ${lines} lines are done, and of the others nothing. ` +
        `Go on with: npx silgi delete-batch --resume ${batchId}`,
    );
  }

  /** Names every line that is not deleted. @returns whether there is none that should be */
  private async close(batch: BatchView): Promise<boolean> {
    const done = batch.dryRun ? 'WOULD_DELETE' : 'DELETED';
    const states = ITEM_STATES.filter((state) => state !== done);
    let after = 0;
    for (;;) {
      const items = await this.batches.items(batch.batchId, { states, after, limit: PAGE });
      for (const item of items) this.report.add(item);
      after = items.at(-1)?.line ?? after;
      if (items.length < PAGE) break;
    }
    const lines = this.report.lines();
    if (lines.length > 0) this.options.say(lines.join('\n'));
    if (batch.state === 'PAUSED')
      this.options.say(`The batch was paused. Go on with: npx silgi delete-batch --resume ${batch.batchId}`);
    const isWhole =
      batch.state === 'COMPLETED' && NOT_DELETED.every((state) => (batch.counts[state] ?? 0) === 0);
    if ((batch.counts.FAILED ?? 0) > 0)
      this.options.say(`To try the failed ones again: npx silgi delete-batch --resume ${batch.batchId}`);
    return isWhole;
  }

  private by(): Pick<BatchOrder, 'requestedBy' | 'requestedRole' | 'requestId'> {
    const { requestedBy } = this.options;
    return { requestedBy, requestedRole: 'system-admin', requestId: randomUUID() };
  }

  private async read(path: string): Promise<PatientList> {
    try {
      return await readCsvList(createReadStream(path));
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code === undefined || !/^E[A-Z]+$/.test(code)) throw cause;
      throw cannotBeRead(path, cause);
    }
  }
}

/** One line: how many lines have come to what. */
function summaryOf({ dryRun, state, counts, lines, totalRows }: BatchView): string {
  const parts = OUTCOMES.flatMap((outcome) => {
    const count = counts[outcome] ?? 0;
    return count === 0 ? [] : [`${count} ${outcome}`];
  });
  const what = dryRun ? 'Dry run' : 'Batch';
  return `${what} ${state}: ${lines} lines: ${parts.join(', ')}; ${totalRows} rows ${dryRun ? 'would be' : 'were'} marked.`;
}
