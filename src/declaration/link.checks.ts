import type { Problem } from '../yaml/index.js';
import type { Declaration, Link, OwnedTable } from './declaration.js';
import { textOfTable } from './qualified.name.js';

/** Whether every way to the patient ends at declared tables, and in the end at the patient. */
export function linkProblems({ patient, tables, kept, reference }: Declaration): Problem[] {
  const root = textOfTable(patient.name);
  const declared = new Map(tables.map((table) => [textOfTable(table.name), table]));
  const isDeclared = (name: string) => name === root || declared.has(name);
  // Rows of a table that stays may use what lies upstream.
  const stays = new Set([...kept, ...reference].map(({ name }) => textOfTable(name)));
  const problems: Problem[] = [];
  for (const table of tables) {
    const mayLeadTo = (name: string) => isDeclared(name) || (table.upstream && stays.has(name));
    for (const link of table.links) {
      const targets = targetsOf(link);
      if (targets.length > 1)
        problems.push(
          at(table, link, `the columns of one via must lead to one table: ${targets.join(', ')}`),
        );
      for (const target of targets.filter((name) => !mayLeadTo(name)))
        problems.push(
          at(table, link, `via leads to ${target}, which is neither the patient nor one of tables`),
        );
    }
    for (const { target } of table.agree)
      if (!isDeclared(textOfTable(target)))
        problems.push(at(table, table, `agree names ${textOfTable(target)}, which is not one of tables`));
  }
  if (problems.length > 0) return problems;
  const reached = reachedFrom(root, tables);
  return tables
    .filter(({ name }) => !reached.has(textOfTable(name)))
    .map((table) => at(table, table, `never reaches the patient: ${wayOf(table, declared).join(' → ')}`));
}

/** The tables from which some way leads to the patient. */
function reachedFrom(root: string, tables: readonly OwnedTable[]): Set<string> {
  const reached = new Set([root]);
  for (let before = 0; before < reached.size;) {
    before = reached.size;
    for (const { name, links } of tables)
      if (
        links.some((link) => link.key !== undefined || targetsOf(link).every((target) => reached.has(target)))
      )
        reached.add(textOfTable(name));
  }
  return reached;
}

/** The tables that the first way leads through, until one comes again. */
function wayOf(table: OwnedTable, declared: ReadonlyMap<string, OwnedTable>): string[] {
  const way: string[] = [];
  for (let at: OwnedTable | undefined = table; at !== undefined;) {
    const name = textOfTable(at.name);
    const again = way.includes(name);
    way.push(name);
    if (again) break;
    at = declared.get(targetsOf(at.links[0])[0] ?? '');
  }
  return way;
}

function targetsOf(link: Link | undefined): string[] {
  return [...new Set((link?.via ?? []).map(({ target }) => textOfTable(target)))];
}

function at(table: OwnedTable, { place }: Pick<Link, 'place'>, message: string): Problem {
  return { place, message: `tables / ${textOfTable(table.name)}: ${message}` };
}
