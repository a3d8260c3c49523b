import { mutantsOf } from './mutants.of.mjs';

/** Wrong versions of what a session says of itself. */

const client = mutantsOf('src/postgres/pipeline/pipelined.client.ts', 'deployment/hostile-settings');
const start = mutantsOf('src/postgres/pipeline/session.start.ts', 'deployment/hostile-settings');
const opening = mutantsOf('src/postgres/database.lifecycle.ts', 'database/shared-sessions');

/** @type {import('./mutations.mjs').Mutation[]} */
export const SESSION_MUTATIONS = [
  client('a session is used whatever it says of itself', ['      assertStarted(this.start, state);\n', '']),
  start('the role that the database gives is kept', ["    set('role', 'none'),\n", '']),
  opening('a service that does not migrate itself shares its sessions', [
    'await assertOwnSessions(this.url);\n    await this.assumeRole();\n    // An attempt',
    'await this.assumeRole();\n    // An attempt',
  ]),
  opening('a command shares its session', [
    'await assertOwnSessions(this.url);\n    await this.assumeRole();\n    await this.dataSource',
    'await this.assumeRole();\n    await this.dataSource',
  ]),
];
