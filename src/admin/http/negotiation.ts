import type { Request } from 'express';
import { type Language, LANGUAGES } from '../../certificate/index.js';
import { NotAcceptable } from './request.errors.js';

/** What a file depends on besides its path. */
export const VARIES = ['Accept', 'Accept-Language'];

/**
 * The media type of these that the request likes best.
 *
 * @throws NotAcceptable
 */
export function formOf<T extends string>(request: Request, forms: readonly T[]): T {
  const accepted = request.accepts([...forms]);
  const form = forms.find((known) => known === accepted);
  if (form === undefined) throw new NotAcceptable(forms);
  return form;
}

/** A language that there is not is no reason to refuse: the answer says which one it is in. */
export function languageOf(request: Request): Language {
  const accepted = request.acceptsLanguages([...LANGUAGES]);
  return LANGUAGES.find((known) => known === accepted) ?? LANGUAGES[0];
}
