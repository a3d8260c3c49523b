import { Injectable, Logger, Optional } from '@nestjs/common';
import { EntityManager } from 'typeorm';
import {
  CatalogueGuard,
  missingKeptTables,
  type UndeclaredTable,
  type UnwatchedSchema,
  unwatchedSchemas,
} from '../../catalogue/index.js';
import { obstacleOf } from '../../common/index.js';
import { DeletionProbe } from '../../orchestrator/index.js';
import { DatabaseLifecycle, type DatabaseReadiness } from '../../postgres/index.js';
import { unfencedTables } from '../../shards/index.js';
import { AuditLogSealer } from '../../transparency-log/index.js';
import type { Plain } from '../http/plain.js';
import type { ReadinessDto } from './health.dto.js';
import { type Cause, type Degraded, forAnybody, sentenceOf } from './readiness.causes.js';

/** A deletion of nobody that went through is believed for so long: each writes, and takes it back. */
const BELIEVED_FOR_MS = 2_000;

/** What was found in the catalogue; undefined where it could not be read. */
interface Catalogue {
  readonly undeclared: readonly UndeclaredTable[];
  readonly missing: readonly string[];
  readonly unwatched: readonly UnwatchedSchema[];
}

/** Tells whether a deletion could go through now: the database itself is asked (RELIABILITY rule 31). */
@Injectable()
export class Readiness {
  private readonly log = new Logger('Readiness');
  private checking: Promise<Plain<ReadinessDto>> | undefined;
  private probedAt = -Infinity;
  private logged: Cause | undefined;

  constructor(
    private readonly lifecycle: DatabaseLifecycle,
    private readonly catalogue: CatalogueGuard,
    private readonly probe: DeletionProbe,
    private readonly manager: EntityManager,
    /** Not there where another process seals. */
    @Optional() private readonly sealer?: AuditLogSealer,
  ) {}

  /** Never throws. One check runs at a time, however many ask. */
  check(): Promise<Plain<ReadinessDto>> {
    this.checking ??= this.look().finally(() => (this.checking = undefined));
    return this.checking;
  }

  private async look(): Promise<Plain<ReadinessDto>> {
    const database = await this.lifecycle.readiness();
    const { obstacle, error } = database;
    if (obstacle !== undefined) return this.answer(database, undefined, { cause: obstacle, error });
    try {
      const undeclared = await this.catalogue.undeclaredTables(this.manager);
      const missing = await missingKeptTables(this.manager);
      const catalogue = { undeclared, missing, unwatched: await unwatchedSchemas(this.manager) };
      return this.answer(database, catalogue, await this.causeAmong(catalogue));
    } catch (cause) {
      return this.answer(database, undefined, { cause: obstacleOf(cause), error: cause });
    }
  }

  private async causeAmong({
    undeclared,
  }: Catalogue): Promise<{ cause: Cause; error?: unknown } | undefined> {
    if (undeclared.length > 0) return { cause: 'CATALOGUE_INCOMPLETE' };
    const hindrance = await this.hindrance();
    if (hindrance !== undefined) return { cause: hindrance.obstacle, error: hindrance.error };
    return this.sealer?.state === 'REFUSED' ? { cause: 'AUDIT_LOG_REFUSED' } : undefined;
  }

  private async hindrance() {
    if (performance.now() - this.probedAt < BELIEVED_FOR_MS) return undefined;
    const hindrance = await this.probe.run(this.lifecycle.roleToTake);
    this.probedAt = hindrance === undefined ? performance.now() : -Infinity;
    return hindrance;
  }

  private answer(
    { database, migrations, pending }: DatabaseReadiness,
    catalogue: Catalogue | undefined,
    found: { readonly cause: Cause; readonly error?: unknown } | undefined,
  ): Plain<ReadinessDto> {
    // What fails in a database of another release fails for that, most likely.
    const code = found !== undefined && pending.length > 0 ? 'MIGRATIONS_PENDING' : found?.cause;
    const undeclared = catalogue?.undeclared ?? [];
    this.note(code, found?.error, undeclared);
    const unfenced = unfencedTables();
    const isComplete = undeclared.length === 0 ? 'complete' : 'incomplete';
    return {
      status: code === undefined ? 'ready' : 'not-ready',
      database,
      migrations,
      catalogue: catalogue === undefined ? 'unknown' : isComplete,
      undeclaredTables: forAnybody(undeclared),
      unwatchedSchemas: catalogue?.unwatched ?? [],
      ...(unfenced && { unfencedTables: unfenced }),
      degraded: catalogue === undefined ? [] : this.degraded(pending, catalogue.missing),
      ...(code !== undefined && { code, problem: sentenceOf(code) }),
    };
  }

  private degraded(pending: readonly string[], missing: readonly string[]): Degraded[] {
    const all: Degraded[] = [];
    if (pending.length > 0)
      all.push({ code: 'MIGRATIONS_PENDING', problem: `Not applied: ${pending.join(', ')}.` });
    if (missing.length > 0)
      all.push({ code: 'TABLE_MISSING', problem: `Not in the database: ${missing.join(', ')}.` });
    if (this.sealer?.state === 'FAILING')
      all.push({
        code: 'AUDIT_LOG_NOT_SEALED',
        problem: 'The last round of sealing failed; the log of the service says why.',
      });
    return all;
  }

  /** Once for each cause: probes come every few seconds. */
  private note(cause: Cause | undefined, error: unknown, undeclared: readonly UndeclaredTable[]): void {
    if (cause === this.logged) return;
    this.logged = cause;
    if (cause === undefined) this.log.log('Patients can be deleted again.');
    else {
      const reasons = undeclared.map(({ table, why }) => `; ${table}: ${why}`).join('');
      this.log.warn(`Patients cannot be deleted now: ${cause}${reasons}`, error);
    }
  }
}
