import type { DeletableRow } from './deletable.row.js';
import type { MovedTable } from './moved.table.js';
import type { ShardName } from './shard.js';
import type { IntakeStatements, StatementTable, Strategy } from './strategy.js';

/** A table with rows about one patient: where it is, how its rows are found, and how they are hidden. */
export interface TableDeclaration extends StatementTable {
  /** The shard that answers for it. */
  readonly shard: ShardName;
  /** The name of what it holds: `Examination`. */
  readonly resourceType: string;
  /** What counts, records and problems call it: its name, with its schema where that is not the shard's. */
  readonly name: string;
  readonly strategy: Strategy;
  /** Of a table of Silgi's own, into which patients can be taken in. */
  readonly intake?: { readonly entity: new () => DeletableRow; readonly statements: IntakeStatements };
}

/** A foreign key that keeps rows of a deleted patient from being written. */
export interface FenceKey {
  readonly columns: readonly string[];
  readonly target: StatementTable;
  readonly targetColumns: readonly string[];
}

/** A foreign key from another table, without which nobody knows whose rows use a row. */
export interface UserKey {
  readonly from: StatementTable;
  /** Of the other table. */
  readonly columns: readonly string[];
  /** Of the one that is used. */
  readonly targetColumns: readonly string[];
}

/** What of a table of the hospital's own has to stay as it was declared. */
export interface AdoptedTable extends TableDeclaration {
  /** Where its rows leave for. */
  readonly vault: StatementTable;
  /** How its rows are the patient's. */
  readonly moved: MovedTable;
  /** The keys that fence it; none where a person has accepted that nothing does. */
  readonly fences: readonly FenceKey[];
  /** Of a table upstream: the keys by which rows of others use its rows, which leave when nobody's row uses them any more. */
  readonly users: readonly UserKey[];
  /** Why it is accepted that nothing fences it. */
  readonly unfenced?: string | undefined;
}

/** A table that no deletion touches: what it holds of patients is rightly kept, or it holds nothing of them. */
export interface KeptTable extends StatementTable {
  readonly reason: string;
}

/** What a search of patients may show of one. */
export type ShownOfPatient = 'recordNumber' | 'familyName' | 'givenName' | 'birthDate';

/** What a hospital has declared of its own database. */
export interface AdoptedTables {
  /** The table of patients, which is hidden last. */
  readonly root: AdoptedTable;
  /** Every table with rows about patients, the root among them. */
  readonly owned: readonly AdoptedTable[];
  /** By shard: one statement that hides the rows of all its tables (see hidingTogether), which stand in the order of {@link owned}. */
  readonly hide: Readonly<Partial<Record<ShardName, string>>>;
  readonly kept: readonly KeptTable[];
  /** Whether a deletion is refused while rows of a table name nobody. */
  readonly refusesRowsWithoutKey: boolean;
  /** The schemas of which every table has to be declared. */
  readonly schemas: readonly string[];
  /** The column of the root by which other tables name a patient, and its type as PostgreSQL casts to it. */
  readonly keyColumn: string;
  readonly keyType: string;
  /** SQL on a row of the root: what a search shows of a patient; nothing where there is none. */
  readonly shown: Readonly<Partial<Record<ShownOfPatient, string>>>;
}
