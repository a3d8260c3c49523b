import { Injectable } from '@nestjs/common';
import { EntityManager } from 'typeorm';
import { patientOwnedTables, type ShardName } from '../shards/index.js';

/** Live rows of one patient in one table. */
export interface LiveRowCount {
  readonly shard: ShardName;
  readonly resourceType: string;
  readonly table: string;
  readonly liveRows: number;
}

/** Counts what is live of a patient, in every table that a shard declares as patient-owned. Reads only. */
@Injectable()
export class LiveRows {
  constructor(private readonly manager: EntityManager) {}

  /** One statement over all tables, so that all counts are of one moment; tables without live rows are listed too. */
  async ofPatient(patientId: string): Promise<LiveRowCount[]> {
    const tables = patientOwnedTables();
    const counts = tables.map((table, index) => `${table.strategy.countNotHidden(table)} AS "${index}"`);
    const [row] = await this.manager.query<Record<string, string>[]>(`SELECT ${counts.join(', ')}`, [
      patientId,
    ]);
    return tables.map(({ shard, resourceType, name }, index) => ({
      shard,
      resourceType,
      table: name,
      liveRows: Number(row?.[index]),
    }));
  }
}
