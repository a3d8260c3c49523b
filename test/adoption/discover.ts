import { parse } from 'yaml';
import { adoptDiscoverCommand } from '../../src/cli/adopt.discover.command.js';
import { runInProcess } from '../support/command.js';

/** A table of a proposed declaration, as far as the tests read it. */
export interface Proposed {
  readonly key?: string;
  readonly via?: Readonly<Record<string, string>>;
  readonly anyOf?: readonly Proposed[];
  readonly agree?: Readonly<Record<string, string>>;
  readonly upstream?: boolean;
  readonly fence?: string;
  readonly rowIdentity?: string;
  readonly freeText?: readonly string[];
  readonly decide: readonly string[];
}

export interface Proposal {
  readonly code: number;
  /** The file alone. */
  readonly text: string;
  /** What was said beside it. */
  readonly said: string;
  readonly patient: { readonly table: string; readonly key: object; readonly decide: readonly string[] };
  readonly tables: Readonly<Record<string, Proposed>>;
  readonly kept: Readonly<Record<string, Proposed>>;
  readonly reference: readonly { readonly table: string; readonly decide: readonly string[] }[];
  readonly database: { readonly schemas: readonly string[]; readonly decide?: readonly string[] };
}

/** Runs `adopt discover` on a database in this process. */
export async function propose(url: string, ...args: string[]): Promise<Proposal> {
  const before = process.env['DATABASE_URL'];
  process.env['DATABASE_URL'] = url;
  try {
    const { code, said } = await runInProcess(adoptDiscoverCommand(), ...args);
    const [, text = ''] =
      /^(# Proposed [^]*?\n)(?=Refused as|Not even|Not read|\S+ seems to be)/m.exec(said) ?? [];
    return { code, said, text, ...(parse(text) as Omit<Proposal, 'code' | 'said' | 'text'>) };
  } finally {
    process.env['DATABASE_URL'] = before;
  }
}
