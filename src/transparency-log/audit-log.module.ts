import { type DynamicModule, Module } from '@nestjs/common';
import { EntityManager } from 'typeorm';
import type { AuditLogSettings } from '../config/index.js';
import { AuditLogKey } from './audit-log.key.js';
import { AuditLogMetrics } from './audit-log.metrics.js';
import { AuditLogProofs } from './audit-log.proofs.js';
import { AuditLogSealer } from './audit-log.sealer.js';
import { AuditLogStore } from './audit-log.store.js';
import { CheckpointFile } from './checkpoint.file.js';
import { AuditLogVerification } from './audit-log.verification.js';
import { SealingLoop } from './sealing.loop.js';

/** What the log is sealed with, opened before the application is put together. */
export interface AuditLogHome {
  readonly key: AuditLogKey;
  /** Absolute path of the file to which every checkpoint is appended. */
  readonly checkpointsFile: string;
}

/** @throws ConfigurationError where the key can neither be read nor made */
export async function openAuditLog(settings: AuditLogSettings): Promise<AuditLogHome> {
  return { key: await AuditLogKey.open(settings), checkpointsFile: settings.checkpointsFile };
}

/** The tamper-evident log over the audit events (RELIABILITY rules 26 to 28). */
@Module({})
export class AuditLogModule {
  /** With a loop that seals as long as the application runs. */
  static sealing(home: AuditLogHome): DynamicModule {
    return withProviders(home, [SealingLoop]);
  }

  /** Sealing on demand only. */
  static onDemand(home: AuditLogHome): DynamicModule {
    return withProviders(home, []);
  }
}

function withProviders(
  { key, checkpointsFile }: AuditLogHome,
  more: (new (...args: never[]) => object)[],
): DynamicModule {
  const services = [AuditLogStore, AuditLogSealer, AuditLogProofs];
  return {
    module: AuditLogModule,
    providers: [
      { provide: AuditLogKey, useValue: key },
      { provide: CheckpointFile, useValue: new CheckpointFile(checkpointsFile) },
      {
        provide: AuditLogVerification,
        inject: [EntityManager, AuditLogKey, CheckpointFile],
        useFactory: (manager: EntityManager, { verifierKey }: AuditLogKey, file: CheckpointFile) =>
          new AuditLogVerification(manager, verifierKey, file),
      },
      AuditLogMetrics,
      ...services,
      ...more,
    ],
    exports: [AuditLogKey, CheckpointFile, AuditLogVerification, ...services],
  };
}
