import { Column, PrimaryColumn } from 'typeorm';
import type { ExtensionReason, RefusalGround, RequestChannel } from '../common/index.js';
import { KeptOnDeletion, PATIENT_ID } from '../shards/index.js';

/**
 * A data subject's request that his data be erased (GDPR 17, KVKK 11 and 13): when and how it came, and what was
 * answered but for a deletion. Whether it is fulfilled is told by the record of the deletion that stands.
 */
@KeptOnDeletion(
  'patient',
  'sharded_erasure_request',
  'the request proves why the patient was deleted, and whether in time',
)
export class ErasureRequest {
  @PrimaryColumn('uuid', { name: PATIENT_ID })
  patientId: string;

  /** UUIDv7, so that newer requests sort later. */
  @PrimaryColumn('uuid', { name: 'erasure_request_id' })
  erasureRequestId: string;

  /** The day on which it came, as 2026-11-30: in the zone of the controller. */
  @Column('date', { name: 'received_on' })
  receivedOn: string;

  @Column('text')
  channel: RequestChannel;

  @Column('text', { name: 'recorded_by' })
  recordedBy: string;

  @Column('timestamptz', { name: 'recorded_at' })
  recordedAt: Date;

  @Column('uuid', { name: 'recorded_event_id' })
  recordedEventId: string;

  /** Null, as the three that follow, where it was not extended. */
  @Column('text', { name: 'extension_reason', nullable: true })
  extensionReason: ExtensionReason | null;

  @Column('text', { name: 'extended_by', nullable: true })
  extendedBy: string | null;

  @Column('timestamptz', { name: 'extended_at', nullable: true })
  extendedAt: Date | null;

  @Column('uuid', { name: 'extended_event_id', nullable: true })
  extendedEventId: string | null;

  /** Null, as the four that follow, where it was neither refused nor withdrawn. */
  @Column('text', { name: 'closed_as', nullable: true })
  closedAs: 'REFUSED' | 'WITHDRAWN' | null;

  /** Of a request that was withdrawn, `REQUEST_WITHDRAWN`. */
  @Column('text', { name: 'closing_ground', nullable: true })
  closingGround: RefusalGround | 'REQUEST_WITHDRAWN' | null;

  @Column('text', { name: 'closed_by', nullable: true })
  closedBy: string | null;

  @Column('timestamptz', { name: 'closed_at', nullable: true })
  closedAt: Date | null;

  @Column('uuid', { name: 'closed_event_id', nullable: true })
  closedEventId: string | null;
}
