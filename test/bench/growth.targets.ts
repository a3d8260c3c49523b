import { figure, many, ratioText } from './figure.js';
import type { CatchUp, Growth, LevelCost, LinearCost } from './growth.figures.js';
import type { Target } from './results.js';

/** From the smallest hospital to the largest. */
const LEVEL = 1.5;
const BESIDE = 3;
const LIVE_WITHIN_MS = 1_000;
const SEALED_A_SECOND = 5_000;

/** What was promised of a hospital that grows. */
export function growthTargets({ sizes, level, linear }: Growth): Target[] {
  const [smallest = 0, largest = 0] = [sizes[0], sizes.at(-1)];
  const whose = `${many(largest)} patients to ${many(smallest)}`;
  return [
    ...level.filter(({ isPromised }) => isPromised).map((cost) => levelTarget(cost, whose)),
    ...linear.flatMap((cost) => {
      const ratio = linearRatio(cost, sizes);
      const slower = Math.max(...cost.sizes.map(({ deletionMs, idleMs }) => deletionMs / idleMs));
      const liveMs = Math.max(...cost.sizes.map((size) => size.liveMs));
      return [
        most(`${cost.name}: time per ${cost.unit}, ${many(largest)} patients to fewer`, LEVEL, ratio),
        most('p50 of single deletions beside it, to the idle service’s', BESIDE, slower),
        liveTarget('longest answer of `/health/live` beside it', liveMs),
      ];
    }),
  ];
}

/**
 * How the time for each patient or event of the largest hospital stands to the least of the smaller ones: what a start
 * costs weighs on the smallest alone, and hides nothing of this.
 */
export function linearRatio({ sizes }: LinearCost, patients: readonly number[]): number {
  const each = sizes.map(({ milliseconds }, at) => milliseconds / (patients[at] ?? NaN));
  return (each.at(-1) ?? NaN) / Math.min(...each.slice(0, -1));
}

/** What was promised of work that waits. */
export function catchUpTargets({ backlog, checkpoints }: CatchUp): Target[] {
  const rate = backlog.events / backlog.seconds;
  return [
    {
      name: `sealing of a backlog of ${many(backlog.events)} events`,
      wanted: `≥ ${many(SEALED_A_SECOND)} a second`,
      figure: `${many(rate)} a second`,
      reached: rate >= SEALED_A_SECOND,
    },
    liveTarget('longest answer of `/health/live` beside it', backlog.liveMs),
    liveTarget(
      `longest answer of \`/health/live\` beside the verification of ${many(checkpoints.count)} checkpoints`,
      checkpoints.api.liveMs,
    ),
  ];
}

function levelTarget({ name, ratio }: LevelCost, whose: string): Target {
  return {
    name: `${name}: ${whose}`,
    wanted: `≤ ${LEVEL}`,
    figure: ratioText(ratio),
    reached: ratio.median <= LEVEL,
  };
}

function most(name: string, wanted: number, value: number): Target {
  return { name, wanted: `≤ ${wanted}`, figure: figure(value), reached: value <= wanted };
}

function liveTarget(name: string, milliseconds: number): Target {
  return {
    name,
    wanted: `< ${many(LIVE_WITHIN_MS)} ms`,
    figure: `${many(milliseconds)} ms`,
    reached: milliseconds < LIVE_WITHIN_MS,
  };
}
