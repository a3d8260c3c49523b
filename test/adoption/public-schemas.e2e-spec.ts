import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { adoptCheckCommand } from '../../src/cli/adopt.check.command.js';
import { readDeclaration } from '../../src/declaration/index.js';
import { runInProcess } from '../support/command.js';
import { describeWhere } from '../support/describe.where.js';
import { temporaryFolder } from '../support/run.folder.js';
import type { TestDatabase } from '../support/database.js';
import { type Proposal, propose } from './discover.js';
import { ARE_THERE, databaseOf, tablesOf, workedExample } from './public.schemas.js';

const suite = (name: string, body: () => void) => {
  describeWhere(ARE_THERE, 'the public schemas', name, body);
};

let database: TestDatabase;
let proposal: Proposal;

function on(name: Parameters<typeof databaseOf>[0], schemas: readonly string[], rows: string): void {
  beforeAll(async () => {
    database = await databaseOf(name, rows);
    proposal = await propose(database.url, '--schema', ...schemas);
  });
  afterAll(() => database.drop());

  it('is proposed whole: every table in one place, every one with a question, in a file that can be read', () => {
    const { text, tables, kept, reference, patient } = proposal;
    const declaration = readDeclaration(text, 'silgi.yaml');
    const named = [
      patient.table,
      ...Object.keys(tables),
      ...Object.keys(kept),
      ...reference.map(({ table }) => table),
    ];
    expect(named.sort()).toEqual(tablesOf(name));
    const asked = new Set(declaration.undecided.map(({ subject }) => subject));
    expect(asked.size).toBe(named.length);
    expect(proposal.code).toBe(0);
  });
}

/** Tables whose rows are found by a key of the patient. */
const byKey = (fence?: string) =>
  Object.entries(proposal.tables)
    .filter(([, table]) => table.key !== undefined && table.fence === fence)
    .map(([name]) => name);

suite('OMOP CDM', () => {
  on(
    'omop',
    ['cdm'],
    `SET session_replication_role = replica;
     INSERT INTO cdm.location (location_id) VALUES (1), (2);
     INSERT INTO cdm.person (person_id, gender_concept_id, year_of_birth, race_concept_id, ethnicity_concept_id, location_id)
       SELECT n, 1, 1980, 1, 1, n % 2 + 1 FROM generate_series(1, 8) n;
     INSERT INTO cdm.visit_occurrence (visit_occurrence_id, person_id, visit_concept_id, visit_start_date, visit_end_date, visit_type_concept_id)
       SELECT n, n, 1, now(), now(), 1 FROM generate_series(1, 8) n;
     INSERT INTO cdm.measurement (measurement_id, person_id, visit_occurrence_id, measurement_concept_id, measurement_date, measurement_type_concept_id)
       SELECT n, n % 8 + 1, CASE n WHEN 1 THEN 5 ELSE n % 8 + 1 END, 1, now(), 1 FROM generate_series(1, 40) n;
     INSERT INTO cdm.cohort SELECT 1, n, now(), now() FROM generate_series(7, 10) n;
     RESET session_replication_role`,
  );

  it('17 of 17 tables with a foreign key to the person are found, and no other', () => {
    expect(proposal.patient).toMatchObject({
      table: 'cdm.person',
      key: { column: 'person_id', type: 'integer' },
    });
    expect(byKey()).toHaveLength(17);
    expect(byKey()).toEqual(
      expect.arrayContaining(['cdm.death', 'cdm.measurement', 'cdm.payer_plan_period']),
    );
  });

  it('2 of 2 columns without a foreign key are found by their names, as guesses, and 1 way is wrong', () => {
    expect(byKey('add')).toEqual(['cdm.cohort']);
    const guessed = Object.entries(proposal.tables).filter(
      ([, { via, fence }]) => via !== undefined && fence === 'add',
    );
    // What cost is about stands in cost_event_id; the plan that pays for it is a guess that a person has to refuse.
    expect(guessed.map(([name]) => name)).toEqual(['cdm.cost', 'cdm.note_nlp']);
    expect(proposal.tables['cdm.note_nlp']?.via).toEqual({ note_id: 'cdm.note.note_id' });
    for (const name of ['cdm.cohort', 'cdm.cost', 'cdm.note_nlp'])
      expect(proposal.tables[name]?.decide[0]).toContain('rests on the name and type of the column alone');
    expect(proposal.tables['cdm.cost']?.decide.join()).toContain('cost_event_id');
    expect(proposal.tables['cdm.cohort']?.decide.join()).toContain('2 of 4 rows lead somewhere');
  });

  it('a row of a child’s child is found through its parent', () => {
    expect(proposal.tables['cdm.episode_event']).toMatchObject({
      via: { episode_id: 'cdm.episode.episode_id' },
      rowIdentity: 'none',
    });
  });

  it('1 of 2 polymorphic tables is missed, and said to be', () => {
    expect(proposal.kept).toHaveProperty(['cdm.fact_relationship']);
    expect(proposal.said).toContain('cdm.fact_relationship: no key and no name leads to a patient');
  });

  it('a row that hangs on another person’s visit is refused, counted and not shown', () => {
    expect(proposal.said).toContain(
      'cdm.measurement: 1 rows hang by (visit_occurrence_id) on a row of cdm.visit_occurrence that is another patient’s',
    );
  });

  it('a declaration that a person has written by hand is held against the tables: of what it left open nothing is missed', async () => {
    const file = join(await temporaryFolder(), 'silgi.yaml');
    await writeFile(file, workedExample());
    const { code, said } = await runInProcess(
      adoptCheckCommand(),
      ...['--database', database.url, '--declaration', file],
    );
    expect(said.split('\n').filter((line) => line.startsWith(file))).toEqual([
      expect.stringMatching(/: cdm\.cohort: has no primary key: say rowIdentity: none$/),
      expect.stringMatching(/: kept \/ cdm\.location: not decided: /),
    ]);
    expect(code).toBe(1);
  });

  it('a location that households share is to be kept, with the question how many live alone', () => {
    expect(proposal.kept['cdm.location']?.decide[0]).toContain(
      '0 of the 2 rows in use are used by one patient alone',
    );
  });
});

