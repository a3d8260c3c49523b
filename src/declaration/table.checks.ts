import type { Path, Places, Problem } from '../yaml/index.js';
import { NameRefused, partsOfName, textOfName } from './qualified.name.js';

/** A table that stands somewhere in the file. */
interface Standing {
  readonly path: Path;
  /** Without doubt about quotes. */
  readonly name: string;
  readonly schema: string;
}

/**
 * What the parts of a file say of each other, table by table: looked for in whatever shape the rest of it is, so that
 * all is said at once.
 *
 * @param content of the file, unchecked
 */
export function placeProblems(content: unknown, places: Places): Problem[] {
  const tables = Object.entries(at(content, 'tables'));
  return [
    ...standingProblems(content, places),
    ...resourceProblems(content, places),
    ...tables.flatMap(([name, table]) => tableProblems(['tables', name], table, places)),
  ];
}

/** Every table in one place, and in a schema that is watched. */
function standingProblems(content: unknown, places: Places): Problem[] {
  const problems: Problem[] = [];
  const watched = listAt(at(content, 'database'), 'schemas').flatMap((schema) => partsOf(schema, 1) ?? []);
  const first = new Map<string, Path>();
  for (const { path, name, schema } of standing(content)) {
    const place = places.ofKey(path);
    const before = first.get(name);
    first.set(name, before ?? path);
    if (before !== undefined)
      problems.push({ place, message: `${name}: stands in two places: ${places.inWords(before)} already` });
    if (watched.length > 0 && !watched.includes(schema))
      problems.push({
        place,
        message: `${name}: its schema is not watched: name ${textOfName(schema)} in database / schemas, too`,
      });
  }
  return problems;
}

function standing(content: unknown): Standing[] {
  const given: [Path, unknown][] = [[['patient', 'table'], at(content, 'patient')['table']]];
  for (const section of ['tables', 'kept'])
    given.push(...Object.keys(at(content, section)).map((name): [Path, unknown] => [[section, name], name]));
  for (const [index, entry] of listAt(content, 'reference').entries())
    given.push([['reference', index], typeof entry === 'string' ? entry : at(entry)['table']]);
  return given.flatMap(([path, text]) => {
    const parts = partsOf(text, 2);
    return parts === undefined ? [] : [{ path, name: textOfName(...parts), schema: parts[0] ?? '' }];
  });
}

function resourceProblems(content: unknown, places: Places): Problem[] {
  const given: [Path, unknown][] = [[['patient', 'resource'], at(content, 'patient')['resource']]];
  for (const [name, table] of Object.entries(at(content, 'tables')))
    given.push([['tables', name, 'resource'], at(table)['resource']]);
  const first = new Map<unknown, Path>();
  return given.flatMap(([path, resource]) => {
    const before = first.get(resource);
    first.set(resource, before ?? path);
    if (before === undefined || typeof resource !== 'string') return [];
    const message = `${resource}: is the resource of the table ${places.inWords(before)}, too`;
    return [{ place: places.ofValue(path), message }];
  });
}

/** Exactly one way to the patient or one list of them, and words for what is done without. */
function tableProblems(path: Path, table: unknown, places: Places): Problem[] {
  const fields = at(table);
  const found: Problem[] = [];
  const say = (message: string, ...more: PropertyKey[]) => {
    found.push({
      place: places.ofKey([...path, ...more]),
      message: `${path.map(String).join(' / ')}: ${message}`,
    });
  };
  const ways = ['key', 'via', 'anyOf'].filter((way) => way in fields);
  if ('when' in fields && 'anyOf' in fields) say('has when beside anyOf: say it in each way', 'when');
  if (ways.length !== 1) say(`must have exactly one of key, via and anyOf, and has ${listed(ways)}`);
  for (const [index, way] of listAt(fields, 'anyOf').entries()) {
    const has = ['key', 'via'].filter((one) => one in at(way));
    if (has.length !== 1) say(`must have exactly one of key and via, and has ${listed(has)}`, 'anyOf', index);
  }
  if (fields['fence'] === 'none' && !('accepted' in fields))
    say('must say in accepted why there is no fence', 'fence');
  if ('accepted' in fields && fields['fence'] !== 'none') say('has accepted without fence: none', 'accepted');
  const hasKey = 'key' in fields || listAt(fields, 'anyOf').some((way) => 'key' in at(way));
  if (fields['upstream'] === true && hasKey)
    say('is upstream and must name by via, and by nothing else, the tables that point to it', 'upstream');
  const hasWhen = 'when' in fields || listAt(fields, 'anyOf').some((way) => 'when' in at(way));
  if (fields['upstream'] === true && hasWhen)
    say('is upstream and has when: a key leads to whatever row it names', 'upstream');
  for (const name of ['shared', 'fence', 'accepted'])
    if (fields['upstream'] === true && name in fields)
      say(
        `has ${name} beside upstream: its rows leave with the last who uses them, and the keys to them are its fence`,
        name,
      );
  return found;
}

const listed = (names: readonly string[]) => (names.length === 0 ? 'none' : names.join(' and '));

/** The parts of a name; undefined for what is none, of which the shape has been said to be wrong. */
function partsOf(text: unknown, parts: number): string[] | undefined {
  if (typeof text !== 'string') return undefined;
  try {
    return partsOfName(text, parts);
  } catch (error) {
    if (error instanceof NameRefused) return undefined;
    throw error;
  }
}

/** A map, or the map below a key of it; an empty one where there is none. */
function at(value: unknown, key?: string): Record<string, unknown> {
  const found = key === undefined ? value : at(value)[key];
  return typeof found === 'object' && found !== null && !Array.isArray(found)
    ? (found as Record<string, unknown>)
    : {};
}

function listAt(value: unknown, key: string): unknown[] {
  const found = at(value)[key];
  return Array.isArray(found) ? found : [];
}
