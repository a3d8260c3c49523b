import { expect } from '@jest/globals';
import type { ErrorCode } from '../../src/admin/problems/problem.catalogue.js';
import { PATIENT_TABLES } from '../support/patients.js';
import type { Trap } from './fault.js';
import { type HostileState, serverStates } from './hostile.server.js';
import type { CellStep } from './matrix.js';
import { Stage } from './stage.js';
import { failureAt } from './verdict.js';

const DEMOGRAPHICS = 'patient.sharded_patient_demographics';
const RECORD = 'patient.sharded_patient_deletion';
const AUDIT = 'audit.sharded_audit_event';
const onStage = () => Stage.open();

/** The step of the protocol at which each shard's mark is made. */
const markOf = (table: string) => `mark ${table.split('.')[0] ?? ''}` as CellStep;
const voteOf = (table: string) => `vote ${table.split('.')[0] ?? ''}` as CellStep;

interface Given {
  readonly state: string;
  readonly up: string;
  readonly down: string;
  /** Where it must show, and as what; SHARD_FAILED unless told. */
  readonly at: CellStep;
  readonly code?: ErrorCode;
  /** When the state sets in; before the deletion has a connection unless told. */
  readonly since?: CellStep;
  readonly unrecorded?: boolean;
  /** Whether sessions that met the state must be replaced after it. */
  readonly lasting?: boolean;
  /** What the caller hears where that is more, or less, than code and step. */
  readonly error?: object;
  readonly outcome?: string;
  readonly fullOnly?: boolean;
}

/** A state that one SQL text makes and another takes back. */
function sqlState({
  state,
  up,
  down,
  at,
  code = 'SHARD_FAILED',
  since = 'connect',
  unrecorded,
  lasting,
  fullOnly = false,
  ...told
}: Given): HostileState {
  const outside = !['SHARD_FAILED', 'SHARD_UNAVAILABLE', 'DEMOGRAPHICS_NOT_DELETED'].includes(code);
  const error = told.error ?? (outside ? { code } : failureAt(at, code));
  return {
    state,
    step: since,
    fullOnly,
    expected: 'N',
    outcome: told.outcome ?? `N, ${code} at ${at}`,
    fault: {
      code: '',
      title: state,
      open: onStage,
      keyless: true,
      unrecorded: unrecorded === true,
      shows: () => at,
      set(scene): Trap {
        scene.strike(async () => {
          await scene.stage.database.query(up);
        });
        const lift = async () => {
          await scene.stage.database.query(down);
          if (lasting === true) await scene.stage.endIdleSessions();
        };
        return { error, lift };
      },
    },
  };
}

/** A trigger on a table; its function body decides how it harms. */
function trigger(table: string, when: string, body: string): { up: string; down: string } {
  return {
    up: `CREATE FUNCTION public.harm() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${body} END $$;
      CREATE ${when.replace('TABLE', table)} FOR EACH ROW EXECUTE FUNCTION public.harm()`,
    down: 'DROP FUNCTION public.harm() CASCADE',
  };
}

const AFTER_ALL = 'CONSTRAINT TRIGGER harm AFTER INSERT OR UPDATE ON TABLE DEFERRABLE INITIALLY DEFERRED';
const deferred = [DEMOGRAPHICS, 'clinical.sharded_tani', 'finance.sharded_sigorta', RECORD, AUDIT].map(
  (table) =>
    sqlState({
      state: `a deferred constraint trigger on ${table} fails at COMMIT`,
      at: 'commit',
      ...trigger(table, AFTER_ALL, `RAISE EXCEPTION 'not at the end';`),
      unrecorded: table === AUDIT,
    }),
);

const SWALLOW = 'TRIGGER harm BEFORE INSERT OR UPDATE ON TABLE';
/** Children are caught by the live foreign key when the demographics row is marked. */
const caught = (table: string): Pick<Given, 'at' | 'code'> =>
  table === DEMOGRAPHICS
    ? { at: 'guard demographics', code: 'DEMOGRAPHICS_NOT_DELETED' }
    : { at: 'mark patient' };
const swallowed = PATIENT_TABLES.map((table) =>
  sqlState({
    state: `a trigger on ${table} swallows the update`,
    ...caught(table),
    ...trigger(table, SWALLOW, 'RETURN NULL;'),
  }),
);
const swallowedRecords = [
  sqlState({
    state: 'a trigger swallows the claim',
    at: 'claim',
    ...trigger(RECORD, SWALLOW, 'RETURN NULL;'),
  }),
  sqlState({
    state: 'a trigger swallows the record',
    at: 'record',
    ...trigger(RECORD, SWALLOW, `IF TG_OP = 'UPDATE' THEN RETURN NULL; END IF; RETURN NEW;`),
  }),
  sqlState({
    state: 'a trigger swallows the audit event',
    at: 'audit',
    ...trigger(AUDIT, SWALLOW, 'RETURN NULL;'),
    unrecorded: true,
  }),
];

