import type { TestDatabase } from '../support/database.js';

/** Privileges in one order; those that go without saying are said. */
const rights = (kind: string, acl: string, owner: string) =>
  `(SELECT string_agg(one::text, ',' ORDER BY one::text) FROM unnest(coalesce(${acl}, acldefault('${kind}', ${owner}))) one)`;

/** What a database is made of, one line for each thing: schemas, relations, columns, keys, triggers, rights and functions. */
export async function catalogueOf(database: TestDatabase): Promise<string[]> {
  const own = `n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`;
  const lines = await database.query<{ line: string }>(`
    SELECT concat_ws(' ', 'schema', nspname, nspowner::regrole, ${rights('n', 'nspacl', 'nspowner')}) AS line
      FROM pg_namespace n WHERE ${own}
    UNION ALL SELECT concat_ws(' ', relkind, n.nspname, relname, relowner::regrole,
        ${rights('r', 'relacl', 'relowner')}, reloptions, relrowsecurity, relforcerowsecurity)
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${own} AND relkind NOT IN ('t')
    UNION ALL SELECT concat_ws(' ', 'column', attrelid::regclass, attname, format_type(atttypid, atttypmod), attnotnull, attidentity,
        attgenerated, attacl, pg_get_expr(d.adbin, d.adrelid))
      FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN pg_attrdef d ON d.adrelid = attrelid AND d.adnum = attnum
      WHERE ${own} AND attnum > 0 AND NOT attisdropped AND relkind IN ('r', 'p', 'v')
    UNION ALL SELECT concat_ws(' ', 'constraint', k.conrelid::regclass, conname, pg_get_constraintdef(k.oid))
      FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace WHERE ${own} AND k.conrelid <> 0
    UNION ALL SELECT concat_ws(' ', 'index', pg_get_indexdef(indexrelid), indisvalid)
      FROM pg_index i JOIN pg_class c ON c.oid = indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${own}
    UNION ALL SELECT concat_ws(' ', 'trigger', pg_get_triggerdef(t.oid), tgenabled)
      FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE ${own} AND NOT tgisinternal
    UNION ALL SELECT concat_ws(' ', 'policy', polrelid::regclass, polname, polcmd, pg_get_expr(polqual, polrelid)) FROM pg_policy
    UNION ALL SELECT concat_ws(' ', 'function', p.oid::regprocedure, proowner::regrole, ${rights('f', 'proacl', 'proowner')}, md5(prosrc))
      FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE ${own}
    UNION ALL SELECT concat_ws(' ', 'database', ${rights('d', 'datacl', 'datdba')}) FROM pg_database WHERE datname = current_database()
    ORDER BY 1`);
  return lines.map(({ line }) => line);
}
