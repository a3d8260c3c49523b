import type { Attributes } from '@opentelemetry/api';
import { addressOf } from '../postgres/index.js';

/**
 * What every span of work on the database says of it, by OpenTelemetry's conventions for PostgreSQL clients: where it
 * is and what it is called, and nothing of who signs in.
 *
 * @param url PostgreSQL URL of the service's login
 */
export function databaseAttributes(url: string): Attributes {
  const { host, port, database } = addressOf(url);
  return {
    'db.system.name': 'postgresql',
    'db.namespace': database,
    'server.address': host,
    // A Unix socket is an address without a port.
    ...(!host.startsWith('/') && { 'server.port': port }),
  };
}
