import { EVERY_TABLE, type UndeclaredTable } from '../../catalogue/index.js';
import { type Obstacle, OBSTACLES } from '../../common/index.js';

/** What keeps deletions from going through and is no plain error of the database. */
const OTHERS = {
  MIGRATION_FAILED: 'The database could not be migrated; the log of the service says why.',
  MIGRATIONS_PENDING:
    'Migrations of this release are not applied; run `npx silgi migrate`, or start the service again.',
  STANDBY: 'The database is a standby, which takes no writes.',
  ROLE_NOT_TAKEN:
    'The sessions of the service do not work as the role that they were told to take: look for a pooler between them.',
  ROW_SECURITY_OFF:
    'The setting row_security is off in the sessions of the service, whose statements fail for it.',
  TRIGGERS_OFF:
    'The setting session_replication_role is replica in the sessions of the service: no foreign key would be enforced.',
  COMMIT_HANGS:
    'A COMMIT is not answered: look whether synchronous_standby_names is set and no such standby is connected.',
  CATALOGUE_INCOMPLETE: 'Tables are not declared, or their keys are off; every deletion is refused.',
  AUDIT_LOG_REFUSED:
    'The audit log is not the one that was sealed before: nothing is sealed until somebody runs `npx silgi verify-audit` ' +
    'and mends what it names.',
} as const;

/** Why patients cannot be deleted now: a word for programs, which quotes neither the database nor an error. */
export type Cause = Obstacle | keyof typeof OTHERS;

const SENTENCES: Readonly<Record<Cause, string>> = {
  ...(Object.fromEntries(
    Object.entries(OBSTACLES).map(([code, what]) => [code, `The database ${what}.`]),
  ) as Record<Obstacle, string>),
  ...OTHERS,
  DATABASE_NOT_OPENED: 'The database has not been opened yet.',
};

export const CAUSES = Object.keys(SENTENCES) as readonly Cause[];

/** The same for people. */
export function sentenceOf(cause: Cause): string {
  return SENTENCES[cause];
}

/** What is wrong although deletions go through. */
export const DEGRADATIONS = ['MIGRATIONS_PENDING', 'TABLE_MISSING', 'AUDIT_LOG_NOT_SEALED'] as const;

/** One of them, with what it is about, for people. */
export interface Degraded {
  readonly code: (typeof DEGRADATIONS)[number];
  readonly problem: string;
}

/** Without the role or the database that the setting was made for, and what takes it back. */
const FOREIGN_KEYS_OFF: UndeclaredTable = {
  table: EVERY_TABLE,
  why: 'foreign keys do not hold in some sessions (session_replication_role = replica); the log of the service says in whose',
};

/** What anybody may be told of what the catalogue lacks (RELIABILITY rule 31). */
export function forAnybody(undeclared: readonly UndeclaredTable[]): readonly UndeclaredTable[] {
  const ofOneTable = undeclared.filter(({ table }) => table !== EVERY_TABLE);
  return ofOneTable.length === undeclared.length ? undeclared : [...ofOneTable, FOREIGN_KEYS_OFF];
}
