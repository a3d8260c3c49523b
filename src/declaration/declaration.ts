import type { Place } from '../yaml/index.js';
import type { ColumnName, TableName } from './qualified.name.js';

export type { Place };

export const OWNING_SHARDS = ['patient', 'clinical', 'finance'] as const;
/** A shard that may answer for a table of the hospital's own. */
export type OwningShard = (typeof OWNING_SHARDS)[number];

export const KEY_TYPES = ['integer', 'bigint', 'uuid', 'text', 'numeric'] as const;
/** What the key of a patient may be. */
export type KeyType = (typeof KEY_TYPES)[number];

export const STRATEGIES = ['mark', 'move'] as const;
/** How rows are hidden: marked where they are, or moved out of the hospital's tables. */
export type StrategyName = (typeof STRATEGIES)[number];

export const FENCES = ['none', 'add', 'existing'] as const;
/** What keeps a row of a deleted patient from being written: nothing, a key that Silgi adds, or the hospital's own key. */
export type Fence = (typeof FENCES)[number];

export const SHARED_RULES = ['leavesWithFirst', 'leavesWithLast'] as const;
/** When a row of several patients leaves: with the first of them who is deleted, or with the last. */
export type SharedRule = (typeof SHARED_RULES)[number];

/** A column of a table that has the value of a column of another one. */
export interface ViaColumn {
  readonly column: string;
  readonly target: ColumnName;
}

/** One way from a row to its patient: by a column with the patient's key, or by columns of a declared table. */
export interface Link {
  /** SQL on the row, where the way holds for some rows only. */
  readonly when?: string | undefined;
  readonly key?: string | undefined;
  /** Columns that together name one row of one table; where there is no key. */
  readonly via?: readonly ViaColumn[] | undefined;
  readonly place: Place;
}

/** A column of the table of patients, or else SQL on a row of it. */
export type Shown = { readonly column: string } | { readonly sql: string };

/** The table of patients, one row each. */
export interface PatientTable {
  readonly name: TableName;
  readonly key: { readonly column: string; readonly type: KeyType };
  readonly shard: OwningShard;
  readonly resource: string;
  /** What may be shown and searched, by what it is. */
  readonly directory: Readonly<Record<string, Shown>>;
  readonly place: Place;
}

/** A table with rows about patients. */
export interface OwnedTable {
  readonly name: TableName;
  readonly shard: OwningShard;
  readonly resource: string;
  /** One or more ways to the patient; a row is the patient's where any of them leads there. */
  readonly links: readonly Link[];
  readonly strategy: StrategyName;
  readonly fence: Fence;
  /** Why it is accepted that nothing fences it. */
  readonly accepted?: string | undefined;
  readonly hasRowIdentity: boolean;
  readonly lockRows: boolean;
  /** Columns that lead to a row of another declared table, which should be the same patient's. */
  readonly agree: readonly { readonly column: string; readonly target: TableName }[];
  readonly shared?: SharedRule | undefined;
  readonly freeText: readonly string[];
  readonly derived: boolean;
  /** The hospital's foreign key points from the linked table to this one. */
  readonly upstream: boolean;
  readonly place: Place;
}

/** A table that no deletion touches. */
export interface UntouchedTable {
  readonly name: TableName;
  /** Undefined for a table of reference. */
  readonly reason?: string | undefined;
  readonly place: Place;
}

/** What a person has still to decide. */
export interface Undecided {
  /** The keys that lead there, with slashes: `tables / cdm.note`. */
  readonly subject: string;
  readonly question: string;
  readonly place: Place;
}

/** What becomes of rows that name nobody, and of rows that name somebody who was never there. */
export interface Coverage {
  readonly nullKey: 'refuse' | 'report';
  readonly orphan: 'refuse' | 'report';
  readonly place: Place;
}

/** What a hospital says of its own database: the content of `silgi.yaml`. */
export interface Declaration {
  /** As it was given: for messages. */
  readonly file: string;
  /** The schemas of which every table has to be declared. */
  readonly schemas: readonly string[];
  /** Of names, types and keys, as `silgi adopt check` prints it. */
  readonly fingerprint?: string | undefined;
  readonly patient: PatientTable;
  readonly tables: readonly OwnedTable[];
  readonly kept: readonly UntouchedTable[];
  readonly reference: readonly UntouchedTable[];
  /** Undefined where nothing is said. */
  readonly onCoverage?: Coverage | undefined;
  readonly undecided: readonly Undecided[];
}
