import { mutantsOf } from './mutants.of.mjs';

/** Wrong versions of the database roles, the migrations and what a session says of itself. */

const role = mutantsOf('src/postgres/database.roles.ts', 'database/privileges');
const policies = mutantsOf('src/postgres/role.policies.ts', 'database/privileges');
const rowPolicies = mutantsOf('src/postgres/row.policies.ts', 'database/privileges');
const oneWay = mutantsOf('src/postgres/row.policies.ts', 'database/(roles|writer)');
const trigger = mutantsOf(
  'src/postgres/migrations/1764000004000-seal-audit-log.migration.ts',
  'database/privileges',
);
const keyOrder = mutantsOf(
  'src/postgres/migrations/1764000014000-check-live-keys-first.migration.ts',
  'database/unknown-or-deleted',
);
const options = mutantsOf('src/postgres/database.options.ts', 'database/migrations');
const tag = mutantsOf('src/postgres/commit-tag.subscriber.ts', 'database/migrations');

/** What the service may do with one of the tables that are not patient-owned, and one privilege too many. */
const tooMuch = (table, held, more) =>
  policies(`the service may ${more} ${table}`, [`'${table}': '${held}'`, `'${table}': '${held}, ${more}'`]);
const REMOVES = 'SELECT, INSERT, UPDATE, DELETE';
const APPENDS = 'SELECT, INSERT';

const GRANT_ON_RECORD = 'GRANT ${privileges} ON ${table} TO ${SERVICE_ROLE}';
const FROM = "FROM PUBLIC, ${there(BOUND_ROLES).join(', ')} CASCADE";
const KINDS = "['TABLES', 'SEQUENCES', 'ROUTINES']";

