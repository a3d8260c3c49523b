import { Command } from 'commander';
import { EntityManager } from 'typeorm';
import {
  assertVerifierKey,
  AuditLogKey,
  AuditLogVerification,
  checkExport,
  CheckpointFile,
  type Finding,
  SignedNoteRefused,
} from '../transparency-log/index.js';
import { type Environment, readEnvironment } from '../config/index.js';
import { CommandFailed } from '../common/index.js';
import { withDatabaseAsItIs } from './database.session.js';
import { assertReadable, cannotBeRead } from './given.paths.js';
import { progressOn } from './progress.js';

const HELP = `
With --export: checks an export against one or more signed checkpoints, without database, service and network.
Without it: checks the database itself, and the file of checkpoints (AUDIT_LOG_CHECKPOINTS).

The key is the public one of the log, name+hexid+base64, from a source that you trust. Checking the database without
--key, the key of AUDIT_LOG_KEY is taken.

Exit code: 0, every event is as it was sealed; 1, something is wrong, and the first bad event is named, or nothing
could be checked; 2, wrong usage or configuration, or a file is not there; 4, the check itself failed: no verdict.`;

interface VerifyOptions {
  readonly export?: string;
  readonly checkpoint?: string;
  readonly key?: string;
}

/** `verify-audit`: whether the audit log is as it was sealed and signed. */
export function verifyAuditCommand(): Command {
  return new Command('verify-audit')
    .option('--export <file>', 'an export of the log; without it the database is checked')
    .option('--checkpoint <file>', 'one or more signed checkpoints; required with --export')
    .option('--key <key>', 'the public key of the log; required with --export')
    .addHelpText('after', HELP)
    .action(async (options: VerifyOptions) => {
      if (options.key !== undefined) assertKey(options.key);
      const findings =
        options.export === undefined ? await online(options) : await offline(options.export, options);
      if (findings.length === 0) return;
      process.stdout.write(`${findings.map(sentenceOf).join('\n')}\nNOT VALID. Nothing was changed.\n`);
      process.exitCode = 1;
    });
}

async function offline(path: string, { checkpoint, key }: VerifyOptions): Promise<readonly Finding[]> {
  if (checkpoint === undefined || key === undefined)
    throw new CommandFailed('--export needs --checkpoint FILE and --key KEY.', 2);
  await assertReadable(checkpoint);
  const notes = new CheckpointFile(checkpoint).notes();
  const { good, finding, forged, checkpoints } = await reading(path, checkExport(path, notes, key));
  if (checkpoints === 0) throw new CommandFailed(`There is no signed checkpoint in ${checkpoint}.`, 2);
  if (finding === undefined && forged.length === 0)
    process.stdout.write(
      `Valid: ${good} events are as they were sealed, and ${checkpointsAre(checkpoints)} signed by this key.\n`,
    );
  else process.stdout.write(`Events proven to be as they were signed: ${good}\n`);
  return finding === undefined ? forged : [finding, ...forged];
}

async function online({ checkpoint, key }: VerifyOptions): Promise<readonly Finding[]> {
  if (checkpoint !== undefined) await assertReadable(checkpoint);
  const environment = readEnvironment();
  const verifierKey = key ?? (await ownKey(environment));
  const file = new CheckpointFile(checkpoint ?? environment.auditLog.checkpointsFile);
  return withDatabaseAsItIs(environment, async ({ app }) => {
    const progress = progressOn(process.stderr);
    const verification = new AuditLogVerification(
      app.get(EntityManager, { strict: false }),
      verifierKey,
      file,
    );
    let done = 0;
    const report = await verification.run((checked, of) => {
      if (done === 0) progress.begin('Checking events', of);
      progress.advance(checked - done);
      done = checked;
    });
    if (done > 0) progress.end();
    const { valid, size, proven, checkpoints, checkpointsInFile, unsealed } = report;
    process.stdout.write(
      `Sealed events: ${size}, proven to be as they were signed: ${proven}\n` +
        `Checkpoints: ${checkpoints} in the database, ${checkpointsInFile} in ${file.path}\n` +
        `Not sealed yet: ${unsealed.events}${unsealed.events === 0 ? '' : `, the oldest for ${Math.round(unsealed.oldestSeconds)} s`}\n` +
        (valid ? 'Valid: every sealed event is as it was sealed.\n' : ''),
    );
    return report.findings;
  });
}

async function ownKey({ auditLog }: Environment): Promise<string> {
  const key = await AuditLogKey.openExisting(auditLog);
  if (key === undefined)
    throw new CommandFailed(
      `There is no key in ${auditLog.keyFile}: give the public key of the log with --key.`,
      2,
    );
  return key.verifierKey;
}

function assertKey(key: string): void {
  try {
    assertVerifierKey(key);
  } catch (error) {
    if (error instanceof SignedNoteRefused) throw new CommandFailed(error.message, 2, { cause: error });
    throw error;
  }
}

/** A file that cannot be read is wrong usage. */
async function reading<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === undefined) throw cause;
    throw cannotBeRead(path, cause);
  }
}

function checkpointsAre(count: number): string {
  return count === 1 ? 'the checkpoint is' : `all ${count} checkpoints are`;
}

function sentenceOf({ what, leafIndex, lastIndex, auditEventId, detail }: Finding): string {
  if (leafIndex === null && auditEventId === null) return `${what}: ${detail}`;
  const place =
    leafIndex === null
      ? 'an event outside the sealed log'
      : `event ${leafIndex}${lastIndex === null ? '' : ` to ${lastIndex}`}`;
  return `${what}: ${place}${auditEventId === null ? '' : ` (audit event ${auditEventId})`}: ${detail}`;
}
