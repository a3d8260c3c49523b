/** What the records of holds and of data subjects' requests are written with, beside codes: each a text of one form. */

/** The number of a case: digits and letters (Latin, Greek and Cyrillic), and what stands between them; no blank at either end. */
export const CASE_NUMBER =
  /^[0-9A-Za-zÀ-ӿ,./:_#()-](?:[0-9A-Za-zÀ-ӿ ,./:_#()-]{0,62}[0-9A-Za-zÀ-ӿ,./:_#()-])?$/;
export const NO_CASE_NUMBER =
  'must be the number of a case: 1 to 64 letters, digits, blanks between them or ,./:_#()-';

/** A day of this century, as 2026-11-30. February may have 31 of them here: whether there is such a day is asked besides. */
export const DAY = /^20\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/;
export const NO_DAY = 'must be a day such as 2026-11-30';
