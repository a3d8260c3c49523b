import { z } from 'zod';
import { DELETION_VETOES, type DeletionVeto } from '../common/index.js';
import { ConfigurationError } from './configuration.error.js';

const codesOf = (value: string) => value.split(',').map((code) => code.trim());
const isVeto = (code: string): code is DeletionVeto => DELETION_VETOES.some((veto) => veto === code);

/** Said where patients stand in a hospital's own tables. */
export const VETOES_OF_OTHERS =
  'DELETION_VETOES are about Silgi’s own tables, and DECLARATION names others; unset one of the two.';

/** Codes with commas between. */
export const deletionVetoes = z
  .string()
  .refine((value) => codesOf(value).every(isVeto), {
    error: `must be codes out of ${DELETION_VETOES.join(', ')}, with commas between`,
  })
  .transform((value) => codesOf(value).filter(isVeto));

/** @throws ConfigurationError where vetoes are on and a declaration names other tables than they are about */
export function assertVetoesFit(values: {
  readonly DECLARATION?: string | undefined;
  readonly DELETION_VETOES: readonly DeletionVeto[];
}): void {
  if (values.DECLARATION !== undefined && values.DELETION_VETOES.length > 0)
    throw new ConfigurationError(VETOES_OF_OTHERS);
}
