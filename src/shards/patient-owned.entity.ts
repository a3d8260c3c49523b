import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ShardName } from './shard.js';

/** A table with rows about one patient, as the code declares it. */
export interface PatientOwnedTable {
  readonly shard: ShardName;
  readonly table: string;
  readonly resourceType: string;
  readonly entity: new () => DeletableRow;
}

const registry = new Map<string, PatientOwnedTable>();
/** The answers of {@link patientOwnedTables}, until another table is declared. */
const sorted = new Map<ShardName | undefined, readonly PatientOwnedTable[]>();

/**
 * Declares an entity as a patient-owned table: TypeORM's `@Entity` plus an entry in the registry from which
 * votes, marks, the rescan and the catalogue guard are made. The entity's class name is the resource type.
 *
 * @throws Error when two entities claim the same table
 */
export function PatientOwned(shard: ShardName, table: string) {
  return (entity: new () => DeletableRow): void => {
    const name = `${shard}.${table}`;
    if (registry.has(name)) throw new Error(`Two entities declare the table ${name}.`);
    Entity({ schema: shard, name: table })(entity);
    registry.set(name, { shard, table, resourceType: entity.name, entity });
    sorted.clear();
  };
}

/** The patient-owned tables declared so far, by table name; of one shard where one is named. */
export function patientOwnedTables(shard?: ShardName): readonly PatientOwnedTable[] {
  let tables = sorted.get(shard);
  if (tables === undefined) {
    const declared = [...registry.values()].filter((owned) => shard === undefined || owned.shard === shard);
    tables = declared.sort((a, b) => (a.table < b.table ? -1 : 1));
    sorted.set(shard, tables);
  }
  return tables;
}

/** A table that is linked to patients and rightly kept when one is deleted. */
export interface KeptTable {
  readonly shard: ShardName;
  readonly table: string;
  /** Why its rows stay: shown by the catalogue guard and the integrity report. */
  readonly reason: string;
}

const keptTables = new Map<string, KeptTable>();

/** Declares an entity whose table holds a patient's id but is kept on deletion, with the reason. */
export function KeptOnDeletion(shard: ShardName, table: string, reason: string): ClassDecorator {
  return (entity) => {
    Entity({ schema: shard, name: table })(entity);
    keptTables.set(`${shard}.${table}`, { shard, table, reason });
  };
}

/** Every table declared with {@link KeptOnDeletion}. */
export function tablesKeptOnDeletion(): KeptTable[] {
  return [...keptTables.values()];
}

/**
 * The columns that the deletion protocol reads and writes. `patient_id` comes first in every primary key, so
 * that the schema can be distributed by it. The generated column `live` of the live foreign key belongs to the
 * database alone and is not mapped (docs/adr/0002-live-foreign-key.md).
 */
export abstract class DeletableRow {
  @PrimaryColumn('uuid', { name: 'patient_id' })
  patientId: string;

  @Column('boolean', { name: 'is_deleted', default: false })
  isDeleted: boolean;

  @Column('timestamptz', { name: 'deleted_at', nullable: true })
  deletedAt: Date | null;

  /** The deletion that marked this row; null where the hospital's own system had hidden it before. */
  @Column('uuid', { name: 'deletion_id', nullable: true })
  deletionId: string | null;
}

/** A row of a child table: a {@link DeletableRow} with an id of its own. */
export abstract class PatientOwnedRow extends DeletableRow {
  @PrimaryColumn('uuid')
  id: string;
}
