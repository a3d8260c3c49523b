import { Controller, Get, Header, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Public } from '../auth/index.js';
import { DeletionMetrics } from '../metrics/index.js';
import { BASE_PATH } from './api.path.js';

/** For Prometheus: below the base path, and at the root, where it looks by habit. No JSON, so not in the document. */
@ApiExcludeController()
@Controller([`${BASE_PATH}/metrics`, 'metrics'])
export class MetricsController {
  constructor(private readonly metrics: DeletionMetrics) {}

  @Get()
  @Public(true)
  @Header('Cache-Control', 'no-store')
  async text(@Res() response: Response): Promise<void> {
    response.type(this.metrics.registry.contentType).send(await this.metrics.registry.metrics());
  }
}
