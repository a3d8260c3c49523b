export * from './csv-lines.js';
export * from './discover.js';
export * from './reason.codes.js';
export * from './silgi.errors.js';
export * from './sqlstate.js';
export * from './command.failure.js';
export * from './uuid.js';
