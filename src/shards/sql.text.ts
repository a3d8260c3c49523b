/** Schema and table as a statement names them. */
export function quotedName({ schema, table }: { readonly schema: string; readonly table: string }): string {
  return `${identifier(schema)}.${identifier(table)}`;
}

/** A name as a statement holds it, whatever letters it has. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text as a statement holds it. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
