import { type DynamicModule, Module } from '@nestjs/common';
import type { Controller } from '../config/index.js';
import { CertificateIssuer, DeletionCertificates } from './certificates.js';
import { LiveRows } from './live.rows.js';

/** Deletion certificates: issued for the API, and checked without it. */
@Module({})
export class CertificateModule {
  /**
   * @param modules what it reads through: they export the records of deletions, and the log's proofs and key
   * @param controller whom the certificates name; nobody unless told
   */
  static over(
    modules: NonNullable<DynamicModule['imports']>,
    controller: Controller | undefined,
  ): DynamicModule {
    return {
      module: CertificateModule,
      imports: modules,
      providers: [
        DeletionCertificates,
        LiveRows,
        { provide: CertificateIssuer, useValue: new CertificateIssuer(controller) },
      ],
      exports: [DeletionCertificates],
    };
  }
}
