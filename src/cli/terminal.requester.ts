import { userInfo } from 'node:os';
import type { INestApplicationContext } from '@nestjs/common';
import { EntityManager } from 'typeorm';
import { CommandFailed, type Requester, requesterAtTerminal, RequesterRefused } from '../common/index.js';

/**
 * Who runs this command, as the audit log will have it: the user of the operating system and the login of the
 * database session, which both were let in by somebody else than Silgi.
 *
 * @param claimedName in whose name that user says to act; it is kept as a claim
 * @throws CommandFailed where a name cannot stand in the audit log
 */
export async function requesterHere(
  app: INestApplicationContext,
  claimedName: string | undefined,
): Promise<Requester> {
  const [row] = await app.get(EntityManager).query<{ login: string }[]>('SELECT session_user::text AS login');
  try {
    return requesterAtTerminal({ osUser: osUser(), databaseLogin: row?.login ?? '', claimedName });
  } catch (error) {
    if (!(error instanceof RequesterRefused)) throw error;
    throw new CommandFailed(`${error.message} Nothing was done.`, 2);
  }
}

/** The owner of this process by name; by number where the system has no name for it, as in a container. */
function osUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? '?'}`;
  }
}
