import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { type IntegrityReport, IntegrityScan } from '../../catalogue/index.js';
import { DeletionMetrics } from '../../telemetry/index.js';
import { BASE_PATH } from '../http/api.path.js';
import { HEALTHY } from '../http/examples.js';
import { IntegrityReportDto } from './integrity.dto.js';
import { LongScan, TAKES_MINUTES } from '../http/long.scan.js';
import { Operation } from '../http/operation.decorator.js';
import { Nothing } from '../http/request.validation.js';

/** The scan of the whole database. */
@ApiTags('integrity')
@Controller(`${BASE_PATH}/integrity`)
export class IntegrityController {
  private readonly scan: LongScan<IntegrityReport>;

  constructor(
    scan: IntegrityScan,
    private readonly metrics: DeletionMetrics,
  ) {
    this.scan = new LongScan('An integrity scan', (signal) => scan.run(undefined, signal));
  }

  @Get()
  @Operation({
    id: 'getIntegrity',
    summary: 'Scan the whole database for what no deletion may leave behind',
    description:
      'Looks at every patient-owned table and changes nothing. It takes as long as reading them does, waits for ' +
      'no lock longer than a deletion does, and ends when the caller closes the connection. One runs at a time: a ' +
      'second call is refused, as the answer of the first would be older than its question. `npx silgi integrity` ' +
      `shows its progress. ${TAKES_MINUTES}`,
    roles: ['auditor', 'system-admin', 'privacy-officer'],
    answers: [{ description: 'What was found.', type: IntegrityReportDto, example: HEALTHY }],
    problems: ['SCAN_IN_PROGRESS'],
  })
  async report(
    @Query() _: Nothing,
    @Res({ passthrough: true }) response: Response,
  ): Promise<IntegrityReport> {
    const report = await this.scan.run(response);
    this.metrics.scanned(report.orphans.reduce((sum, { rows }) => sum + rows, 0));
    return report;
  }
}
