import { textOfName, textOfTable } from '../declaration/index.js';
import { asQuestion, type DraftEntry, readBy } from './draft.entry.js';
import type { Ownership } from './ownership.js';
import { whyUnread } from './row.profile.js';
import { traitsOf } from './table.traits.js';
import { BIRTH, FAMILY_NAME, GIVEN_NAME, plainWord, RECORD_NUMBER, resourceWord } from './words.js';

/** The table of patients in a proposed declaration. */
export interface PatientEntry extends Omit<DraftEntry, 'section'> {
  readonly resource: string;
}

const SHOWN = /^(text|character|date|timestamp|integer|bigint|numeric|uuid)/;
const WHEN = /^(date|timestamp)/;
const DIRECTORY: readonly (readonly [string, RegExp])[] = [
  ['recordNumber', RECORD_NUMBER],
  ['familyName', FAMILY_NAME],
  ['givenName', GIVEN_NAME],
  ['birthDate', BIRTH],
];

export function patientEntry({ patient }: Ownership, views: readonly string[]): PatientEntry {
  const { table, key, isGiven, others } = patient;
  const directory: Record<string, string> = {};
  for (const [what, pattern] of DIRECTORY) {
    const column = table.columns.find(
      ({ name, type }) =>
        pattern.test(plainWord(name)) && SHOWN.test(type) && (what !== 'birthDate' || WHEN.test(type)),
    );
    if (column !== undefined) directory[what] = textOfName(column.name);
  }
  const { comments, questions, refused } = traitsOf(table);
  const rivals = others.length === 0 ? '' : ` Others that look like it: ${others.join(', ')}.`;
  const which = isGiven
    ? `Is ${textOfName(key.column)} what other tables name a patient by?`
    : `Is this the table of patients, and ${textOfName(key.column)} what other tables name one by?${rivals}`;
  const resource = resourceWord(table.table);
  const unread = whyUnread(table);
  return {
    name: textOfTable(table),
    resource,
    fields: {
      table: textOfTable(table),
      key: { column: textOfName(key.column), type: key.type },
      shard: 'patient',
      resource,
      directory,
    },
    comments: [...comments, ...readBy(views)],
    decide: [
      which,
      'Are the columns of directory the ones that a search of patients may show? They are guessed from their names.',
      ...questions,
      ...refused.map(asQuestion),
    ],
    refused,
    open: [],
    unread: unread === undefined ? [] : [unread],
  };
}
