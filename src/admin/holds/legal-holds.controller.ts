import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { LegalHolds } from '../../patient/index.js';
import { BASE_PATH } from '../http/api.path.js';
import { pageExample } from '../http/examples.js';
import { HOLD } from './hold.examples.js';
import { ListReads } from '../http/list.reads.js';
import { Operation } from '../http/operation.decorator.js';
import { type Page, pageOf } from '../http/page.dto.js';
import type { Plain } from '../http/plain.js';
import { HoldsQuery, type LegalHoldDto, LegalHoldPageDto, toLegalHoldDto } from './legal-hold.dto.js';

/** The legal holds of all patients. */
@ApiTags('legal holds')
@Controller(`${BASE_PATH}/legal-holds`)
export class LegalHoldsController {
  private readonly lists = new ListReads();

  constructor(private readonly holds: LegalHolds) {}

  @Get()
  @Operation({
    id: 'listLegalHolds',
    summary: 'List the legal holds of all patients',
    description: 'Holds across patients, newest first.',
    roles: ['privacy-officer', 'auditor'],
    answers: [{ description: 'A page of holds.', type: LegalHoldPageDto, example: pageExample(HOLD) }],
  })
  async list(
    @Query() { state, cursor, limit }: HoldsQuery,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Page<Plain<LegalHoldDto>>> {
    const filter = { state, before: cursor, limit: limit + 1 };
    const found = await this.lists.read(response, (signal) => this.holds.page(filter, signal));
    return pageOf(found.map(toLegalHoldDto), limit, ({ holdId }) => holdId);
  }
}
