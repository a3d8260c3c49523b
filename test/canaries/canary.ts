import { randomUUID } from 'node:crypto';
import type { TestDatabase } from '../support/database.js';
import { PATIENT_TABLES } from '../support/patients.js';

/** Stands in every canary; nothing else in the product or in a test says it. */
export const MARK = 'KNRY7Q';
/** An amount that no price list has. */
const AMOUNT = '73519284.61';
/** A number of things that nobody has. */
const QUANTITY = '735192846';
/** A day on which nobody was treated. */
const DAY = '1777-07-17';

/** How a text may look where somebody has written it down: as it is, in hex, or somewhere in Base64. */
const DISGUISES: readonly RegExp[] = [
  new RegExp(`${MARK}|${AMOUNT.replace('.', '\\.')}|${QUANTITY}|${DAY}|Kanarya`, 'i'),
  new RegExp(Buffer.from(MARK).toString('hex'), 'i'),
  new RegExp(Buffer.from(MARK.toLowerCase()).toString('hex'), 'i'),
  ...[0, 1, 2].map((shift) => {
    // The letters that do not share their bits with a neighbour.
    const whole = Buffer.from(`${'~'.repeat(shift)}${MARK}~~~`).toString('base64');
    return new RegExp(whole.slice(shift === 0 ? 0 : shift + 1, 8).replace(/[+/]/g, '\\$&'));
  }),
];

/** Where canaries were found in a text: empty where there are none. */
export function canariesIn(text: string): string[] {
  return DISGUISES.flatMap((disguise) => {
    const at = text.search(disguise);
    return at < 0 ? [] : [text.slice(Math.max(0, at - 60), at + 60)];
  });
}

/**
 * Adds a patient who has a canary in every column of every patient-owned table that can hold a text, an amount or a
 * day, as the live database has them: a column that is added later is covered.
 *
 * @returns the patient's id, and in how many columns a canary sits
 */
export async function seedCanaries(database: TestDatabase): Promise<{ patientId: string; columns: number }> {
  const patientId = randomUUID();
  let columns = 0;
  for (const table of PATIENT_TABLES) {
    const filled = await database.query<{ name: string; type: string }>(
      `SELECT a.attname AS name, t.typname AS type FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
       WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
         AND NOT (a.attname = ANY ('{patient_id,id,is_deleted,deleted_at,deletion_id}')) AND t.typname NOT IN ('uuid', 'bool')`,
      [table],
    );
    const hasId = table !== PATIENT_TABLES[0];
    const names = ['patient_id', ...(hasId ? ['id'] : []), ...filled.map(({ name }) => `"${name}"`)];
    const values = filled.map(({ type }, index) => {
      if (type === 'numeric' || type === 'float8') return AMOUNT;
      if (type.startsWith('int')) return QUANTITY;
      if (type === 'date' || type === 'timestamptz') return DAY;
      const word = `${MARK}${columns + index} Kanarya Işıl`;
      if (type === '_text') return [word];
      return type === 'jsonb' ? JSON.stringify({ word }) : word;
    });
    const row = [patientId, ...(hasId ? [randomUUID()] : []), ...values];
    await database.query(
      `INSERT INTO ${table} (${names.join(', ')}) VALUES (${row.map((_, index) => `$${index + 1}`).join(', ')})`,
      row,
    );
    columns += filled.length;
  }
  return { patientId, columns };
}