/** @type {import('./mutations.mjs').Mutation[]} */
export const ROLE_MUTATIONS = [
  keyOrder('a table goes on telling a deleted patient from an unknown one', [
    'plain.some(({ first }) => live.some(({ last }) => first < last))',
    'plain.length !== live.length',
  ]),
  keyOrder('the old key goes before the new one is checked', [
    '[add]);',
    '[add, ...old.map((key) => `ALTER TABLE ${table} DROP CONSTRAINT ${quote(key.name)}`)]);\n  old.length = 0;',
  ]),
  tooMuch('patient.sharded_legal_hold', 'SELECT', 'UPDATE'),
  tooMuch('patient.sharded_deletion_batch', REMOVES, 'TRUNCATE'),
  tooMuch('patient.sharded_deletion_batch_item', REMOVES, 'TRUNCATE'),
  tooMuch('audit.sharded_audit_event', APPENDS, 'UPDATE'),
  tooMuch('audit.audit_log_checkpoint', APPENDS, 'UPDATE'),
  tooMuch('public.silgi_migration', 'SELECT', 'INSERT'),
  policies('the service may update whole rows of a patient', [
    '[SERVICE_ROLE]: `SELECT (${read}), ${marks}`',
    '[SERVICE_ROLE]: `SELECT (${read}), UPDATE`',
  ]),
  policies('the service reads health data', ['`SELECT (${read}), ', '`SELECT, ']),
  policies('the service may change every column of a record', [
    'UPDATE (state, deleted_at, shards, total_rows, audit_event_id, answer)',
    'UPDATE',
  ]),
  oneWay('the service may take its marks back', [
    "command: 'UPDATE', role: SERVICE_ROLE, using: LIVE_ROW",
    "command: 'UPDATE', role: SERVICE_ROLE, using: 'true'",
  ]),
  oneWay('a record may be completed again', ["using: `state = 'CLAIMED'::text`", "using: 'true'"]),
  oneWay('relevant_writer may mark', [
    "const UNMARKED_ROW = 'NOT is_deleted AND deleted_at IS NULL AND deletion_id IS NULL'",
    "const UNMARKED_ROW = 'true'",
  ]),
  role('the service may make objects in the schemas', [
    "GRANT USAGE ON SCHEMA ${schemas.join(', ')}",
    "GRANT USAGE, CREATE ON SCHEMA ${schemas.join(', ')}",
  ]),
  role('the service may grant on what it was granted', [
    GRANT_ON_RECORD,
    `${GRANT_ON_RECORD} WITH GRANT OPTION`,
  ]),
  role('relevant_user may read batch items', [
    GRANT_ON_RECORD,
    GRANT_ON_RECORD + "${table.endsWith('_item') ? ', relevant_user' : ''}",
  ]),
  role('relevant_user may enter the audit shard', [
    'const shared = SHARED_SCHEMAS.filter(',
    "const shared = [...SHARED_SCHEMAS, 'audit'].filter(",
  ]),
  role('relevant_user is made with BYPASSRLS', [
    'NOLOGIN;',
    "NOLOGIN ${role === RELEVANT_USER_ROLE ? 'BYPASSRLS' : ''};",
  ]),
  role('relevant_user is made a member of the owner', [
    '    if (found?.found === true) continue;\n',
    '    if (found?.found === true) continue;\n    if (role === RELEVANT_USER_ROLE) await queryRunner.query(`CREATE ROLE ${role} IN ROLE ${OWNER_ROLE}`);\n',
  ]),
  ...['rolbypassrls OR ', " OR pg_has_role(oid, '${OWNER_ROLE}', 'MEMBER')"].map((sign) => ({
    ...role(`a role that is too strong goes unsaid: ${sign.replaceAll(/ ?OR |\(.*/g, '')}`, [sign, '']),
    suites: 'database/roles',
  })),
  rowPolicies('relevant_user sees deleted rows', [
    'role: RELEVANT_USER_ROLE,\n    using: LIVE_ROW',
    "role: RELEVANT_USER_ROLE,\n    using: 'true'",
  ]),
  role('row-level security is not switched on', ['if (!secured) await', 'if (secured) await']),
  role('tables are not handed over', [
    'if (!owned) await run(`ALTER TABLE',
    'if (owned) await run(`ALTER TABLE',
  ]),
  role('schemas are not handed over', [
    'if (!owned) await run(`ALTER SCHEMA',
    'if (owned) await run(`ALTER SCHEMA',
  ]),
  role('grants of PUBLIC are left', [FROM, FROM.replace('PUBLIC, ', '')]),
  role('grants of the service are left', [FROM, FROM.replace('BOUND_ROLES', 'BOUND_ROLES.slice(1)')]),
  role('grants of the hospital’s roles are left', [
    FROM,
    FROM.replace('BOUND_ROLES', 'BOUND_ROLES.slice(0, 1)'),
  ]),
  role('grants that the service made in its turn stop the start', [FROM, FROM.replace(' CASCADE', '')]),
  role('grants on the schemas are left', ["  `SCHEMA ${schemas.join(', ')}`,\n", '']),
  role('grants on tables are left', [KINDS, "['SEQUENCES', 'ROUTINES']"]),
  role('grants on sequences are left', [KINDS, "['TABLES', 'ROUTINES']"]),
  role('grants on routines are left', [KINDS, "['TABLES', 'SEQUENCES']"]),
  role('grants on the record of migrations are left', ["  'TABLE public.silgi_migration',\n", '']),
  role('grants on the numbers of migrations are left', ["  'SEQUENCE public.silgi_migration_id_seq',\n", '']),

  ...['UPDATE OR ', 'DELETE OR ', ' OR TRUNCATE'].map((verb) =>
    trigger(`the trigger of the audit log lets pass: ${verb.replace(/ ?OR ?/, '')}`, [
      'BEFORE UPDATE OR DELETE OR TRUNCATE',
      'BEFORE UPDATE OR DELETE OR TRUNCATE'.replace(verb, ''),
    ]),
  ),
  trigger('a table of the audit log has no trigger', ["  'audit_log_checkpoint',\n", '']),
  {
    ...trigger('the trigger of the audit log is passed over by a superuser', [
      'ENABLE ALWAYS TRIGGER',
      'ENABLE TRIGGER',
    ]),
    suites: 'audit-log/sealing',
  },

  tag('a migration whose COMMIT was answered with ROLLBACK passes for applied', [
    "if (command === 'COMMIT')",
    'if (command !== undefined)',
  ]),
  options('the tag of COMMIT is not looked at while migrating', [
    '    subscribers: [CommitTagSubscriber],\n',
    '',
  ]),
];
