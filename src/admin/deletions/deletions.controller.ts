import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { DeletionRecords } from '../../patient/index.js';
import { BASE_PATH } from '../http/api.path.js';
import {
  type DeletionRecordDto,
  DeletionRecordPageDto,
  DeletionsQuery,
  toDeletionRecordDto,
} from './deletion-record.dto.js';
import { pageExample, RECORD } from '../http/examples.js';
import { ListReads } from '../http/list.reads.js';
import { Operation } from '../http/operation.decorator.js';
import { type Page, pageOf } from '../http/page.dto.js';
import type { Plain } from '../http/plain.js';

/** The deletions of all patients. */
@ApiTags('deletions')
@Controller(`${BASE_PATH}/deletions`)
export class DeletionsController {
  private readonly lists = new ListReads();

  constructor(private readonly records: DeletionRecords) {}

  @Get()
  @Operation({
    id: 'listDeletions',
    summary: 'List the deletions of all patients',
    description: 'Records of deletions across patients, newest first.',
    roles: ['system-admin', 'privacy-officer', 'auditor'],
    answers: [
      { description: 'A page of records.', type: DeletionRecordPageDto, example: pageExample(RECORD) },
    ],
  })
  async list(
    @Query() { state, cursor, limit }: DeletionsQuery,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Page<Plain<DeletionRecordDto>>> {
    const filter = {
      ...(state !== undefined && { state }),
      ...(cursor !== undefined && { before: cursor }),
      limit: limit + 1,
    };
    const found = await this.lists.read(response, (signal) => this.records.page(filter, signal));
    return pageOf(found.map(toDeletionRecordDto), limit, ({ deletionId }) => deletionId);
  }
}
