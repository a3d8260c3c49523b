import { IN_NO_FILE, linesOf, type Places, type Problem, problemsOfShape, readYaml } from '../yaml/index.js';
import type { Declaration } from './declaration.js';
import { linkProblems } from './link.checks.js';
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
  const { content, places, unclear, isReadable } = readYaml(text);
  if (!isReadable) throw refusedFor(file, unclear);
  return checked(content, file, places, unclear);
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
  const problems = [...unclear, ...problemsOfShape(shape.error, places)];
  problems.push(...placeProblems(content, places));
  if (shape.data === undefined) throw refusedFor(file, problems);
  const declaration = declarationOf(shape.data, file, places);
  problems.push(...linkProblems(declaration));
  if (problems.length > 0) throw refusedFor(file, problems);
  return declaration;
}

function refusedFor(file: string, problems: readonly Problem[]): DeclarationRefused {
  return new DeclarationRefused(linesOf(file, problems));
}
