import { Injectable } from '@nestjs/common';
import { EntityManager, type FindManyOptions, IsNull, LessThan, Not } from 'typeorm';
import { onOneSession } from '../postgres/index.js';
import { DeletionNotFound, PatientNotFound } from './patient.errors.js';
import { type DeletionState, PatientDeletion } from './patient-deletion.entity.js';
import { PatientDemographics } from './patient-demographics.entity.js';

/** Reads the records of deletions, newest first. */
@Injectable()
export class DeletionRecords {
  constructor(private readonly manager: EntityManager) {}

  /**
   * @param filter.before only deletions older than this one (a deletion id: the cursor)
   * @param filter.limit at most so many
   * @param signal ends the reading
   */
  page(
    filter: { state?: DeletionState; before?: string; limit: number },
    signal?: AbortSignal,
  ): Promise<PatientDeletion[]> {
    const page: FindManyOptions<PatientDeletion> = {
      where: {
        ...(filter.state !== undefined && { state: filter.state }),
        // The same once more, in the words of the index by which the few are found.
        ...(filter.state === 'RESTORED' && { restoredAt: Not(IsNull()) }),
        ...(filter.before !== undefined && { deletionId: LessThan(filter.before) }),
      },
      order: { deletionId: 'DESC' },
      take: filter.limit,
    };
    return onOneSession(this.manager, ({ manager }) => manager.find(PatientDeletion, page), signal);
  }

  /** Every deletion of one patient. @throws PatientNotFound where neither a patient nor a record has this id */
  async ofPatient(patientId: string): Promise<PatientDeletion[]> {
    const records = await this.manager.find(PatientDeletion, {
      where: { patientId },
      order: { deletionId: 'DESC' },
    });
    if (records.length === 0 && !(await this.manager.existsBy(PatientDemographics, { patientId }))) {
      throw new PatientNotFound(patientId);
    }
    return records;
  }

  /** @throws DeletionNotFound */
  async get(patientId: string, deletionId: string): Promise<PatientDeletion> {
    const record = await this.manager.findOneBy(PatientDeletion, { patientId, deletionId });
    if (record === null) throw new DeletionNotFound();
    return record;
  }
}
