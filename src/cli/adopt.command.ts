import { Command } from 'commander';
import { adoptCheckCommand } from './adopt.check.command.js';
import { adoptDiscoverCommand } from './adopt.discover.command.js';
import { adoptRehearseCommand } from './adopt.rehearse.command.js';
import { adoptApplyCommand, adoptPlanCommand, adoptUndoCommand } from './adopt.plan.commands.js';

const HELP = `
A hospital keeps its tables as they are and says in silgi.yaml how the rows of a patient are found. discover proposes
such a file, a person decides what it asks, and check holds it against the database: both only read. plan prints what
the database lacks for deletions, apply makes it, and undo takes it away. rehearse tries a deletion out and rolls it
back. See docs/adopting.md.

Exit code: 0, done; 1, something differs, is not decided or could not be read; 2, wrong usage or configuration.`;

/** `adopt`: the hospital's own database. */
export function adoptCommand(): Command {
  return new Command('adopt')
    .addCommand(adoptDiscoverCommand())
    .addCommand(adoptCheckCommand())
    .addCommand(adoptPlanCommand())
    .addCommand(adoptApplyCommand())
    .addCommand(adoptRehearseCommand())
    .addCommand(adoptUndoCommand())
    .addHelpText('after', HELP);
}
