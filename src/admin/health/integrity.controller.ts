import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type IntegrityReport, IntegrityScan } from '../../catalogue/index.js';
import { DeletionMetrics } from '../../telemetry/index.js';
import { BASE_PATH } from '../http/api.path.js';
import { HEALTHY } from '../http/examples.js';
import { IntegrityReportDto } from './integrity.dto.js';
import { Operation } from '../http/operation.decorator.js';
import { Nothing } from '../http/request.validation.js';

/** The scan of the whole database. */
@ApiTags('integrity')
@Controller(`${BASE_PATH}/integrity`)
export class IntegrityController {
  constructor(
    private readonly scan: IntegrityScan,
    private readonly metrics: DeletionMetrics,
  ) {}

  @Get()
  @Operation({
    id: 'getIntegrity',
    summary: 'Scan the whole database for what no deletion may leave behind',
    description:
      'Looks at every patient-owned table and changes nothing. It takes as long as reading them does; ' +
      '`npx silgi integrity` shows its progress.',
    roles: ['auditor', 'system-admin', 'privacy-officer'],
    answers: [{ description: 'What was found.', type: IntegrityReportDto, example: HEALTHY }],
  })
  async report(@Query() _: Nothing): Promise<IntegrityReport> {
    const report = await this.scan.run();
    this.metrics.scanned(report.orphans.reduce((sum, { rows }) => sum + rows, 0));
    return report;
  }
}
