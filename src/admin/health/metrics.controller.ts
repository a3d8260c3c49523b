import { setTimeout as pause } from 'node:timers/promises';
import { Controller, Get, Header, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Public } from '../../auth/index.js';
import { MetricsRegistry, ReadinessMetrics } from '../../telemetry/index.js';
import { BASE_PATH } from '../http/api.path.js';
import { Readiness } from './readiness.js';
import { RequestMetrics } from './request.metrics.js';

/** A scraper does not wait for a database that says nothing: the service is not ready then. */
const READY_WITHIN_MS = 2_000;

/** For Prometheus: below the base path, and at the root, where it looks by habit. No JSON, so not in the document. */
@ApiExcludeController()
@Controller([`${BASE_PATH}/metrics`, 'metrics'])
export class MetricsController {
  constructor(
    private readonly registry: MetricsRegistry,
    private readonly metrics: ReadinessMetrics,
    private readonly requests: RequestMetrics,
    private readonly readiness: Readiness,
  ) {}

  @Get()
  @Public(true)
  @Header('Cache-Control', 'no-store')
  async text(@Res() response: Response): Promise<void> {
    const isReady = await this.isReady();
    this.metrics.found(isReady);
    if (isReady) await this.requests.count();
    else this.requests.forget();
    response.type(this.registry.contentType).send(await this.registry.metrics());
  }

  private async isReady(): Promise<boolean> {
    const checking = this.readiness.check().then(({ status }) => status === 'ready');
    const answered = new AbortController();
    const tooLate = pause(READY_WITHIN_MS, false, { signal: answered.signal });
    try {
      return await Promise.race([checking, tooLate]);
    } finally {
      answered.abort();
      tooLate.catch(() => undefined);
    }
  }
}
