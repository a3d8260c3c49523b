import { textOfTable } from '../declaration/index.js';
import type { Catalogue, CatalogueTable } from './catalogue.js';
import type { DraftEntry } from './draft.entry.js';
import { ownedEntry } from './owned.entry.js';
import type { Ownership } from './ownership.js';
import { patientEntry, type PatientEntry } from './patient.entry.js';
import type { Figures, Sharing } from './row.profile.js';
import { parentEntry, restEntry } from './untouched.entry.js';

/** What was read of the rows, by the texts of the tables' names. */
export interface Profiles {
  readonly owned: ReadonlyMap<string, Figures>;
  readonly parents: ReadonlyMap<string, Sharing>;
}

/** A declaration as a proposal: whatever of it is a guess asks a person to decide. */
export interface Draft {
  readonly schemas: readonly string[];
  readonly fingerprint: string;
  /** About the whole database. */
  readonly database: { readonly decide: readonly string[]; readonly comments: readonly string[] };
  readonly patient: PatientEntry;
  readonly entries: readonly DraftEntry[];
  /** What cannot be done right as it is, each with its table and reason. */
  readonly refused: readonly string[];
  /** What could not even be guessed. */
  readonly open: readonly string[];
  /** What was not read or not found out. */
  readonly unread: readonly string[];
}

/** Puts together what was found. */
export function draftOf(
  catalogue: Catalogue,
  ownership: Ownership,
  profiles: Profiles,
  about: { readonly schemas: readonly string[]; readonly fingerprint: string },
): Draft {
  const patient = patientEntry(ownership, readersOf(catalogue, ownership.patient.table));
  const resources = new Set([patient.resource]);
  const owned = [...ownership.found.values()].map((found) =>
    ownedEntry(found, ownership, {
      figures: profiles.owned.get(textOfTable(found.table)),
      views: readersOf(catalogue, found.table),
      resources,
    }),
  );
  const parents = ownership.parents.map((parent) =>
    parentEntry(parent, ownership, { sharing: profiles.parents.get(textOfTable(parent.table)), resources }),
  );
  const entries = [...owned, ...parents, ...ownership.rest.map(restEntry)];
  const database = aboutDatabase(catalogue, ownership);
  return {
    ...about,
    database,
    patient,
    entries,
    refused: [
      ...database.refused,
      ...lines(patient, 'refused'),
      ...entries.flatMap((entry) => lines(entry, 'refused')),
    ],
    open: entries.flatMap((entry) => lines(entry, 'open')),
    unread: [...lines(patient, 'unread'), ...entries.flatMap((entry) => lines(entry, 'unread'))],
  };
}

type Said = Pick<DraftEntry, 'name' | 'refused' | 'open' | 'unread'>;

const lines = (entry: Said, what: 'refused' | 'open' | 'unread') =>
  entry[what].map((one) => `${entry.name}: ${one}`);

function aboutDatabase(
  { keysFromOutside, views }: Catalogue,
  { patient, found }: Ownership,
): Draft['database'] & { refused: string[] } {
  const names = new Set([textOfTable(patient.table), ...found.keys()]);
  const refused = keysFromOutside
    .filter(({ to }) => names.has(textOfTable(to)))
    .map(
      ({ from, to, onDelete }) =>
        `${textOfTable(from)} lies in a schema that is not watched and refers to ${textOfTable(to)} (ON DELETE ${onDelete}): ` +
        'a deletion is refused, or takes rows along that nobody declared; watch its schema, too',
    );
  const reading = [
    ...new Set(
      views.filter(({ reads }) => names.has(textOfTable(reads))).map(({ view }) => textOfTable(view)),
    ),
  ];
  const materialized = views
    .filter(({ materialized, reads }) => materialized && names.has(textOfTable(reads)))
    .map(
      ({ view, reads }) =>
        `the materialized view ${textOfTable(view)} copies rows of ${textOfTable(reads)}, which stay in it until it is refreshed`,
    );
  refused.push(...new Set(materialized));
  const comments =
    reading.length === 0
      ? []
      : [`Views that read tables of patients: ${reading.sort().join(', ')}. They show what the tables show.`];
  return { decide: refused.map((one) => `Refused: ${one}.`), comments, refused };
}

/** The views that read a table, directly or by others. */
function readersOf({ views }: Catalogue, table: CatalogueTable): string[] {
  const readers = new Set([textOfTable(table)]);
  for (let before = 0; before < readers.size;) {
    before = readers.size;
    for (const { view, reads } of views) if (readers.has(textOfTable(reads))) readers.add(textOfTable(view));
  }
  return [...readers].slice(1);
}
