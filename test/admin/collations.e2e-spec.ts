import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { migrate } from '../../src/postgres/index.js';
import { createEmptyDatabase, type TestDatabase } from '../support/database.js';
import { type Api, openApi } from './api.js';

const FAMILIES = ['Cansız', 'Çelik', 'Irmak', 'Işık', 'İnan', 'Şahin', 'Yıldız', 'Zengin'];

describe.each([
  ['by ICU for Turkish', "LOCALE_PROVIDER icu ICU_LOCALE 'tr-TR' LC_COLLATE 'C' LC_CTYPE 'C'"],
  ['by ICU for English', "LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LC_COLLATE 'C' LC_CTYPE 'C'"],
  ['by bytes', "LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C'"],
])('patients of a database that sorts %s', (_, locale) => {
  let database: TestDatabase;
  let api: Api;
  beforeAll(async () => {
    database = await createEmptyDatabase(`ENCODING 'UTF8' ${locale}`);
    await migrate(database.url);
    // Two of each, who have all of their name in common.
    for (const family of [...FAMILIES, ...FAMILIES].reverse())
      await database.query(
        `INSERT INTO patient.sharded_patient_demographics (patient_id, given_name, family_name, record_number)
         VALUES (gen_random_uuid(), 'Işıl', $1, 'H-1')`,
        [family],
      );
    api = await openApi(database.url);
  });
  afterAll(async () => {
    await api.close();
    await database.drop();
  });

  /** One page after the other. */
  async function familiesBy(query: string): Promise<string[]> {
    const seen = new Map<string, string>();
    let after = '';
    for (let more = true; more;) {
      const response = await api.call('get', `/patients?${query}${after}`, 'system-admin').expect(200);
      const { items, nextCursor } = response.body as {
        items: { patientId: string; familyName: string }[];
        nextCursor: string | null;
      };
      for (const { patientId, familyName } of items) seen.set(patientId, familyName);
      more = nextCursor !== null;
      after = `&cursor=${nextCursor ?? ''}`;
    }
    return [...seen.values()];
  }

  it('come in the Turkish order, each once, whatever a page holds', async () => {
    const each = FAMILIES.flatMap((family) => [family, family]);
    expect(await familiesBy('limit=200')).toEqual(each);
    expect(await familiesBy('limit=1')).toEqual(each);
    expect(await familiesBy('limit=3')).toEqual(each);
  });

  it('are found the Turkish way', async () => {
    const found = (words: string) => familiesBy(`limit=200&search=${encodeURIComponent(words)}`);
    expect(await found('IŞIK')).toEqual(['Işık', 'Işık']);
    expect(await found('işık')).toEqual([]);
    expect(await found('inan')).toEqual(['İnan', 'İnan']);
    expect(await found('INAN')).toEqual([]);
  });
});
