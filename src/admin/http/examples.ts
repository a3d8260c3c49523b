import { ROOT_TABLE } from '../../shards/index.js';
/**
 * One deletion from beginning to end, in made-up values: the examples of the API's documentation. The patient is one
 * of the demo data, so that Swagger UI can try every call on it.
 */
export const PATIENT_ID = '6a1a489f-328e-59a9-9122-537da235c1e4';
export const DELETION_ID = '019ac10f-52b7-7e31-8a4d-6c2f90b1d8e7';
export const AUDIT_EVENT_ID = '019ac10f-52b8-7011-b7c3-1f4e8d2a6b95';
export const REQUEST_ID = '7b0c3f6e-1c5a-4b5e-9d55-0f6f3f1f2c11';
const MOMENT = '2026-11-23T14:05:09.182Z';
const SUBJECT = 'admin@hospital.example';

export const SHARDS = [
  {
    shard: 'patient',
    resources: [{ resourceType: 'PatientDemographics', table: ROOT_TABLE, rows: 1 }],
  },
  {
    shard: 'clinical',
    resources: [
      { resourceType: 'Examination', table: 'sharded_muayene', rows: 14 },
      { resourceType: 'Diagnosis', table: 'sharded_tani', rows: 9 },
    ],
  },
  { shard: 'finance', resources: [{ resourceType: 'Invoice', table: 'sharded_fatura', rows: 14 }] },
];
const TOTAL_ROWS = 38;

export const PATIENT = {
  patientId: PATIENT_ID,
  recordNumber: 'H-204117',
  givenName: 'Işıl',
  familyName: 'Yıldız',
  birthDate: '1980-05-17',
  state: 'live',
};

export const PREVIEW = {
  patientId: PATIENT_ID,
  ready: true,
  shards: SHARDS,
  blockers: [],
  totalRows: TOTAL_ROWS,
  digest: '9f2b6a1f0c4de7c38b5a7a0be1f3d2c6c1f70e5d94b8a36f2d1e0c9b8a7f6e5d',
};

export const BLOCKER = {
  shard: 'patient',
  code: 'LEGAL_HOLD',
  detail: 'A legal hold (LITIGATION) stands since 2026-03-02T09:30:00.000Z; release it first.',
};

export const REQUEST = { reason: 'DATA_SUBJECT_REQUEST', legalBasis: 'KVKK_ART_7' };

export const DELETION = {
  deletionId: DELETION_ID,
  patientId: PATIENT_ID,
  state: 'DELETED',
  shards: SHARDS,
  totalRows: TOTAL_ROWS,
  auditEventId: AUDIT_EVENT_ID,
  requestedBy: SUBJECT,
  deletedAt: MOMENT,
};

export const RECORD = {
  deletionId: DELETION_ID,
  patientId: PATIENT_ID,
  state: 'DELETED',
  ...REQUEST,
  requestedBy: SUBJECT,
  requestedAt: MOMENT,
  requestId: REQUEST_ID,
  erasureRequestId: null,
  deletedAt: MOMENT,
  shards: SHARDS,
  totalRows: TOTAL_ROWS,
  auditEventId: AUDIT_EVENT_ID,
  restoredAt: null,
  restoredBy: null,
  restorationReason: null,
  restorationEventId: null,
};

export const RESTORATION_REQUEST = { reason: 'DELETED_IN_ERROR' };

/** The same deletion, undone a day later. */
export const UNDONE_RECORD = {
  ...RECORD,
  state: 'RESTORED',
  restoredAt: '2026-11-24T09:12:40.031Z',
  restoredBy: 'officer@hospital.example',
  restorationReason: RESTORATION_REQUEST.reason,
  restorationEventId: '019ac538-6a1f-7c44-9b02-5e7d3f8c1a60',
};

export const AUDIT_EVENT = {
  auditEventId: AUDIT_EVENT_ID,
  patientId: PATIENT_ID,
  action: 'SYSTEM_DELETE_PATIENT',
  actor: SUBJECT,
  actorRole: 'system-admin',
  actorSource: { kind: 'TOKEN', issuer: 'https://id.hospital.example' },
  ...REQUEST,
  deletionId: DELETION_ID,
  purged: SHARDS,
  failure: null,
  requestId: REQUEST_ID,
  requestedAt: MOMENT,
  occurredAt: MOMENT,
};

export const FAILURE = {
  code: 'SHARD_FAILED',
  phase: 'EXECUTE',
  shard: 'finance',
  step: 'mark finance',
  table: 'sharded_fatura',
};

/** Of the hospital's own system, beside Silgi's. */
export const UNWATCHED = { schema: 'his', tables: 214 };

export const UNFENCED = { table: 'his.contact', why: 'what it refers to depends on a column' };

export const READY = {
  status: 'ready',
  database: 'up',
  migrations: 'applied',
  catalogue: 'complete',
  undeclaredTables: [],
  unwatchedSchemas: [UNWATCHED],
  degraded: [],
};

export const DEGRADED = {
  code: 'TABLE_MISSING',
  problem: 'Not in the database: patient.sharded_deletion_batch_item.',
};

