import { textOfName, textOfTable } from '../declaration/index.js';
import { type CatalogueTable, primaryKeyOf } from './catalogue.js';
import { plainWord, SOFT_DELETE } from './words.js';

/** What the catalogue alone says of a table with rows of patients. */
export interface TableTraits {
  readonly freeText: readonly string[];
  readonly comments: readonly string[];
  readonly questions: readonly string[];
  readonly refused: readonly string[];
}

/** As long as a text that holds sentences rather than a code. */
const SENTENCES = 200;

export function traitsOf(table: CatalogueTable): TableTraits {
  const { columns, kind, partitions, policies, onDeletion, inherits } = table;
  const freeText = columns.filter(({ type }) => holdsSentences(type)).map(({ name }) => name);
  const flags = columns
    .filter(({ name }) => SOFT_DELETE.test(plainWord(name)))
    .map(({ name }) => textOfName(name));
  const comments = [
    ...(primaryKeyOf(table) === undefined && kind !== 'materialized view' ? ['It has no primary key.'] : []),
    ...(partitions > 0 ? [`It has ${partitions} partitions.`] : []),
    ...(freeText.length > 0
      ? [`Free text or documents: ${freeText.map((one) => textOfName(one)).join(', ')}.`]
      : []),
  ];
  const questions = [
    ...(freeText.length > 0
      ? [
          'Are those of freeText the columns in which people write, or documents? They may name other patients.',
        ]
      : []),
    ...(flags.length > 0
      ? [
          `What do the columns by which the hospital hides rows itself mean for a deletion: ${flags.join(', ')}?`,
        ]
      : []),
    ...(policies.length > 0
      ? [`Row-level security is on (${policies.join(', ')}): may the login of the service reach every row?`]
      : []),
    ...(onDeletion.length > 0
      ? [`What do ${onDeletion.join(', ')} do when a row is deleted? They may write elsewhere.`]
      : []),
  ];
  const refused = [
    ...(kind === 'foreign table'
      ? ['it lies on another server, which cannot be a part of one transaction']
      : []),
    ...(kind === 'materialized view' ? ['it is a copy, which keeps the rows until it is refreshed'] : []),
    ...(kind === 'partition' ? ['it is a partition of a table whose schema is not watched'] : []),
    ...(inherits === null
      ? []
      : [`it inherits from ${textOfTable(inherits)}, whose rows and its own are read as one`]),
  ];
  return { freeText, comments, questions, refused };
}

function holdsSentences(type: string): boolean {
  if (/^(jsonb?|xml|bytea|text)(\[\])?$/.test(type) || type === 'character varying') return true;
  const length = /^character varying\((\d+)\)$/.exec(type)?.[1];
  return length !== undefined && Number(length) >= SENTENCES;
}
