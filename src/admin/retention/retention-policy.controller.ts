import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { RetentionPolicy } from '../../retention/index.js';
import { BASE_PATH } from '../http/api.path.js';
import { Operation } from '../http/operation.decorator.js';
import type { Plain } from '../http/plain.js';
import { Nothing } from '../http/request.validation.js';
import { RetentionPolicyDto, toRetentionPolicyDto } from './retention-policy.dto.js';
import { POLICY } from './retention.examples.js';

/** How long what was deleted is kept. */
@ApiTags('retention')
@Controller(`${BASE_PATH}/retention-policy`)
export class RetentionPolicyController {
  constructor(private readonly policy: RetentionPolicy) {}

  @Get()
  @Operation({
    id: 'getRetentionPolicy',
    summary: 'Show how long what was deleted is kept',
    description:
      'The policy that is in force since the start of this service: the file that it was told (`RETENTION_POLICY`), or the ' +
      'default one, which nobody has signed off. Nothing is destroyed by it yet.',
    roles: ['privacy-officer', 'auditor'],
    answers: [{ description: 'The policy.', type: RetentionPolicyDto, example: POLICY }],
  })
  get(@Query() _: Nothing): Plain<RetentionPolicyDto> {
    return toRetentionPolicyDto(this.policy);
  }
}
