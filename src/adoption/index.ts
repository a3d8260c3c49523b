export { adoptDeclaration, adoptNothing } from './adopt.declaration.js';
export { adoptedTablesOf, NotBuilt } from './adopted.tables.js';
export { checkDeclaration, type CheckResult } from './declaration.check.js';
export { discover, type DiscoveryOptions } from './discovery.js';
export type { Draft } from './draft.js';
export { textOfDraft } from './draft.writer.js';
export { type NamedPatient, PatientRefused } from './patient.guess.js';
export {
  AdoptionRefused,
  applyPlan,
  DeclarationDiffers,
  lookAtPlan,
  planOf,
  undoPlan,
} from './adoption.run.js';
export { LineFailed, type LineState, type LineWatcher } from './apply.js';
export type { AdoptionPlan } from './plan.js';
export type { PlanLine } from './plan.line.js';
