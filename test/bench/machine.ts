import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { onServer } from '../support/database.js';

/** Where the figures were taken: what a reader needs to know to judge them, and nothing that names the machine. */
export interface Machine {
  readonly cores: number;
  readonly model: string;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  readonly postgres: string;
  /** Settings of the server that differ from its own defaults. */
  readonly serverSettings: Readonly<Record<string, string>>;
  /** Processes at work or waiting for a core, averaged over a minute, before anything was measured. */
  readonly loadAtStart: number;
}

/** @param serverUrl PostgreSQL URL of the server that is measured on */
export async function describeMachine(
  serverUrl: string,
  serverSettings: Readonly<Record<string, string>>,
  loadAtStart = loadAtThisMoment(),
): Promise<Machine> {
  const [version] = await onServer<{ server_version: string }>(serverUrl, 'SHOW server_version');
  return {
    cores: cpus().length,
    model: cpus()[0]?.model ?? 'unknown',
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release().split('-', 1)[0] ?? ''}`,
    node: process.versions.node,
    postgres: version?.server_version ?? 'unknown',
    serverSettings,
    loadAtStart,
  };
}

export function loadAtThisMoment(): number {
  return Math.round((loadavg()[0] ?? 0) * 100) / 100;
}
