import { Injectable } from '@nestjs/common';
import { AuditLogKey, AuditLogProofs } from '../transparency-log/index.js';
import { AuditEventNotFound } from '../audit/index.js';
import { DeletionRecords } from '../patient/index.js';
import {
  type Certificate,
  certificateBytes,
  digestOf,
  signedBytes,
  signerOf,
} from './certificate.document.js';
import { assertPast, draftCertificate, type Findings, provingEventOf } from './certificate.draft.js';
import { CertificateInvalid, CertificateRefused, LiveRowsFound } from './certificate.errors.js';
import { printCertificate } from './certificate.pdf.js';
import { verifyCertificate } from './certificate.verification.js';
import type { Language } from './certificate.words.js';
import { LiveRows } from './live.rows.js';
import { sealPdf } from './pdf.envelope.js';

/** A certificate as a file. */
export interface CertificateFile {
  readonly bytes: Buffer;
  /** SHA-256 of the certificate's JSON, hex, whether the file is that JSON or a PDF with it inside. */
  readonly digest: string;
}

/** Issues deletion certificates. Each is made anew, of what is true now; nothing is stored. */
@Injectable()
export class DeletionCertificates {
  constructor(
    private readonly records: DeletionRecords,
    private readonly rows: LiveRows,
    private readonly proofs: AuditLogProofs,
    private readonly key: AuditLogKey,
  ) {}

  /**
   * @returns the signed JSON
   * @throws DeletionNotFound where this patient has no such deletion
   * @throws CertificateRefused where the deletion is not in force, or its record and the log contradict each other
   * @throws LiveRowsFound where the patient has live rows now
   * @throws AuditEventNotSealed where its event could not be sealed now; AuditLogDamaged where the seal is broken
   */
  async issue(patientId: string, deletionId: string): Promise<CertificateFile> {
    const bytes = certificateBytes(await this.certificateOf(patientId, deletionId));
    return { bytes, digest: digestOf(bytes) };
  }

  /** The same as a PDF with the JSON attached, signed over every byte. @throws as {@link issue} does */
  async issuePdf(patientId: string, deletionId: string, language: Language): Promise<CertificateFile> {
    const certificate = await this.certificateOf(patientId, deletionId);
    const pages = await printCertificate(certificate, language);
    const bytes = sealPdf(pages, (signed) => this.key.sign(signed));
    return { bytes, digest: digestOf(certificateBytes(certificate)) };
  }

  private async certificateOf(patientId: string, deletionId: string): Promise<Certificate> {
    const record = await this.records.get(patientId, deletionId);
    const now = new Date();
    const auditEventId = provingEventOf(record);
    const checkedAt = now.toISOString();
    const tables = await this.rows.ofPatient(patientId);
    const live = tables.filter(({ liveRows }) => liveRows > 0);
    if (live.length > 0) throw new LiveRowsFound(live);
    const sealed = await this.proofs.inclusionOf(auditEventId).catch(withoutEvent);
    assertPast(sealed.leaf.occurredAt, now);
    return this.sign({ record, sealed, checkedAt, tables, signedBy: signerOf(this.key.verifierKey) });
  }

  /** Signs, and lets nothing out that the verifier would refuse. */
  private sign(findings: Findings): Certificate {
    const draft = draftCertificate(findings);
    const signature = Buffer.from(this.key.sign(signedBytes(draft))).toString('base64url');
    try {
      const bytes = certificateBytes({ ...draft, signature });
      return verifyCertificate(bytes, this.key.verifierKey).certificate;
    } catch (error) {
      if (!(error instanceof CertificateInvalid)) throw error;
      throw new CertificateRefused(`the record and the sealed event contradict each other. ${error.message}`);
    }
  }
}

/** The event and the record were committed together: without the event, somebody has removed it. */
function withoutEvent(error: unknown): never {
  if (!(error instanceof AuditEventNotFound)) throw error;
  throw new CertificateRefused('the audit event that the record names is not in the audit log.');
}
