import type { MigrationInterface, QueryRunner } from 'typeorm';
import { NAME_GRAMS } from '../name.grams.js';
import { dropIndex, makeIndex } from './online.index.js';
import { DEMOGRAPHICS, isAdopted } from './patient-owned.table.js';

/** At most so many kilobytes of entries wait to be sorted in: a search looks through those, and one writer sorts them all. */
const PENDING = 'gin_pending_list_limit = 1024';

/**
 * By the name of the index: what it is on. A mark writes one entry of the first, as before, and those of the last. The
 * halves of the two others are named in words that the first does not know, so that it cannot be taken in their place.
 */
const INDEXES: Readonly<Record<string, string>> = {
  'patient.demographics_in_order': `${DEMOGRAPHICS} (is_deleted, family_name, given_name, patient_id)`,
  'patient.demographics_live_grams': `${DEMOGRAPHICS} USING gin (${NAME_GRAMS.live})
    WITH (${PENDING}) WHERE is_deleted::int = 0`,
  'patient.demographics_deleted_grams': `${DEMOGRAPHICS} USING gin (${NAME_GRAMS.deleted})
    WITH (${PENDING}) WHERE is_deleted::int = 1`,
};
/** By name alone, live and deleted patients in one. */
const BEFORE = 'patient.sharded_patient_demographics_family_name_given_name_patient_idx';

/**
 * Lets a search for patients, and each list of them, cost what it shows and not what there is: an index of letters for
 * words, and an order for each of the live and the deleted (docs/adr/0031-searches.md). Readers and writers go on
 * meanwhile; one that was interrupted is done by the next start.
 */
export class IndexPatients1764000016000 implements MigrationInterface {
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    if (await isAdopted(queryRunner)) return;
    for (const [index, on] of Object.entries(INDEXES)) await makeIndex(queryRunner, index, on);
    await dropIndex(queryRunner, BEFORE);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    if (await isAdopted(queryRunner)) return;
    await makeIndex(queryRunner, BEFORE, `${DEMOGRAPHICS} (family_name, given_name, patient_id)`);
    for (const index of Object.keys(INDEXES)) await dropIndex(queryRunner, index);
  }
}
