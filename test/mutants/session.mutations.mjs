import { mutantsOf } from './mutants.of.mjs';

/** Wrong versions of what a session says of itself. */

const client = mutantsOf('src/postgres/pipeline/pipelined.client.ts', 'database/session-settings');

/** @type {import('./mutations.mjs').Mutation[]} */
export const SESSION_MUTATIONS = [
  client('options in the URL take the place of what the session says of itself', [
    'connectionParameters.options = startupOptions(connectionParameters.options, ',
    'connectionParameters.options ??= startupOptions(undefined, ',
  ]),
];
