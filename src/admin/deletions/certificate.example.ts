import { AUDIT_EVENT, DELETION, RECORD, REQUEST, SHARDS } from '../http/examples.js';

const SUBJECT = 'Ki-JltKV6f7myhI2pmDgGYTnFIAtPIiaDe7qO2Bj_qw';
const MOMENT = '2026-11-24T08:30:00.417Z';
const NAME = 'silgi.example/audit-log';

/** A certificate in made-up values: its form is right, its hashes and signatures are not. */
export const CERTIFICATE = {
  schema: 'silgi-deletion-certificate',
  version: 2,
  controller: {
    name: 'Example Hospital',
    registration: 'VERBİS 1234567890',
    contact: 'kvkk@hospital.example',
  },
  deletionId: RECORD.deletionId,
  subject: SUBJECT,
  actorRole: 'system-admin',
  ...REQUEST,
  requestedVia: 'TOKEN',
  requestedAt: RECORD.requestedAt,
  deletedAt: DELETION.deletedAt,
  issuedAt: MOMENT,
  shards: SHARDS,
  totalRows: DELETION.totalRows,
  rescan: {
    atDeletion: { required: true, liveRows: 0 },
    atIssue: {
      checkedAt: MOMENT,
      liveRows: 0,
      tables: SHARDS.flatMap(({ shard, resources }) =>
        resources.map(({ resourceType, table }) => ({ shard, resourceType, table, liveRows: 0 })),
      ),
    },
  },
  statement: {
    code: 'SOFT_DELETE_1',
    en: ['Soft delete is not erasure.'],
    tr: ['Silme, yok etme değildir.'],
  },
  log: {
    leaf: {
      v: 2,
      auditEventId: AUDIT_EVENT.auditEventId,
      action: AUDIT_EVENT.action,
      deletionId: RECORD.deletionId,
      ...REQUEST,
      purged: SHARDS,
      failure: null,
      occurredAt: AUDIT_EVENT.occurredAt,
      actorRole: 'system-admin',
      subject: SUBJECT,
      actor: 'l2d0pTzC5n4rB1uXv8QeYk7mWc9Hs3aJgFxRt6Zo0yM',
      request: 'Qm3vT8yLr5Xc1nWk7BzHd0sPa6JfGe9uRi2OtVx4KjY',
      requestedAt: RECORD.requestedAt,
      actorKind: 'TOKEN',
      actorSource: 'h2XbQ9kLw4TzR7nVc1YmPs6dJf0gUe3aHo5iKtMxNqE',
    },
    leafHash: 'aHcDzmyrjpqfAM7GA7F4F9w+YNYENxJv6EkS4aYnxuU=',
    leafIndex: 2,
    treeSize: 5,
    inclusionProof: ['GKwr3pKJUdfbvBjQ6kPYG6C4nUzpTQ2AgFRcYpCb2sE='],
    checkpoint: `${NAME}\n5\nOD+/xtmLQu9CPqK3ed2r7Ck3iBDi3Kaxx/01GGMlnTA=\n\n— ${NAME} SMC+vXwKKOG19GBg…\n`,
  },
  signedBy: `${NAME}+48c0bebd`,
  signature: 'm0rP7n2cXq5tVb8yLk1wHs4dGf6jAe9uRi3OzTx0KjYQm3vT8yLr5Xc1nWk7BzHd0sPa6JfGe9uRi2OtVx4KjA',
};
