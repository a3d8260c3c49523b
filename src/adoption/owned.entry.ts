import { textOfName, textOfTable } from '../declaration/index.js';
import { type CatalogueTable, isIndexed, primaryKeyOf } from './catalogue.js';
import { asQuestion, type DraftEntry, readBy } from './draft.entry.js';
import { type FoundLink, type FoundTable, isDirect, type Ownership, unexplained } from './ownership.js';
import type { Figures } from './row.profile.js';
import { traitsOf } from './table.traits.js';
import { FINANCE, plainWord, resourceWord } from './words.js';

/** A table that seems to be about patients. */
export function ownedEntry(
  found: FoundTable,
  ownership: Ownership,
  seen: {
    readonly figures: Figures | undefined;
    readonly views: readonly string[];
    readonly resources: Set<string>;
  },
): DraftEntry {
  const { table, links } = found;
  const { figures } = seen;
  const traits = traitsOf(table);
  const refused = [...traits.refused, ...keyRefusals(found, ownership), ...disagreements(found, figures)];
  const name = textOfTable(table);
  const common = {
    name,
    comments: [figuresText(figures), ...traits.comments],
    unread: figures?.failures ?? [],
  };
  if (table.kind === 'foreign table' || table.kind === 'materialized view')
    return {
      ...common,
      section: 'kept',
      fields: { reason: `a ${table.kind}, from which nothing can be deleted` },
      decide: [`${waysText(links)} Who takes the rows of a patient out of it?`, ...refused.map(asQuestion)],
      refused,
      open: [],
    };
  const byName = links.some(({ by }) => by === 'name');
  const doubtful = byName
    ? unexplained(table).filter((column) => !links.some(({ columns }) => columns.includes(column.name)))
    : [];
  const decide = [
    ...ownWords(found, figures),
    ...(doubtful.length === 0
      ? []
      : [
          `Do these columns lead to patients, too? No foreign key says of what they are keys: ${doubtful.map((one) => textOfName(one.name)).join(', ')}.`,
        ]),
    ...gaps(found, figures),
    ...traits.questions,
    ...refused.map(asQuestion),
  ];
  return {
    ...common,
    section: 'tables',
    fields: fieldsOf(found, ownership, seen.resources),
    comments: [...common.comments, ...readBy(seen.views)],
    decide,
    refused,
    open: [],
  };
}

function fieldsOf(found: FoundTable, ownership: Ownership, resources: Set<string>): Record<string, unknown> {
  const { table, links, agree } = found;
  const fields: Record<string, unknown> = {
    shard: shardOf(table),
    resource: resourceOf(table, resources),
  };
  const [link] = links;
  if (links.length === 1 && link !== undefined) Object.assign(fields, wayOf(link, ownership));
  else {
    fields['anyOf'] = links.map((one) => wayOf(one, ownership));
    fields['shared'] = { rule: 'leavesWithFirst' };
  }
  if (links.some(({ by }) => by === 'name')) fields['fence'] = 'add';
  if (primaryKeyOf(table) === undefined) fields['rowIdentity'] = 'none';
  if (isParent(table, ownership)) fields['lockRows'] = true;
  if (agree.length > 0)
    fields['agree'] = Object.fromEntries(
      agree.map(({ columns, target }) => [textOfName(columns[0] ?? ''), textOfTable(target)]),
    );
  const { freeText } = traitsOf(table);
  if (freeText.length > 0) fields['freeText'] = freeText.map((column) => textOfName(column));
  return fields;
}

/** `key` or `via`, as a declaration writes it. */
export function wayOf(link: FoundLink, { patient }: Ownership): Record<string, unknown> {
  if (isDirect(link, patient)) return { key: textOfName(link.columns[0] ?? '') };
  const { schema, table } = link.target;
  const columns = link.columns.map((column, index) => [
    textOfName(column),
    textOfName(schema, table, link.targetColumns[index] ?? ''),
  ]);
  return { via: Object.fromEntries(columns) as object };
}

export function shardOf({ schema, table }: CatalogueTable): string {
  return FINANCE.test(plainWord(table)) || FINANCE.test(plainWord(schema)) ? 'finance' : 'clinical';
}

/** A word that no other table has. */
export function resourceOf({ schema, table }: CatalogueTable, taken: Set<string>): string {
  const words = [resourceWord(table), resourceWord(`${schema}_${table}`)];
  for (let number = 2; words.length < 100; number++)
    words.push(`${resourceWord(table).slice(0, 60)}${number}`);
  const free = words.find((word) => !taken.has(word)) ?? resourceWord(table);
  taken.add(free);
  return free;
}

