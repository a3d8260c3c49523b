import { Column } from 'typeorm';
import { PatientOwned, PatientOwnedRow } from '../shards/index.js';

/** One instance of an imaging study (FHIR ImagingStudy); several rows share a `studyId`. */
@PatientOwned('clinical', 'sharded_goruntuleme')
export class ImagingStudy extends PatientOwnedRow {
  @Column('uuid', { name: 'examination_id', nullable: true })
  examinationId: string | null;

  @Column('uuid', { name: 'study_id', nullable: true })
  studyId: string | null;

  @Column('timestamptz', { name: 'performed_at', nullable: true })
  performedAt: Date | null;

  @Column('text', { name: 'series_uid', nullable: true })
  seriesUid: string | null;

  @Column('text', { name: 'instance_uid', nullable: true })
  instanceUid: string | null;

  @Column('text', { name: 'body_site_code', nullable: true })
  bodySiteCode: string | null;

  @Column('text', { name: 'body_site', nullable: true })
  bodySite: string | null;

  @Column('text', { name: 'modality_code', nullable: true })
  modalityCode: string | null;

  @Column('text', { nullable: true })
  modality: string | null;

  @Column('text', { name: 'sop_code', nullable: true })
  sopCode: string | null;

  @Column('text', { name: 'sop_description', nullable: true })
  sopDescription: string | null;

  @Column('text', { name: 'procedure_code', nullable: true })
  procedureCode: string | null;
}
