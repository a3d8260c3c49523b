import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type INestApplicationContext, Logger } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { EntityManager } from 'typeorm';
import { AppModule } from '../../src/app.module.js';
import {
  type AuditLogHome,
  AuditLogKey,
  AuditLogModule,
  AuditLogProofs,
  AuditLogSealer,
  AuditLogVerification,
  openAuditLog,
} from '../../src/transparency-log/index.js';
import { readEnvironment } from '../../src/config/index.js';
import { DatabaseLifecycle, SERVICE_ROLE } from '../../src/postgres/index.js';
import type { TestDatabase } from '../support/database.js';
import { temporaryFolder } from '../support/run.folder.js';
import { NEW_EVENTS } from './new.events.js';

/** An instance that seals when it is told to, with a pool of its own. */
export interface Instance {
  readonly app: INestApplicationContext;
  readonly sealer: AuditLogSealer;
  readonly proofs: AuditLogProofs;
  readonly verification: AuditLogVerification;
  readonly manager: EntityManager;
  readonly verifierKey: string;
  /** Seals until nothing is left. @returns how many events */
  sealAll(): Promise<number>;
  close(): Promise<void>;
}

/** A key and a file of checkpoints in a folder of their own. */
export async function makeHome(): Promise<AuditLogHome & { remove(): Promise<void> }> {
  const folder = await temporaryFolder();
  const home = await openAuditLog(readEnvironment({ DATA_DIR: folder }).auditLog);
  return {
    ...home,
    checkpointsFile: join(folder, 'checkpoints.txt'),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

export async function openInstance(database: TestDatabase, home: AuditLogHome): Promise<Instance> {
  const module = Test.createTestingModule({
    imports: [AppModule.forDatabase(database.url, SERVICE_ROLE), AuditLogModule.onDemand(home)],
  });
  const app = await module.compile();
  Logger.overrideLogger(false);
  await app.init();
  await app.get(DatabaseLifecycle).open(database.url);
  const sealer = app.get(AuditLogSealer);
  return {
    app,
    sealer,
    proofs: app.get(AuditLogProofs),
    verification: app.get(AuditLogVerification),
    manager: app.get(EntityManager),
    verifierKey: app.get(AuditLogKey).verifierKey,
    sealAll: async () => {
      for (let sealed = 0; ;) {
        const round = await sealer.round();
        sealed += round.sealed;
        if (!round.more) return sealed;
      }
    },
    close: () => app.close(),
  };
}

/** Adds so many events in one transaction. @returns their ids */
export async function addEvents(database: TestDatabase, count: number): Promise<string[]> {
  const rows = await database.query<{ id: string }>(NEW_EVENTS, [count]);
  return rows.map(({ id }) => id);
}

/** The sealed events in the order of their seals. */
export async function sealedIds(database: TestDatabase): Promise<string[]> {
  const rows = await database.query<{ id: string }>(
    'SELECT audit_event_id AS id FROM audit.audit_log_leaf ORDER BY leaf_index',
  );
  return rows.map(({ id }) => id);
}

export const LOG_TABLES = [
  'sharded_audit_event',
  'audit_log_leaf',
  'audit_log_node',
  'audit_log_checkpoint',
  'audit_log_key',
];

/** What a superuser does who sets the triggers aside, in one transaction. */
export async function tamper(database: TestDatabase, ...statements: string[]): Promise<void> {
  const client = await database.connect();
  try {
    await client.query('BEGIN');
    const { rows } = await client.query<{ table: string; always: boolean }>(
      `SELECT tgrelid::regclass AS table, tgenabled = 'A' AS always FROM pg_trigger WHERE tgname = 'append_only'`,
    );
    for (const { table } of rows) await client.query(`ALTER TABLE ${table} DISABLE TRIGGER append_only`);
    for (const statement of statements) await client.query(statement);
    // As they were made, so that what they are made like is seen by the tests that come after.
    for (const { table, always } of rows)
      await client.query(`ALTER TABLE ${table} ENABLE ${always ? 'ALWAYS ' : ''}TRIGGER append_only`);
    await client.query('COMMIT');
  } finally {
    await client.end();
  }
}
