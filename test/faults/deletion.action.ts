import { expect } from '@jest/globals';
import { AuditRepository } from '../../src/audit/index.js';
import { CatalogueGuard } from '../../src/catalogue/index.js';
import { ClinicalRepository } from '../../src/clinical/index.js';
import { FinanceRepository } from '../../src/finance/index.js';
import type { DeletePatientCommand, DeletionAnswer } from '../../src/orchestrator/index.js';
import { PatientRepository } from '../../src/patient/index.js';
import { auditEventsOf, CHILD_TABLES } from '../support/patients.js';
import { deletionOf } from '../support/silgi.js';
import type { PlayedAction } from './action.js';
import { DELETION_MATRIX } from './matrix.js';
import { ROWS_PER_TABLE } from './stage.js';

/** The deletion of a patient. */
export const deletion: PlayedAction = {
  name: 'deletion',
  matrix: DELETION_MATRIX,
  calls: {
    claim: [PatientRepository, 'claim'],
    lock: [PatientRepository, 'lockDemographics'],
    'vote patient': [PatientRepository, 'vote'],
    'vote clinical': [ClinicalRepository, 'vote'],
    'vote finance': [FinanceRepository, 'vote'],
    'vote audit': [AuditRepository, 'vote'],
    'vote catalogue': [CatalogueGuard, 'vote'],
    'mark clinical': [ClinicalRepository, 'markDeleted'],
    'mark finance': [FinanceRepository, 'markDeleted'],
    'mark patient': [PatientRepository, 'markDeleted'],
    'guard demographics': [PatientRepository, 'countDemographicsMarked'],
    rescan: [CatalogueGuard, 'rescan'],
    audit: [AuditRepository, 'append'],
    record: [PatientRepository, 'completeDeletion'],
  },
  key: 'deletionId',
  isFailureRecorded: true,
  prepare: (_, patientId, idempotencyKey) => deletionOf(patientId, { idempotencyKey }),
  /** Another one is refused with the one that won; the same one, by its key, is answered again. */
  rivals(command: DeletePatientCommand, answer: DeletionAnswer | undefined) {
    const deletionId: unknown = answer?.deletionId ?? expect.any(String);
    const other = deletionOf(command.patientId);
    const refused = { error: { code: 'PATIENT_ALREADY_DELETED', deletionId } };
    const again = { replayed: true, answer: answer ?? { state: 'DELETED' } };
    return [[other, refused], command.idempotencyKey === undefined ? [command, refused] : [command, again]];
  },
  async assertDone({ stage: { database }, patientId }, answer: DeletionAnswer | undefined, { moreRows }) {
    const records = await database.query<{ state: string; deletion_id: string }>(
      'SELECT state, deletion_id FROM patient.sharded_patient_deletion WHERE patient_id = $1',
      [patientId],
    );
    if (answer !== undefined) expect(answer.state).toBe('DELETED');
    const deletionId = answer?.deletionId ?? records[0]?.deletion_id ?? '';
    expect(records).toEqual([{ state: 'DELETED', deletion_id: deletionId }]);
    const rows = 1 + CHILD_TABLES.length * ROWS_PER_TABLE + (moreRows?.() ?? 0);
    expect(await database.marks(patientId, deletionId)).toEqual({
      live: 0,
      marked: rows,
      hidden: 1,
      foreign: 0,
    });
    const events = await auditEventsOf(database, patientId);
    const deletions = events.filter(({ action }) => action === 'SYSTEM_DELETE_PATIENT');
    expect(deletions.map((event) => event.deletion_id)).toEqual([deletionId]);
    const purged = (deletions[0]?.purged ?? []).flatMap(({ resources }) => resources);
    expect(purged.reduce((sum, count) => sum + count.rows, 0)).toBe(rows);
  },
};
