import { z } from 'zod';
import { DELETION_VETOES, type DeletionVeto } from '../common/index.js';

const codesOf = (value: string) => value.split(',').map((code) => code.trim());
const isVeto = (code: string): code is DeletionVeto => DELETION_VETOES.some((veto) => veto === code);

/** Codes with commas between. */
export const deletionVetoes = z
  .string()
  .refine((value) => codesOf(value).every(isVeto), {
    error: `must be codes out of ${DELETION_VETOES.join(', ')}, with commas between`,
  })
  .transform((value) => codesOf(value).filter(isVeto));
