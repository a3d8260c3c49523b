import { Injectable } from '@nestjs/common';
import { AuditEventNotFound } from '../audit/index.js';
import { AuditEventNotSealed, AuditLogDamaged, AuditLogRefused, SealingRefused } from './audit-log.errors.js';
import { AuditLogKey } from './audit-log.key.js';
import { AuditLogSealer } from './audit-log.sealer.js';
import { AuditLogStore } from './audit-log.store.js';
import { openCheckpoint } from './checkpoint.js';
import { leafBytes, type SealedLeaf, sealedLeafOf } from './leaf.js';
import { consistencyPlan, edgeOf, inclusionPlan, leafHash, proofOf, verifyInclusion } from './merkle.js';
import { SignedByAnotherKey } from './signed.note.js';

/** Rounds after which an event has to be sealed: the first may find others in front of it. */
const MOST_ROUNDS = 100;

/** Shows that an event is in the log of a checkpoint. All hashes are base64. */
export interface InclusionProof {
  readonly leaf: SealedLeaf;
  readonly leafIndex: number;
  readonly leafHash: string;
  readonly treeSize: number;
  /** RFC 6962, section 2.1.1. */
  readonly proof: readonly string[];
  /** Signed note (C2SP tlog-checkpoint) of a log of `treeSize` events. */
  readonly checkpoint: string;
}

/** Shows that one state of the log grew out of another. All hashes are base64. */
export interface ConsistencyProof {
  readonly from: number;
  readonly to: number;
  readonly fromRoot: string;
  readonly toRoot: string;
  /** RFC 6962, section 2.1.2. */
  readonly proof: readonly string[];
}

/** Answers whoever asks the log for proofs. */
@Injectable()
export class AuditLogProofs {
  constructor(
    private readonly store: AuditLogStore,
    private readonly sealer: AuditLogSealer,
    private readonly key: AuditLogKey,
  ) {}

  /**
   * The newest checkpoint, a signed note.
   *
   * @throws AuditEventNotSealed where nothing has been sealed yet and nothing can be now
   * @throws AuditLogRefused where that will not change by itself
   */
  async checkpoint(): Promise<string> {
    const newest = (await this.store.newest()) ?? (await this.afterRound(() => this.store.newest()));
    return newest.note;
  }

  /**
   * The proof that an event is in the log. An event that is not sealed yet is sealed first.
   *
   * @throws AuditEventNotFound
   * @throws AuditEventNotSealed where it could not be sealed now
   * @throws AuditLogRefused where it never will be by itself, or another key has signed the log
   * @throws AuditLogDamaged where the stored log does not prove it
   */
  async inclusionOf(auditEventId: string): Promise<InclusionProof> {
    const event = await this.store.eventOf(auditEventId);
    if (event === undefined) throw new AuditEventNotFound();
    const stored =
      (await this.store.leafOf(auditEventId)) ??
      (await this.afterRound(() => this.store.leafOf(auditEventId)));
    const leafIndex = stored.index;
    const { note } = (await this.store.newest()) ?? { note: '' };
    const { size: treeSize, root } = this.opened(note);
    if (leafIndex >= treeSize) throw new AuditLogDamaged();

    const leaf = sealedLeafOf(event);
    const hash = leafHash(leafBytes(leaf));
    const plan = inclusionPlan(leafIndex, treeSize);
    const proof = proofOf(plan, await this.store.nodesOf(plan));
    if (!verifyInclusion({ leafHash: hash, leafIndex, treeSize, proof, root })) throw new AuditLogDamaged();
    const encoded = { leafHash: base64(hash), proof: proof.map(base64) };
    return { leaf, leafIndex, treeSize, ...encoded, checkpoint: note };
  }

  /**
   * The proof that the log of `to` events is the log of `from` events with others appended.
   *
   * @param to the newest size unless told
   * @returns undefined where the log has no such sizes
   */
  async consistencyOf(from: number, to?: number): Promise<ConsistencyProof | undefined> {
    const { size } = (await this.store.newest()) ?? { size: 0 };
    const second = to ?? size;
    if (second > size || from > second) return undefined;
    const plan = [edgeOf(from), edgeOf(second), ...consistencyPlan(from, second)];
    const [fromRoot = '', toRoot = '', ...proof] = proofOf(plan, await this.store.nodesOf(plan)).map(base64);
    return { from, to: second, fromRoot, toRoot, proof };
  }

  private opened(note: string) {
    try {
      return openCheckpoint(note, this.key.verifierKey);
    } catch (cause) {
      // Only the key differs: no row has been changed.
      if (cause instanceof SignedByAnotherKey) throw new AuditLogRefused({ cause });
      throw new AuditLogDamaged({ cause });
    }
  }

  /** What is found once the log has been sealed up to now. */
  private async afterRound<T>(find: () => Promise<T | undefined>): Promise<T> {
    let cause: unknown;
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const { more } = await this.sealer.round().catch((error: unknown) => {
        cause = error;
        return { more: false };
      });
      const found = await find();
      if (found !== undefined) return found;
      if (!more) break;
    }
    if (cause instanceof SealingRefused) throw new AuditLogRefused({ cause });
    throw new AuditEventNotSealed({ cause });
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
