import { type Declaration, textOfTable } from '../declaration/index.js';
import {
  type AdoptedTables,
  ANCHOR,
  ANCHOR_FUNCTION,
  ANCHOR_KEY,
  ANCHOR_SCHEMA,
  ANCHOR_SEARCH_PATH,
  ANCHOR_TRIGGER,
  anchorFunctionBody,
  endsOfWays,
  identifier,
  IS_ANCHOR_TRIGGER,
  isAnchorFunction,
  literal,
  quotedName,
  type StatementTable,
  VAULT_COLUMNS,
  VAULT_SCHEMA,
} from '../shards/index.js';
import { type Catalogue, type CatalogueTable, isIndexed } from './catalogue.js';
import { fenceLines, indexLines, rowsOf } from './online.lines.js';
import { grantLines } from './plan.grants.js';
import type { PlanLine } from './plan.line.js';
import type { MissingColumn } from './vault.columns.js';

/**
 * What the hospital's database lacks for deletions, in the order in which it is made: each line can be looked for, made
 * and taken away by itself (docs/adr/0033-adopted-databases.md).
 */
export class AdoptionPlan {
  private readonly live: ReadonlyMap<string, CatalogueTable>;

  constructor(
    private readonly declaration: Declaration,
    private readonly adopted: AdoptedTables,
    catalogue: Catalogue,
    private readonly found: {
      /** Other tables that the SQL of the declaration reads. */
      readonly reads: readonly StatementTable[];
      readonly missing: readonly MissingColumn[];
    },
  ) {
    this.live = new Map(catalogue.tables.map((table) => [textOfTable(table), table]));
  }

  /** What has to be there before Silgi's own migrations: they ask for it. */
  pseudonyms(): PlanLine[] {
    const { root, keyColumn } = this.adopted;
    const key = identifier(keyColumn);
    const body = anchorFunctionBody(key);
    return [
      schemaLine(ANCHOR_SCHEMA),
      {
        what: `the table ${ANCHOR}, a pseudonym for each key of a patient`,
        // The type and the order of the hospital's own key, whatever they are.
        make: [
          `CREATE TABLE ${ANCHOR} AS SELECT gen_random_uuid() AS patient_id, ${key} AS ${ANCHOR_KEY} FROM ${quotedName(root)} WITH NO DATA`,
          `ALTER TABLE ${ANCHOR} ADD PRIMARY KEY (patient_id), ALTER ${ANCHOR_KEY} SET NOT NULL, ADD UNIQUE (${ANCHOR_KEY}),
            ADD COLUMN is_deleted boolean NOT NULL DEFAULT false, ADD COLUMN deleted_at timestamptz, ADD COLUMN deletion_id uuid,
            ADD COLUMN live boolean GENERATED ALWAYS AS (CASE WHEN NOT is_deleted THEN true END) STORED`,
        ],
        isThere: `to_regclass('${ANCHOR}') IS NOT NULL`,
        undo: [`DROP TABLE ${ANCHOR}`],
        lock: null,
        rows: 0,
      },
      {
        what: `the function ${ANCHOR_FUNCTION}`,
        make: [
          `CREATE OR REPLACE FUNCTION ${ANCHOR_FUNCTION} RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
             SET ${ANCHOR_SEARCH_PATH} AS ${literal(body)}`,
        ],
        isThere: `EXISTS (SELECT FROM pg_proc f WHERE ${isAnchorFunction(key)})`,
        undo: [`DROP FUNCTION ${ANCHOR_FUNCTION}`],
        lock: null,
        rows: 0,
      },
    ];
  }

  /** What needs the roles that the migrations make, and what touches the hospital's own tables. */
  tables(): PlanLine[] {
    const { owned } = this.adopted;
    return [
      this.functionsOwner(),
      {
        ...schemaLine(VAULT_SCHEMA),
        make: [`CREATE SCHEMA ${VAULT_SCHEMA}`, `ALTER SCHEMA ${VAULT_SCHEMA} OWNER TO silgi_owner`],
      },
      ...owned.flatMap((table) => [this.vault(table), ...this.vaultGrant(table)]),
      ...this.found.missing.map(columnLine),
      ...owned.flatMap((table) => [...this.indexes(table), ...this.userIndexes(table)]),
      ...this.fences(),
      ...grantLines(owned, this.found.reads, this.live),
      this.trigger(),
      this.register(),
    ];
  }

