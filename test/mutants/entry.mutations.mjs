import { mutantsOf } from './mutants.of.mjs';

/** Wrong versions of who is let in: tokens, limits of traffic, names of the deleted, files of others. */

const kind = mutantsOf('src/auth/token.kind.ts', 'security/identity-provider');
const keys = mutantsOf('src/auth/issuer.keys.ts', 'security/identity-provider');
const connections = mutantsOf('src/admin/http/server.limits.ts', 'security/connections');
const streams = mutantsOf('src/admin/batches/event.streams.ts', 'batch/batch-events');
const patients = mutantsOf('src/admin/patients/patients.controller.ts', 'admin/deleted-patients');
const files = mutantsOf('src/common/private-files.ts', 'security/private-files');
const certificates = mutantsOf('src/config/certificate.checks.ts', 'security/server-certificates');
const requestLog = mutantsOf('src/admin/http/request.log.ts', 'admin/request-log');
const subject = mutantsOf('src/auth/token.verifier.ts', 'admin/sign-in');
const lists = mutantsOf('src/admin/http/list.reads.ts', 'admin/lists');
const traffic = mutantsOf('src/admin/http/traffic.limits.ts', 'security/traffic');

/** @type {import('./mutations.mjs').Mutation[]} */
export const ENTRY_MUTATIONS = [
  kind('a token that says nothing of its kind is accepted', [
    'return isSaid || accepted',
    "return isSaid || accepted !== 'at+jwt' || accepted",
  ]),
  keys('a new key is not looked for right after a fetch', ['askAgainAtOnce: 3,', 'askAgainAtOnce: 0,']),
  traffic('a token that holds is not served beyond the limit of failures', [
    "    if (caller !== undefined) hold(request, 'requests of a subject', subjects, caller.subject);",
    "    if (caller !== undefined) hold(request, 'failed sign-ins', failures, client);",
  ]),
  traffic('failed sign-ins are not held to a number', [
    "      hold(request, 'failed sign-ins', failures, client);\n",
    '',
  ]),
  subject('a user is known by a name that others may be given', [
    'subject: subjectOf(payload)',
    "subject: String(payload['preferred_username'] ?? subjectOf(payload))",
  ]),
  requestLog('the line of a request does not say who asked', [
    '    subject: callerOf(request)?.subject,\n',
    '',
  ]),
  certificates('a URL may leave the database’s certificate unchecked', [
    "parameters.getAll('sslmode').includes('no-verify')",
    'false',
  ]),
  certificates('Node may leave every certificate unchecked', ["    '0',\n", "    '1',\n"]),
  lists('slow lists may have the whole pool', ['const AT_A_TIME = 2;', 'const AT_A_TIME = 20;']),
  connections('one address may have all connections', ['new Places(most)', 'new Places(Infinity)']),
  streams('one caller may have all event streams', [
    'new Places(MOST_STREAMS_OF_ONE, MOST_STREAMS)',
    'new Places(MOST_STREAMS, MOST_STREAMS)',
  ]),
  patients('a system-admin finds deleted patients', ["readsDeleted ? state : 'live'", 'state']),
  patients('names of deleted patients are shown without an event', [
    '    await this.reads.append(reader, requestIdOf(request), deleted);\n',
    '',
  ]),
  mutantsOf('src/admin/problems/problem.filter.ts', 'admin/unexpected')(
    'a call that writes is said to have changed nothing',
    ["READS.has(request.method) ? 'read' : 'write'", "'read'"],
  ),
  files('a secret may be another user’s', ['if (uid === owner || uid === ROOT) return;', 'return;']),
  files('a secret may be read by others', ['(stats.mode & OTHERS_MAY) !== 0', 'false']),
  files('a secret is taken from behind a symbolic link', [
    'constants.O_RDONLY | NO_FOLLOW',
    'constants.O_RDONLY',
  ]),
  files('a secret is made where others may write', ['(stats.mode & forbidden) !== 0', 'false']),
];
