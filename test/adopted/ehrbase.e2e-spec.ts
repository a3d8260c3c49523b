import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ARE_THERE, databaseOf } from '../adoption/public.schemas.js';
import { describeWhere } from '../support/describe.where.js';
import { adopt, type Adopted, decided, deleteByKey, expectHealthy } from './public.stage.js';

let adopted: Adopted;

/** The record of the person of this number. */
const ehr = (n: number) => `00000000-0000-4000-8000-00000000000${n}`;
/** SQL: an id of the n-th person, or of his m-th thing of a kind. */
const id = (kind: number) => `('0000000' || ${kind} || '-0000-4000-8000-00000000000' || n)::uuid`;
const PEOPLE = 'FROM generate_series(1, 3) n';
const VERSION = `1, now()`;

describeWhere(ARE_THERE, 'the public schemas', 'EHRbase, adopted by the commands of the page', () => {
  beforeAll(async () => {
    const database = await databaseOf(
      'ehrbase',
      `INSERT INTO ehr.users (id, username) VALUES ('${ehr(9)}', 'clerk');
       INSERT INTO ehr.template_store (id, template_id, creation_time) VALUES ('${ehr(8)}', 'vital signs', now());
       INSERT INTO ehr.ehr (id, creation_date) SELECT ${id(0)}, now() ${PEOPLE};
       INSERT INTO ehr.audit_details (id, change_type, time_committed, user_id, target_type)
         SELECT ${id(1)}, 'creation', now(), '${ehr(9)}', 'COMPOSITION' ${PEOPLE};
       INSERT INTO ehr.contribution (id, ehr_id, has_audit) SELECT ${id(2)}, ${id(0)}, ${id(1)} ${PEOPLE};
       INSERT INTO ehr.comp_version (vo_id, ehr_id, contribution_id, audit_id, template_id, sys_version, sys_period_lower, root_concept)
         SELECT ${id(3)}, ${id(0)}, ${id(2)}, ${id(1)}, '${ehr(8)}', ${VERSION}, 'vital signs' ${PEOPLE};
       INSERT INTO ehr.comp_data (vo_id, num, rm_entity, entity_idx, entity_idx_len, data, parent_num, num_cap)
         SELECT ${id(3)}, m, 'OB', '', 0, '{"pulse": 61}', 0, 0 ${PEOPLE}, generate_series(1, 4) m;
       INSERT INTO ehr.ehr_status_version (vo_id, ehr_id, contribution_id, audit_id, sys_version, sys_period_lower)
         SELECT ${id(4)}, ${id(0)}, ${id(2)}, ${id(1)}, ${VERSION} ${PEOPLE};
       INSERT INTO ehr.ehr_status_data (vo_id, num, ehr_id, rm_entity, entity_idx, entity_idx_len, data, parent_num, num_cap)
         SELECT ${id(4)}, m, ${id(0)}, 'ES', '', 0, '{"_type": "EHR_STATUS"}', 0, 0 ${PEOPLE}, generate_series(1, 2) m;
       INSERT INTO ehr.ehr_item_tag (id, ehr_id, target_vo_id, target_type, key, creation_date, sys_period_lower)
         SELECT ${id(5)}, ${id(0)}, ${id(3)}, 'composition', 'urgent', now(), now() ${PEOPLE}`,
    );
    adopted = await adopt(database, ['ehr'], decided, ehr(3));
  });
  afterAll(() => adopted.silgi.close());

  it('deletes a record from every table, what hangs on its versions by CASCADE included, and from no other', async () => {
    await expectHealthy(adopted);
    expect(await deleteByKey(adopted, ehr(2))).toMatchObject({
      'ehr.ehr': 1,
      'ehr.contribution': 1,
      'ehr.comp_version': 1,
      'ehr.comp_data': 4,
      'ehr.ehr_status_version': 1,
      'ehr.ehr_status_data': 2,
      'ehr.ehr_item_tag': 1,
      // It lies upstream: nothing in it leads to the record, and versions and contributions use it.
      'ehr.audit_details': 1,
    });
    await expectHealthy(adopted);
    // A CASCADE key is a fence as well: no version, and no data of one, for somebody who is deleted.
    await expect(
      adopted.database.query(
        `INSERT INTO ehr.comp_data (vo_id, num, rm_entity, entity_idx, entity_idx_len, data, parent_num, num_cap)
         VALUES ('00000003-0000-4000-8000-000000000002', 9, 'OB', '', 0, '{}', 0, 0)`,
      ),
    ).rejects.toMatchObject({ code: '23503' });
  });
});
