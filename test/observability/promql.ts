/** The names in a PromQL expression: each metric with the labels that are asked of it, and labels to group by. */
export interface PromqlNames {
  readonly selectors: { readonly metric: string; readonly labels: readonly string[] }[];
  readonly grouping: readonly string[];
}

const KEYWORDS = new Set(['and', 'or', 'unless', 'bool', 'offset', 'inf', 'nan']);
const LISTS = new Set(['by', 'without', 'on', 'ignoring', 'group_left', 'group_right']);
const TOKEN =
  /\s+|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\$\w+|\[[^\]]*\]|\d[\w.]*|[A-Za-z_:][\w:]*|[{}(),]|[=!<>]=?~?|[-+*/%^]/y;

/**
 * Reads the names in an expression; enough of PromQL for rules and dashboards, and nothing is skipped in silence.
 *
 * @throws Error at what is not understood
 */
export function namesIn(expression: string): PromqlNames {
  const tokens = tokensOf(expression);
  const selectors: { metric: string; labels: string[] }[] = [];
  const grouping: string[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] ?? '';
    if (token === '{') throw new Error(`A selector without a metric in: ${expression}`);
    if (!/^[A-Za-z_:]/.test(token) || KEYWORDS.has(token.toLowerCase())) continue;
    const next = tokens[at + 1];
    if (LISTS.has(token)) {
      const end = tokens.indexOf(')', at);
      grouping.push(...tokens.slice(at + 2, end).filter((one) => one !== ','));
      at = end;
    } else if (next === '{') {
      const end = tokens.indexOf('}', at);
      selectors.push({ metric: token, labels: labelsOf(tokens.slice(at + 2, end)) });
      at = end;
      // A function or aggregation; everything else is a metric.
    } else if (next !== '(' && !LISTS.has(next ?? '')) selectors.push({ metric: token, labels: [] });
  }
  return { selectors, grouping };
}

function labelsOf(matchers: readonly string[]): string[] {
  return matchers.filter((_, index) => /^[=!]=?~?$/.test(matchers[index + 1] ?? ''));
}

function tokensOf(expression: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < expression.length) {
    const from = TOKEN.lastIndex;
    const found = TOKEN.exec(expression)?.[0];
    if (found === undefined) throw new Error(`Not understood: ${expression.slice(from)}`);
    if (found.trim() !== '') tokens.push(found);
  }
  return tokens;
}
