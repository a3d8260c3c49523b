import { userInfo } from 'node:os';
import { createInterface } from 'node:readline/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { DELETION_REASONS, type DeletionReason, LEGAL_BASES, type LegalBasis } from '../common/index.js';
import { readEnvironment } from '../config/index.js';
import { CommandFailed, UUID } from '../common/index.js';
import { withDatabase } from './database.session.js';
import { BatchReport } from './delete-batch.report.js';
import { DeleteBatchRun } from './delete-batch.run.js';
import { assertReadable } from './given.paths.js';
import { progressOn } from './progress.js';

const HELP = `
FILE is a CSV with the patient ids in a column named patientId, patient_id or id, or in its only column; commas,
semicolons or tabs; with or without a byte order mark.

A dry run comes first and shows what would be done; then you are asked, unless --yes is given. Every patient is
deleted for itself, whole or not at all, with an audit event of its own. A running service on the same database shares
the work. Ctrl-C pauses the batch; --resume goes on with it. A crash loses nothing: --resume, or a running service,
finds out what was done and does the rest.

--resume also tries the failed lines of a batch again, and carries out a dry run that was not yet.

Exit code: 0, every patient of the list is deleted (in a dry run: would be, or has been); 1, some are not, and every
one is named with its line and reason; 2, wrong usage or configuration, or FILE is not there; 130, interrupted.`;

interface DeleteBatchOptions {
  readonly reason?: DeletionReason;
  readonly legalBasis?: LegalBasis;
  readonly dryRun?: true;
  readonly yes?: true;
  readonly resume?: string;
  readonly report?: string;
  readonly as: string;
  readonly concurrency?: number;
}

/** `delete-batch`: deletes the patients of a list. */
export function deleteBatchCommand(): Command {
  return new Command('delete-batch')
    .argument('[file]', 'CSV with the patient ids')
    .addOption(new Option('--reason <code>', 'why').choices(DELETION_REASONS))
    .addOption(new Option('--legal-basis <code>', 'the law it rests on').choices(LEGAL_BASES))
    .option('--dry-run', 'show what would be done, and delete nobody')
    .option('--yes', 'do not ask')
    .option('--resume <batchId>', 'go on with a batch')
    .option('--report <file>', 'write every line that is not deleted to this CSV')
    .option('--as <name>', 'who asks, as the audit log will have it', userInfo().username)
    .option('--concurrency <number>', 'patients at a time, 1 to 8', wholeNumber)
    .addHelpText('after', HELP)
    .action(async (file: string | undefined, options: DeleteBatchOptions) => {
      assertUsage(file, options);
      if (file !== undefined) await assertReadable(file);
      assertAnswerable(options);
      const environment = readEnvironment();
      const report = new BatchReport(options.report);
      try {
        const complete = await withDatabase(environment, async (session) => {
          const run = new DeleteBatchRun(session, report, {
            say: (lines) => process.stdout.write(`${lines}\n`),
            progress: progressOn(process.stderr),
            confirm: options.yes === true ? () => Promise.resolve(true) : asked,
            requestedBy: options.as,
            leaseMs: environment.batch.leaseMs,
            concurrency: options.concurrency ?? Math.max(1, environment.batch.concurrency),
          });
          if (options.resume !== undefined) return run.resume(options.resume);
          const { reason, legalBasis } = options as Required<DeleteBatchOptions>;
          return run.start(file ?? '', { reason, legalBasis }, options.dryRun === true);
        });
        if (!complete) process.exitCode = 1;
      } finally {
        report.close();
      }
    });
}

function assertUsage(file: string | undefined, options: DeleteBatchOptions): void {
  const { reason, legalBasis, resume } = options;
  if ((file === undefined) === (resume === undefined))
    throw new CommandFailed('Give either a FILE or --resume BATCH_ID; --help says more.', 2);
  if (file !== undefined && (reason === undefined || legalBasis === undefined))
    throw new CommandFailed('A FILE needs --reason and --legal-basis; --help lists their codes.', 2);
  if (resume !== undefined && !UUID.test(resume))
    throw new CommandFailed('--resume needs the id of a batch, a UUID.', 2);
}

function assertAnswerable({ dryRun, yes }: DeleteBatchOptions): void {
  if (dryRun !== true && yes !== true && !process.stdin.isTTY)
    throw new CommandFailed(
      'There is no terminal to ask whether to delete: add --yes, or --dry-run to see first. Nothing was done.',
      2,
    );
}

async function asked(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^(?:yes|evet)$/i.test((await terminal.question(`${question} Type yes to go on: `)).trim());
  } catch {
    // Ctrl-C, or the end of the input: no is an answer.
    return false;
  } finally {
    terminal.close();
  }
}

function wholeNumber(text: string): number {
  if (!/^[1-8]$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1 to 8.');
  return Number(text);
}
