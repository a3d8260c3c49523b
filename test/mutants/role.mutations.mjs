/** Wrong versions of the database roles, the migrations and what a session says of itself. */

/** @type {import('./mutations.mjs').Mutation[]} */
export const ROLE_MUTATIONS = [
  {
    name: 'a migration whose COMMIT was answered with ROLLBACK passes for applied',
    file: 'src/postgres/commit-tag.subscriber.ts',
    edits: [["if (command === 'COMMIT')", 'if (command !== undefined)']],
    suites: 'database/migrations',
  },
  {
    name: 'the tag of COMMIT is not looked at while migrating',
    file: 'src/postgres/database.options.ts',
    edits: [['    subscribers: [CommitTagSubscriber],\n', '']],
    suites: 'database/migrations',
  },
];
