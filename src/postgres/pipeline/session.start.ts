import { SessionRefused } from '../../common/index.js';
import type { Settings } from '../session.settings.js';

/** Those that hold everything: every letter of Turkish, and a conversion to UTF-8 and back. */
const ENCODINGS = ['UTF8', 'LATIN5', 'WIN1254'];
/** Keys and triggers are enforced in no other; only a privileged login can say it. */
const REPLICATION = { name: 'session_replication_role', value: 'origin' } as const;

/** What a session has to be before it is used. */
export interface SessionStart {
  readonly settings: Settings;
  /** What it works as; its login's own privileges where it is undefined. */
  readonly role?: string | undefined;
  /** Milliseconds for one statement; what the server says where it is undefined. */
  readonly statementTimeoutMs?: number | undefined;
}

/** What a session says of itself: the settings by name, and who and where it is. */
export interface SessionState {
  readonly settings: Settings;
  readonly currentUser: string;
  readonly sessionUser: string;
  readonly database: string;
  readonly encoding: string;
  readonly backendPid: number;
  /** Where the one setting comes from that an ordinary login cannot state, as `pg_settings` calls it. */
  readonly replicationSource: string;
}

/**
 * One message that states what can be stated and asks for all of it. Statements and no startup parameters: a pooler
 * lets few of those through, and drops them silently where it is told to.
 */
export function startStatement({ settings, role, statementTimeoutMs }: SessionStart): string {
  const { search_path: path, ...others } = settings;
  const said: [string, string][] = Object.entries(others);
  if (statementTimeoutMs !== undefined) said.push(['statement_timeout', String(statementTimeoutMs)]);
  const asked = [...Object.keys(settings), REPLICATION.name];
  const values = (of: (name: string) => string) =>
    asked.map((name) => `${literal(name)}, ${of(name)}`).join(', ');
  return [
    // The path first, so that no function of somebody else's is called, and as the login, which may be privileged.
    set('role', 'none'),
    ...(path === undefined ? [] : [set('search_path', path)]),
    ...said.map(([name, value]) => set(name, value)),
    `${set(REPLICATION.name, REPLICATION.value)} WHERE has_parameter_privilege(${literal(REPLICATION.name)}, 'SET')`,
    // What has committed must outlast a crash; that it outlasts the loss of a server as well is not taken back.
    `${set('synchronous_commit', 'on')} WHERE current_setting('synchronous_commit') = 'off'`,
    ...(role === undefined ? [] : [set('role', role)]),
    `SELECT json_build_object(${values((name) => `current_setting(${literal(name)})`)}) AS settings,
       current_user::text AS "currentUser", session_user::text AS "sessionUser",
       current_database()::text AS database, getdatabaseencoding()::text AS encoding,
       pg_backend_pid() AS "backendPid",
       (SELECT source FROM pg_settings WHERE name = ${literal(REPLICATION.name)}) AS "replicationSource"`,
  ].join('; ');
}

/** @throws SessionRefused with what is not as it has to be, and what to do about it */
export function assertStarted({ settings, role }: SessionStart, state: SessionState): void {
  if (!ENCODINGS.includes(state.encoding))
    throw new SessionRefused(
      `The database is encoded in ${state.encoding}, in which Silgi cannot keep every text it has to; it works with ` +
        `${ENCODINGS.join(', ')}. Make another database and name it in the URL: CREATE DATABASE silgi TEMPLATE ` +
        "template0 ENCODING 'UTF8';",
    );
  const expected = role ?? state.sessionUser;
  if (state.currentUser !== expected)
    throw new SessionRefused(
      `The session works as ${state.currentUser} and not as ${expected}: the role was not taken. Grant it to the ` +
        'login, and have no pooler between change it.',
    );
  for (const [name, value] of [...Object.entries(settings), [REPLICATION.name, REPLICATION.value] as const])
    if (state.settings[name] !== value)
      throw new SessionRefused(
        `${name} is ${state.settings[name] ?? 'not known'} in this session and must be ${value}: with it, what the ` +
          `database answers would not be true. ${remedyOf(name, value, state)}`,
      );
}

function remedyOf(
  name: string,
  value: string,
  { replicationSource, sessionUser, database }: SessionState,
): string {
  const of = {
    database: `DATABASE ${identifier(database)}`,
    user: `ROLE ${identifier(sessionUser)}`,
    'database user': `ROLE ${identifier(sessionUser)} IN DATABASE ${identifier(database)}`,
    global: 'ROLE ALL',
  }[name === REPLICATION.name ? replicationSource : ''];
  return of === undefined
    ? `Set it to ${value} in the configuration of the server.`
    : `A superuser takes it back with: ALTER ${of} RESET ${name};`;
}

function set(name: string, value: string): string {
  return `SELECT pg_catalog.set_config(${literal(name)}, ${literal(value)}, false)`;
}

function identifier(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** The role that the startup options of a URL ask for: a pooler may drop them. */
export function roleIn(options: string | undefined): string | undefined {
  return [...(options ?? '').matchAll(/(?:^|\s)(?:-c\s*|--)role=(\S+)/g)].at(-1)?.[1];
}
