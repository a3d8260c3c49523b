import { Injectable } from '@nestjs/common';
import { EntityManager, IsNull, LessThan, Not } from 'typeorm';
import { onOneSession } from '../postgres/index.js';
import { rootTable } from '../shards/index.js';
import { LegalHold } from './legal-hold.entity.js';
import { PatientNotFound } from './patient.errors.js';

/** Whether a hold keeps the patient as he is. */
export const HOLD_STATES = ['STANDING', 'RELEASED'] as const;
export type HoldState = (typeof HOLD_STATES)[number];

/** Reads legal holds, newest first. */
@Injectable()
export class LegalHolds {
  constructor(private readonly manager: EntityManager) {}

  /**
   * @param filter.before only holds older than this one (a hold's id: the cursor)
   * @param filter.limit at most so many
   * @param signal ends the reading
   */
  page(
    {
      state,
      before,
      limit,
    }: {
      readonly state?: HoldState | undefined;
      readonly before?: string | undefined;
      readonly limit: number;
    },
    signal?: AbortSignal,
  ): Promise<LegalHold[]> {
    const where = {
      ...(state !== undefined && { releasedAt: state === 'STANDING' ? IsNull() : Not(IsNull()) }),
      ...(before !== undefined && { holdId: LessThan(before) }),
    };
    const page = { where, order: { holdId: 'DESC' as const }, take: limit };
    return onOneSession(this.manager, ({ manager }) => manager.find(LegalHold, page), signal);
  }

  /** Every hold of one patient. @throws PatientNotFound where there is neither a patient nor a hold with this id */
  async ofPatient(patientId: string): Promise<LegalHold[]> {
    const holds = await this.manager.find(LegalHold, { where: { patientId }, order: { holdId: 'DESC' } });
    if (holds.length > 0) return holds;
    const root = rootTable();
    const [patient] = await this.manager.query<unknown[]>(root.strategy.stateOf(root), [patientId]);
    if (patient === undefined) throw new PatientNotFound(patientId);
    return [];
  }
}
