import { Command, InvalidArgumentError } from 'commander';
import { developmentToken, type Role, ROLES, type TokenRequest } from '../auth/index.js';
import { assertName, RequesterRefused } from '../common/index.js';
import { readEnvironment } from '../config/index.js';

const HELP = `
Exit code: 0, printed; 1, it could not be; 2, wrong usage or configuration, or tokens come from an issuer.`;

/**
 * `token`: prints a bearer token of the service's own, and nothing else, on stdout. Refuses with a
 * ConfigurationError where tokens come from an issuer.
 */
export function tokenCommand(): Command {
  return new Command('token')
    .requiredOption('--subject <name>', 'whom the token is for; it stands in the audit log', subjectOf)
    .requiredOption('--roles <list>', `comma-separated: ${ROLES.join(', ')}`, rolesOf)
    .option('--expires-in <time>', 'a number and s, m, h or d', durationOf, '12h')
    .addHelpText('after', HELP)
    .action(async (token: TokenRequest) => {
      process.stdout.write(`${await developmentToken(readEnvironment(), token)}\n`);
    });
}

function subjectOf(name: string): string {
  try {
    assertName(name, 'It');
    return name;
  } catch (error) {
    if (!(error instanceof RequesterRefused)) throw error;
    throw new InvalidArgumentError(error.message);
  }
}

function rolesOf(list: string): Role[] {
  return list.split(',').map((name) => {
    const role = ROLES.find((known) => known === name.trim());
    if (role === undefined) throw new InvalidArgumentError(`The roles are ${ROLES.join(', ')}.`);
    return role;
  });
}

function durationOf(text: string): string {
  if (!/^[1-9]\d{0,5}[smhd]$/.test(text)) throw new InvalidArgumentError('Give a number and s, m, h or d.');
  return text;
}
