import 'reflect-metadata';
import { DataSource, EntitySchema, type EntitySchemaColumnOptions } from 'typeorm';
import { onServer } from '../../support/database.js';
import { CHILD_TABLES } from '../../support/patients.js';
import { type Remove, serveBlocks, told } from './block.js';

/**
 * What one would write with TypeORM instead: the patient is loaded with all relations and soft-removed with cascades, in
 * one transaction. The relations are loaded by a query each: joined, as is TypeORM's default, fourteen relations of five
 * rows would be six thousand million rows.
 */

interface TableColumn {
  readonly name: string;
  readonly type: string;
}
type Entity = Record<string, unknown>;

/** Every column that a program can write, as the database has it. */
function columnsOf(table: string): Promise<TableColumn[]> {
  return onServer<TableColumn>(
    told('BENCH_DATABASE_URL'),
    `SELECT attname AS name, t.typname AS type FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
     WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''`,
    [table],
  );
}

function columnOf({ name, type }: TableColumn): EntitySchemaColumnOptions {
  const isArray = type.startsWith('_');
  return {
    type: (isArray ? type.slice(1) : type) as 'text',
    array: isArray,
    nullable: true,
    primary: name === 'patient_id' || name === 'id',
    deleteDate: name === 'deleted_at',
  };
}

async function entityOf(table: string, relations: object): Promise<EntitySchema<Entity>> {
  const [schema = '', tableName = ''] = table.split('.');
  const columns = (await columnsOf(table)).map((column) => [column.name, columnOf(column)]);
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- TypeORM declares its options as a class
  return new EntitySchema<Entity>({
    name: tableName,
    tableName,
    schema,
    relations,
    columns: Object.fromEntries(columns) as Record<string, EntitySchemaColumnOptions>,
  });
}

async function open(): Promise<Remove> {
  const parent = 'sharded_patient_demographics';
  const names = CHILD_TABLES.map((table) => table.split('.')[1] ?? '');
  const children = names.map((target) => [
    target,
    { type: 'one-to-many', target, inverseSide: 'patient', cascade: ['soft-remove'] },
  ]);
  const patient = await entityOf(`patient.${parent}`, Object.fromEntries(children) as object);
  const joinColumn = { name: 'patient_id', referencedColumnName: 'patient_id' };
  const entities = [patient];
  for (const [index, table] of CHILD_TABLES.entries()) {
    const inverseSide = names[index];
    const relations = { patient: { type: 'many-to-one', target: parent, inverseSide, joinColumn } };
    entities.push(await entityOf(table, relations));
  }
  const url = told('BENCH_DATABASE_URL');
  const dataSource = new DataSource({ type: 'postgres', url, entities, installExtensions: false });
  await dataSource.initialize();
  const relations = Object.fromEntries(names.map((name) => [name, true]));
  return (patientId) =>
    dataSource.transaction(async (manager) => {
      const where = { patient_id: patientId };
      const loaded = await manager.findOneOrFail(patient, {
        where,
        relations,
        relationLoadStrategy: 'query',
      });
      await manager.softRemove(patient, loaded);
    });
}

await serveBlocks(open);
