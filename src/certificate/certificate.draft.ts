import type { InclusionProof } from '../transparency-log/index.js';
import type { PatientDeletion } from '../patient/index.js';
import { SCHEMA_NAME, SCHEMA_VERSION } from './certificate.document.js';
import { CertificateRefused } from './certificate.errors.js';
import type { LiveRowCount } from './live.rows.js';
import { STATEMENT } from './statement.js';

/** What a certificate is made of. */
export interface Findings {
  readonly record: PatientDeletion;
  readonly sealed: InclusionProof;
  /** The rescan at the issue, begun at this moment (ISO 8601, UTC). */
  readonly checkedAt: string;
  readonly tables: readonly LiveRowCount[];
  /** `name+hexid` of the key that will sign. */
  readonly signedBy: string;
}

/**
 * Puts the findings into the form of a certificate. What the record knows is taken from the record, and only the rest
 * from the sealed event: the verifier then holds the one against the other.
 */
export function draftCertificate({ record, sealed, checkedAt, tables, signedBy }: Findings) {
  const { leaf, leafHash, leafIndex, treeSize, proof, checkpoint } = sealed;
  const { deletionId, reason, legalBasis, shards, totalRows, requestedAt, deletedAt } = record;
  return {
    schema: SCHEMA_NAME,
    version: SCHEMA_VERSION,
    deletionId,
    subject: leaf.subject,
    actorRole: leaf.actorRole,
    reason,
    legalBasis,
    requestedAt: requestedAt.toISOString(),
    deletedAt: deletedAt?.toISOString() ?? null,
    issuedAt: new Date().toISOString(),
    shards,
    totalRows: Number(totalRows),
    rescan: {
      atDeletion: { required: true, liveRows: 0 },
      atIssue: { checkedAt, liveRows: tables.reduce((all, { liveRows }) => all + liveRows, 0), tables },
    },
    statement: STATEMENT,
    log: { leaf, leafHash, leafIndex, treeSize, inclusionProof: proof, checkpoint },
    signedBy,
  };
}

/** The audit event that proves this deletion. @throws CertificateRefused where the deletion is not in force */
export function provingEventOf({ state, auditEventId }: PatientDeletion): string {
  if (state === 'RESTORED') throw new CertificateRefused('this deletion was undone by a restoration.');
  if (state !== 'DELETED' || auditEventId === null)
    throw new CertificateRefused('this deletion was claimed and never completed.');
  return auditEventId;
}

/**
 * A clock that was set between the deletion and now is nobody's forgery.
 *
 * @param occurredAt when the deletion was, as it was sealed (ISO 8601, UTC)
 * @throws CertificateRefused where that lies in the future
 */
export function assertPast(occurredAt: string, now: Date): void {
  if (new Date(occurredAt) <= now) return;
  throw new CertificateRefused(
    `the clock of the service says ${now.toISOString()}, and the deletion was sealed with ${occurredAt}. One of the ` +
      'two times is wrong: set the clock right, or ask again when that time is past.',
  );
}
