import type { EntityManager } from 'typeorm';

/** What a session really is, whatever it was told at connect (RELIABILITY rule 29). */
export interface SessionState {
  readonly isStandby: boolean;
  readonly isReadOnly: boolean;
  /** The role that it works as. */
  readonly user: string;
  readonly hasRowSecurity: boolean;
  readonly replicationRole: string;
  /** The id of its transaction, an xid8 in decimal; undefined on a standby and in a read-only transaction. */
  readonly transactionId: string | undefined;
}

/** Asks the session of a transaction, which gets an id by it where it may write. */
export async function sessionOf(manager: EntityManager): Promise<SessionState> {
  const [row] = await manager.query<
    (Omit<SessionState, 'transactionId'> & { transactionId: string | null })[]
  >(
    `SELECT s.*, CASE WHEN NOT s."isStandby" AND NOT s."isReadOnly" THEN pg_current_xact_id()::text END AS "transactionId"
     FROM (SELECT pg_is_in_recovery() AS "isStandby", current_setting('transaction_read_only') = 'on' AS "isReadOnly",
       current_user::text AS user, current_setting('row_security') = 'on' AS "hasRowSecurity",
       current_setting('session_replication_role') AS "replicationRole") s`,
  );
  if (row === undefined) throw new Error('The session did not answer.');
  return { ...row, transactionId: row.transactionId ?? undefined };
}
