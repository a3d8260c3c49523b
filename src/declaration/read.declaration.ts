import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { linkProblems } from './link.checks.js';
import type { Declaration } from './declaration.js';
import {
  beginning,
  IN_NO_FILE,
  type Path,
  type Places,
  PlacesInFile,
  type Problem,
} from './declaration.places.js';
import { declarationSchema } from './declaration.schema.js';
import { declarationOf } from './declaration.content.js';
import { placeProblems } from './table.checks.js';

/** What is no declaration: every reason is a line of its own, `file:line:column: what is wrong`. */
export class DeclarationRefused extends Error {
  override readonly name = 'DeclarationRefused';

  constructor(readonly lines: readonly string[]) {
    super(lines.join('\n'));
  }
}

/**
 * Reads a declaration and checks all of it that can be checked without the database.
 *
 * @param text the content of the file, YAML 1.2
 * @param file its name, for messages
 * @throws DeclarationRefused with every reason, in the order of the file
 */
export function readDeclaration(text: string, file: string): Declaration {
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
  if (unclear.length > document.errors.filter(({ code }) => code === 'DUPLICATE_KEY').length)
    throw refusedFor(file, unclear);
  return checked(document.toJS(), file, places, unclear);
}

/**
 * The same of the content of such a file, as an object of JavaScript. What JSON leaves out of it is not there.
 *
 * @param name what messages call it
 * @throws DeclarationRefused
 */
export function readDeclarationObject(content: unknown, name: string): Declaration {
  let plainContent: unknown;
  try {
    plainContent = (JSON.parse(JSON.stringify({ content })) as { content?: unknown }).content;
  } catch {
    throw new DeclarationRefused([`${name}: cannot be written as JSON`]);
  }
  return checked(plainContent, name, IN_NO_FILE, []);
}

function checked(content: unknown, file: string, places: Places, unclear: readonly Problem[]): Declaration {
  const shape = declarationSchema.safeParse(content);
  const problems = [...unclear, ...(shape.error?.issues ?? []).flatMap((issue) => problemsOf(issue, places))];
  problems.push(...placeProblems(content, places));
  if (shape.data === undefined) throw refusedFor(file, problems);
  const declaration = declarationOf(shape.data, file, places);
  problems.push(...linkProblems(declaration));
  if (problems.length > 0) throw refusedFor(file, problems);
  return declaration;
}

function refusedFor(file: string, problems: readonly Problem[]): DeclarationRefused {
  const sorted = [...problems].sort((a, b) => a.place.line - b.place.line || a.place.column - b.place.column);
  const lines = sorted.map(({ place, message }) => `${beginning(file, place)}: ${message}`);
  return new DeclarationRefused([...new Set(lines)]);
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
export function subjectOf(path: Path): string {
  return path.length === 0 ? 'the file' : path.map(String).join(' / ');
}

const plain = (message: string) =>
  firstLineOf(message)
    .replace(/^Invalid (input|option): /, '')
    .replace(/^expected (\w+), received undefined$/, 'is missing');

const firstLineOf = (message: string) => message.split('\n', 1)[0] ?? '';
