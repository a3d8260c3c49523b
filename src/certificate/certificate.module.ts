import { type DynamicModule, Module } from '@nestjs/common';
import { DeletionCertificates } from './certificates.js';
import { LiveRows } from './live.rows.js';

/** Deletion certificates: issued for the API, and checked without it. */
@Module({})
export class CertificateModule {
  /** @param modules what it reads through: they export the records of deletions, and the log's proofs and key */
  static over(modules: NonNullable<DynamicModule['imports']>): DynamicModule {
    return {
      module: CertificateModule,
      imports: modules,
      providers: [DeletionCertificates, LiveRows],
      exports: [DeletionCertificates],
    };
  }
}
