import type { Controller } from '../config/index.js';
import type { InclusionProof } from '../transparency-log/index.js';
import type { PatientDeletion } from '../patient/index.js';
import { SCHEMA_NAME, SCHEMA_VERSION, UNDONE_VERSION } from './certificate.document.js';
import { CertificateRefused } from './certificate.errors.js';
import type { LiveRowCount } from './live.rows.js';
import { adoptedTables } from '../shards/index.js';
import { MOVED_STATEMENT, STATEMENT, UNDONE_STATEMENT } from './statement.js';

/** What every certificate is made of. */
interface Sealed {
  readonly sealed: InclusionProof;
  /** `name+hexid` of the key that will sign. */
  readonly signedBy: string;
  readonly controller: Controller | undefined;
}

/** What the certificate of a deletion that stands is made of. */
export interface Findings extends Sealed {
  /** The rescan at the issue, begun at this moment (ISO 8601, UTC). */
  readonly checkedAt: string;
  readonly tables: readonly LiveRowCount[];
}

/** What the certificate of one that was undone is made of. */
export interface UndoneFindings extends Sealed {
  readonly restoration: InclusionProof;
}

/**
 * Puts the findings into the form of a certificate. All that it says of the deletion is taken from the sealed event;
 * what that does not say is null (docs/adr/0024-sealed-requests.md).
 */
export function draftCertificate({ checkedAt, tables, ...sealed }: Findings) {
  const { deletion, issuedAt } = membersOf(sealed);
  return {
    ...deletion,
    version: SCHEMA_VERSION,
    issuedAt,
    rescan: {
      atDeletion: AT_DELETION,
      atIssue: { checkedAt, liveRows: tables.reduce((all, { liveRows }) => all + liveRows, 0), tables },
    },
    statement: adoptedTables() === undefined ? STATEMENT : MOVED_STATEMENT,
  };
}

/** The same of a deletion that was undone: what is said of the restoration comes from its own sealed event. */
export function draftUndoneCertificate({ restoration, ...sealed }: UndoneFindings) {
  const { deletion, issuedAt } = membersOf(sealed);
  const { leaf } = restoration;
  return {
    ...deletion,
    version: UNDONE_VERSION,
    issuedAt,
    rescan: { atDeletion: AT_DELETION },
    statement: UNDONE_STATEMENT,
    restoration: {
      actorRole: leaf.actorRole,
      requestedVia: leaf.actorKind ?? null,
      reason: leaf.reason,
      requestedAt: leaf.requestedAt,
      restoredAt: leaf.occurredAt,
      log: sealOf(restoration),
    },
  };
}

const AT_DELETION = { required: true, liveRows: 0 };

function membersOf({ sealed, signedBy, controller }: Sealed) {
  const { leaf } = sealed;
  const { deletionId, reason, legalBasis } = leaf;
  const shards = leaf.purged ?? [];
  const deletion = {
    schema: SCHEMA_NAME,
    controller: controller ?? null,
    deletionId,
    subject: leaf.subject,
    actorRole: leaf.actorRole,
    reason,
    legalBasis,
    requestedVia: leaf.actorKind ?? null,
    requestedAt: leaf.requestedAt ?? null,
    deletedAt: leaf.occurredAt,
    shards,
    totalRows: shards.flatMap(({ resources }) => resources).reduce((all, { rows }) => all + rows, 0),
    log: sealOf(sealed),
    signedBy,
  };
  return { deletion, issuedAt: new Date().toISOString() };
}

function sealOf({ leaf, leafHash, leafIndex, treeSize, proof, checkpoint }: InclusionProof) {
  return { leaf, leafHash, leafIndex, treeSize, inclusionProof: proof, checkpoint };
}

/**
 * The audit event that proves this deletion, and where it was undone the one that proves that.
 *
 * @throws CertificateRefused where there is none
 */
export function provingEventsOf({ state, auditEventId, restorationEventId }: PatientDeletion): {
  readonly deletion: string;
  readonly restoration: string | undefined;
} {
  if ((state !== 'DELETED' && state !== 'RESTORED') || auditEventId === null)
    throw new CertificateRefused('this deletion was claimed and never completed.');
  if (state === 'RESTORED' && restorationEventId === null)
    throw new CertificateRefused(
      'the record says that this deletion was undone, and names no audit event of it.',
    );
  return { deletion: auditEventId, restoration: restorationEventId ?? undefined };
}

/** @throws CertificateRefused naming the fields of the record that its audit events contradict */
export function assertMatches(contradictions: readonly string[]): void {
  if (contradictions.length === 0) return;
  throw new CertificateRefused(
    `the record of the deletion and its audit event contradict each other: ${contradictions.join(', ')} differs. The ` +
      'event is sealed; somebody has changed the record. Run `npx silgi integrity` and find out who.',
  );
}

/**
 * A clock that was set between the deletion, or its restoration, and now is nobody's forgery.
 *
 * @param occurredAt when that was, as it was sealed (ISO 8601, UTC)
 * @throws CertificateRefused where that lies in the future
 */
export function assertPast(occurredAt: string, now: Date): void {
  if (new Date(occurredAt) <= now) return;
  throw new CertificateRefused(
    `the clock of the service says ${now.toISOString()}, and what happened was sealed with ${occurredAt}. One of the ` +
      'two times is wrong: set the clock right, or ask again when that time is past.',
  );
}
