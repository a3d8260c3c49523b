/**
 * What the database calls the things that the protocol lives on. The names stand here, in the migrations and in the
 * roles, and nowhere else; `npm run boundaries` sees to it.
 */

/** The column by which rows, and Silgi's own records, name their patient. */
export const PATIENT_ID = 'patient_id';
/** Whether a row is hidden. */
export const IS_DELETED = 'is_deleted';
/** Generated from {@link IS_DELETED}: true while the row is live, else null (docs/adr/0002-live-foreign-key.md). */
export const LIVE = 'live';
/** The heart of a patient's profile: the parent of every live foreign key. */
export const ROOT_TABLE = 'sharded_patient_demographics';
/** The same with its schema. */
export const ROOT = `patient.${ROOT_TABLE}`;
