import { mutantsOf } from './mutants.of.mjs';

/** Wrong versions of the database roles, the migrations and what a session says of itself. */

const role = mutantsOf('src/postgres/database.roles.ts', 'database/privileges');
const trigger = mutantsOf(
  'src/postgres/migrations/1764000004000-seal-audit-log.migration.ts',
  'database/privileges',
);
const options = mutantsOf('src/postgres/database.options.ts', 'database/migrations');
const tag = mutantsOf('src/postgres/commit-tag.subscriber.ts', 'database/migrations');

/** What the service may do with one of the tables that are not patient-owned, and one privilege too many. */
const tooMuch = (table, held, more) =>
  role(`the service may ${more} ${table}`, [`'${table}': '${held}'`, `'${table}': '${held}, ${more}'`]);
const WRITES = 'SELECT, INSERT, UPDATE';
const APPENDS = 'SELECT, INSERT';

const GRANT_ON_RECORD = 'GRANT ${privileges} ON ${table} TO ${SERVICE_ROLE}';
const FROM = 'FROM PUBLIC, ${SERVICE_ROLE}, ${RELEVANT_USER_ROLE} CASCADE';
const KINDS = "['TABLES', 'SEQUENCES', 'ROUTINES']";

/** @type {import('./mutations.mjs').Mutation[]} */
export const ROLE_MUTATIONS = [
  tooMuch('patient.sharded_legal_hold', WRITES, 'DELETE'),
  tooMuch('patient.sharded_deletion_batch', WRITES, 'DELETE'),
  tooMuch('patient.sharded_deletion_batch_item', WRITES, 'DELETE'),
  tooMuch('patient.sharded_patient_deletion', WRITES, 'DELETE'),
  tooMuch('audit.sharded_audit_event', APPENDS, 'UPDATE'),
  tooMuch('audit.audit_log_checkpoint', APPENDS, 'UPDATE'),
  tooMuch('public.silgi_migration', 'SELECT', 'INSERT'),
  role('the service may update whole rows of a patient', [
    'UPDATE (is_deleted, deleted_at, deletion_id)',
    'UPDATE',
  ]),
  role('the service may make objects in the schemas', [
    "GRANT USAGE ON SCHEMA ${SCHEMAS.join(', ')}",
    "GRANT USAGE, CREATE ON SCHEMA ${SCHEMAS.join(', ')}",
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
    'SCHEMA patient, clinical, finance TO',
    'SCHEMA patient, clinical, finance, audit TO',
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
  role('relevant_user sees deleted rows', [
    'RELEVANT_USER_ROLE} USING (NOT is_deleted)',
    'RELEVANT_USER_ROLE} USING (true)',
  ]),
  role('row-level security is not switched on', ['if (!secured) await', 'if (secured) await']),
  role('tables are not handed over', ['if (!owned) await', 'if (owned) await']),
  role('schemas are not handed over', ["AND nspowner <> '${OWNER_ROLE}'", "AND nspowner = '${OWNER_ROLE}'"]),
  role('grants of PUBLIC are left', [FROM, FROM.replace('PUBLIC, ', '')]),
  role('grants of the service are left', [FROM, FROM.replace('${SERVICE_ROLE}, ', '')]),
  role('grants of relevant_user are left', [FROM, FROM.replace(', ${RELEVANT_USER_ROLE}', '')]),
  role('grants that the service made in its turn stop the start', [FROM, FROM.replace(' CASCADE', '')]),
  role('grants on the schemas are left', ["  `SCHEMA ${SCHEMAS.join(', ')}`,\n", '']),
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
