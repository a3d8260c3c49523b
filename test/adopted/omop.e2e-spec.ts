import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ARE_THERE, databaseOf, workedExample } from '../adoption/public.schemas.js';
import { describeWhere } from '../support/describe.where.js';
import { adopt, type Adopted, deleteByKey, expectHealthy } from './public.stage.js';

let adopted: Adopted;

describeWhere(ARE_THERE, 'the public schemas', 'OMOP CDM, adopted by the commands of the page', () => {
  beforeAll(async () => {
    const database = await databaseOf(
      'omop',
      `SET session_replication_role = replica;
       INSERT INTO cdm.concept (concept_id, concept_name, domain_id, vocabulary_id, concept_class_id, concept_code, valid_start_date, valid_end_date)
         VALUES (1, 'c', 'd', 'v', 'k', '1', now(), now()), (1147314, 'person', 'd', 'v', 'k', '2', now(), now());
       INSERT INTO cdm.domain (domain_id, domain_name, domain_concept_id) VALUES ('Visit', 'Visit', 1);
       INSERT INTO cdm.location (location_id) VALUES (1), (2);
       INSERT INTO cdm.person (person_id, gender_concept_id, year_of_birth, race_concept_id, ethnicity_concept_id, location_id, person_source_value)
         SELECT n, 1, 1980, 1, 1, n % 2 + 1, 'S' || n FROM generate_series(1, 6) n;
       INSERT INTO cdm.visit_occurrence (visit_occurrence_id, person_id, visit_concept_id, visit_start_date, visit_end_date, visit_type_concept_id)
         SELECT n, n % 6 + 1, 1, now(), now(), 1 FROM generate_series(1, 12) n;
       INSERT INTO cdm.measurement (measurement_id, person_id, visit_occurrence_id, measurement_concept_id, measurement_date, measurement_type_concept_id)
         SELECT n, n % 6 + 1, (n - 1) % 12 + 1, 1, now(), 1 FROM generate_series(1, 36) n;
       INSERT INTO cdm.note (note_id, person_id, note_date, note_type_concept_id, note_class_concept_id, note_text, encoding_concept_id, language_concept_id)
         SELECT n, n, now(), 1, 1, 'free text', 1, 1 FROM generate_series(1, 6) n;
       INSERT INTO cdm.note_nlp (note_nlp_id, note_id, lexical_variant, nlp_date) SELECT n, n % 6 + 1, 'w', now() FROM generate_series(1, 12) n;
       INSERT INTO cdm.death (person_id, death_date) VALUES (3, now());
       INSERT INTO cdm.cost (cost_id, cost_event_id, cost_domain_id, cost_type_concept_id) SELECT n, n, 'Visit', 1 FROM generate_series(1, 12) n;
       INSERT INTO cdm.fact_relationship VALUES (1147314, 3, 1147314, 4, 1), (1147314, 5, 1147314, 6, 1);
       INSERT INTO cdm.cohort_definition (cohort_definition_id, cohort_definition_name, definition_type_concept_id, subject_concept_id) VALUES (1, 'n', 1, 1147314);
       INSERT INTO cdm.cohort SELECT 1, n, now(), now() FROM generate_series(1, 6) n;
       RESET session_replication_role`,
    );
    // The declaration of a person who has decided everything; the one thing that was left open is decided here.
    const decided = workedExample()
      .replace(/, review: "[^"]*"/, '')
      .replace('resource: CohortMembership,', 'resource: CohortMembership, rowIdentity: none,');
    adopted = await adopt(database, ['cdm'], () => decided, '4');
  });
  afterAll(() => adopted.silgi.close());

  it('deletes a person from every table, with what hangs on his rows and on nobody’s keys, and from no other', async () => {
    await expectHealthy(adopted);
    const counts = await deleteByKey(adopted, '3');
    expect(counts).toMatchObject({
      'cdm.person': 1,
      'cdm.visit_occurrence': 2,
      'cdm.measurement': 6,
      'cdm.note': 1,
      'cdm.note_nlp': 2,
      'cdm.death': 1,
      'cdm.cost': 2,
      'cdm.fact_relationship': 1,
      'cdm.cohort': 1,
    });
    await expectHealthy(adopted);
  });
});
