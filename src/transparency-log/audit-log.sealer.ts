import { Injectable } from '@nestjs/common';
import { sqlstateOf } from '../common/index.js';
import { AuditLogKey } from './audit-log.key.js';
import { AuditLogMetrics } from './audit-log.metrics.js';
import { AuditLogStore, type Seal, type StoredCheckpoint, type Unsealed } from './audit-log.store.js';
import { SealingRefused } from './audit-log.errors.js';
import { CheckpointFile } from './checkpoint.file.js';
import { type Checkpoint, checkpointText, openCheckpoint } from './checkpoint.js';
import { EventLoopTurns } from './event-loop.turns.js';
import { leafBytes, sealedLeafOf } from './leaf.js';
import { consistencyPlan, edgeOf, GrowingTree, leafHash, proofOf, verifyConsistency } from './merkle.js';
import { SealingPass } from './sealing.pass.js';

/** Events that one round seals at most. */
const BATCH = 1_000;
/** Checkpoints that are copied to the file at a time. */
const COPIED_AT_ONCE = 500;
/** Another instance wrote the same places first; or the server chose between two that did. */
const LOST = new Set(['23505', '40001', '40P01']);
/** A writer that never wins does not lose against another instance, but against a row that should not be there. */
const LOST_AT_MOST = 20;

/** How the last round that came to an end went; `REFUSED` until one succeeds: only somebody who looks can mend it. */
export type SealingState = 'SEALING' | 'FAILING' | 'REFUSED';

/** What a round did. */
export interface Round {
  readonly sealed: number;
  /** Whether there may be more to seal at once. */
  readonly more: boolean;
}

/**
 * Seals audit events behind the deletions that wrote them: each gets the next index of an RFC 6962 Merkle tree, and
 * every round ends in a signed checkpoint (RELIABILITY rule 26). Several instances may work at once: leaves, nodes
 * and checkpoint are one statement, and the primary keys let one of them win; the others read again.
 */
