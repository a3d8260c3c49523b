import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import {
  type BatchOrder,
  BatchStateConflict,
  type BatchView,
  BatchWorker,
  DeletionBatches,
  ITEM_STATES,
  type ItemView,
  NOT_DELETED,
  OUTCOMES,
  type PatientList,
  readCsvList,
} from '../batch/index.js';
import type { WorkerSettings } from '../config/index.js';
import { CommandFailed, type Requester, sqlstateOf } from '../common/index.js';
import type { DatabaseSession } from './database.session.js';
import type { BatchReport } from './delete-batch.report.js';
import { cannotBeRead } from './given.paths.js';
import type { Progress } from './progress.js';

const LOOK_EVERY_MS = 200;
const PAGE = 1_000;

/** How the command speaks, asks and works. */
export interface RunOptions extends WorkerSettings {
  readonly say: (lines: string) => void;
  readonly progress: Progress;
  /** Left out where nothing is to be asked. */
  readonly confirm?: ((question: string) => Promise<boolean>) | undefined;
  /** Who runs the command. */
  readonly by: Requester;
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
    if (!isDryRun && rehearsal.state === 'COMPLETED') return this.carryOut(rehearsal);
    const isWhole = await this.close(rehearsal);
    this.options.say(howToCarryOut(rehearsal));
    return isWhole;
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
    if (rehearsal.executionId === null) await this.ask(rehearsal);
    this.report.begin();
    const { batchId } = await this.batches.execute(rehearsal.batchId, this.by());
    this.options.say(`Batch ${batchId}; Ctrl-C pauses it.`);
    const batch = await this.follow(batchId);
    this.options.say(summaryOf(batch));
    return this.close(batch);
  }

  /**
   * Names every line that is not going to be deleted, and then asks whether to delete the others.
   *
   * @throws CommandFailed where the answer is no: the report then has every line as the dry run has left it
   */
  private async ask(rehearsal: BatchView): Promise<void> {
    const { confirm } = this.options;
    if (confirm === undefined) return;
    await this.name(rehearsal);
    const patients = rehearsal.counts.WOULD_DELETE ?? 0;
    if (await confirm(`Delete ${patients} patients (${rehearsal.totalRows} rows)?`)) return;
    throw new CommandFailed(
      `This command has deleted nobody. To do it later: npx silgi delete-batch --resume ${rehearsal.batchId}`,
    );
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

  /**
   * Cancels a dry run, pauses any other batch; one that has ended before that is told as it has ended.
   *
   * @throws CommandFailed unless it has: it says how to go on
   */
  private async stop(batch: BatchView, working: Promise<void>): Promise<void> {
    const { batchId, dryRun } = batch;
    const { interruption } = this.session;
    try {
      await (dryRun ? this.batches.cancel(batchId) : this.batches.pause(batchId));
    } catch (error) {
      // It has ended or was cancelled since it was looked at; that error knows nothing of its patients.
      if (!(error instanceof BatchStateConflict)) throw error;
    }
    if (dryRun) interruption.assertNone('Interrupted in the dry run. Nobody was deleted.');
    await working;
    const { state, finished, lines, endedAt } = await this.batches.get(batchId);
    if (endedAt !== null) return;
    await this.reportStopped(batch);
    if (state === 'CANCELLED')
      interruption.assertNone(
        `Interrupted. The batch was cancelled by somebody else: ${finished} of ${lines} lines are done, and whoever was ` +
          `deleted stays deleted. How it ends: npx silgi delete-batch --resume ${batchId}`,
      );
    interruption.assertNone(
      `Paused: ${finished} of ${lines} lines are done. Another one may be deleted all the same, where a service has it ` +
        'at work or the answer to its COMMIT was lost: going on finds that out, and deletes nobody twice. ' +
        `Go on with: npx silgi delete-batch --resume ${batchId}`,
    );
  }

  /**
   * Names every line that is not deleted.
   *
   * @returns whether there is none that should be
   * @throws as {@link name}
   */
  private async close(batch: BatchView): Promise<boolean> {
    await this.name(batch);
    if (batch.state === 'PAUSED')
      this.options.say(`The batch was paused. Go on with: npx silgi delete-batch --resume ${batch.batchId}`);
    const isWhole =
      batch.state === 'COMPLETED' && NOT_DELETED.every((state) => (batch.counts[state] ?? 0) === 0);
    if ((batch.counts.FAILED ?? 0) > 0)
      this.options.say(`To try the failed ones again: npx silgi delete-batch --resume ${batch.batchId}`);
    return isWhole;
  }

  /** @throws CommandFailed where the lines cannot be read or written: what was deleted stays deleted */
  private async name(batch: BatchView): Promise<void> {
    try {
      await this.report.fill(this.notDeleted(batch));
    } catch (cause) {
      throw new CommandFailed(reportFailure(batch, cause), 1, { cause });
    }
    const lines = this.report.lines();
    if (lines.length > 0) this.options.say(lines.join('\n'));
  }

  /** Reports what a paused batch has left; where that fails, how to go on is said nonetheless. */
  private async reportStopped(batch: BatchView): Promise<void> {
    if (this.report.isWanted) await this.report.fill(this.notDeleted(batch)).catch(() => undefined);
  }

  /** Lines that are not deleted; those that would be are for the report alone. */
  private async *notDeleted({ batchId }: BatchView): AsyncGenerator<ItemView> {
    const left = this.report.isWanted ? ['DELETED'] : ['DELETED', 'WOULD_DELETE'];
    const states = ITEM_STATES.filter((state) => !left.includes(state));
    for (let after = 0; ;) {
      const items = await this.batches.items(batchId, { states, after, limit: PAGE });
      yield* items;
      after = items.at(-1)?.line ?? after;
      if (items.length < PAGE) return;
    }
  }

  private by(): Requester & Pick<BatchOrder, 'requestId'> {
    return { ...this.options.by, requestId: randomUUID() };
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

/** What is true of the patients where only the report has failed. The database's own words may quote a row. */
function reportFailure({ batchId, dryRun, counts }: BatchView, cause: unknown): string {
  const why = sqlstateOf(cause) ?? (cause as NodeJS.ErrnoException).code ?? 'no code';
  const failed = `The lines that are not deleted could not be reported to the end (${why}).`;
  if (dryRun) return `${failed} Nobody was deleted by this dry run.`;
  return (
    `${failed} ${counts.DELETED ?? 0} patients were deleted by this batch, and stay deleted. Report it again with: ` +
    `npx silgi delete-batch --resume ${batchId} --yes --report FILE --overwrite`
  );
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

/** The id of a dry run, and what can be done with it. */
function howToCarryOut({ batchId, state, counts }: BatchView): string {
  const id = `The dry run has the id ${batchId}.`;
  if (state !== 'COMPLETED' || (counts.WOULD_DELETE ?? 0) === 0) return id;
  return `${id} Nobody was deleted by it. To carry it out: npx silgi delete-batch --resume ${batchId}`;
}
