import { createTestDatabase } from '../support/database.js';
import { PATIENT_TABLES } from '../support/patients.js';
import { Stage } from './stage.js';
import { SteadyDatabase } from './steady.database.js';

/**
 * What makes a statement fail in the server. Only the first call after arming does; the sequence, which no
 * rollback takes back, counts the calls. `mode` is a SQLSTATE to raise or one of the words below.
 */
const TRAP = `
  CREATE SCHEMA test;
  GRANT USAGE ON SCHEMA test TO PUBLIC;
  CREATE TABLE test.control AS SELECT NULL::text AS mode;
  CREATE SEQUENCE test.calls;
  CREATE FUNCTION test.strike() RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER AS $$
  DECLARE armed text := (SELECT mode FROM test.control);
  BEGIN
    IF armed IS NULL OR nextval('test.calls') > 1 THEN RETURN true; END IF;
    IF armed = 'terminate' THEN PERFORM pg_terminate_backend(pg_backend_pid()), pg_sleep(60);
    ELSIF armed = 'cancel' THEN PERFORM pg_cancel_backend(pg_backend_pid()), pg_sleep(60);
    ELSIF armed = 'sleep' THEN PERFORM pg_sleep(30);
    ELSE RAISE EXCEPTION 'the trap has struck' USING ERRCODE = armed;
    END IF;
    RETURN true;
  END $$;
  CREATE FUNCTION test.strike_row() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM test.strike(); RETURN NEW; END $$`;

/** Where the steps' statements meet it: rows of patients and records about them by a row-level rule, what is written of them and events by triggers. */
const ON_TABLES = [
  ...PATIENT_TABLES.map(
    (table) => `
  CREATE POLICY trap ON ${table} AS RESTRICTIVE TO silgi_service USING ((SELECT test.strike()))`,
  ),
  ...['patient.sharded_legal_hold', 'patient.sharded_erasure_request'].map(
    (table) => `
  CREATE POLICY trap ON ${table} AS RESTRICTIVE FOR SELECT TO silgi_service, silgi_restorer USING ((SELECT test.strike()));
  CREATE TRIGGER trap BEFORE INSERT OR UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION test.strike_row();
  CREATE CONSTRAINT TRIGGER trap_at_commit AFTER INSERT OR UPDATE ON ${table}
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION test.strike_row()`,
  ),
  `
  CREATE TRIGGER trap BEFORE INSERT OR UPDATE ON patient.sharded_patient_deletion
    FOR EACH ROW EXECUTE FUNCTION test.strike_row()`,
  `
  CREATE CONSTRAINT TRIGGER trap_at_commit AFTER INSERT ON patient.sharded_patient_deletion
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION test.strike_row()`,
  `
  CREATE TRIGGER trap BEFORE INSERT ON audit.sharded_audit_event
    FOR EACH ROW EXECUTE FUNCTION test.strike_row()`,
].join(';');

/** The audit vote and the catalogue guard ask the catalogue alone: there the trap stands in its way. */
const ON_THE_CATALOGUE = `
  CREATE FUNCTION test.has_table_privilege(text, text) RETURNS boolean LANGUAGE sql AS
    'SELECT test.strike() AND pg_catalog.has_table_privilege($1, $2)';
  -- The guard would refuse a policy that it does not know, before the trap can strike.
  CREATE VIEW test.pg_policy AS SELECT xmin, * FROM pg_catalog.pg_policy WHERE polname <> 'trap';
  GRANT SELECT ON test.pg_policy TO PUBLIC;
  CREATE VIEW test.pg_class AS SELECT xmin, * FROM pg_catalog.pg_class WHERE (SELECT test.strike());
  GRANT SELECT ON test.pg_class TO PUBLIC`;

/** Makes one statement of the service fail in the server, whatever the statement. */
export class StatementTrap {
  constructor(private readonly database: SteadyDatabase) {}

  /** The next statement that meets the trap fails so. */
  async arm(mode: string): Promise<void> {
    await this.database.query(
      `WITH armed AS (UPDATE test.control SET mode = $1) SELECT setval('test.calls', 1, false)`,
      [mode],
    );
  }

  async disarm(): Promise<void> {
    await this.database.query('UPDATE test.control SET mode = NULL');
  }

  /** 1 where it has struck since it was armed. */
  async strikes(): Promise<number> {
    const [row] = await this.database.query<{ struck: boolean }>(
      'SELECT is_called AS struck FROM test.calls',
    );
    return row?.struck === true ? 1 : 0;
  }
}

/** A stage whose database holds a {@link StatementTrap}. */
export class TrapStage extends Stage {
  trap: StatementTrap;

  static override async open(): Promise<TrapStage> {
    const database = new SteadyDatabase(await createTestDatabase());
    await database.query(`${TRAP}; ${ON_TABLES}; ${ON_THE_CATALOGUE}`);
    const stage = new TrapStage(...(await Stage.parts(database)));
    // Names without a schema are looked for in the trap's first, by every session that comes after this: what a session
    // of the product states at connect cannot be overruled from outside.
    stage.pool.on('connect', (client) => {
      client.query('SET search_path = test, pg_catalog, public').catch(() => undefined);
    });
    await stage.endIdleSessions();
    stage.trap = new StatementTrap(database);
    return stage;
  }
}
