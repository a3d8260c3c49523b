import { Controller, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { DeletionBatches } from '../../batch/index.js';
import { BATCHES_PATH } from '../http/api.path.js';
import { BATCH } from '../http/examples.js';
import { Operation } from '../http/operation.decorator.js';
import type { Plain } from '../http/plain.js';
import { Nothing } from '../http/request.validation.js';
import { BatchPath, DeletionBatchDto, toBatchDto } from './deletion-batch.dto.js';

const STEERED = { description: 'The batch.', type: DeletionBatchDto, example: BATCH };

/** Pauses, resumes, cancels and retries batches. */
@ApiTags('deletion batches')
@Controller(BATCHES_PATH)
export class BatchSteeringController {
  constructor(private readonly batches: DeletionBatches) {}

  @Post(':batchId/pause')
  @Operation({
    id: 'pauseDeletionBatch',
    summary: 'Pause a batch',
    description: 'What is begun comes to its end; nothing more is begun until the batch is resumed.',
    roles: ['system-admin'],
    answers: [STEERED],
    problems: ['BATCH_NOT_FOUND', 'BATCH_STATE_CONFLICT'],
  })
  async pause(@Param() { batchId }: BatchPath, @Query() _: Nothing): Promise<Plain<DeletionBatchDto>> {
    return toBatchDto(await this.batches.pause(batchId));
  }

  @Post(':batchId/resume')
  @Operation({
    id: 'resumeDeletionBatch',
    summary: 'Resume a paused batch',
    description: 'Goes on where the batch was paused.',
    roles: ['system-admin'],
    answers: [STEERED],
    problems: ['BATCH_NOT_FOUND', 'BATCH_STATE_CONFLICT'],
  })
  async resume(@Param() { batchId }: BatchPath, @Query() _: Nothing): Promise<Plain<DeletionBatchDto>> {
    return toBatchDto(await this.batches.resume(batchId));
  }

  @Post(':batchId/cancel')
  @Operation({
    id: 'cancelDeletionBatch',
    summary: 'Cancel a batch',
    description:
      'What is begun comes to its end; what is not is never begun. Who has been deleted stays deleted.',
    roles: ['system-admin'],
    answers: [STEERED],
    problems: ['BATCH_NOT_FOUND', 'BATCH_STATE_CONFLICT'],
  })
  async cancel(@Param() { batchId }: BatchPath, @Query() _: Nothing): Promise<Plain<DeletionBatchDto>> {
    return toBatchDto(await this.batches.cancel(batchId));
  }

  @Post(':batchId/retry')
  @Operation({
    id: 'retryDeletionBatch',
    summary: 'Try the failed patients of a batch again',
    description: 'Puts every line that is FAILED back into the queue; all others stay as they are.',
    roles: ['system-admin'],
    answers: [STEERED],
    problems: ['BATCH_NOT_FOUND', 'BATCH_STATE_CONFLICT'],
  })
  async retry(@Param() { batchId }: BatchPath, @Query() _: Nothing): Promise<Plain<DeletionBatchDto>> {
    return toBatchDto(await this.batches.retry(batchId));
  }
}