@Injectable()
export class AuditLogSealer {
  /** Once at each start everything is looked through, whatever the horizon says. */
  private lookedThrough = false;
  /** The pass that a full batch has cut off: the next round goes on with it. */
  private pass: SealingPass | undefined;
  /** The checkpoint up to which the file has every one. */
  private copied: Checkpoint | undefined;
  private lost = 0;
  private stateNow: SealingState = 'SEALING';
  private running: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly store: AuditLogStore,
    private readonly key: AuditLogKey,
    private readonly file: CheckpointFile,
    private readonly metrics: AuditLogMetrics,
  ) {}

  /**
   * Seals what is committed and not sealed, {@link BATCH} events at most, and copies new checkpoints to the file. One
   * round of this process runs at a time.
   *
   * @throws SealingRefused where sealing would contradict what was signed before; the database's own errors
   */
  round(): Promise<Round> {
    const next = this.running.then(() => this.watchedSeal());
    this.running = next.catch(() => undefined);
    return next;
  }

  get state(): SealingState {
    return this.stateNow;
  }

  private async watchedSeal(): Promise<Round> {
    try {
      const round = await this.seal();
      // One that has lost against another writer has neither sealed nor found that all is sealed.
      if (round.sealed > 0 || !round.more) this.stateNow = 'SEALING';
      return round;
    } catch (error) {
      this.pass = undefined;
      // A database that is away says nothing of the log: what was refused stays so.
      if (error instanceof SealingRefused) this.stateNow = 'REFUSED';
      else if (this.stateNow !== 'REFUSED') this.stateNow = 'FAILING';
      throw error;
    }
  }

  private async seal(): Promise<Round> {
    const newest = await this.store.newest();
    const isThorough = newest === undefined || newest.isForeign || !this.lookedThrough;
    const pass = this.pass ?? new SealingPass(isThorough ? undefined : newest.horizon);
    // What was committed behind a pass of several rounds is found by the next one, at once.
    const hasSeveralRounds = pass === this.pass;
    const unsealed = await this.store.unsealed(pass.after, BATCH, pass.isThorough);
    this.metrics.waiting(unsealed.events);
    if (newest !== undefined && unsealed.events.length === 0) {
      this.lookedThrough = true;
      this.pass = undefined;
      await this.copyCheckpoints(newest);
      this.metrics.sealedUpTo(newest.size, hasSeveralRounds);
      return { sealed: 0, more: hasSeveralRounds };
    }
    await this.assertOwnLog();
    await this.copyCheckpoints(newest);
    const isCutOff = unsealed.events.length === BATCH;
    const next = pass.behind(unsealed);
    const size = await this.write(newest, unsealed, isCutOff ? next.horizon : next.begun);
    if (size === undefined) return { sealed: 0, more: true };
    this.pass = isCutOff ? next : undefined;
    this.lookedThrough ||= !isCutOff;
    const more = isCutOff || hasSeveralRounds;
    await this.copyCheckpoints(await this.store.newest());
    this.metrics.sealedUpTo(size, more);
    return { sealed: unsealed.events.length, more };
  }

  /** @returns the new size; undefined where another instance was faster */
  private async write(
    newest: StoredCheckpoint | undefined,
    { events }: Unsealed,
    horizon: string,
  ): Promise<number | undefined> {
    const from = newest?.size ?? 0;
    const tree = await this.treeOf(newest);
    const leaves = await leavesOf(events);
    const nodes = leaves.flatMap(({ hash }) => tree.append(hash));
    const { size } = tree;
    const root = tree.root();
    const note = this.key.signer.sign(checkpointText({ origin: this.key.signer.name, size, root }));
    try {
      await this.store.write({ from, leaves, nodes, checkpoint: { size, root, note, horizon } });
      this.lost = 0;
      return size;
    } catch (error) {
      if (!LOST.has(sqlstateOf(error) ?? '')) throw error;
      if (++this.lost < LOST_AT_MOST) return undefined;
      this.lost = 0;
      throw new SealingRefused(
        `The audit log cannot grow beyond ${from} events: the database holds rows of the sealed log that no ` +
          'checkpoint covers. Nothing was sealed; run `npx silgi verify-audit`.',
        { cause: error },
      );
    }
  }

  /** The right edge of the tree, and only where it leads to the root that this key has signed. */
  private async treeOf(newest: StoredCheckpoint | undefined): Promise<GrowingTree> {
    if (newest === undefined) return new GrowingTree();
    const { size, root } = this.opened(newest);
    const edge = edgeOf(size);
    const tree = new GrowingTree(
      size,
      proofOf(
        edge.map((place) => [place]),
        await this.store.nodesOf([edge]),
      ),
    );
    if (Buffer.compare(tree.root(), root) !== 0)
      throw new SealingRefused(
        `The stored tree of the audit log does not lead to the root of its checkpoint of ${size} events: it was ` +
          'changed from outside. Nothing more is sealed; run `npx silgi verify-audit`.',
      );
    return tree;
  }

  private opened({ note, size }: StoredCheckpoint): Checkpoint {
    try {
      const checkpoint = openCheckpoint(note, this.key.verifierKey);
      if (checkpoint.size === size) return checkpoint;
    } catch (cause) {
      throw new SealingRefused(
        `The newest checkpoint in the database, of ${size} events, was not signed by the key of AUDIT_LOG_KEY. ` +
          'Nothing more is sealed; run `npx silgi verify-audit`.',
        { cause },
      );
    }
    throw new SealingRefused(
      `The newest checkpoint in the database claims ${size} events and was signed for another number. Nothing more ` +
        'is sealed; run `npx silgi verify-audit`.',
    );
  }

  /** A log is signed by one key: an instance that was given another would start a second truth. */
  private async assertOwnLog(): Promise<void> {
    const { verifierKey } = this.key;
    const [, keyId = ''] = verifierKey.split('+');
    const recorded = await this.store.keyOnRecord(keyId, verifierKey);
    if (recorded !== verifierKey)
      throw new SealingRefused(
        `This instance signs with the key ${verifierKey}, the audit log of this database with ${recorded}. It seals ` +
          'nothing; deletions go on and stay unsealed. Give every instance the same AUDIT_LOG_KEY and AUDIT_LOG_ORIGIN.',
      );
  }

  /**
   * Appends to the file what it does not have, also what a crash between the database's commit and the file has left
   * out. The file comes first where they contradict each other: it lies outside the reach of the database's superuser.
   */
  private async copyCheckpoints(newest: StoredCheckpoint | undefined): Promise<void> {
    if (newest !== undefined && this.isCopied(newest)) return;
    const inFile = await this.last();
    // A file that is gone does not make this process forget what it has signed.
    const last = inFile ?? this.copied;
    // Another instance with the same file may have sealed in between: the database always comes first.
    const isBehind = last !== undefined && last.size >= (newest?.size ?? 0);
    const now = isBehind ? await this.store.newest() : newest;
    if (now === undefined) {
      if (last !== undefined) throw this.contradiction(0);
      return;
    }
    const next = this.opened(now);
    if (last !== undefined && !(await this.continues(last, next))) throw this.contradiction(next.size);
    for (let at = inFile?.size ?? -1; at < next.size;) {
      const notes = await this.store.notesAfter(at, COPIED_AT_ONCE);
      const sizes = notes.map((note) => openCheckpoint(note, this.key.verifierKey).size);
      await this.file.append(notes);
      at = sizes.at(-1) ?? next.size;
    }
    this.copied = next;
  }

  /** By its root as well: another log of as many events may have taken the place of this one. */
  private isCopied({ size, root }: StoredCheckpoint): boolean {
    return this.copied?.size === size && Buffer.compare(this.copied.root, root) === 0;
  }

  private async continues(last: Checkpoint, next: Checkpoint): Promise<boolean> {
    if (last.size > next.size) return false;
    const plan = consistencyPlan(last.size, next.size);
    const proof = proofOf(plan, await this.store.nodesOf(plan));
    const sizes = { first: last.size, second: next.size };
    return verifyConsistency({ ...sizes, firstRoot: last.root, secondRoot: next.root, proof });
  }

  private async last(): Promise<Checkpoint | undefined> {
    try {
      return await this.file.last(this.key.verifierKey);
    } catch (cause) {
      throw new SealingRefused(
        `The last checkpoint in ${this.file.path} cannot be used: ${(cause as Error).message} Nothing more is ` +
          'sealed; deletions go on and stay unsealed. Set AUDIT_LOG_CHECKPOINTS to the file of this log.',
        { cause },
      );
    }
  }

  private contradiction(size: number): SealingRefused {
    return new SealingRefused(
      `The audit log in the database, of ${size} events, does not continue the last checkpoint in ${this.file.path}: ` +
        'the database was restored from an older state, or changed from outside. Nothing more is sealed; deletions go ' +
        'on and stay unsealed. See docs/audit-log.md before that file is moved away.',
    );
  }
}

/** Others get their turns in between: a deletion does not wait until a thousand events are hashed. */
async function leavesOf(events: Unsealed['events']): Promise<Seal['leaves']> {
  const turns = new EventLoopTurns();
  const leaves: Seal['leaves'][number][] = [];
  for (const event of events) {
    leaves.push({ auditEventId: event.auditEventId, hash: leafHash(leafBytes(sealedLeafOf(event))) });
    if (turns.isOver) await turns.next();
  }
  return leaves;
}
