import { afterAll, afterEach, beforeAll, describe, it } from '@jest/globals';
import { AdoptedGuard, type Change } from './guard.stage.js';

let guard: AdoptedGuard;
beforeAll(async () => {
  guard = await AdoptedGuard.open();
});
afterEach(() => guard.hospital.assertNothingLeaked());
afterAll(() => guard.hospital.close());

const NO_VAULT = /the table that its rows leave for is missing/;
const OTHER_COLUMNS = /has not the same columns/;
const NO_FENCE = /nothing keeps rows of a deleted patient out/;
const UNDECLARED = /that no shard declares/;

describe('the table that rows leave for makes every deletion refuse where', () => {
  it.each<Change>([
    [
      'it is not there',
      'ALTER TABLE silgi_vault.his__bill SET SCHEMA public',
      'ALTER TABLE public.his__bill SET SCHEMA silgi_vault',
      ['his.bill', NO_VAULT],
      ['public.his__bill', UNDECLARED],
    ],
    [
      'it is that of a table that others hang on',
      'ALTER TABLE silgi_vault.his__visit SET SCHEMA public',
      'ALTER TABLE public.his__visit SET SCHEMA silgi_vault',
      ['his.visit', NO_VAULT],
      ['public.his__visit', UNDECLARED],
    ],
    [
      'the hospital has added a column',
      'ALTER TABLE his.bill ADD COLUMN iban text',
      'ALTER TABLE his.bill DROP COLUMN iban',
      ['his.bill', OTHER_COLUMNS],
    ],
    [
      'the hospital has dropped a column',
      'ALTER TABLE his.bill DROP COLUMN paid',
      'ALTER TABLE his.bill ADD COLUMN paid boolean',
      ['his.bill', OTHER_COLUMNS],
    ],
    [
      'the hospital has renamed a column',
      'ALTER TABLE his.bill RENAME COLUMN paid TO "ödendi"',
      'ALTER TABLE his.bill RENAME COLUMN "ödendi" TO paid',
      ['his.bill', OTHER_COLUMNS],
    ],
    [
      'the hospital has given a column another type',
      'ALTER TABLE his.bill ALTER COLUMN amount TYPE numeric(14, 2)',
      'ALTER TABLE his.bill ALTER COLUMN amount TYPE numeric(12, 2)',
      ['his.bill', OTHER_COLUMNS],
    ],
    [
      'the hospital has given a column another collation',
      'ALTER TABLE his.word ALTER COLUMN word TYPE text COLLATE "C"',
      'ALTER TABLE his.word ALTER COLUMN word TYPE text COLLATE "default"',
      ['his.word', OTHER_COLUMNS],
    ],
    [
      'a column was added to it',
      'ALTER TABLE silgi_vault.his__person ADD COLUMN more int',
      'ALTER TABLE silgi_vault.his__person DROP COLUMN more',
      ['his.person', OTHER_COLUMNS],
    ],
  ])('%s', (...change) => guard.expectVetoBy(change));
});