  /** Where rows of deleted patients are. */
  vaults(): StatementTable[] {
    return this.adopted.owned.map(({ vault }) => vault);
  }

  /** It works with the rights of its owner: those on the pseudonyms, and no others. */
  private functionsOwner(): PlanLine {
    return {
      what: `${ANCHOR_FUNCTION} works as silgi_owner`,
      make: [`ALTER FUNCTION ${ANCHOR_FUNCTION} OWNER TO silgi_owner`],
      isThere: `EXISTS (SELECT FROM pg_proc WHERE oid = to_regprocedure('${ANCHOR_FUNCTION}') AND proowner = to_regrole('silgi_owner'))`,
      undo: [],
      lock: null,
      rows: 0,
    };
  }

  private vault({ schema, table, name, vault }: AdoptedTables['owned'][number]): PlanLine {
    const silgi = Object.entries(VAULT_COLUMNS).map(([column, type]) => `NULL::${type} AS ${column}`);
    const columns = Object.keys(VAULT_COLUMNS);
    return {
      what: `${quotedName(vault)}, which the rows of ${name} leave for`,
      make: [
        // What the hospital demands of its rows it may stop to demand: of those that are kept nothing is.
        `CREATE TABLE ${quotedName(vault)} AS SELECT ${silgi.join(', ')}, t.* FROM ${quotedName({ schema, table })} t WITH NO DATA`,
        `ALTER TABLE ${quotedName(vault)} ${columns.map((column) => `ALTER ${column} SET NOT NULL`).join(', ')}`,
        `CREATE INDEX ON ${quotedName(vault)} (${columns.slice(0, 2).join(', ')})`,
        `ALTER TABLE ${quotedName(vault)} OWNER TO silgi_owner`,
        `GRANT INSERT, SELECT (${columns.join(', ')}) ON ${quotedName(vault)} TO silgi_service`,
      ],
      isThere: `to_regclass(${literal(quotedName(vault))}) IS NOT NULL`,
      undo: [`DROP TABLE ${quotedName(vault)}`],
      lock: null,
      rows: 0,
    };
  }

  /** A line of its own: ways may be declared when the vault is there already. */
  private vaultGrant({ name, vault, moved }: AdoptedTables['owned'][number]): PlanLine[] {
    const columns = endsOfWays(
      this.adopted.owned.map((table) => table.moved),
      moved,
    );
    if (columns.length === 0) return [];
    const table = quotedName(vault);
    const has = `FROM pg_attribute a WHERE attrelid = to_regclass(${literal(table)}) AND attname IN (${columns.map(literal).join(', ')})`;
    return [
      {
        what: `silgi_service may look for rows that hang on those of ${name} which have left`,
        make: [`GRANT SELECT (${columns.map(identifier).join(', ')}) ON ${table} TO silgi_service`],
        isThere: `(SELECT count(*) = ${columns.length} AND bool_and(has_column_privilege('silgi_service', attrelid, attnum, 'SELECT')) ${has})`,
        undo: [],
        lock: null,
        rows: 0,
      },
    ];
  }

  /** Without them a deletion would read whole tables: for its own rows, and for every key that refers to what leaves. */
  private indexes(table: AdoptedTables['owned'][number]): PlanLine[] {
    const live = this.live.get(textOfTable(table));
    if (live === undefined) return [];
    const owned = new Set(this.adopted.owned.map(textOfTable));
    const wanted = [
      ...this.declaration.tables
        .filter(({ name }) => textOfTable(name) === textOfTable(table))
        .flatMap(({ links }) => links.map(({ key, via }) => via?.map(({ column }) => column) ?? [key ?? ''])),
      ...live.foreignKeys
        .filter(({ target }) => owned.has(textOfTable(target)))
        .map(({ columns }) => columns),
    ];
    return missingIndexes(live, wanted);
  }

