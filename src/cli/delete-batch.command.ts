import { Command, InvalidArgumentError, Option } from 'commander';
import { DELETION_REASONS, type DeletionReason, LEGAL_BASES, type LegalBasis } from '../common/index.js';
import { readEnvironment } from '../config/index.js';
import { assertName, CommandFailed, RequesterRefused, UUID } from '../common/index.js';
import { withDatabase } from './database.session.js';
import { BatchReport } from './delete-batch.report.js';
import { DeleteBatchRun } from './delete-batch.run.js';
import { assertReadable, overwriteOption } from './given.paths.js';
import { progressOn } from './progress.js';
import { typedAnswer } from './terminal.question.js';
import { requesterHere } from './terminal.requester.js';

const HELP = `
FILE is a CSV with the patient ids in a column named patientId, patient_id or id, or in its only column; commas,
semicolons or tabs; with or without a byte order mark. In a hospital's own tables (DECLARATION) a column named patientKey,
patient_key or key may name the patients instead, by the hospital's keys, just as its database writes them.

A dry run comes first and shows what would be done: how many patients would be deleted, and the lines that would not,
such as one without a patient id or one that names a patient again; then you are asked, unless --yes is given. Every patient is
deleted for itself, whole or not at all, with an audit event of its own. A running service on the same database shares
the work. Ctrl-C pauses the batch; --resume goes on with it. A crash loses nothing: --resume, or a running service,
finds out what was done and does the rest.

The audit log will have it that you asked at a terminal: your user on this system, the login of the database, and the
name given with --as as your claim, which nobody has checked.

--resume also tries the failed lines of a batch again, and carries out a dry run that was not yet: --dry-run prints its
id in the end.

--report has every line that is not deleted, with its state and the reason, however the command ends: WOULD_DELETE
after a dry run or a no, NOT_ASKED where the command was refused before. Where it cannot have every line, its last one
says so.

Exit code: 0, every patient of the list is deleted (in a dry run: would be, or has been); 1, some are not, and every
one is named with its line and reason, or they could not all be reported, and it is said who stays deleted; 2, wrong usage or configuration, or FILE is not there; 130, interrupted.`;

interface DeleteBatchOptions {
  readonly reason?: DeletionReason;
  readonly legalBasis?: LegalBasis;
  readonly dryRun?: true;
  readonly yes?: true;
  readonly resume?: string;
  readonly report?: string;
  readonly overwrite?: true;
  readonly as?: string;
  readonly concurrency?: number;
}

/** `delete-batch`: deletes the patients of a list. */
export function deleteBatchCommand(): Command {
  return new Command('delete-batch')
    .argument('[file]', 'CSV with the patients')
    .addOption(new Option('--reason <code>', 'why').choices(DELETION_REASONS))
    .addOption(new Option('--legal-basis <code>', 'the law it rests on').choices(LEGAL_BASES))
    .option('--dry-run', 'show what would be done, and delete nobody')
    .option('--yes', 'do not ask')
    .option('--resume <batchId>', 'go on with a batch')
    .option('--report <file>', 'write every line that is not deleted to this CSV, with its state')
    .addOption(overwriteOption())
    .option('--as <name>', 'in whose name you act; the audit log has it as your claim', claimedName)
    .option('--concurrency <number>', 'patients at a time, 1 to 8', wholeNumber)
    .addHelpText('after', HELP)
    .action(async (file: string | undefined, options: DeleteBatchOptions) => {
      assertUsage(file, options);
      if (file !== undefined) await assertReadable(file);
      const report = new BatchReport(options.report, options.overwrite);
      try {
        assertAnswerable(options);
        const environment = readEnvironment();
        const complete = await withDatabase(environment, async (session) => {
          const run = new DeleteBatchRun(session, report, {
            say: (lines) => process.stdout.write(`${lines}\n`),
            progress: progressOn(process.stderr),
            confirm: options.yes === true ? undefined : asked,
            by: await requesterHere(session.app, options.as),
            leaseMs: environment.batch.leaseMs,
            concurrency: options.concurrency ?? Math.max(1, environment.batch.concurrency),
          });
          if (options.resume !== undefined) return run.resume(options.resume);
          const { reason, legalBasis } = options as Required<DeleteBatchOptions>;
          return run.start(file ?? '', { reason, legalBasis }, options.dryRun === true);
        });
        if (!complete) process.exitCode = 1;
      } catch (error) {
        if (file !== undefined) await report.fillUnasked(file);
        throw error;
      } finally {
        report.close();
      }
    });
}

function assertUsage(file: string | undefined, options: DeleteBatchOptions): void {
  const { reason, legalBasis, resume, dryRun } = options;
  if ((file === undefined) === (resume === undefined))
    throw new CommandFailed('Give either a FILE or --resume BATCH_ID; --help says more.', 2);
  if (file !== undefined && (reason === undefined || legalBasis === undefined))
    throw new CommandFailed('A FILE needs --reason and --legal-basis; --help lists their codes.', 2);
  if (resume !== undefined && dryRun === true)
    throw new CommandFailed(
      '--dry-run needs a FILE: --resume goes on with a batch as it is, and may delete. Nothing was done.',
      2,
    );
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

/** Refused before a database is opened. */
function claimedName(name: string): string {
  try {
    assertName(name, 'The name');
    return name;
  } catch (error) {
    if (!(error instanceof RequesterRefused)) throw error;
    // Not commander's own refusal, which repeats the name.
    throw new CommandFailed(`--as: ${error.message} Nothing was done.`, 2, { cause: error });
  }
}

async function asked(question: string): Promise<boolean> {
  return /^(?:yes|evet)$/i.test((await typedAnswer(`${question} Type yes to go on: `)) ?? 'no');
}

function wholeNumber(text: string): number {
  if (!/^[1-8]$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1 to 8.');
  return Number(text);
}
