import { createHmac } from 'node:crypto';
import { canonicalJson, type RequestedVia } from '../common/index.js';
import type { AuditAction, AuditedFailure } from '../audit/index.js';
import type { ShardCount } from '../shards/index.js';

/** An audit event with all that its seal covers, as the database or an export has it. */
export interface SealableEvent {
  readonly patientId: string;
  readonly auditEventId: string;
  readonly action: AuditAction;
  readonly actor: string;
  /** The role under which it was allowed; null for events from before it was kept. */
  readonly actorRole: string | null;
  readonly reason: string | null;
  readonly legalBasis: string | null;
  readonly deletionId: string;
  readonly purged: readonly ShardCount[] | null;
  readonly failure: AuditedFailure | null;
  readonly requestId: string;
  /** How the actor is known; null for events from before it was kept. */
  readonly actorSource: RequestedVia | null;
  /** When it was asked for, as {@link occurredAt}; null for events from before it was kept. */
  readonly requestedAt: string | null;
  /** ISO 8601, UTC. */
  readonly occurredAt: string;
  /** A random UUID: its 16 bytes are the key of the hashes that stand for the personal data. */
  readonly salt: string;
}

/**
 * What is sealed of an event. It holds no personal data and may be shown to anybody: subject, actor and request are
 * keyed hashes, which only whoever holds the event's salt can compute.
 */
export interface SealedLeaf {
  /** 1 of events from before their requests were kept (docs/adr/0024-sealed-requests.md). */
  readonly v: 1 | 2;
  readonly auditEventId: string;
  readonly action: AuditAction;
  readonly deletionId: string;
  readonly reason: string | null;
  readonly legalBasis: string | null;
  readonly purged: readonly ShardCount[] | null;
  readonly failure: AuditedFailure | null;
  /** ISO 8601, UTC. */
  readonly occurredAt: string;
  readonly actorRole: string | null;
  /** HMAC-SHA-256 of `subject:` and the patient's id, keyed with the salt; base64url. */
  readonly subject: string;
  /** The same of `actor:` and the actor. */
  readonly actor: string;
  /** The same of `request:` and the request id. */
  readonly request: string;
  /** Of version 2: when it was asked for; ISO 8601, UTC. */
  readonly requestedAt?: string | null;
  /** Of version 2: how the actor is known; null of a batch that an older release has taken. */
  readonly actorKind?: RequestedVia['kind'] | null;
  /** Of version 2: HMAC as {@link subject}, of `actor-source:` and the canonical JSON of how the actor is known. */
  readonly actorSource?: string;
}

/** What is sealed of an event: in the form of version 1 where it keeps nothing of its request. */
export function sealedLeafOf(event: SealableEvent): SealedLeaf {
  const key = Buffer.from(event.salt.replaceAll('-', ''), 'hex');
  const keyed = (text: string) => createHmac('sha256', key).update(text).digest('base64url');
  const { auditEventId, action, deletionId, reason, legalBasis, purged, failure } = event;
  const members = {
    auditEventId,
    action,
    deletionId,
    reason,
    legalBasis,
    purged,
    failure,
    occurredAt: event.occurredAt,
    actorRole: event.actorRole,
    subject: keyed(`subject:${event.patientId}`),
    actor: keyed(`actor:${event.actor}`),
    request: keyed(`request:${event.requestId}`),
  };
  const { actorSource, requestedAt } = event;
  if (actorSource === null && requestedAt === null) return { v: 1, ...members };
  return {
    v: 2,
    ...members,
    requestedAt,
    actorKind: actorSource?.kind ?? null,
    actorSource: keyed(`actor-source:${actorSource === null ? 'null' : canonicalJson(actorSource)}`),
  };
}

/** The bytes of a leaf that are hashed: canonical JSON (RFC 8785) in UTF-8. */
export function leafBytes(leaf: SealedLeaf): Uint8Array {
  return Buffer.from(canonicalJson(leaf));
}
