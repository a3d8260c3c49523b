import { Entity } from 'typeorm';
import type { DeletableRow } from './deletable.row.js';
import { MARK } from './mark.strategy.js';
import { PATIENT_ID, ROOT_TABLE } from './physical.names.js';
import type { ShardName } from './shard.js';
import type { TableDeclaration } from './table.declaration.js';

const registry = new Map<string, TableDeclaration>();
/** The answers of {@link patientOwnedTables}, until another table is declared. */
const sorted = new Map<ShardName | undefined, readonly TableDeclaration[]>();

/**
 * Declares an entity as a patient-owned table: TypeORM's `@Entity` plus an entry in the registry from which
 * votes, marks, the rescan and the catalogue guard are made. The entity's class name is the resource type. Its rows
 * are hidden by marking them.
 *
 * @throws Error when two entities claim the same table
 */
export function PatientOwned(shard: ShardName, table: string) {
  return (entity: new () => DeletableRow): void => {
    const name = `${shard}.${table}`;
    if (registry.has(name)) throw new Error(`Two entities declare the table ${name}.`);
    Entity({ schema: shard, name: table })(entity);
    registry.set(name, {
      shard,
      schema: shard,
      table,
      resourceType: entity.name,
      key: { column: PATIENT_ID, type: 'uuid' },
      strategy: MARK,
      entity,
    });
    sorted.clear();
  };
}

/** The patient-owned tables declared so far, by table name; of one shard where one is named. */
export function patientOwnedTables(shard?: ShardName): readonly TableDeclaration[] {
  let tables = sorted.get(shard);
  if (tables === undefined) {
    const declared = [...registry.values()].filter((owned) => shard === undefined || owned.shard === shard);
    tables = declared.sort((a, b) => (a.table < b.table ? -1 : 1));
    sorted.set(shard, tables);
  }
  return tables;
}

/** The patient's own table, the parent of all others. @throws Error where no entity declares it */
export function rootTable(): TableDeclaration {
  const root = registry.get(`patient.${ROOT_TABLE}`);
  if (root === undefined) throw new Error('No entity declares the table of patients.');
  return root;
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
