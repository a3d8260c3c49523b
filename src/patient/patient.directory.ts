import { Injectable } from '@nestjs/common';
import { EntityManager } from 'typeorm';
import { onOneSession } from '../postgres/index.js';
import { adoptedPage, adoptedPatient } from './adopted.patients.js';
import { PatientDeleted, PatientNotFound, SearchNotOffered } from './patient.errors.js';
import { columnsOf, PatientPages, type PatientSummary } from './patient.pages.js';
import { adoptedTables, PATIENT_ID, quotedName, rootTable } from '../shards/index.js';

/** Finds patients. Reads only. */
@Injectable()
export class PatientDirectory {
  constructor(private readonly manager: EntityManager) {}

  /**
   * A page of patients by family and given name; where one word is searched for, those whose family name begins with it
   * come first.
   *
   * @param filter.search words that must all occur in record number, given or family name, in any case; casing
   *   is Turkish: İ/i and I/ı are separate pairs
   * @param filter.key the hospital's key of one patient, as its database writes it; in a hospital's own tables, instead of
   *   a search
   * @param filter.after the last patient of the page before (the cursor)
   * @param signal ends the reading
   * @throws SearchNotOffered for a search where there is none
   */
  page(
    filter: { search?: string; key?: string; state?: 'live' | 'deleted'; after?: string; limit: number },
    signal?: AbortSignal,
  ): Promise<PatientSummary[]> {
    const { search = '', state, after, limit, key } = filter;
    const adopted = adoptedTables();
    if (adopted !== undefined) {
      if (search !== '') throw new SearchNotOffered('search', 'key');
      const asked = { key, state, after, limit };
      return onOneSession(this.manager, ({ manager }) => adoptedPage(manager, adopted, asked), signal);
    }
    if (key !== undefined) throw new SearchNotOffered('key', 'search');
    const words = search
      .split(/\s+/)
      .filter(Boolean)
      .map((word) => word.toLocaleLowerCase('tr'));
    const wanted = { words, state, after, limit };
    return onOneSession(this.manager, ({ manager }) => new PatientPages(manager, wanted).page(), signal);
  }

  /**
   * @throws PatientNotFound
   * @throws PatientDeleted with the id of the deletion that hid the patient
   */
  async get(patientId: string): Promise<PatientSummary> {
    const adopted = adoptedTables();
    const patient =
      adopted === undefined
        ? await this.ofOwn(patientId)
        : await adoptedPatient(this.manager, adopted, patientId);
    if (patient === undefined) throw new PatientNotFound(patientId);
    if (patient.state === 'deleted') throw new PatientDeleted(patientId, patient.deletionId);
    return patient;
  }

  private async ofOwn(patientId: string): Promise<PatientSummary | undefined> {
    const root = rootTable();
    const [patient] = await this.manager.query<PatientSummary[]>(
      `SELECT ${columnsOf(root)} FROM ${quotedName(root)} WHERE ${PATIENT_ID} = $1`,
      [patientId],
    );
    return patient;
  }
}
