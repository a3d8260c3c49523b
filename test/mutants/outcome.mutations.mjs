import { mutantsOf } from './mutants.of.mjs';

/** Wrong versions of what a deletion promises at its edges: unknown outcomes, limits, previews, the rescan and keys. */

const failureRecord = mutantsOf('src/orchestrator/failure.record.ts', 'orchestrator/unknown-outcome');
const resolution = mutantsOf('src/protocol/transactions.ts', 'orchestrator/unknown-outcome');
const limits = mutantsOf('src/protocol/session.ts', 'orchestrator/limits');
const settings = mutantsOf('src/postgres/session.settings.ts', 'orchestrator/limits');
const digest = mutantsOf('src/orchestrator/delete-patient/deletion.counts.ts', 'orchestrator/preview-digest');
const rescan = mutantsOf('src/catalogue/catalogue.guard.ts', 'orchestrator/catalogue');
const deletion = mutantsOf(
  'src/orchestrator/delete-patient/delete-patient.action.ts',
  'orchestrator/deletion.e2e',
);
const digestOf = mutantsOf('src/orchestrator/delete-patient/deletion.counts.ts', 'orchestrator/deletion.e2e');
const claims = mutantsOf('src/patient/patient.repository.ts', 'orchestrator/idempotency');

/** @type {import('./mutations.mjs').Mutation[]} */
export const OUTCOME_MUTATIONS = [
  failureRecord('an unknown outcome is recorded as a failed attempt', [
    'if (error instanceof OutcomePending) return false;',
    'if (error instanceof OutcomePending) return true;',
  ]),
  resolution('an unknown outcome is looked for during a second', [
    'const RESOLVE_WITHIN_MS = 45_000;',
    'const RESOLVE_WITHIN_MS = 1_000;',
  ]),
  resolution('an unknown outcome is looked for no longer than the server lets a transaction idle', [
    'const RESOLVE_WITHIN_MS = 45_000;',
    'const RESOLVE_WITHIN_MS = 30_000;',
  ]),
  resolution('an unknown outcome is looked for without end', [
    'const RESOLVE_WITHIN_MS = 45_000;',
    'const RESOLVE_WITHIN_MS = 450_000;',
  ]),
  limits('statement_timeout is left out', ["  statement_timeout: '10s',\n", '']),
  limits('lock_timeout is left out', ["  lock_timeout: '2s',\n", '']),
  limits('idle_in_transaction_session_timeout is left out', [
    "  idle_in_transaction_session_timeout: '30s',\n",
    '',
  ]),
  settings('a limit outlives its transaction', [
    "'${name}', '${value}', true)",
    "'${name}', '${value}', false)",
  ]),
  digest('the digest of a preview leaves out patient', [
    'const counts = shards.map(',
    "const counts = shards.filter((count) => count.shard !== 'patient').map(",
  ]),
  rescan('the rescan leaves out patient', [
    '.filter((table) => table.hasPatientId && table.hasDeletionColumns)',
    ".filter((table) => table.hasPatientId && table.hasDeletionColumns && table.schema !== 'patient')",
  ]),
  digest('the digest of a preview leaves out clinical', [
    'const counts = shards.map(',
    "const counts = shards.filter((count) => count.shard !== 'clinical').map(",
  ]),
  rescan('the rescan leaves out clinical', [
    '.filter((table) => table.hasPatientId && table.hasDeletionColumns)',
    ".filter((table) => table.hasPatientId && table.hasDeletionColumns && table.schema !== 'clinical')",
  ]),
  digest('the digest of a preview leaves out finance', [
    'const counts = shards.map(',
    "const counts = shards.filter((count) => count.shard !== 'finance').map(",
  ]),
  rescan('the rescan leaves out finance', [
    '.filter((table) => table.hasPatientId && table.hasDeletionColumns)',
    ".filter((table) => table.hasPatientId && table.hasDeletionColumns && table.schema !== 'finance')",
  ]),
  deletion('the digest of a preview is not compared', [
    'if ((deletion.previewDigest ?? plan.digest) !== plan.digest)',
    "if ((deletion.previewDigest ?? plan.digest) === '')",
  ]),
  digestOf('the digest of a preview does not say whose it is', [
    'JSON.stringify([patientId, counts])',
    'JSON.stringify([patientId.length, counts])',
  ]),
  claims('an answer is looked up by its key alone, whosever it is', [
    'WHERE ${PATIENT_ID} = $1 AND idempotency_key = $2`',
    'WHERE $1::uuid IS NOT NULL AND idempotency_key = $2`',
  ]),
];
