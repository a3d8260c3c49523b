import { Entity } from 'typeorm';
import { tableOf } from '../common/index.js';
import type { DeletableRow } from './deletable.row.js';
import { MARK } from './mark.strategy.js';
import { ANCHOR_SCHEMA, VAULT_SCHEMA } from './anchor.js';
import { ROOT_TABLE } from './physical.names.js';
import { SHARDS, type ShardName } from './shard.js';
import type { StatementTable } from './strategy.js';
import type { AdoptedTables, KeptTable, TableDeclaration } from './table.declaration.js';

const registry = new Map<string, TableDeclaration>();
/** What stands in the place of the entities, where a hospital has declared its own tables. */
let adopted: AdoptedTables | undefined;
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
      name: table,
      strategy: MARK,
      intake: { entity, statements: MARK },
    });
    sorted.clear();
  };
}

/**
 * Has the tables of a hospital's own be the patient-owned ones, in the place of those of the entities: from votes to the
 * integrity scan, everything asks here. Once in a process, as the entities are.
 *
 * @throws Error where other tables were declared before
 */
export function adoptTables(tables: AdoptedTables): void {
  if (adopted !== undefined && adopted !== tables)
    throw new Error('Another declaration is in force in this process.');
  adopted = tables;
  sorted.clear();
}

/** What a hospital has declared; undefined where patients stand in Silgi's own tables. */
export function adoptedTables(): AdoptedTables | undefined {
  return adopted;
}

/** The patient-owned tables, of one shard where one is named, in the order in which they are hidden. */
export function patientOwnedTables(shard?: ShardName): readonly TableDeclaration[] {
  let tables = sorted.get(shard);
  if (tables === undefined) {
    const all = adopted?.owned ?? [...registry.values()].sort((a, b) => (a.table < b.table ? -1 : 1));
    tables = all.filter((owned) => shard === undefined || owned.shard === shard);
    sorted.set(shard, tables);
  }
  return tables;
}

/** The declaration of a table; undefined where nobody has declared it. */
export function declarationOf({ schema, table }: StatementTable): TableDeclaration | undefined {
  return patientOwnedTables().find((owned) => owned.schema === schema && owned.table === table);
}

/** The table of a failed statement as problems call it, and the shard that answers for it where the error says so. */
export function failedTable(error: unknown): { readonly table?: string; readonly shard?: ShardName } {
  const { table, schema } = tableOf(error) ?? {};
  if (table === undefined || schema === undefined) return { ...(table !== undefined && { table }) };
  const shard = declarationOf({ schema, table })?.shard ?? SHARDS.find((name) => name === schema);
  if (shard === undefined) return { table: `${schema}.${table}` };
  return { table: reportedName({ schema, table }), shard };
}

/** What counts, records and problems call a table: of one that nobody declares, its name alone. */
export function reportedName(table: StatementTable): string {
  return declarationOf(table)?.name ?? table.table;
}

/** The patient's own table, the parent of all others. @throws Error where nothing declares it */
export function rootTable(): TableDeclaration {
  const root = adopted?.root ?? registry.get(`patient.${ROOT_TABLE}`);
  if (root === undefined) throw new Error('No entity declares the table of patients.');
  return root;
}

/**
 * The shards whose rows are hidden before the patient's own, in that order. In a hospital's own tables bills hang on
 * visits; in Silgi's own no shard's rows hang on another's.
 */
export function childShards(): readonly ['clinical' | 'finance', 'clinical' | 'finance'] {
  return adopted === undefined ? ['clinical', 'finance'] : ['finance', 'clinical'];
}

/** A table of the hospital's own in which no key keeps out rows of a deleted patient, and why that is accepted. */
export interface UnfencedTable {
  /** Schema and name. */
  readonly table: string;
  readonly why: string;
}

/** Those of a declaration; undefined where patients stand in Silgi's own tables, all of which are fenced. */
export function unfencedTables(): readonly UnfencedTable[] | undefined {
  return adopted?.owned.flatMap(({ name, unfenced }) =>
    unfenced === undefined ? [] : [{ table: name, why: unfenced }],
  );
}

/** The schemas of which every table has to be declared: those of the shards, or the hospital's with Silgi's own. */
export function watchedSchemas(): readonly string[] {
  return adopted === undefined
    ? SHARDS
    : [...adopted.schemas, 'patient', 'audit', ANCHOR_SCHEMA, VAULT_SCHEMA];
}

const keptTables = new Map<string, KeptTable>();

/**
 * Declares a table of a shard that no deletion touches, and why: a record that has to stay, or reference data in
 * which no patient stands. For one that has an entity there is {@link KeptOnDeletion}.
 */
export function keepOnDeletion(shard: ShardName, table: string, reason: string): void {
  keptTables.set(`${shard}.${table}`, { schema: shard, table, reason });
}

/** Declares an entity whose table no deletion touches: TypeORM's `@Entity` plus {@link keepOnDeletion}. */
export function KeptOnDeletion(shard: ShardName, table: string, reason: string): ClassDecorator {
  return (entity) => {
    Entity({ schema: shard, name: table })(entity);
    keepOnDeletion(shard, table, reason);
  };
}

/** Silgi's own tables that no deletion touches: declared with {@link KeptOnDeletion} or {@link keepOnDeletion}. */
export function ownKeptTables(): KeptTable[] {
  return [...keptTables.values()];
}

/** Every table that no deletion touches, those of a hospital included. */
export function tablesKeptOnDeletion(): KeptTable[] {
  return [...ownKeptTables(), ...(adopted?.kept ?? [])];
}
