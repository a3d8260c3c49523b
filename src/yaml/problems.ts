import type { z } from 'zod';
import type { Path, Place, Places } from './places.js';

/** One thing that is wrong, and where. */
export interface Problem {
  readonly place: Place;
  readonly message: string;
}

/** How a message begins: with file, line and column, or with the name alone of what has no lines. */
export function beginning(file: string, { line, column }: Place): string {
  return line === 0 ? file : `${file}:${line}:${column}`;
}

/** What is wrong with a file, `file:line:column: what is wrong`, each once and in the order of the file. */
export function linesOf(file: string, problems: readonly Problem[]): string[] {
  const sorted = [...problems].sort((a, b) => a.place.line - b.place.line || a.place.column - b.place.column);
  return [...new Set(sorted.map(({ place, message }) => `${beginning(file, place)}: ${message}`))];
}

/** What a schema has against the content of a file; nothing where there is no error. */
export function problemsOfShape(error: z.ZodError | undefined, places: Places): Problem[] {
  return (error?.issues ?? []).flatMap((issue) => problemsOf(issue, places));
}

function problemsOf(issue: z.core.$ZodIssue, places: Places): Problem[] {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      place: places.ofKey([...path, key]),
      message: `${subjectOf([...path, key])}: is not known here`,
    }));
  if (issue.code === 'invalid_key')
    return issue.issues.map(({ message }) => ({
      place: places.ofKey(path),
      message: `${subjectOf(path)}: ${plain(message)}`,
    }));
  return [{ place: places.ofValue(path), message: `${subjectOf(path)}: ${plain(issue.message)}` }];
}

/** The keys that lead to something, as a message begins. */
function subjectOf(path: Path): string {
  return path.length === 0 ? 'the file' : path.map(String).join(' / ');
}

const plain = (message: string) =>
  firstLineOf(message)
    .replace(/^Invalid (input|option): /, '')
    .replace(/^expected (\w+), received undefined$/, 'is missing');

/** What a parser says, without its drawing of the place. */
export const firstLineOf = (message: string) => message.split('\n', 1)[0] ?? '';
