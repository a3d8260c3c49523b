/** Between the pieces of a name; a word that is searched for has no control character in it. */
const SEPARATOR = String.raw`E'\x1f'`;

/** The text from one place on, cut into pieces of so many letters. */
const cut = (from: number, letters: number) =>
  String.raw`regexp_replace(substr(folded_name, ${from}), '${'.'.repeat(letters)}', E'\\&\x1f', 'g')`;

/**
 * Of built-in functions alone, so that whoever adds a patient needs no right on any other; compared by their bytes, so
 * that no library of the system has a say in it.
 */
const arrayOf = (...cuts: readonly string[]) =>
  `(array_remove(string_to_array(${cuts.join(` || ${SEPARATOR} || `)}, ${SEPARATOR}), '') COLLATE "C")`;

const EVERY_THREE = [cut(1, 3), cut(2, 3), cut(3, 3)];

/**
 * Expressions on a row of the patients: every three letters that follow each other in what a search looks through, and
 * of the live every two as well. Cut from the first, the second and the third letter on, every three of them are a piece
 * once. What is indexed of the deleted is written by every deletion, so that they have no twos.
 *
 * The indexes hold these very texts: they are changed by a migration only (docs/adr/0031-searches.md).
 */
export const NAME_GRAMS = {
  live: arrayOf(...EVERY_THREE, cut(1, 2), cut(2, 2)),
  deleted: arrayOf(...EVERY_THREE),
} as const;

/** Letters of the shortest word that each index finds. */
const SHORTEST = { live: 2, deleted: 3 } as const;

/**
 * What has to be among {@link NAME_GRAMS} of every text that holds all of these words: their letters by three, of a
 * word of two letters those two. A shorter word says nothing.
 */
export function gramsOf(words: readonly string[], half: keyof typeof NAME_GRAMS): string[] {
  return words.flatMap((word) => {
    const letters = Array.from(word);
    const length = Math.min(letters.length, 3);
    if (length < SHORTEST[half]) return [];
    return letters
      .slice(0, letters.length - length + 1)
      .map((_, from) => letters.slice(from, from + length).join(''));
  });
}
