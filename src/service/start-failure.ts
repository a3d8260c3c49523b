import type { Environment } from '../config/index.js';
import { EmbeddedServerError } from '../embedded-postgres/index.js';

/** One line for what whoever starts the service can mend. */
export function explanationOf(error: unknown, { host, port }: Environment): string | undefined {
  if (error instanceof EmbeddedServerError) return error.message;
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return `Port ${port} of ${host} is in use: set PORT to another one, or end the program that uses it.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `HOST must be an address of this machine; ${host} is not.`;
    case 'EACCES':
      return `PORT must be one that this user may listen on; ${port} is not.`;
    default:
      return undefined;
  }
}
