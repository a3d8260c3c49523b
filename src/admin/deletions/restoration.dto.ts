import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { RESTORATION_REASONS, type RestorationReason } from '../../common/index.js';
import { RESTORATION_REQUEST } from '../http/examples.js';

/** Why a deletion is to be undone. */
@ApiSchema({ name: 'RestorationRequest', description: 'Why the deletion is to be undone, as a code.' })
export class RestorationRequestDto {
  @ApiProperty({
    description: 'Why; a code, never free text.',
    enum: RESTORATION_REASONS,
    enumName: 'RestorationReason',
    example: RESTORATION_REQUEST.reason,
  })
  @IsIn(RESTORATION_REASONS, { message: `must be one of ${RESTORATION_REASONS.join(', ')}` })
  reason: RestorationReason;
}
