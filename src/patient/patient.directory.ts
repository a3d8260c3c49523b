import { Injectable } from '@nestjs/common';
import { EntityManager } from 'typeorm';
import { PatientDeleted, PatientNotFound } from './patient.errors.js';
import { quotedName, rootTable, type TableDeclaration } from '../shards/index.js';

/** What an administrator sees of a patient before deciding. */
export interface PatientSummary {
  readonly patientId: string;
  readonly recordNumber: string;
  readonly givenName: string;
  readonly familyName: string;
  /** ISO 8601 date; null where it is not known. */
  readonly birthDate: string | null;
  readonly state: 'live' | 'deleted';
  readonly deletionId: string | null;
}

/** What is shown of a row of the root table. */
const columnsOf = ({
  strategy,
  key,
}: TableDeclaration) => `${key.column} AS "patientId", record_number AS "recordNumber", given_name AS "givenName",
  family_name AS "familyName", to_char(birth_date, 'YYYY-MM-DD') AS "birthDate",
  CASE WHEN ${strategy.isHidden} THEN 'deleted' ELSE 'live' END AS state, ${strategy.hiddenBy} AS "deletionId"`;

/** Finds patients. Reads only. */
@Injectable()
export class PatientDirectory {
  constructor(private readonly manager: EntityManager) {}

  /**
   * A page of patients by family and given name.
   *
   * @param filter.search words that must all occur in record number, given or family name, in any case; casing
   *   is Turkish: İ/i and I/ı are separate pairs
   * @param filter.after the last patient of the page before (the cursor)
   */
  page(filter: {
    search?: string;
    state?: 'live' | 'deleted';
    after?: string;
    limit: number;
  }): Promise<PatientSummary[]> {
    const root = rootTable();
    const parameters: unknown[] = [filter.limit];
    const conditions = ['true'];
    for (const word of filter.search?.split(/\s+/).filter(Boolean) ?? []) {
      const pattern = `%${word.toLocaleLowerCase('tr').replace(/[\\%_]/g, '\\$&')}%`;
      conditions.push(`folded_name LIKE $${parameters.push(pattern)}`);
    }
    if (filter.state !== undefined)
      conditions.push(`${root.strategy.isHidden} = $${parameters.push(filter.state === 'deleted')}`);
    if (filter.after !== undefined) {
      conditions.push(`(family_name, given_name, ${root.key.column}) > (
        SELECT family_name, given_name, ${root.key.column}
        FROM ${quotedName(root)} WHERE ${root.key.column} = $${parameters.push(filter.after)})`);
    }
    return this.manager.query<PatientSummary[]>(
      `SELECT ${columnsOf(root)} FROM ${quotedName(root)}
       WHERE ${conditions.join(' AND ')} ORDER BY family_name, given_name, ${root.key.column} LIMIT $1`,
      parameters,
    );
  }

  /**
   * @throws PatientNotFound
   * @throws PatientDeleted with the id of the deletion that hid the patient
   */
  async get(patientId: string): Promise<PatientSummary> {
    const root = rootTable();
    const [patient] = await this.manager.query<PatientSummary[]>(
      `SELECT ${columnsOf(root)} FROM ${quotedName(root)} WHERE ${root.key.column} = $1`,
      [patientId],
    );
    if (patient === undefined) throw new PatientNotFound(patientId);
    if (patient.state === 'deleted') throw new PatientDeleted(patientId, patient.deletionId);
    return patient;
  }
}
