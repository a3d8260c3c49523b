import { type DynamicModule, Module } from '@nestjs/common';
import type { DeletionVeto } from '../common/index.js';
import { AdminModule, ReadinessModule } from '../admin/index.js';
import { AppModule } from '../app.module.js';
import { AuditModule } from '../audit/index.js';
import { type AuditLogHome, AuditLogModule } from '../transparency-log/index.js';
import { AuthModule, type TokenVerifier } from '../auth/index.js';
import { BatchLoopModule, BatchModule } from '../batch/index.js';
import { CertificateModule } from '../certificate/index.js';
import type { BatchSettings, Controller } from '../config/index.js';
import { SERVICE_ROLE } from '../postgres/index.js';
import { CatalogueModule } from '../catalogue/index.js';
import { LetterModule } from '../letter/index.js';
import { DeletionLogModule } from '../telemetry/index.js';
import { OrchestratorModule, RestoreWindowModule } from '../orchestrator/index.js';
import { CalendarModule, PatientModule } from '../patient/index.js';
import type { RetentionPolicy } from '../retention/index.js';
import { TracingModule } from '../telemetry/index.js';

/** The service: the application, watched; behind its REST API, and with the audit log sealed behind it, where it is told so. */
@Module({})
export class ServiceModule {
  /**
   * Works as the role that can mark rows and append audit events, and no more.
   *
   * @param databaseUrl PostgreSQL URL of the service's login
   * @param verifier whose tokens the REST API accepts; undefined for no REST API
   * @param auditLog what the audit log is sealed with; undefined where another process seals it: the REST API then shows
   *   neither the log nor certificates
   * @param more.tracesUrl where deletions are traced to; nowhere unless told
   * @param more.controller whom certificates name as the controller; nobody unless told
   * @param more.batch how this process works at batches; not at all unless told
   * @param more.restoreWindowDays days after a deletion in which it may be undone; the usual ones unless told
   * @param more.retentionPolicy how long what was deleted is kept; the default one unless told
   * @param more.timeZone in whose days the time of data subjects' requests is counted; Istanbul's unless told
   * @param more.deletionVetoes what the shards have against a deletion of their own; nothing unless told
   */
  static over(
    databaseUrl: string,
    verifier: TokenVerifier | undefined,
    auditLog: AuditLogHome | undefined,
    more: {
      tracesUrl?: string | undefined;
      batch?: BatchSettings;
      controller?: Controller | undefined;
      restoreWindowDays?: number;
      retentionPolicy?: RetentionPolicy;
      timeZone?: string;
      deletionVetoes?: readonly DeletionVeto[];
    } = {},
  ): DynamicModule {
    const product = [PatientModule, AuditModule, OrchestratorModule, BatchModule, CatalogueModule];
    const log = auditLog === undefined ? [] : [AuditLogModule.sealing(auditLog)];
    const certificates = log.map((sealed) =>
      CertificateModule.over([PatientModule, sealed], more.controller),
    );
    const letters = LetterModule.over([PatientModule], more.controller);
    const api =
      verifier === undefined
        ? [ReadinessModule.over([...product, ...log])]
        : [AuthModule.trusting(verifier), AdminModule.over([...product, letters], [...log, ...certificates])];
    return {
      module: ServiceModule,
      imports: [
        AppModule.forDatabase(databaseUrl, SERVICE_ROLE, more.deletionVetoes, more.retentionPolicy),
        ...api,
        letters,
        DeletionLogModule,
        ...(more.batch === undefined ? [] : [BatchLoopModule.with(more.batch)]),
        ...(more.restoreWindowDays === undefined ? [] : [RestoreWindowModule.of(more.restoreWindowDays)]),
        ...(more.timeZone === undefined ? [] : [CalendarModule.of(more.timeZone)]),
        ...(more.tracesUrl === undefined ? [] : [TracingModule.to(more.tracesUrl, databaseUrl)]),
      ],
    };
  }
}
