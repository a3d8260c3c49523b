#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { productVersion } from '../product/index.js';

/** By name, in the order of the help. A command's own code is read only where that command is meant. */
const COMMANDS: Readonly<Record<string, { summary: string; load: () => Promise<Command> }>> = {
  demo: {
    summary: 'Show a deletion from all shards, and what happens when it fails, on a throw-away database.',
    load: async () => (await import('./demo.command.js')).demoCommand(),
  },
  import: {
    summary: 'Load patients from the CSV files of Synthea, the generator of synthetic patients.',
    load: async () => (await import('./import.command.js')).importCommand(),
  },
  'delete-batch': {
    summary: 'Delete the patients of a CSV file, each one atomic for itself, after a dry run.',
    load: async () => (await import('./delete-batch.command.js')).deleteBatchCommand(),
  },
  adopt: {
    summary:
      'Look at a hospital’s own database, declare how the rows of a patient are found in it, and make it ready.',
    load: async () => (await import('./adopt.command.js')).adoptCommand(),
  },
  integrity: {
    summary: 'Scan the whole database for what a deletion must never leave behind.',
    load: async () => (await import('./integrity.command.js')).integrityCommand(),
  },
  migrate: {
    summary: 'Apply the pending migrations, or undo the last one, one process at a time.',
    load: async () => (await import('./migrate.command.js')).migrateCommand(),
  },
  token: {
    summary: 'Print a bearer token for the service on this machine (development sign-in only).',
    load: async () => (await import('./token.command.js')).tokenCommand(),
  },
  'verify-certificate': {
    summary: 'Check a deletion certificate with the public key of the audit log alone.',
    load: async () => (await import('./verify-certificate.command.js')).verifyCertificateCommand(),
  },
  'export-audit': {
    summary: 'Write the sealed audit log to a file that can be checked without the service.',
    load: async () => (await import('./export-audit.command.js')).exportAuditCommand(),
  },
  'verify-audit': {
    summary: 'Check that no audit event was edited, removed, inserted, reordered or cut off.',
    load: async () => (await import('./verify-audit.command.js')).verifyAuditCommand(),
  },
};

const HELP = `
Exit code of every command: 0, done, and nothing is wrong; 1, something is wrong or could not be done, and is named;
2, wrong usage or configuration, or a file or folder is not there, and nothing was begun; 3, the program itself could
not be built; 4, the program itself failed, and nothing is known of what was asked; 130 or 143, interrupted. Settings are environment variables, also from a file .env: see .env.example.`;

const program = new Command('silgi')
  .description('Deletes a patient from every shard of a hospital database atomically: its commands.')
  .version(productVersion())
  .addHelpText('after', HELP)
  .showHelpAfterError('(add --help for what this command takes)')
  // Thrown instead of an exit in the middle of the work, so that what is open gets closed.
  .exitOverride()
  .hook('preAction', async () => {
    const { loadEnvironmentFile } = await import('../config/index.js');
    loadEnvironmentFile();
  });

const meant = process.argv.slice(2).find((argument) => Object.hasOwn(COMMANDS, argument));
for (const [name, { summary, load }] of Object.entries(COMMANDS)) {
  const command = name === meant ? await load() : new Command(name);
  program.addCommand(command.copyInheritedSettings(program).description(summary));
  for (const below of command.commands) below.copyInheritedSettings(command);
}

process.on('uncaughtException', (error) => {
  void ended(error).finally(() => process.exit());
});
await program.parseAsync().catch(ended);

async function ended(error: unknown): Promise<void> {
  const { exitCodeOf, messageOf } = await import('./exit.code.js');
  process.exitCode = exitCodeOf(error);
  // commander has said already what is wrong with the usage.
  if (!(error instanceof CommanderError)) process.stderr.write(`${messageOf(error)}\n`);
}
