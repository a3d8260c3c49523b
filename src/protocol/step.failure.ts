import {
  isNotInEncoding,
  obstacleOf,
  OBSTACLES,
  SilgiError,
  sqlstateOf,
  TextNotInEncoding,
  verdictOn,
} from '../common/index.js';
import { failedTable } from '../shards/index.js';
import { ShardFailed, ShardUnavailable } from './action.errors.js';
import { pointOf, type Step } from './protocol.steps.js';

/**
 * Turns whatever a step threw into an error of the contract that names phase, shard and, where known, table.
 * Errors of the domain pass unchanged; a database that cannot be reached or timed out is told apart from a
 * shard that failed for a reason of its own (RELIABILITY rule 10).
 */
export function failureOf(step: Step, error: unknown): SilgiError {
  if (error instanceof SilgiError) return error;
  if (isNotInEncoding(error))
    return new TextNotInEncoding(error, 'Everything was rolled back; nothing was changed.');
  const point = pointOf(step, failedTable(error).table);
  const where = `The ${point.shard} shard`;
  switch (verdictOn(error)) {
    case 'RETRY':
      return new ShardUnavailable(`${where} met a conflict with another transaction.`, point, {
        cause: error,
        retryable: true,
      });
    case 'UNAVAILABLE':
      return new ShardUnavailable(`${where} ${OBSTACLES[obstacleOf(error)]}.`, point, { cause: error });
    case 'FAILED': {
      const obstacle = obstacleOf(error);
      const how = obstacle === 'STATEMENT_FAILED' ? 'failed' : OBSTACLES[obstacle];
      return new ShardFailed(`${where} ${how} (${sqlstateOf(error) ?? 'no SQLSTATE'}).`, point, {
        cause: error,
      });
    }
  }
}

/** The shard whose table a failing COMMIT names (a deferred constraint), else the home shard's. */
export function commitFailureOf(commit: Step, error: unknown): SilgiError {
  const failure = failureOf(commit, error);
  const { shard } = failedTable(error);
  if (!(failure instanceof ShardFailed) || shard === undefined) return failure;
  return new ShardFailed(
    `The ${shard} shard failed at the commit.`,
    { ...failure.point, shard },
    { cause: error },
  );
}
