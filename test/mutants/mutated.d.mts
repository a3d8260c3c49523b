import type { Mutation } from './mutations.mjs';

export const ROOT: string;
export function textOf(mutation: Mutation): string;
export function suitesOf(mutation: Pick<Mutation, 'suites'>): string[];
export function projectsOf(files: readonly string[]): string[];
