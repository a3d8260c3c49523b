import { SilgiError } from '../common/index.js';
import { fullName, type ShardName } from '../shards/index.js';

/** Rows that are live although their patient is deleted. */
export interface LiveTable {
  readonly shard: ShardName;
  readonly table: string;
  readonly liveRows: number;
}

/** The patient has live rows now: whatever was deleted then, a certificate would mislead. */
export class LiveRowsFound extends SilgiError {
  readonly code = 'LIVE_ROWS_FOUND';

  constructor(readonly tables: readonly LiveTable[]) {
    const found = tables
      .map(({ shard, table, liveRows }) => `${fullName(shard, table)}: ${liveRows}`)
      .join(', ');
    super(
      `No certificate is given: this patient has live rows now (${found}). Nothing was changed; run the ` +
        'integrity scan and find out who wrote them.',
    );
  }
}

/** This deletion is not in force, or its record and the audit log contradict each other. */
export class CertificateRefused extends SilgiError {
  readonly code = 'CERTIFICATE_REFUSED';

  /** @param why one sentence, for people */
  constructor(why: string) {
    super(`No certificate is given: ${why} Nothing was changed.`);
  }
}

/** A file is no certificate that this key has signed, or not as it was issued. The message is one sentence. */
export class CertificateInvalid extends Error {
  override readonly name = 'CertificateInvalid';
}
