import { Column } from 'typeorm';
import { PatientOwned, PatientOwnedRow } from '../shards/index.js';

/** A line of an invoice: charge, payment, adjustment or transfer (FHIR ChargeItem). */
@PatientOwned('finance', 'sharded_finans_islem')
export class FinancialTransaction extends PatientOwnedRow {
  @Column('uuid', { name: 'invoice_id', nullable: true })
  invoiceId: string | null;

  @Column('uuid', { name: 'examination_id', nullable: true })
  examinationId: string | null;

  @Column('uuid', { name: 'provider_id', nullable: true })
  providerId: string | null;

  @Column('text', { name: 'charge_id', nullable: true })
  chargeId: string | null;

  @Column('text', { name: 'transaction_type', nullable: true })
  transactionType: string | null;

  @Column('numeric', { nullable: true })
  amount: string | null;

  @Column('text', { nullable: true })
  method: string | null;

  @Column('timestamptz', { name: 'from_at', nullable: true })
  fromAt: Date | null;

  @Column('timestamptz', { name: 'to_at', nullable: true })
  toAt: Date | null;

  @Column('text', { name: 'procedure_code', nullable: true })
  procedureCode: string | null;

  @Column('integer', { nullable: true })
  units: number | null;

  @Column('numeric', { name: 'unit_amount', nullable: true })
  unitAmount: string | null;

  @Column('numeric', { nullable: true })
  payments: string | null;

  @Column('numeric', { nullable: true })
  adjustments: string | null;

  @Column('numeric', { nullable: true })
  transfers: string | null;

  @Column('text', { name: 'transfer_type', nullable: true })
  transferType: string | null;

  @Column('numeric', { nullable: true })
  outstanding: string | null;

  @Column('text', { nullable: true })
  note: string | null;
}
