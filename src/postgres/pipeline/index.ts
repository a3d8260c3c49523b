export { PreparingClient } from './preparing.client.js';
export { runInOneTrip, StatementSkipped, type TableStatement, type TextRows } from './table.statements.js';
