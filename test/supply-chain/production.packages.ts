import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');

/** A package of the lock file. */
export interface LockedPackage {
  /** Its folder, e.g. `node_modules/pg`. */
  readonly path: string;
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly deprecated?: string;
  readonly hasInstallScript?: boolean;
  readonly dev?: boolean;
  readonly optional?: boolean;
}

const LOCK = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, Omit<LockedPackage, 'path' | 'name'>>;
};

/** Every package of the lock file but the product itself. */
export const LOCKED: readonly LockedPackage[] = Object.entries(LOCK.packages)
  .filter(([path]) => path !== '')
  .map(([path, entry]) => ({ ...entry, path, name: path.slice(path.lastIndexOf('node_modules/') + 13) }));

/** What an installation without packages of development has, on any platform. */
export const PRODUCTION: readonly LockedPackage[] = LOCKED.filter(({ dev }) => dev !== true);

/** Name and version in one. */
export function idOf({ name, version }: { name: string; version: string }): string {
  return `${name}@${version}`;
}
