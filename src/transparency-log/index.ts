export { AuditLogModule, type AuditLogHome, openAuditLog } from './audit-log.module.js';
export { AuditEventNotSealed, AuditLogDamaged, AuditLogRefused, SealingRefused } from './audit-log.errors.js';
export { checkExport, exportLog, ExportRefused } from './audit-log.export.js';
export { AuditLogKey } from './audit-log.key.js';
export { AuditLogProofs, type ConsistencyProof, type InclusionProof } from './audit-log.proofs.js';
export { AuditLogSealer, type Round, type SealingState } from './audit-log.sealer.js';
export { AuditLogVerification, type VerificationReport } from './audit-log.verification.js';
export { CheckpointFile, notesIn } from './checkpoint.file.js';
export { type Checkpoint, checkpointText, openCheckpoint } from './checkpoint.js';
export { leafBytes, type SealableEvent, type SealedLeaf, sealedLeafOf } from './leaf.js';
export { type Checked, type Defect, DEFECTS, type Finding } from './log.check.js';
export { logSize } from './log.rows.js';
export {
  consistencyPlan,
  inclusionPlan,
  leafHash,
  nodeHash,
  proofOf,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from './merkle.js';
export { assertVerifierKey, NoteSigner, openNote, SignedNoteRefused, verifyBytes } from './signed.note.js';
