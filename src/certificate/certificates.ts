import { Injectable } from '@nestjs/common';
import { EntityManager } from 'typeorm';
import { contradictionsIn } from '../catalogue/index.js';
import type { Controller } from '../config/index.js';
import { AuditLogKey, AuditLogProofs } from '../transparency-log/index.js';
import { AuditEventNotFound } from '../audit/index.js';
import { DeletionRecords } from '../patient/index.js';
import {
  type IssuedCertificate,
  certificateBytes,
  digestOf,
  signedBytes,
  signerOf,
} from './certificate.document.js';
import {
  assertMatches,
  assertPast,
  draftCertificate,
  draftUndoneCertificate,
  provingEventsOf,
} from './certificate.draft.js';
import { CertificateInvalid, CertificateRefused, LiveRowsFound } from './certificate.errors.js';
import { printCertificate } from './certificate.pdf.js';
import { verifyCertificate } from './certificate.verification.js';
import type { Language } from './certificate.words.js';
import { type LiveRowCount, LiveRows } from './live.rows.js';
import { sealPdf } from './pdf.envelope.js';

/** A certificate as a file. */
export interface CertificateFile {
  readonly bytes: Buffer;
  /** SHA-256 of the certificate's JSON, hex, whether the file is that JSON or a PDF with it inside. */
  readonly digest: string;
}

/** In whose name certificates are issued. */
export class CertificateIssuer {
  constructor(readonly controller: Controller | undefined) {}
}

/** Issues deletion certificates. Each is made anew, of what is true now; nothing is stored. */
@Injectable()
export class DeletionCertificates {
  constructor(
    private readonly records: DeletionRecords,
    private readonly rows: LiveRows,
    private readonly proofs: AuditLogProofs,
    private readonly key: AuditLogKey,
    private readonly manager: EntityManager,
    private readonly about: CertificateIssuer,
  ) {}

  /**
   * @returns the signed JSON
   * @throws DeletionNotFound where this patient has no such deletion
   * @throws CertificateRefused where the deletion was never completed, or its record and the log contradict each other
   * @throws LiveRowsFound where the deletion stands and the patient has live rows now
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

  private async certificateOf(patientId: string, deletionId: string): Promise<IssuedCertificate> {
    const record = await this.records.get(patientId, deletionId);
    const now = new Date();
    const events = provingEventsOf(record);
    const checkedAt = now.toISOString();
    const tables = events.restoration === undefined ? await this.hiddenRowsOf(patientId) : [];
    const sealed = await this.proofs.inclusionOf(events.deletion).catch(withoutEvent);
    const restoration =
      events.restoration === undefined
        ? undefined
        : await this.proofs.inclusionOf(events.restoration).catch(withoutEvent);
    assertMatches(await contradictionsIn(this.manager, record));
    for (const { leaf } of restoration === undefined ? [sealed] : [sealed, restoration])
      assertPast(leaf.occurredAt, now);
    const about = { sealed, signedBy: signerOf(this.key.verifierKey), controller: this.about.controller };
    return this.sign(
      restoration === undefined
        ? draftCertificate({ ...about, checkedAt, tables })
        : draftUndoneCertificate({ ...about, restoration }),
    );
  }

  /** @throws LiveRowsFound */
  private async hiddenRowsOf(patientId: string): Promise<LiveRowCount[]> {
    const tables = await this.rows.ofPatient(patientId);
    const live = tables.filter(({ liveRows }) => liveRows > 0);
    if (live.length > 0) throw new LiveRowsFound(live);
    return tables;
  }

  /** Signs, and lets nothing out that the verifier would refuse. */
  private sign(draft: { readonly version: number }): IssuedCertificate {
    const signature = Buffer.from(this.key.sign(signedBytes(draft))).toString('base64url');
    try {
      const bytes = certificateBytes({ ...draft, signature });
      return verifyCertificate(bytes, this.key.verifierKey).certificate as IssuedCertificate;
    } catch (error) {
      if (!(error instanceof CertificateInvalid)) throw error;
      throw new CertificateRefused(
        `the sealed event has no form that a certificate could have. ${error.message}`,
      );
    }
  }
}

/** The event and the record were committed together: without the event, somebody has removed it. */
function withoutEvent(error: unknown): never {
  if (!(error instanceof AuditEventNotFound)) throw error;
  throw new CertificateRefused('the audit event that the record names is not in the audit log.');
}
