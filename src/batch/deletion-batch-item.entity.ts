import { Column, PrimaryColumn } from 'typeorm';
import { keepOnDeletion, KeptOnDeletion, PATIENT_ID } from '../shards/index.js';
import type { ItemState } from './batch.states.js';

keepOnDeletion('patient', 'sharded_deletion_batch', 'the record of a batch, which names no patient');

/** One line of a batch's list: which patient was asked for, and what became of it. Not patient data. */
@KeptOnDeletion('patient', 'sharded_deletion_batch_item', 'the record of what a batch was asked to delete')
export class DeletionBatchItem {
  @PrimaryColumn('uuid', { name: 'batch_id' })
  batchId: string;

  /** Of the list: from 1. */
  @PrimaryColumn('integer')
  line: number;

  /** Null where the line names no patient, or one that stands on an earlier line. */
  @Column('uuid', { name: PATIENT_ID, nullable: true })
  patientId: string | null;

  @Column('text')
  state: ItemState;
}