suite('MIMIC-IV', () => {
  on(
    'mimic',
    ['mimiciv_hosp', 'mimiciv_icu', 'mimiciv_ed', 'mimiciv_note'],
    `INSERT INTO mimiciv_hosp.patients (subject_id, gender, anchor_age, anchor_year, anchor_year_group)
       SELECT n, 'F', 50, 2150, '2011 - 2013' FROM generate_series(1, 5) n;
     INSERT INTO mimiciv_ed.edstays (subject_id, stay_id, intime, outtime, gender, arrival_transport)
       SELECT n, n, now(), now(), 'F', 'WALK IN' FROM generate_series(1, 5) n`,
  );

  it('21 of 21 tables with a foreign key, and 12 of 12 without one, are found; none is missed or wrong', () => {
    expect(proposal.patient).toMatchObject({ table: 'mimiciv_hosp.patients', key: { column: 'subject_id' } });
    expect(byKey()).toHaveLength(21);
    expect(byKey('add')).toHaveLength(12);
    expect(Object.keys(proposal.tables)).toHaveLength(33);
    expect(proposal.tables['mimiciv_ed.edstays']?.decide[0]).toContain('5 of 5 rows lead somewhere');
  });

  it('13 tables without a primary key and every foreign key without an index are named', () => {
    const withoutKey = Object.values(proposal.tables).filter(({ rowIdentity }) => rowIdentity === 'none');
    const untouched = [...Object.keys(proposal.kept)].filter((name) => /provider|caregiver/.test(name));
    expect(withoutKey.length + untouched.length).toBe(13);
    expect(proposal.said).toContain(
      'mimiciv_icu.chartevents: (subject_id) → mimiciv_hosp.patients has no index',
    );
  });
});

suite('EHRbase', () => {
  on(
    'ehrbase',
    ['ehr'],
    `SET session_replication_role = replica;
     INSERT INTO ehr.users (id, username) SELECT gen_random_uuid(), 'clerk';
     INSERT INTO ehr.ehr (id, creation_date) SELECT gen_random_uuid(), now() FROM generate_series(1, 6);
     INSERT INTO ehr.audit_details (id, change_type, time_committed, user_id, target_type)
       SELECT e.id, 'creation', now(), u.id, 'x' FROM ehr.ehr e, ehr.users u;
     INSERT INTO ehr.contribution (id, ehr_id, has_audit, contribution_type)
       SELECT gen_random_uuid(), id, id, 'composition' FROM ehr.ehr;
     RESET session_replication_role`,
  );

  it('10 of 10 tables with a foreign key and comp_data behind one are found; none is missed or wrong', () => {
    expect(proposal.patient).toMatchObject({ table: 'ehr.ehr', key: { column: 'id', type: 'uuid' } });
    expect(byKey()).toHaveLength(10);
    expect(proposal.tables['ehr.comp_data']?.via).toEqual({ vo_id: 'ehr.comp_version.vo_id' });
    expect(Object.keys(proposal.tables)).toHaveLength(12);
  });

  it('audit_details lies upstream, and is asked about', () => {
    expect(proposal.tables['ehr.audit_details']).toMatchObject({ upstream: true });
    expect(proposal.tables['ehr.audit_details']?.anyOf).toContainEqual({
      via: { id: 'ehr.contribution.has_audit' },
    });
    expect(proposal.tables['ehr.audit_details']?.decide[0]).toContain('6 of the 6 rows in use');
  });

  it('CASCADE, documents and flags of the hospital’s own are named', () => {
    expect(proposal.said).toContain('ehr.comp_data: (vo_id) → ehr.comp_version is ON DELETE CASCADE');
    expect(proposal.tables['ehr.comp_data']?.freeText).toContain('data');
    expect(proposal.tables['ehr.comp_version_history']?.decide.join()).toContain(
      'hides rows itself mean for a deletion: sys_deleted',
    );
  });
});
