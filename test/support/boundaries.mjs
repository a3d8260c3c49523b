// Checks the boundary rules of docs/architecture.md on src, and on a deliberately wrong tree that proves that
// every rule fires. Each file of that tree names the rules that it breaks, as `// breaks: rule, rule`.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { cruise } from 'dependency-cruiser';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { graphRules, TEXT_RULES } from './boundaries.rules.mjs';

const ROOT = resolve(import.meta.dirname, '../..');
const FIXTURE = join(ROOT, 'test/fixtures/boundaries');

/** The violations of a tree: file, rule, and what was imported or the line. */
async function violationsOf(root) {
  return [...(await graphViolations(root)), ...(await textViolations(root))];
}

async function graphViolations(root) {
  const { output } = await cruise(['src'], {
    baseDir: root,
    validate: true,
    ruleSet: { forbidden: graphRules(root) },
    // Imports of types alone count too.
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
  });
  // A cycle is reported once, at one of its files.
  return output.summary.violations.map(({ from, to, rule }) => ({ file: from, rule: rule.name, to }));
}

async function textViolations(root) {
  const found = [];
  for (const { name, files, ignores, rule, options } of TEXT_RULES) {
    const eslint = new ESLint({
      cwd: root,
      // Only this rule, and no comment in a file can switch it off.
      overrideConfigFile: true,
      allowInlineConfig: false,
      overrideConfig: [
        {
          files,
          ignores,
          languageOptions: { parser: tseslint.parser },
          rules: { [rule]: [2, options(name)] },
        },
        { ignores: ['**/*.js'] },
      ],
    });
    for (const { filePath, messages } of await eslint.lintFiles(files)) {
      const file = relative(root, filePath);
      found.push(...messages.map(({ line }) => ({ file, rule: name, to: `line ${line}` })));
    }
  }
  return found;
}

/** What the files of the wrong tree say that they break. */
function announced() {
  return readdirSync(join(FIXTURE, 'src'), { recursive: true })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => {
      const text = readFileSync(join(FIXTURE, 'src', name), 'utf8');
      const rules = /^\/\/ breaks: (.+)$/m.exec(text)?.[1]?.split(', ') ?? [];
      return rules.map((rule) => `src/${name}: ${rule}`);
    });
}

const rules = new Set([...graphRules(FIXTURE), ...TEXT_RULES].map(({ name }) => name));
const expected = new Set(announced());
const fired = new Set((await violationsOf(FIXTURE)).map(({ file, rule }) => `${file}: ${rule}`));
const fires = (rule) => [...fired].some((line) => line.endsWith(`: ${rule}`));

const violations = (await violationsOf(ROOT)).map(({ file, rule, to }) => `${file}: ${rule} (${to})`);
const doubts = [
  ...[...rules].filter((rule) => !fires(rule)).map((rule) => `never fires in the fixture: ${rule}`),
  ...[...expected].filter((line) => !fired.has(line)).map((line) => `did not fire in the fixture: ${line}`),
  ...[...fired].filter((line) => !expected.has(line)).map((line) => `fired without a reason: ${line}`),
];
for (const line of [...violations, ...doubts]) console.error(line);
const proof =
  doubts.length === 0 ? 'each fires in the fixture' : 'NOT each fires in the fixture as it should';
console.log(`boundaries: ${rules.size} rules, ${proof}; ${violations.length} violations in src`);
process.exitCode = violations.length + doubts.length === 0 ? 0 : 1;
