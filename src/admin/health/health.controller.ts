import { Controller, Get, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { BASE_PATH } from '../http/api.path.js';
import { NOT_READY, READY } from '../http/examples.js';
import { LivenessDto, ReadinessDto } from './health.dto.js';
import { Operation } from '../http/operation.decorator.js';
import type { Plain } from '../http/plain.js';
import { Readiness } from './readiness.js';

/** For probes: below the base path, as everything, and at the root, where orchestrators look by habit. */
@ApiTags('health')
@Controller([`${BASE_PATH}/health`, 'health'])
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  @Get('live')
  @Operation({
    id: 'getLiveness',
    summary: 'Is the process alive?',
    description: 'Answers as long as the process does, whatever the database does.',
    roles: 'public',
    answers: [{ description: 'It is.', type: LivenessDto, example: { status: 'live' } }],
  })
  live(): Plain<LivenessDto> {
    return { status: 'live' };
  }

  @Get('ready')
  @Operation({
    id: 'getReadiness',
    summary: 'Can patients be deleted now?',
    description:
      'Tries to delete nobody, and takes it back: whether the database can be written to, in the right role, by ' +
      'complete tables, with commits that come to their end, and an audit log that is the one that was sealed. Names ' +
      'a cause by a code, and quotes nothing of the database.',
    roles: 'public',
    answers: [
      { description: 'Yes.', type: ReadinessDto, example: READY },
      { status: 503, description: 'No, and why.', type: ReadinessDto, example: NOT_READY },
    ],
    problems: ['RATE_LIMITED'],
  })
  async ready(@Res({ passthrough: true }) response: Response): Promise<Plain<ReadinessDto>> {
    const readiness = await this.readiness.check();
    if (readiness.status !== 'ready') response.status(503);
    return readiness;
  }
}
