import { IntegrityScan } from '../../src/catalogue/index.js';
import { until } from '../support/processes.js';
import { deletionOf, restorationOf } from '../support/silgi.js';
import { type AdoptedHospital, openAdopted } from './hospital.stage.js';
import { expectHealthy, rowsOf } from './public.stage.js';

/** Names lie beside patients and staff, an address behind the household of several, a kinship is of two. */
const SCHEMA = `
  CREATE SCHEMA his;
  CREATE TABLE his.name (name_id integer PRIMARY KEY, surname text);
  CREATE TABLE his.person (person_no bigint PRIMARY KEY, name_id integer REFERENCES his.name ON DELETE CASCADE);
  CREATE TABLE his.staff (staff_no integer PRIMARY KEY, name_id integer REFERENCES his.name);
  CREATE TABLE his.address (address_id integer PRIMARY KEY, street text);
  CREATE TABLE his.household ("Hane" integer PRIMARY KEY, address_id integer REFERENCES his.address);
  CREATE TABLE his.membership (person_no bigint NOT NULL REFERENCES his.person, "Hane" integer NOT NULL REFERENCES his.household);
  CREATE INDEX ON his.membership (person_no);
  CREATE TABLE his.kinship (kinship_no integer PRIMARY KEY, patient_id bigint, patient_key bigint, kind text);
  CREATE TABLE his.remark (kinship_no integer REFERENCES his.kinship, words text)`;
const PEOPLE = `
  INSERT INTO his.name VALUES (1, 'Ak'), (2, 'Boz'), (3, 'Can'), (4, 'Hemşire'), (5, 'nobody''s');
  INSERT INTO his.person VALUES (1, 1), (2, 2), (3, 3), (4, 4);
  INSERT INTO his.staff VALUES (1, 4), (2, NULL);
  INSERT INTO his.address VALUES (1, 'Gül Sokak'), (2, 'Çınar Caddesi');
  INSERT INTO his.household VALUES (1, 1), (2, 2), (3, 2);
  INSERT INTO his.membership VALUES (1, 1), (2, 1), (3, 2);
  INSERT INTO his.kinship VALUES (1, 1, 2, 'married'), (2, 2, 1, 'married'), (3, 3, NULL, 'alone'), (4, 3, 99, 'with nobody');
  INSERT INTO his.remark VALUES (1, 'in church'), (3, 'since long')`;
const DECLARATION = `
silgi: 1
database: { schemas: [his] }
patient: { table: his.person, key: { column: person_no, type: bigint }, shard: patient, resource: Person, directory: {} }
defaults: { onCoverage: { nullKey: refuse } }
tables:
  his.name:
    shard: patient
    resource: Name
    upstream: true
    anyOf: [{ via: { name_id: his.person.name_id } }, { via: { name_id: his.staff.name_id } }]
  his.membership: { shard: clinical, resource: Membership, key: person_no, rowIdentity: none }
  his.household: { shard: clinical, resource: Household, upstream: true, via: { '"Hane"': 'his.membership."Hane"' } }
  his.address: { shard: patient, resource: Address, upstream: true, via: { address_id: his.household.address_id } }
  his.kinship:
    shard: clinical
    resource: Kinship
    rowIdentity: none
    fence: none
    accepted: it has no foreign key
    shared: { rule: leavesWithLast }
    anyOf: [{ key: patient_id }, { key: patient_key }]
  his.remark: { shard: clinical, resource: Remark, via: { kinship_no: his.kinship.kinship_no }, rowIdentity: none }
kept:
  his.staff: { reason: staff }`;

/** The rows of each table, as text. */
export type Rows = Readonly<Record<string, string[]>>;

/** A hospital with rows of several people. */
export class UpstreamStage {
  private constructor(readonly hospital: AdoptedHospital) {}

  static async open(): Promise<UpstreamStage> {
    return new UpstreamStage(await openAdopted({ schema: SCHEMA, people: PEOPLE, declaration: DECLARATION }));
  }

  close(): Promise<void> {
    return this.hospital.close();
  }

  async query(statement: string): Promise<void> {
    await this.hospital.database.query(statement);
  }

  async rows(): Promise<Rows> {
    const found = await rowsOf(this.hospital.database, ['his']);
    return Object.fromEntries([...found].map(([name, rows]) => [name.replace('his.', ''), rows]));
  }

  /** Deletes somebody by his key. @returns the rows that were counted, by table, and what undoes it */
  async remove(key: number) {
    const { orchestrator } = this.hospital;
    const patientId = await this.hospital.patientIdOf(key);
    const { answer } = await orchestrator.deletePatient(deletionOf(patientId));
    const { deletionId, shards } = answer;
    const counted = shards.flatMap(({ resources }) => resources.map(({ table, rows }) => [table, rows]));
    return {
      counts: Object.fromEntries(counted) as Readonly<Record<string, number>>,
      restore: () => orchestrator.restorePatient(restorationOf({ patientId, deletionId })),
    };
  }

  expectHealthy(): Promise<void> {
    return expectHealthy({ silgi: this.hospital });
  }

  /** The tables in which the scan finds rows of somebody who is deleted, and how many. */
  async orphans(): Promise<[table: string, rows: number][]> {
    const { orphans } = await this.hospital.app.get(IntegrityScan).run();
    return orphans.map(({ table, rows }) => [table, rows]);
  }

  async rowsOfNobody() {
    return (await this.hospital.app.get(IntegrityScan).run()).rowsOfNobody;
  }

  /** What `work` does once so many sessions wait for a transaction of the hospital's that has done this. */
  async behind<Result>(statement: string, sessions: number, work: () => Promise<Result>): Promise<Result> {
    const { database } = this.hospital;
    const holder = await database.connect();
    await holder.query('BEGIN');
    await holder.query(statement);
    const working = work();
    const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    try {
      await until(async () => (await database.query(waiting)).length === sessions);
    } finally {
      await holder.query('COMMIT');
      await holder.end();
    }
    return working;
  }
}

/** What has left since, by table. */
export function gone(before: Rows, after: Rows): Rows {
  const pairs = Object.entries(before).map(
    ([table, rows]) => [table, rows.filter((row) => after[table]?.includes(row) !== true)] as const,
  );
  return Object.fromEntries(pairs.filter(([, left]) => left.length !== 0));
}