function isParent(table: CatalogueTable, { found }: Ownership): boolean {
  return [...found.values()].some(
    (one) => one.table !== table && [...one.links, ...one.agree].some(({ target }) => target === table),
  );
}

const waysText = (links: readonly FoundLink[]) =>
  `Rows seem to be found by ${links.map((link) => `${columnsText(link)} → ${textOfTable(link.target)}`).join(' and by ')}.`;

const columnsText = ({ columns }: Pick<FoundLink, 'columns'>) =>
  `(${columns.map((one) => textOfName(one)).join(', ')})`;

function ownWords({ links }: FoundTable, figures: Figures | undefined): string[] {
  const words = links.map((link, index) => {
    const way = `${columnsText(link)} → ${textOfTable(link.target)}`;
    if (link.by === 'foreign key') return `by the foreign key ${way}`;
    const rows = figures?.rows ?? 0;
    const hits = rows - (figures?.links[index]?.nulls ?? 0) - (figures?.links[index]?.orphans ?? 0);
    const evidence = rows === 0 ? 'no row was there to tell' : `${hits} of ${rows} rows lead somewhere`;
    return `by ${way}, which rests on the name and type of the column alone (${evidence})`;
  });
  const several =
    links.length > 1
      ? ' A row may be about several patients: who is each, and may it leave with the first?'
      : '';
  return [
    `Is a row about the patient who is found ${words.join(', or ')}?${several} Are shard and resource right? They are guessed from the name.`,
  ];
}

function gaps({ links }: FoundTable, figures: Figures | undefined): string[] {
  return links.flatMap((link, index) => {
    const { nulls = 0, orphans = 0 } = figures?.links[index] ?? {};
    const of = ofRows(figures);
    return [
      ...(nulls > 0
        ? [`Whose are the ${nulls}${of} in which ${columnsText(link)} is null? No deletion finds them.`]
        : []),
      ...(orphans > 0
        ? [`What are the ${orphans}${of} for which there is no row in ${textOfTable(link.target)}?`]
        : []),
    ];
  });
}

/** Foreign keys by which a deletion would be slow or would do something else. */
function keyRefusals({ table, links }: FoundTable, { patient, found }: Ownership): string[] {
  if (table.kind === 'materialized view' || table.kind === 'foreign table') return [];
  const isOwned = (name: string) => name === textOfTable(patient.table) || found.has(name);
  const keys = table.foreignKeys.filter(({ target }) => isOwned(textOfTable(target)));
  const named = links.filter(({ by }) => by === 'name').map((link) => ({ ...link, onDelete: 'NO ACTION' }));
  return [...keys, ...named].flatMap(({ columns, target, onDelete }) => {
    const way = `${columnsText({ columns })} → ${textOfTable(target)}`;
    const slow =
      'has no index, so that a deletion would read the whole table; let the hospital add one (CREATE INDEX CONCURRENTLY)';
    return [
      ...(isIndexed(table, columns) ? [] : [`${way} ${slow}`]),
      ...(ACTIONS[onDelete] === undefined ? [] : [`${way} is ON DELETE ${onDelete}: ${ACTIONS[onDelete]}`]),
    ];
  });
}

const ACTIONS: Readonly<Record<string, string>> = {
  CASCADE: 'a row that comes late goes unseen instead of being refused',
  'SET NULL': 'a row would stay behind and nobody would know whose',
  'SET DEFAULT': 'a row would stay behind as another one’s',
};

function disagreements({ agree }: FoundTable, figures: Figures | undefined): string[] {
  return agree.flatMap((link, index) => {
    const rows = figures?.disagreeing[index] ?? 0;
    if (rows === 0) return [];
    return [
      `${rows}${ofRows(figures)} hang by ${columnsText(link)} on a row of ${textOfTable(link.target)} that is another patient’s`,
    ];
  });
}

const ofRows = (figures: Figures | undefined) =>
  figures?.sampled === true ? ` rows (of a sample of ${figures.rows})` : ' rows';

/** What was seen, in one line of a comment. */
function figuresText(figures: Figures | undefined): string {
  if (figures === undefined || (figures.rows === 0 && figures.failures.length > 0))
    return 'Its rows were not read.';
  const { rows, sampled, perPatient } = figures;
  const read = sampled
    ? `a sample of ${rows} rows was read: all figures are of it`
    : `${rows} rows, all of which were read`;
  const each =
    perPatient === undefined
      ? ''
      : `; a patient who has any has ${perPatient.median} (median), ${perPatient.most} at most${sampled ? ', of up to 1000 patients' : ''}`;
  return `Seen: ${read}${each}.`;
}
