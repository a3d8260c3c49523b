import { LineCounter, parseDocument } from 'yaml';
import { type Places, PlacesInFile } from './places.js';
import { firstLineOf, type Problem } from './problems.js';

/** What a file says, and what is unclear in how it is written. */
export interface Written {
  /** As values of JavaScript; undefined where nothing is known of it. */
  readonly content: unknown;
  readonly places: Places;
  readonly unclear: readonly Problem[];
  /** Whether the content is known, so that it can be checked on. */
  readonly isReadable: boolean;
}

/** Reads what a person has written. @param text YAML 1.2, in which nothing stands by reference to another place */
export function readYaml(text: string): Written {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const places = new PlacesInFile(document, lines);
  const unclear = [...document.errors, ...document.warnings].map(({ message, pos }) => ({
    place: places.ofOffset(pos[0]),
    message: firstLineOf(message),
  }));
  for (const place of places.aliases())
    unclear.push({ place, message: 'an alias is not followed here: write out what it stands for' });
  // A map with the same key twice can be read on; whatever else the parser says leaves the content unknown.
  const isReadable = unclear.length <= document.errors.filter(({ code }) => code === 'DUPLICATE_KEY').length;
  return { content: isReadable ? document.toJS() : undefined, places, unclear, isReadable };
}
