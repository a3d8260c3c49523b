import { open, rm } from 'node:fs/promises';
import { Command } from 'commander';
import { EntityManager } from 'typeorm';
import { exportLog } from '../transparency-log/index.js';
import { readEnvironment } from '../config/index.js';
import { CommandFailed, type Output } from '../common/index.js';
import { withDatabaseAsItIs } from './database.session.js';
import { assertWritable, overwriteOption, place } from './given.paths.js';
import { progressOn } from './progress.js';

const HELP = `
Writes every sealed event in the order of its seal, one JSON object a line, with all that is needed to check it
without the service: npx silgi verify-audit --export FILE --checkpoint FILE --key KEY.

The file says which patient each event is about. Keep it as safe as the log itself.

Exit code: 0, exported; 1, it could not be; 2, wrong usage or configuration, or a file cannot
be written there.`;

interface ExportOptions {
  readonly out: string;
  readonly checkpoint?: string;
  readonly overwrite?: boolean;
}

/** `export-audit`: the sealed audit log as a file. */
export function exportAuditCommand(): Command {
  return new Command('export-audit')
    .requiredOption('--out <file>', 'the file to write; it appears when it is whole')
    .option('--checkpoint <file>', 'also write the signed checkpoint that covers exactly this export')
    .addOption(overwriteOption())
    .addHelpText('after', HELP)
    .action(async ({ out, checkpoint, overwrite = false }: ExportOptions) => {
      const log = { path: out, what: 'The export', overwrite };
      const note =
        checkpoint === undefined ? undefined : { path: checkpoint, what: 'The checkpoint', overwrite };
      for (const output of [log, note]) if (output !== undefined) await assertWritable(output);
      const { size, unsealed } = await withDatabaseAsItIs(
        readEnvironment(),
        async ({ app, interruption }) => {
          const manager = app.get(EntityManager, { strict: false });
          const state = await stateOf(manager);
          const progress = progressOn(process.stderr);
          progress.begin('Exporting events', Math.max(1, state.size));
          await writing(log, async (append) => {
            await exportLog(manager, state.size, async (lines, events) => {
              interruption.assertNone('Interrupted; no export was made.');
              await append(lines);
              progress.advance(events);
            });
          });
          progress.end();
          if (note !== undefined) await writing(note, (append) => append(state.note));
          return state;
        },
      );
      const rest = unsealed === 0 ? '' : ` ${unsealed} events are not sealed yet and not in it.`;
      process.stderr.write(`${size} sealed events are in ${out}.${rest}\n`);
    });
}

async function stateOf(manager: EntityManager): Promise<{ size: number; note: string; unsealed: number }> {
  const [row] = await manager.query<{ size: string; note: Buffer; unsealed: string }[]>(
    `SELECT c.tree_size AS size, c.note,
       (SELECT count(*) FROM audit.sharded_audit_event) - c.tree_size AS unsealed
     FROM audit.audit_log_checkpoint c ORDER BY c.tree_size DESC LIMIT 1`,
  );
  if (row === undefined)
    throw new CommandFailed(
      'Nothing has been sealed in this database yet: the service seals while it runs. No export was made.',
    );
  return { size: Number(row.size), note: row.note.toString(), unsealed: Math.max(0, Number(row.unsealed)) };
}

/** A file that appears whole or not at all, for its owner's eyes alone. */
async function writing(output: Output, work: (append: (text: string) => Promise<void>) => Promise<void>) {
  const draft = `${output.path}.${process.pid}.partial`;
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await work((text) => file.appendFile(text));
      await file.sync();
    } finally {
      await file.close();
    }
    await place(draft, output);
  } finally {
    await rm(draft, { force: true });
  }
}