  /** The same for the keys of tables that stay, whose rows use what lies upstream. */
  private userIndexes({ users }: AdoptedTables['owned'][number]): PlanLine[] {
    const owned = new Set(this.adopted.owned.map(textOfTable));
    return users.flatMap(({ from, columns }) => {
      const live = this.live.get(textOfTable(from));
      return live === undefined || owned.has(textOfTable(from)) ? [] : missingIndexes(live, [columns]);
    });
  }

  private fences(): PlanLine[] {
    const added = new Set(
      this.declaration.tables.filter(({ fence }) => fence === 'add').map(({ name }) => textOfTable(name)),
    );
    return this.adopted.owned.flatMap((table) => {
      if (!added.has(textOfTable(table))) return [];
      const live = this.live.get(textOfTable(table));
      if (live === undefined) return [];
      return table.fences.flatMap((fence) => fenceLines(live, fence.columns, fence));
    });
  }

  private trigger(): PlanLine {
    const { root } = this.adopted;
    const table = quotedName(root);
    return {
      what: `the trigger ${ANCHOR_TRIGGER} on ${root.name}: new patients get a pseudonym, and no deleted key comes back`,
      // Of every change: a trigger of the hospital's may give the key another value where the statement names another column.
      make: [
        `CREATE OR REPLACE TRIGGER ${ANCHOR_TRIGGER} AFTER INSERT OR UPDATE ON ${table}
           FOR EACH ROW EXECUTE FUNCTION ${ANCHOR_FUNCTION}`,
      ],
      isThere: `EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = to_regclass(${literal(table)}) AND ${IS_ANCHOR_TRIGGER}
        AND t.tgenabled IN ('O', 'A'))`,
      undo: [`DROP TRIGGER ${ANCHOR_TRIGGER} ON ${table}`],
      lock: `SHARE ROW EXCLUSIVE on ${root.name}: writers wait, for a moment`,
      rows: 0,
    };
  }

  /** Behind the trigger: whoever comes meanwhile has a pseudonym already. */
  private register(): PlanLine {
    const { root, keyColumn } = this.adopted;
    const live = this.live.get(textOfTable(root));
    const key = identifier(keyColumn);
    const missing = `FROM ${quotedName(root)} p WHERE p.${key} IS NOT NULL
      AND NOT EXISTS (SELECT FROM ${ANCHOR} a WHERE a.${ANCHOR_KEY} = p.${key})`;
    return {
      what: 'a pseudonym for every patient who is there',
      make: [
        `INSERT INTO ${ANCHOR} (patient_id, ${ANCHOR_KEY}) SELECT gen_random_uuid(), p.${key} ${missing} ON CONFLICT DO NOTHING`,
      ],
      isThere: `NOT EXISTS (SELECT ${missing})`,
      undo: [],
      lock: null,
      rows: live === undefined ? 0 : rowsOf(live),
    };
  }
}

function missingIndexes(live: CatalogueTable, wanted: readonly (readonly string[])[]): PlanLine[] {
  const missing = new Map(
    wanted.filter((columns) => !isIndexed(live, columns)).map((columns) => [columns.join('\0'), columns]),
  );
  return [...missing.values()].flatMap((columns) => indexLines(live, columns));
}

/** Rows that have left before get what the hospital's own have got. It goes with its table. */
function columnLine({ name, vault, column, type, value }: MissingColumn): PlanLine {
  return {
    what: `the column ${column} of ${vault}, which ${name} has`,
    make:
      value === null
        ? [`ALTER TABLE ${vault} ADD COLUMN ${column} ${type}`]
        : [
            `ALTER TABLE ${vault} ADD COLUMN ${column} ${type} DEFAULT ${value}`,
            `ALTER TABLE ${vault} ALTER COLUMN ${column} DROP DEFAULT`,
          ],
    isThere: `EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass(${literal(vault)})
      AND quote_ident(attname) = ${literal(column)} AND NOT attisdropped)`,
    undo: [],
    lock: null,
    rows: 0,
  };
}

function schemaLine(schema: string): PlanLine {
  return {
    what: `the schema ${schema}`,
    make: [`CREATE SCHEMA ${schema}`],
    isThere: `to_regnamespace('${schema}') IS NOT NULL`,
    undo: [`DROP SCHEMA ${schema}`],
    lock: null,
    rows: 0,
  };
}