/** Found out before the commit, at whichever step. */
const inExecute = (...shards: (string | undefined)[]): Pick<Given, 'at' | 'error' | 'outcome'> => ({
  at: 'rescan',
  error: {
    code: expect.stringMatching(/^(SHARD_FAILED|DEMOGRAPHICS_NOT_DELETED)$/),
    point: { phase: 'EXECUTE', shard: expect.stringMatching(new RegExp(`^(${shards.join('|')})$`)) },
  },
  outcome: 'N, in EXECUTE',
});

const MARKED = 'TRIGGER harm BEFORE UPDATE ON TABLE';
const undone = [DEMOGRAPHICS, 'clinical.sharded_asi', 'finance.sharded_fatura'].map((table) =>
  sqlState({
    state: `a trigger on ${table} takes the mark back`,
    ...caught(table),
    ...trigger(table, MARKED, 'NEW.is_deleted := false; RETURN NEW;'),
  }),
);
const forged = [DEMOGRAPHICS, 'clinical.sharded_asi', 'finance.sharded_fatura'].map((table) =>
  sqlState({
    state: `a trigger on ${table} puts another deletion's id on the mark`,
    ...(table === DEMOGRAPHICS ? caught(table) : inExecute(table.split('.')[0])),
    ...trigger(table, MARKED, 'NEW.deletion_id := gen_random_uuid(); RETURN NEW;'),
  }),
);

const rules = [DEMOGRAPHICS, 'clinical.sharded_cihaz', 'finance.sharded_sigorta'].map((table) =>
  sqlState({
    state: `a rule on ${table} rewrites the update to nothing`,
    ...inExecute('patient', table.split('.')[0]),
    // A prepared statement that was rewritten to nothing depends on nothing, and stays so when the rule is gone.
    lasting: true,
    up: `CREATE RULE harm AS ON UPDATE TO ${table} DO INSTEAD NOTHING`,
    down: `DROP RULE harm ON ${table}`,
  }),
);

/** A rule that hides rows from reads is seen by the guard; the demographics row is not found, or cannot be locked. */
const hiddenAt = (table: string, command: string): Pick<Given, 'at' | 'code'> => {
  if (table === DEMOGRAPHICS)
    return { at: 'lock', code: command === 'ALL' ? 'PATIENT_NOT_FOUND' : 'SHARD_FAILED' };
  return command === 'ALL' ? { at: 'vote catalogue', code: 'DELETION_VETOED' } : caught(table);
};
const hidden = PATIENT_TABLES.flatMap((table) =>
  ['ALL', 'UPDATE'].map((command) =>
    sqlState({
      state: `a row-level rule hides ${table} from the service (${command})`,
      ...hiddenAt(table, command),
      fullOnly: command === 'UPDATE' && table !== DEMOGRAPHICS,
      up: `CREATE POLICY harm ON ${table} AS RESTRICTIVE FOR ${command} TO silgi_service USING (false)`,
      down: `DROP POLICY harm ON ${table}`,
    }),
  ),
);

const unlockable = sqlState({
  state: 'the policy is gone by which the service may change live patients',
  at: 'lock',
  up: `DROP POLICY silgi_service_marks_live ON ${DEMOGRAPHICS}`,
  down: `CREATE POLICY silgi_service_marks_live ON ${DEMOGRAPHICS} FOR UPDATE TO silgi_service
    USING (NOT is_deleted) WITH CHECK (true)`,
});

const renamed = [...PATIENT_TABLES, 'patient.sharded_legal_hold', RECORD, AUDIT].map((table) =>
  sqlState({
    state: `${table} is renamed while the deletion runs`,
    // One table of each shard, and every record, in the short form.
    fullOnly: PATIENT_TABLES.slice(2, -1).includes(table),
    since: table === RECORD ? 'begin' : 'claim',
    at: table === DEMOGRAPHICS ? 'lock' : table === RECORD ? 'claim' : voteOf(table),
    up: `ALTER TABLE ${table} RENAME TO renamed`,
    down: `ALTER TABLE ${table.split('.')[0] ?? ''}.renamed RENAME TO ${table.split('.')[1] ?? ''}`,
    unrecorded: table === AUDIT,
  }),
);

const refused = [
  sqlState({
    state: 'the audit log may not be written',
    at: 'vote audit',
    code: 'DELETION_VETOED',
    up: `REVOKE INSERT ON ${AUDIT} FROM silgi_service`,
    down: `GRANT INSERT ON ${AUDIT} TO silgi_service`,
    unrecorded: true,
  }),
  ...['clinical.sharded_tani', 'finance.sharded_fatura'].map((table) =>
    sqlState({
      state: `${table} may not be written`,
      at: markOf(table),
      up: `REVOKE UPDATE ON ${table} FROM silgi_service`,
      down: `GRANT UPDATE (is_deleted, deleted_at, deletion_id) ON ${table} TO silgi_service`,
    }),
  ),
];

/** Every hostile state of the tables and of the server. */
export const HOSTILE_STATES: readonly HostileState[] = [
  ...deferred,
  ...swallowed,
  ...swallowedRecords,
  ...undone,
  ...forged,
  ...rules,
  ...hidden,
  unlockable,
  ...renamed,
  ...refused,
  ...serverStates,
];
