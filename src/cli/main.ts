#!/usr/bin/env node
import 'reflect-metadata';
import { Command, CommanderError } from 'commander';
import { sqlstateOf } from '../common/index.js';
import { ConfigurationError, loadEnvironmentFile } from '../config/index.js';
import { CommandFailed } from '../common/index.js';
/** By name, in the order of the help. A command's own code is read only where that command is meant. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  demo: async () => (await import('./demo.command.js')).demoCommand(),
  import: async () => (await import('./import.command.js')).importCommand(),
  'delete-batch': async () => (await import('./delete-batch.command.js')).deleteBatchCommand(),
  integrity: async () => (await import('./integrity.command.js')).integrityCommand(),
  migrate: async () => (await import('./migrate.command.js')).migrateCommand(),
  token: async () => (await import('./token.command.js')).tokenCommand(),
  'verify-certificate': async () =>
    (await import('./verify-certificate.command.js')).verifyCertificateCommand(),
  'export-audit': async () => (await import('./export-audit.command.js')).exportAuditCommand(),
  'verify-audit': async () => (await import('./verify-audit.command.js')).verifyAuditCommand(),
};

const program = new Command('silgi')
  .description('Deletes a patient from every shard of a hospital database atomically: its commands.')
  .showHelpAfterError('(add --help for what this command takes)')
  // Thrown instead of an exit in the middle of the work, so that what is open gets closed.
  .exitOverride();
const meant = COMMANDS[process.argv[2] ?? ''];
for (const command of meant === undefined ? Object.values(COMMANDS) : [meant])
  program.addCommand((await command()).copyInheritedSettings(program));

try {
  loadEnvironmentFile();
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
  // commander has said already what is wrong with the usage.
  if (!(error instanceof CommanderError)) process.stderr.write(`${messageOf(error)}\n`);
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommandFailed) return error.exitCode;
  if (error instanceof CommanderError && error.code !== 'commander.error')
    return error.exitCode === 0 ? 0 : 2;
  if (error instanceof CommanderError) return error.exitCode;
  return error instanceof ConfigurationError ? 2 : 1;
}

/** The database's own words may quote the values of a row. */
function messageOf(error: unknown): string {
  const sqlstate = sqlstateOf(error);
  if (typeof error === 'object' && error !== null && 'driverError' in error && sqlstate !== undefined)
    return `The database refused a statement (SQLSTATE ${sqlstate}); what it changed was rolled back.`;
  return error instanceof Error ? error.message : 'The command failed for an unknown reason.';
}
