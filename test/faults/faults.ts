import { clientFaults } from './columns/client.faults.js';
import { diskFaults } from './columns/disk.faults.js';
import { networkFaults } from './columns/network.faults.js';
import { protocolFaults } from './columns/protocol.faults.js';
import { serverFaults } from './columns/server.faults.js';
import { serviceFaults } from './columns/service.faults.js';
import { sessionFaults } from './columns/session.faults.js';
import { statementFaults } from './columns/statement.faults.js';
import type { Fault } from './fault.js';

/** Every fault, by the file of the suite that plays it. */
export const FAULTS = {
  database: [...protocolFaults, ...statementFaults, ...sessionFaults, ...clientFaults, ...networkFaults],
  processes: [...serverFaults, ...diskFaults, ...serviceFaults],
} as const satisfies Record<string, readonly Fault[]>;