describe('a declared table makes every deletion refuse where', () => {
  it.each<Change>([
    ...['a rule does something else than delete', 'it has such a rule again'].map((what): Change => [
      what,
      'CREATE RULE keep AS ON DELETE TO his.contact DO INSTEAD NOTHING',
      'DROP RULE keep ON his.contact',
      ['his.contact', /a rule does something else than delete its rows: keep/],
    ]),
    [
      'another table inherits from it',
      'CREATE TABLE his.contact_abroad (country text) INHERITS (his.contact)',
      'DROP TABLE his.contact_abroad',
      ['his.contact', /other tables inherit from it/],
      ['his.contact_abroad', UNDECLARED],
    ],
    ...['oid', 'his.scan', 'his.old_scan', 'oid[]', 'his.film'].map((type): Change => [
      `a column refers to large objects: ${type}`,
      `CREATE DOMAIN his.scan AS oid; CREATE DOMAIN his.old_scan AS his.scan; CREATE TYPE his.film AS (name text, scan his.scan);
         ALTER TABLE his.contact ADD COLUMN document ${type}; ALTER TABLE silgi_vault.his__contact ADD COLUMN document ${type}`,
      `ALTER TABLE his.contact DROP COLUMN document; ALTER TABLE silgi_vault.his__contact DROP COLUMN document;
         DROP TYPE his.film; DROP DOMAIN his.old_scan; DROP DOMAIN his.scan`,
      ['his.contact', /a column refers to large objects, which a row does not hold: document/],
    ]),
    ...['SELECT', 'UPDATE', 'DELETE'].map((command): Change => [
      `a policy of row-level security hides rows: ${command}`,
      `ALTER TABLE his.contact ENABLE ROW LEVEL SECURITY;
         CREATE POLICY everything ON his.contact USING (true);
         CREATE POLICY open_hours ON his.contact AS RESTRICTIVE FOR ${command} USING (kind = 'person')`,
      `DROP POLICY everything ON his.contact; DROP POLICY open_hours ON his.contact;
         ALTER TABLE his.contact DISABLE ROW LEVEL SECURITY`,
      ['his.contact', /a policy of row-level security hides rows of it from the service/],
    ]),
    [
      'row-level security admits nobody',
      'ALTER TABLE his.visit ENABLE ROW LEVEL SECURITY',
      'ALTER TABLE his.visit DISABLE ROW LEVEL SECURITY',
      ['his.visit', /a policy of row-level security hides rows of it from the service/],
    ],
    ...['DELETE', 'UPDATE (bill_no)'].map((privilege): Change => [
      `the service may not move its rows: ${privilege}`,
      `REVOKE ${privilege} ON his.bill FROM silgi_service`,
      `GRANT ${privilege} ON his.bill TO silgi_service`,
      ['his.bill', /the service may not move its rows; it lacks (DELETE|UPDATE of a column)\.?$/],
    ]),
    [
      'the service may not add to the table that its rows leave for',
      'REVOKE INSERT ON silgi_vault.his__bill FROM silgi_service',
      'GRANT INSERT ON silgi_vault.his__bill TO silgi_service',
      ['his.bill', /it lacks INSERT where they leave for/],
    ],
    [
      'a kept table refers to it',
      'ALTER TABLE his.staff ADD COLUMN present_at integer REFERENCES his.visit',
      'ALTER TABLE his.staff DROP COLUMN present_at',
      ['his.visit', /his\.staff refers to it \(staff_present_at_fkey\), and its rows do not leave with it/],
    ],
    [
      'a table of another schema, which nobody declares, refers to it',
      'CREATE TABLE public.copy (visit integer REFERENCES his.visit)',
      'DROP TABLE public.copy',
      ['his.visit', /copy refers to it \(copy_visit_fkey\), and its rows do not leave with it/],
      ['public.copy', /a table linked to patients by a foreign key to his.visit that no shard declares/],
    ],
    [
      'it is hidden after one to which it refers',
      `ALTER TABLE his.visit ADD COLUMN bill uuid REFERENCES his.bill; CREATE INDEX ON his.visit (bill);
       ALTER TABLE silgi_vault.his__visit ADD COLUMN bill uuid`,
      'ALTER TABLE his.visit DROP COLUMN bill; ALTER TABLE silgi_vault.his__visit DROP COLUMN bill',
      ['his.visit', /it is hidden after his\.bill, to which it refers \(visit_bill_fkey\)/],
    ],
    ...['CASCADE', 'SET NULL', 'SET DEFAULT'].map((action): Change => [
      `a key of it would change or remove rows of others: ${action}`,
      `ALTER TABLE his.visit DROP CONSTRAINT visit_previous_visit_fkey,
           ADD CONSTRAINT previous FOREIGN KEY (previous_visit) REFERENCES his.visit ON DELETE ${action}`,
      `ALTER TABLE his.visit DROP CONSTRAINT previous,
           ADD CONSTRAINT visit_previous_visit_fkey FOREIGN KEY (previous_visit) REFERENCES his.visit`,
      [
        'his.visit',
        new RegExp(`previous would change or remove rows of other patients \\(ON DELETE ${action}\\)`),
      ],
    ]),
    [
      'a key of it would remove rows of others, as what stands beside it does not say whose it is',
      `ALTER TABLE his.visit ADD UNIQUE (person_no, visit_no);
       ALTER TABLE his.bill ADD visit integer, ADD payer bigint,
         ADD CONSTRAINT of_visit FOREIGN KEY (payer, visit) REFERENCES his.visit (person_no, visit_no) ON DELETE CASCADE;
       ALTER TABLE silgi_vault.his__bill ADD visit integer, ADD payer bigint`,
      `ALTER TABLE his.bill DROP visit, DROP payer; ALTER TABLE silgi_vault.his__bill DROP visit, DROP payer;
       ALTER TABLE his.visit DROP CONSTRAINT visit_person_no_visit_no_key`,
      ['his.bill', /of_visit would change or remove rows of other patients \(ON DELETE CASCADE\)/],
    ],
    [
      'a key of it would remove rows of others, as what it leads to does not say whose it is',
      `ALTER TABLE his.visit ADD owner bigint, ADD UNIQUE (owner, visit_no); ALTER TABLE silgi_vault.his__visit ADD owner bigint;
       ALTER TABLE his.bill ADD visit integer,
         ADD CONSTRAINT of_visit FOREIGN KEY (person_no, visit) REFERENCES his.visit (owner, visit_no) ON DELETE SET NULL;
       ALTER TABLE silgi_vault.his__bill ADD visit integer`,
      `ALTER TABLE his.bill DROP visit; ALTER TABLE silgi_vault.his__bill DROP visit;
       ALTER TABLE his.visit DROP owner; ALTER TABLE silgi_vault.his__visit DROP owner`,
      ['his.bill', /of_visit would change or remove rows of other patients \(ON DELETE SET NULL\)/],
    ],
    [
      'its fence is gone',
      'ALTER TABLE his.visit DROP CONSTRAINT visit_person_no_fkey',
      'ALTER TABLE his.visit ADD CONSTRAINT visit_person_no_fkey FOREIGN KEY (person_no) REFERENCES his.person',
      ['his.visit', NO_FENCE],
    ],
    [
      'its fence to a row of another table is gone',
      'ALTER TABLE his.word DROP CONSTRAINT "word_No_fkey"',
      'ALTER TABLE his.word ADD CONSTRAINT "word_No_fkey" FOREIGN KEY ("No") REFERENCES "Hasta_Kayıt"."Not.lar" ON DELETE CASCADE',
      ['his.word', NO_FENCE],
    ],
    [
      'its fence leads from another column',
      `ALTER TABLE his.bill ADD COLUMN payer bigint REFERENCES his.person, DROP CONSTRAINT bill_person_no_fkey;
       ALTER TABLE silgi_vault.his__bill ADD COLUMN payer bigint`,
      `ALTER TABLE his.bill DROP COLUMN payer,
         ADD CONSTRAINT bill_person_no_fkey FOREIGN KEY (person_no) REFERENCES his.person ON DELETE CASCADE;
       ALTER TABLE silgi_vault.his__bill DROP COLUMN payer`,
      ['his.bill', NO_FENCE],
    ],
    [
      'the triggers of its fence are off',
      'ALTER TABLE his.bill DISABLE TRIGGER ALL',
      'ALTER TABLE his.bill ENABLE TRIGGER ALL',
      ['his.bill', NO_FENCE],
    ],
    [
      'the triggers of its fence are off in one of its partitions',
      'ALTER TABLE his.reading_0 DISABLE TRIGGER ALL',
      'ALTER TABLE his.reading_0 ENABLE TRIGGER ALL',
      ['his.reading', NO_FENCE],
    ],
    [
      'the trigger of its fence fires in replicas alone',
      `DO $$ BEGIN EXECUTE (SELECT format('ALTER TABLE his.bill ENABLE REPLICA TRIGGER %I', tgname) FROM pg_trigger
         WHERE tgrelid = 'his.bill'::regclass ORDER BY tgname LIMIT 1); END $$`,
      'ALTER TABLE his.bill ENABLE TRIGGER ALL',
      ['his.bill', NO_FENCE],
    ],
  ])('%s', (...change) => guard.expectVetoBy(change));
});

