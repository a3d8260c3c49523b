import { textOfName, textOfTable } from '../declaration/index.js';
import type { CatalogueTable } from './catalogue.js';
import type { DraftEntry } from './draft.entry.js';
import { resourceOf, shardOf } from './owned.entry.js';
import { type Ownership, type Parent, unexplained } from './ownership.js';
import { type Sharing, whyUnread } from './row.profile.js';
import { traitsOf } from './table.traits.js';

/** Of the rows in use, so many are used by one patient alone where a table lies upstream. */
const ALMOST_ALL = 0.95;
/** Fewer say nothing. */
const ENOUGH = 3;

/** A table that rows of patients point to: upstream where its rows are one patient's each, else kept. */
export function parentEntry(
  { table, users, others, isExplained }: Parent,
  { patient }: Ownership,
  seen: { readonly sharing: Sharing | undefined; readonly resources: Set<string> },
): DraftEntry {
  const { used = 0, byOne = 0, sampled = false, failures = [] } = seen.sharing ?? {};
  const from = users.map(({ from, link }) => textOfName(from.schema, from.table, link.columns[0] ?? ''));
  const counts = `${byOne} of the ${used} rows in use are used by one patient alone${sampled ? ' (of a sample, in which shared rows look less shared)' : ''}`;
  const unread = whyUnread(table);
  const common = {
    name: textOfTable(table),
    comments: [`Pointed to by ${from.join(', ')}; it points to no patient. Seen: ${counts}.`],
    refused: [],
    open: [],
    unread: unread === undefined ? failures : [unread, ...failures],
  };
  if (!isExplained || used < ENOUGH || byOne < used * ALMOST_ALL)
    return {
      ...common,
      section: 'kept',
      fields: { reason: 'rows of patients point to it; it points to no patient' },
      decide: [
        `May its rows stay when a patient is deleted? ${counts}: does such a row say something of him, as an address does?`,
      ],
    };
  // As long as a row of a table that stays uses it, it stays as well.
  const ways = [...users, ...others].map(({ from: user, link }) => ({
    via: {
      [textOfName(link.targetColumns[0] ?? '')]: textOfName(user.schema, user.table, link.columns[0] ?? ''),
    },
  }));
  const { freeText } = traitsOf(table);
  return {
    ...common,
    section: 'tables',
    fields: {
      shard: table === patient.table ? 'patient' : shardOf(table),
      resource: resourceOf(table, seen.resources),
      ...(ways.length === 1 ? ways[0] : { anyOf: ways }),
      upstream: true,
      ...(freeText.length > 0 && { freeText: freeText.map((one) => textOfName(one)) }),
    },
    decide: [
      `Does a row belong to the one patient whose rows point to it? ${counts}. It lies upstream: no foreign key leads from it to a patient. ` +
        'Else it is to be kept.',
      'Are shard and resource right? They are guessed from the name.',
    ],
  };
}

/** A table that nothing connects with patients, as far as keys and names tell. */
export function restEntry(table: CatalogueTable): DraftEntry {
  const columns = unexplained(table).map(({ name }) => textOfName(name));
  const unread = whyUnread(table);
  const common = {
    name: textOfTable(table),
    comments: [],
    refused: [],
    unread: unread === undefined || table.kind === 'foreign table' ? [] : [unread],
  };
  if (columns.length === 0)
    return {
      ...common,
      section: 'reference',
      fields: {},
      decide: ['Is there nothing about patients in it? No key and no name leads from it to one.'],
      open: [],
    };
  const what = `no key and no name leads to a patient, but these columns may hold keys: ${columns.join(', ')}`;
  return {
    ...common,
    section: 'kept',
    fields: { reason: 'nothing in it seems to be about patients' },
    decide: [
      `Is it about patients? As far as can be seen, ${what}. Where they lead to several tables, say so by anyOf.`,
    ],
    open: [what],
  };
}
