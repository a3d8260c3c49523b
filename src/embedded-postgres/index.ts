export { EmbeddedServer, type EmbeddedServerOptions } from './embedded.server.js';
export { EmbeddedServerError } from './embedded-server.error.js';
export { poll } from './poll.js';
