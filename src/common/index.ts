export * from './discover.js';
export * from './patient-owned.entity.js';
export * from './patient-owned.repository.js';
export * from './reason.codes.js';
export * from './shard.js';
export * from './silgi.errors.js';
export * from './sqlstate.js';
export * from './table.statements.js';
