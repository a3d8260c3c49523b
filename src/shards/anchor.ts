import { literal } from './sql.text.js';

/**
 * What Silgi makes in a database whose patients stand in tables of the hospital's own (docs/adr/0033-adopted-databases.md):
 * the pseudonym of each patient, and the tables that deleted rows leave for. The names stand here and in the plan that
 * makes them.
 */

/** The schema of the pseudonyms. */
export const ANCHOR_SCHEMA = 'silgi';
/** One row for each patient whom the hospital ever registered: a uuid for the key, and the mark of his deletion. */
export const ANCHOR_TABLE = 'patient_anchor';
/** The same with its schema. */
export const ANCHOR = `${ANCHOR_SCHEMA}.${ANCHOR_TABLE}`;
/** Its column with the hospital's key of the patient. */
export const ANCHOR_KEY = 'patient_key';
/** The schema of the tables that deleted rows leave for. */
export const VAULT_SCHEMA = 'silgi_vault';

/** What a row of the vault says beside what it was: the patient, the deletion, and when. They come first. */
export const VAULT_COLUMNS = {
  silgi_patient_id: 'uuid',
  silgi_deletion_id: 'uuid',
  silgi_deleted_at: 'timestamptz',
} as const;

/** The trigger on the table of patients, and its function: every new patient gets an anchor, and a deleted one none. */
export const ANCHOR_TRIGGER = 'silgi_patient_anchor';
export const ANCHOR_FUNCTION = `${ANCHOR_SCHEMA}.register_patient()`;
/** Where its names are looked for: nowhere that others may make some. */
export const ANCHOR_SEARCH_PATH = 'search_path=pg_catalog, pg_temp';
/** What PostgreSQL calls such a trigger: after INSERT and UPDATE, for each row. */
const TRIGGER_TYPE = 21;

/** A condition on a row `t` of pg_trigger: it is made as this one is, on whatever table, on or off. */
export const IS_ANCHOR_TRIGGER = `t.tgname = ${literal(ANCHOR_TRIGGER)} AND t.tgtype = ${TRIGGER_TYPE}
  AND t.tgattr::text = '' AND t.tgqual IS NULL`;

/** A condition on a row `f` of pg_proc: it is this function. @param key the quoted name of the column with the key */
export function isAnchorFunction(key: string): string {
  return `f.oid = to_regprocedure(${literal(ANCHOR_FUNCTION)}) AND f.prosrc = ${literal(anchorFunctionBody(key))}
    AND f.prosecdef AND f.proconfig = ARRAY[${literal(ANCHOR_SEARCH_PATH)}]`;
}

/**
 * The body of the function. It is the fence against registering a deleted patient's key again, at any level of
 * isolation: whoever deletes holds the lock on the anchor that this waits for, and what is deleted then is not updated.
 *
 * @param key the quoted name of the column with the key of the patients
 */
export function anchorFunctionBody(key: string): string {
  return `
BEGIN
  IF NEW.${key} IS NULL THEN RETURN NULL; END IF;
  IF TG_OP = 'UPDATE' THEN
    IF NEW.${key} = OLD.${key} THEN RETURN NULL; END IF;
    UPDATE ${ANCHOR} SET ${ANCHOR_KEY} = NEW.${key} WHERE ${ANCHOR_KEY} = OLD.${key} AND NOT is_deleted;
    IF FOUND THEN RETURN NULL; END IF;
  END IF;
  INSERT INTO ${ANCHOR} AS anchor (patient_id, ${ANCHOR_KEY}) VALUES (gen_random_uuid(), NEW.${key})
    ON CONFLICT (${ANCHOR_KEY}) DO UPDATE SET ${ANCHOR_KEY} = EXCLUDED.${ANCHOR_KEY} WHERE NOT anchor.is_deleted;
  IF NOT FOUND THEN
    RAISE unique_violation USING MESSAGE = 'This key cannot be registered again.', SCHEMA = TG_TABLE_SCHEMA,
      TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END`;
}
