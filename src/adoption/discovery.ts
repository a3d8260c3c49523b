import { textOfTable } from '../declaration/index.js';
import type { ReadOnlySession } from '../postgres/index.js';
import { readCatalogue, schemasWithTables } from './catalogue.js';
import { type Draft, draftOf } from './draft.js';
import { fingerprintOf } from './fingerprint.js';
import { ownershipOf } from './ownership.js';
import { guessPatient, type NamedPatient, PatientRefused } from './patient.guess.js';
import { type Figures, RowProfile, type Sharing } from './row.profile.js';

/** What to look at, and how closely. */
export interface DiscoveryOptions {
  /** As the catalogue has them; every one that holds tables where none is named. */
  readonly schemas: readonly string[];
  /** The table of patients, where a person has named it. */
  readonly patient?: NamedPatient | undefined;
  /** Most rows of a table that are read. */
  readonly sample: number;
  /** Told before every table whose rows are read, with how many there are. */
  readonly progress: (table: string, index: number, of: number) => void;
}

/**
 * Looks at a database and proposes a declaration of it: from the catalogue, then from rows, table by table. Reads only,
 * and counts only.
 *
 * @throws PatientRefused where not even the table of patients is known, or cannot be one
 */
export async function discover(session: ReadOnlySession, options: DiscoveryOptions): Promise<Draft> {
  const { progress } = options;
  const schemas = options.schemas.length === 0 ? await schemasWithTables(session) : options.schemas;
  const catalogue = await readCatalogue(session, schemas);
  const [missing] = catalogue.missingSchemas;
  if (missing !== undefined) throw new PatientRefused(`There is no schema ${missing} in this database.`);
  const ownership = ownershipOf(catalogue, guessPatient(catalogue, options.patient));
  const profile = new RowProfile(session, ownership, options.sample);
  const of = ownership.found.size + ownership.parents.length;
  const owned = new Map<string, Figures>();
  const parents = new Map<string, Sharing>();
  for (const [name, found] of ownership.found) {
    progress(name, owned.size, of);
    owned.set(name, await profile.of(found));
  }
  for (const parent of ownership.parents) {
    const name = textOfTable(parent.table);
    progress(name, owned.size + parents.size, of);
    parents.set(name, await profile.sharingOf(parent));
  }
  const fingerprint = fingerprintOf(catalogue.tables);
  return draftOf(catalogue, ownership, { owned, parents }, { schemas, fingerprint });
}