export const NOT_READY = {
  status: 'not-ready',
  database: 'up',
  migrations: 'applied',
  catalogue: 'incomplete',
  undeclaredTables: [
    { table: 'clinical.sharded_rapor', why: 'a table linked to patients that no shard declares' },
  ],
  unwatchedSchemas: [],
  degraded: [],
  code: 'CATALOGUE_INCOMPLETE',
  problem: 'Tables are not declared, or their keys are off; every deletion is refused.',
};

export const HEALTHY = {
  checkedAt: '2026-03-02T09:30:00.000Z',
  orphans: [],
  undeclaredTables: [],
  drift: [],
  mismatches: [],
  rowsOfNobody: [],
  unwatchedSchemas: [UNWATCHED],
  healthy: true,
};

const ROOT = 'PlG1X0b2Yw8JYzQ3hQ5r8lmcv0Zk1b7cM0o3w0l7t2E=';
const OLDER_ROOT = 'h2n1m1o8S3s1kqvQJm0cJm0T3z0Yb4pQ7f5r1vQm2hA=';
const SIGNATURE =
  'nB0uP5Zt0yq3m1m5J0w8g0YkQw6mJr1p2oM7b3S4h0o1v0Zl9Jp0m4b1q0Y7cT2sE5rK8dW3xN6uV9aG1fH4jL7zC0iB2eD5yR8t';

export const CHECKPOINT = {
  checkpoint: `silgi.example/audit-log\n7\n${ROOT}\n\n\u2014 silgi.example/audit-log ${SIGNATURE}\n`,
  verifierKey: 'silgi.example/audit-log+9c1d2e3f+AbUg2mXbjRAkVTMUDBDn2SPOPyuVKkZrLgCmy8tMYBRw',
};

export const INCLUSION = {
  leaf: {
    v: 2,
    auditEventId: AUDIT_EVENT_ID,
    action: 'SYSTEM_DELETE_PATIENT',
    deletionId: DELETION_ID,
    ...REQUEST,
    purged: SHARDS,
    failure: null,
    occurredAt: MOMENT,
    actorRole: 'system-admin',
    subject: '2u0Jm4qk7XvS1cR9bT5yWn8eHdLz3oPfGa6iKjMxQwE',
    actor: 'Yb7nVq2sKc5xTf8wRj1hMd4zLg6pUa9eCo3iQyBtXrE',
    request: 'Dk4wPz9mHs2bNv7yQc5rXj8tLf1gUe6aWo3iKnMxTqY',
    requestedAt: MOMENT,
    actorKind: 'TOKEN',
    actorSource: 'h2XbQ9kLw4TzR7nVc1YmPs6dJf0gUe3aHo5iKtMxNqE',
  },
  leafIndex: 5,
  leafHash: 'q7c1X5b0Rr8n2Zl4mT9y3Wd6uK1vPj0sHf5gLe8oNiA=',
  treeSize: 7,
  proof: ['b9Xv2Lq5Tn8cRk1yWd4uPj7sHf0gMe3oZiA6xKbNvEs=', OLDER_ROOT],
  checkpoint: CHECKPOINT.checkpoint,
};

export const CONSISTENCY = {
  from: 6,
  to: 7,
  fromRoot: OLDER_ROOT,
  toRoot: ROOT,
  proof: INCLUSION.proof,
};

export const VERIFICATION = {
  checkedAt: MOMENT,
  valid: true,
  size: 7,
  proven: 7,
  checkpoints: 3,
  checkpointsInFile: 3,
  firstBadEvent: null,
  findings: [],
  unsealed: { events: 0, oldestSeconds: 0 },
};

const BATCH_ID = '019ac10f-0c11-7a52-9d3e-5b8f7e6a4c21';

export const BATCH_REQUEST = { patientIds: [PATIENT_ID], ...REQUEST, dryRun: true };

/** The same list as a file. */
export const BATCH_CSV = `patientId;name\r\n${PATIENT_ID};not read\r\n`;

export const BATCH = {
  batchId: BATCH_ID,
  state: 'RUNNING',
  dryRun: false,
  dryRunId: '019ac10e-77d0-7b0e-8f0c-2a4c6e8d1b35',
  executionId: null,
  ...REQUEST,
  requestedBy: SUBJECT,
  requestedAt: MOMENT,
  requestId: REQUEST_ID,
  startedAt: MOMENT,
  endedAt: null,
  lines: 10_000,
  finished: 2_510,
  progress: 0.251,
  counts: {
    PENDING: 7_486,
    RUNNING: 4,
    DELETED: 2_500,
    WOULD_DELETE: 0,
    ALREADY_DELETED: 3,
    NOT_FOUND: 2,
    VETOED: 1,
    FAILED: 0,
    CANCELLED: 0,
    INVALID: 1,
    DUPLICATE: 3,
  },
  totalRows: 95_000,
  ratePerMinute: 18_000,
  secondsLeft: 25,
};

export const BATCH_ITEM = {
  line: 17,
  patientId: PATIENT_ID,
  firstLine: null,
  state: 'DELETED',
  code: null,
  detail: 'Deleted.',
  deletionId: DELETION_ID,
  totalRows: TOTAL_ROWS,
  attempts: 1,
  finishedAt: MOMENT,
};

/** A page as every list answers it. */
export function pageExample(item: object): object {
  return { items: [item], nextCursor: null };
}
