import { Injectable, Logger } from '@nestjs/common';
import { EntityManager } from 'typeorm';
import { DatabaseLifecycle } from '../../postgres/index.js';
import { CatalogueGuard } from '../../catalogue/index.js';
import type { ReadinessDto } from './health.dto.js';
import type { Plain } from '../http/plain.js';

/** Tells whether a deletion could go through now: the database itself is asked, every time. */
@Injectable()
export class Readiness {
  private readonly log = new Logger('Readiness');

  constructor(
    private readonly lifecycle: DatabaseLifecycle,
    private readonly catalogue: CatalogueGuard,
    private readonly manager: EntityManager,
  ) {}

  /** Never throws. */
  async check(): Promise<Plain<ReadinessDto>> {
    const { database, migrations, problem } = await this.lifecycle.readiness();
    if (database === 'down' || migrations !== 'applied') {
      return {
        status: 'not-ready',
        database,
        migrations,
        catalogue: 'unknown',
        undeclaredTables: [],
        ...(problem !== undefined && { problem }),
      };
    }
    try {
      const undeclaredTables = await this.catalogue.undeclaredTables(this.manager);
      if (undeclaredTables.length === 0)
        return { status: 'ready', database, migrations, catalogue: 'complete', undeclaredTables };
      return {
        status: 'not-ready',
        database,
        migrations,
        catalogue: 'incomplete',
        undeclaredTables,
        problem: 'Tables linked to patients are not declared; every deletion is refused.',
      };
    } catch (error) {
      this.log.warn('The catalogue could not be read', error);
      return {
        status: 'not-ready',
        database,
        migrations,
        catalogue: 'unknown',
        undeclaredTables: [],
        problem: 'The catalogue of the database could not be read.',
      };
    }
  }
}
