import { isAlias, isMap, isNode, isScalar, isSeq, type LineCounter, type Node, visit } from 'yaml';
import type { Document } from 'yaml';

/** Where something stands in the file; both count from 1, and are 0 where it is of no file. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** The keys and numbers that lead to something in the file. */
export type Path = readonly PropertyKey[];

/** Where the parts of a file stand. */
export interface Places {
  /** The value of a path; where it is not there, the innermost key on the way that is. */
  ofValue(path: Path): Place;
  /** The key at the end of a path, or the value where that has none. */
  ofKey(path: Path): Place;
  /** The same for people: `in line 7`. */
  inWords(path: Path): string;
}

/** An object of JavaScript has no lines. */
export const IN_NO_FILE: Places = {
  ofValue: () => ({ line: 0, column: 0 }),
  ofKey: () => ({ line: 0, column: 0 }),
  inWords: (path) => `at ${path.map(String).join(' / ')}`,
};

/** Where in a YAML file a value, or the key before it, stands. */
export class PlacesInFile implements Places {
  constructor(
    private readonly document: Document,
    private readonly lines: LineCounter,
  ) {}

  ofValue(path: Path): Place {
    const { node, key } = this.follow(path);
    return this.at(node ?? key);
  }

  ofKey(path: Path): Place {
    const { node, key } = this.follow(path);
    return this.at(key ?? node);
  }

  inWords(path: Path): string {
    return `in line ${this.ofKey(path).line}`;
  }

  ofOffset(offset: number): Place {
    const { line, col } = this.lines.linePos(offset);
    // An empty file has no lines.
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }

  /** What stands in the file by reference to another place: two places would be one. */
  aliases(): Place[] {
    const found: Place[] = [];
    visit(this.document, {
      Alias: (_, node) => {
        found.push(this.at(node));
      },
    });
    return found;
  }

  private follow(path: Path): { node: Node | undefined; key: Node | undefined } {
    let node: unknown = this.document.contents;
    let key: Node | undefined;
    for (const part of path) {
      if (isMap(node)) {
        const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === part);
        if (pair === undefined) return { node: undefined, key: key ?? node };
        key = isNode(pair.key) ? pair.key : key;
        node = pair.value;
      } else if (isSeq(node) && typeof part === 'number') {
        node = node.items[part];
        key = isNode(node) ? node : key;
      } else break;
    }
    return { node: isNode(node) && !isAlias(node) && node.range?.[0] !== undefined ? node : undefined, key };
  }

  private at(node: Node | undefined): Place {
    return this.ofOffset(node?.range?.[0] ?? 0);
  }
}