it('lets a deletion through where a key with CASCADE has the patient’s own in it', async () => {
  const key = await guard.patient();
  await guard.run(
    `ALTER TABLE his.visit ADD UNIQUE (person_no, visit_no);
     ALTER TABLE his.bill ADD visit integer,
       ADD CONSTRAINT of_visit FOREIGN KEY (person_no, visit) REFERENCES his.visit (person_no, visit_no) ON DELETE CASCADE;
     ALTER TABLE silgi_vault.his__bill ADD visit integer;
     UPDATE his.bill SET visit = (SELECT max(visit_no) FROM his.visit WHERE visit.person_no = bill.person_no)`,
  );
  await guard.expectDeleted(key);
  await guard.run(
    `ALTER TABLE his.bill DROP visit; ALTER TABLE silgi_vault.his__bill DROP visit;
     ALTER TABLE his.visit DROP CONSTRAINT visit_person_no_visit_no_key`,
  );
});

it('lets a deletion through where each partition has the fence by itself, old rows not looked at', async () => {
  const key = await guard.patient();
  const fence = (part: string) =>
    `ALTER TABLE ${part} ADD FOREIGN KEY (subject) REFERENCES his.person NOT VALID`;
  await guard.run(
    `ALTER TABLE his.reading DROP CONSTRAINT silgi_reading_subject_fence; ${fence('his.reading_0')}`,
  );
  await guard.expectVeto(key, [['his.reading', NO_FENCE]]);
  await guard.run(fence('his.reading_1'));
  await guard.expectDeleted(key);
  await guard.run('ALTER TABLE his.reading_1 DISABLE TRIGGER ALL');
  const other = await guard.patient();
  await guard.expectVeto(other, [['his.reading', NO_FENCE]]);
  await guard.run('ALTER TABLE his.reading_1 ENABLE TRIGGER ALL');
  await guard.expectDeleted(other);
});
