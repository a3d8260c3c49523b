/** At most five digits each, so that no sum of them loses a day. */
const PERIOD = /^P(?=\d)(?:(\d{1,5})Y)?(?:(\d{1,5})M)?(?:(\d{1,5})D)?$/;
const LONGEST_YEARS = 100;
/** Of the Gregorian calendar, on average. */
const DAYS_OF_YEAR = 365.2425;

/**
 * A period of whole years, months and days, as ISO 8601 writes it shortest: twelve months are a year, and nothing that
 * is zero is written.
 *
 * @returns undefined for anything else, and for more than 100 years
 */
export function periodIn(text: string): string | undefined {
  const parts = PERIOD.exec(text);
  if (parts === null) return undefined;
  const [years = 0, months = 0, days = 0] = parts
    .slice(1)
    .map((digits: string | undefined) => Number(digits ?? 0));
  const allMonths = 12 * years + months;
  if (allMonths * DAYS_OF_YEAR + 12 * days > 12 * LONGEST_YEARS * DAYS_OF_YEAR) return undefined;
  const written = [
    [Math.floor(allMonths / 12), 'Y'],
    [allMonths % 12, 'M'],
    [days, 'D'],
  ] as const;
  const left = written.filter(([number]) => number > 0).map((part) => part.join(''));
  return left.length === 0 ? 'P0D' : `P${left.join('')}`;
}
