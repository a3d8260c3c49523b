/** The middle of some figures, and between which two the middle half of them lies. */
export interface Spread {
  readonly median: number;
  readonly q1: number;
  readonly q3: number;
}

/**
 * The value below which a share of all values lies, drawn as a straight line between the two nearest (Hyndman and
 * Fan's type 7, which R and NumPy use).
 *
 * @param share from 0 to 1
 * @throws RangeError where there are no values, or the share is none
 */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError('No values: there is no quantile of nothing.');
  if (!(share >= 0 && share <= 1)) throw new RangeError(`${share} is no share between 0 and 1.`);
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const [below = NaN, above = below] = sorted.slice(Math.floor(at), Math.floor(at) + 2);
  return below + (above - below) * (at - Math.floor(at));
}

/** @throws RangeError where there are no values */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** @throws RangeError where there are no values */
export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), q1: quantile(values, 0.25), q3: quantile(values, 0.75) };
}

/**
 * How one series stands to another that was taken in the same rounds: the spread of the ratios of each round, so that
 * what slows a whole round down does not count.
 *
 * @throws RangeError where the two are not of one length, or empty
 */
export function ratioSpread(ours: readonly number[], theirs: readonly number[]): Spread {
  if (ours.length !== theirs.length)
    throw new RangeError(`${ours.length} rounds on one side and ${theirs.length} on the other.`);
  return spreadOf(ours.map((value, round) => value / (theirs[round] ?? NaN)));
}

/** One sample: when it was taken, and what it showed. */
export type Point = readonly [at: number, value: number];

/**
 * How much the value grows per unit of time: the median of the slopes between all pairs of points (Theil and Sen), which
 * one odd sample does not turn.
 *
 * @throws RangeError where there are not two points at different times
 */
export function slopeOf(points: readonly Point[]): number {
  const slopes = points.flatMap(([at, value], index) =>
    points
      .slice(index + 1)
      .filter(([later]) => later !== at)
      .map(([later, then]) => (then - value) / (later - at)),
  );
  return median(slopes);
}
