#!/usr/bin/env node
import 'reflect-metadata';
import { Command, CommanderError } from 'commander';
import { sqlstateOf } from '../common/index.js';
import { ConfigurationError, loadEnvironmentFile } from '../config/index.js';
import { CommandFailed } from './command.failure.js';
import { demoCommand } from './demo.command.js';
import { exportAuditCommand } from './export-audit.command.js';
import { importCommand } from './import.command.js';
import { integrityCommand } from './integrity.command.js';
import { migrateCommand } from './migrate.command.js';
import { tokenCommand } from './token.command.js';
import { verifyAuditCommand } from './verify-audit.command.js';
import { verifyCertificateCommand } from './verify-certificate.command.js';

const COMMANDS = [
  demoCommand,
  importCommand,
  integrityCommand,
  migrateCommand,
  tokenCommand,
  verifyCertificateCommand,
  exportAuditCommand,
  verifyAuditCommand,
];

const program = new Command('silgi')
  .description('Deletes a patient from every shard of a hospital database atomically: its commands.')
  .showHelpAfterError('(add --help for what this command takes)')
  // Thrown instead of an exit in the middle of the work, so that what is open gets closed.
  .exitOverride();
for (const command of COMMANDS) program.addCommand(command().copyInheritedSettings(program));

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
