import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from './production.packages.js';

/** A package that a file imports; `types` where nothing of it is there at run time. */
export interface Import {
  readonly file: string;
  readonly name: string;
  readonly types: boolean;
}

/** Every file below a folder of the repository, generated and deliberately wrong ones aside. */
export function filesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name}`)
    .filter((name) => /\.(?:ts|mjs|js)$/.test(name) && !name.startsWith('test/fixtures/'));
}

/** The packages that a file imports, in whatever way TypeScript and Node know. */
export function importsOf(file: string): Import[] {
  const source = ts.createSourceFile(
    file,
    readFileSync(join(ROOT, file), 'utf8'),
    ts.ScriptTarget.Latest,
    true,
  );
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, types: boolean) => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return;
    const { text } = specifier;
    if (/^[./]/.test(text) || isBuiltin(text) || text.includes(':')) return;
    found.push({ file, name: text.split('/', text.startsWith('@') ? 2 : 1).join('/'), types });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node))
      add(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      add(node.argument.literal, true);
    else if (ts.isCallExpression(node) && isLoader(node.expression)) add(node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Packages whose name, or a path in which, stands in a text of a file: how Node is asked for the path of a file. */
export function packagesNamedIn(file: string, packages: readonly string[]): string[] {
  const source = ts.createSourceFile(file, readFileSync(join(ROOT, file), 'utf8'), ts.ScriptTarget.Latest);
  const texts: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) texts.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return packages.filter((name) => texts.some((text) => text === name || text.startsWith(`${name}/`)));
}

/** `import()`, `require()`, `require.resolve()` and `import.meta.resolve()`. */
function isLoader(called: ts.Expression): boolean {
  return (
    called.kind === ts.SyntaxKind.ImportKeyword ||
    /^(?:require|\w*[rR]equire\.resolve|import\.meta\.resolve)$/.test(called.getText())
  );
}
