import type { EntityManager } from 'typeorm';
import { unhurried } from '../postgres/index.js';
import { findingsBesideTheLog } from './beside-the-log.js';
import type { CheckpointFile } from './checkpoint.file.js';
import { checkFile, checkStored } from './checkpoints.check.js';
import { checkLog, type Finding } from './log.check.js';
import { logSize, rowsOf } from './log.rows.js';
import { TrustedCheckpoints } from './trusted.checkpoints.js';

/** What a check of the whole log found. `valid` is true only where there is no finding. */
export interface VerificationReport {
  /** ISO 8601, UTC. */
  readonly checkedAt: string;
  readonly valid: boolean;
  /** How many events the newest checkpoint in the database covers. */
  readonly size: number;
  /** How many events, from the first, are proven to be as they were signed. */
  readonly proven: number;
  /** Checkpoints in the database, and in the file outside it. */
  readonly checkpoints: number;
  readonly checkpointsInFile: number;
  /** The first event that is not as it was sealed; null where there is none. */
  readonly firstBadEvent: Finding | null;
  /** That one, and whatever is wrong with checkpoints and unsealed events. */
  readonly findings: readonly Finding[];
  /** Events that are recorded and not sealed yet. */
  readonly unsealed: { readonly events: number; readonly oldestSeconds: number };
}

/** Computes the whole log anew from the events in the database. Reads only. */
export class AuditLogVerification {
  /** @param verifierKey the key that is trusted; never the one that the database names */
  constructor(
    private readonly manager: EntityManager,
    private readonly verifierKey: string,
    private readonly file: CheckpointFile,
  ) {}

  /**
   * @param progress is told how many events of how many are checked
   * @param signal ends the check
   * @throws the database's own error where it cannot be read, or where a lock was waited for too long; nothing is changed by a check
   */
  run(
    progress: (checked: number, of: number) => void = () => undefined,
    signal?: AbortSignal,
  ): Promise<VerificationReport> {
    return unhurried(this.manager, (manager) => this.check(manager, progress), signal);
  }

  private async check(
    manager: EntityManager,
    progress: (checked: number, of: number) => void,
  ): Promise<VerificationReport> {
    const { size, leaves, strayNodes } = await logSize(manager);
    const trusted = new TrustedCheckpoints(this.verifierKey);
    const checkpoints = await checkStored(manager, size, trusted);
    const inFile = await checkFile(manager, this.file, trusted);
    const { good, finding } = await checkLog(
      () => rowsOf(manager, leaves),
      trusted.roots,
      (checked) => {
        progress(checked, size);
      },
    );
    const { hidden, ...unsealed } = await unsealedNow(manager);
    const { verifierKey } = this;
    const beside = await findingsBesideTheLog(manager, { verifierKey, checkpoints, strayNodes });
    const found = [finding, ...trusted.forged, inFile.gone, ...beside, ...hidden];
    const findings = found.filter((one) => one !== undefined);
    return {
      checkedAt: new Date().toISOString(),
      valid: findings.length === 0,
      size,
      proven: good,
      checkpoints,
      checkpointsInFile: inFile.count,
      firstBadEvent:
        findings.find(({ leafIndex, auditEventId }) => leafIndex !== null || auditEventId !== null) ?? null,
      findings,
      unsealed,
    };
  }
}

/**
 * Events that wait for the next round; among them those that claim to be older than the last one, which would have
 * sealed them: they were put there by somebody who writes that column.
 */
async function unsealedNow(
  manager: EntityManager,
): Promise<{ events: number; oldestSeconds: number; hidden: Finding[] }> {
  const [row] = await manager.query<{ events: string; seconds: number; hidden: string[] | null }[]>(
    `SELECT count(*) AS events,
       coalesce(extract(epoch FROM now() - min(e.occurred_at)), 0)::float8 AS seconds,
       array_agg(e.audit_event_id::text ORDER BY e.audit_event_id)
         FILTER (WHERE e.inserted_by IS NULL
             OR e.inserted_by < c.horizon AND c.horizon <= pg_snapshot_xmax(pg_current_snapshot())) AS hidden
     FROM audit.sharded_audit_event e
     LEFT JOIN (SELECT horizon FROM audit.audit_log_checkpoint ORDER BY tree_size DESC LIMIT 1) c ON true
     WHERE NOT EXISTS (SELECT FROM audit.audit_log_leaf l WHERE l.audit_event_id = e.audit_event_id)`,
  );
  const detail =
    'The event claims to be older than the last sealing, which did not find it: it was added behind it.';
  const hidden = (row?.hidden ?? []).map((auditEventId) => {
    return { what: 'INSERTED', leafIndex: null, lastIndex: null, auditEventId, detail } as const;
  });
  return { events: Number(row?.events), oldestSeconds: Math.max(0, row?.seconds ?? 0), hidden };
}
