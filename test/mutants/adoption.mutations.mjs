import { mutantsOf } from './mutants.of.mjs';

/** Wrong versions of what is believed of a hospital's own database: declarations that are read too lightly. */

const tables = mutantsOf('src/declaration/table.checks.ts', 'declaration/read');
const links = mutantsOf('src/declaration/link.checks.ts', 'declaration/read');
const reading = mutantsOf('src/declaration/read.declaration.ts', 'declaration/read');
const yaml = mutantsOf('src/yaml/read.yaml.ts', 'declaration/read');
const content = mutantsOf('src/declaration/declaration.content.ts', 'declaration/read');
const check = mutantsOf('src/adoption/declaration.check.ts', 'adoption/check');
const rows = mutantsOf('src/adoption/row.profile.ts', 'adoption/discover');
const owned = mutantsOf('src/adoption/owned.entry.ts', 'adoption/discover');

/** @type {import('./mutations.mjs').Mutation[]} */
export const ADOPTION_MUTATIONS = [
  tables('a declaration may have a table in two places that are written differently', [
    "{ path, name: textOfName(...parts), schema: parts[0] ?? '' }",
    "{ path, name: String(text), schema: parts[0] ?? '' }",
  ]),
  tables('a declaration may have a table of a schema that is not watched', [
    'watched.length > 0 && !watched.includes(schema)',
    'watched.length > 99',
  ]),
  tables('a declaration may have a table with two ways and no anyOf', [
    'if (ways.length !== 1)',
    'if (ways.length === 0)',
  ]),
  tables('a declaration may go without a fence and without a word', [
    "fields['fence'] === 'none' && !('accepted' in fields)",
    'false',
  ]),
  links('a declaration may lead to a table that is not declared', [
    '!mayLeadTo(name))',
    "!mayLeadTo(name) && name === '')",
  ]),
  links('a declaration may lead in a circle', ['!reached.has(textOfTable(name))', 'reached.size === 0']),
  reading('a declaration is read on where a key stands twice', [
    'const problems = [...unclear,',
    'const problems = [',
  ]),
  yaml('a declaration is read on where an alias stands for something', [
    'for (const place of places.aliases())',
    'for (const place of places.aliases().slice(1))',
  ]),
  content('a declaration is decided though a mark stands at a kept table', [
    "    mark(['kept', name], entry);\n",
    '',
  ]),
  check('adopted: a table that stands in no place is not named', [
    'if (!names.has(name))',
    'if (names.size === 0)',
  ]),
  check('adopted: a mark that is left is not named', ['of undecided)', 'of undecided.slice(999))']),
  check('adopted: a key that is not unique is taken', ['!isUnique(table, key.column)', 'false']),
  check('adopted: another fingerprint is taken', ['expected !== fingerprint', "expected === ''"]),
  check('adopted: a key from a schema that is not watched is not named', [
    'if (this.isOwned(to))',
    'if (!this.isOwned(to))',
  ]),
  rows('adopted: a table whose rows may not be read is passed over in silence', [
    'if (unread !== undefined) return { ...NO_FIGURES, failures: [unread] };',
    'if (unread !== undefined) return NO_FIGURES;',
  ]),
  rows('adopted: a sample is not said to be one', [
    'LIMIT ${this.sample})`, sampled: true',
    'LIMIT ${this.sample})`, sampled: false',
  ]),
  owned('adopted: a foreign key without an index is let pass', [
    'isIndexed(table, columns) ?',
    "table.kind !== 'partition' ?",
  ]),
];
