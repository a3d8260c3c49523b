import { mutantsOf } from './mutants.of.mjs';

/** Wrong versions of what says whether deletions go through, of long scans, and of what undoes a migration. */

const probe = mutantsOf('src/orchestrator/probe-deletion/deletion.probe.ts', 'orchestrator/probe.e2e');
const commits = mutantsOf('src/orchestrator/probe-deletion/deletion.probe.ts', 'orchestrator/probe-commits');
const sealer = mutantsOf('src/transparency-log/audit-log.sealer.ts', 'audit-log/refused');
const proofs = mutantsOf('src/transparency-log/audit-log.proofs.ts', 'audit-log/refused');
const scans = mutantsOf('src/admin/http/long.scan.ts', 'admin/scans');
const asked = mutantsOf('src/admin/http/while.asked.ts', 'admin/(scans|lists)');
const migrateDown = mutantsOf('src/cli/migrate.command.ts', 'cli/migrate-down');
const question = mutantsOf('src/cli/terminal.question.ts', 'cli/migrate-down');
const sessions = mutantsOf('src/postgres/session.settings.ts', 'cli/migrate-down');
const causes = mutantsOf('src/admin/health/readiness.causes.ts', 'admin/readiness-session');
const revert = mutantsOf('src/postgres/revert.loss.ts', 'cli/migrate-down');

/** @type {import('./mutations.mjs').Mutation[]} */
export const READINESS_MUTATIONS = [
  probe('the probe keeps what it has written', [
    "'ROLLBACK TO SAVEPOINT probe'",
    "'RELEASE SAVEPOINT probe'",
  ]),
  probe('the probe marks nothing', ['await shard.markDeleted(manager, deletion.mark);', '']),
  commits('a COMMIT that hangs does not keep the next probe from another one', [
    "if (row?.status === 'in progress') return true;",
    '',
  ]),
  commits('a hanging COMMIT that cannot be asked for is forgotten', [
    "if (this.stage !== 'connect' && !isLostAtCommit)",
    'if (!isLostAtCommit)',
  ]),
  sealer('another log of as many events passes for the one that was sealed', [
    'this.copied?.size === size && Buffer.compare(this.copied.root, root) === 0',
    'this.copied?.size === size',
  ]),
  proofs('an event that will never be sealed is to be asked for again later', [
    'if (cause instanceof SealingRefused) throw new AuditLogRefused({ cause });',
    '',
  ]),
  proofs('another key passes for a row that was changed', [
    'if (cause instanceof SignedByAnotherKey) throw new AuditLogRefused({ cause });',
    '',
  ]),
  scans('any number of scans run at once', [
    'if (this.isRunning) throw',
    'if (this.isRunning && false) throw',
  ]),
  asked('a scan or a list goes on when its caller has gone', ["response.once('close', gone);", '']),
  migrateDown('the audit log goes without a word of its own', [
    'if (takesAuditLog && withAuditLog !== true)',
    'if (takesAuditLog && withAuditLog === false)',
  ]),
  migrateDown('any name will do', ['if (name !== database)', 'if (name === undefined)']),
  causes('readiness quotes a role and a database', [
    'ofOneTable.length === undeclared.length ? undeclared :',
    'undeclared.length >= 0 ? undeclared :',
  ]),
  question('nobody is told that the input has ended', ['    ended.abort();\n', '']),
  sessions('the URL names the sessions of a service', ["  application_name: 'silgi',\n", '']),
  revert('a migration is undone beside a running service', ['if (sessions.length === 0) return;', 'return;']),
];
