import { Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import {
  ApiBody,
  ApiExtraModels,
  ApiHeader,
  ApiNoContentResponse,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { AskedBy } from '../../auth/index.js';
import type { Requester } from '../../common/index.js';
import { type BatchOrder, DeletionBatches, PatientList, readCsvList, type Taken } from '../../batch/index.js';
import { BATCHES_PATH } from '../http/api.path.js';
import { isCsvUpload } from './batch.upload.js';
import {
  type DeletionBatchItemDto,
  DeletionBatchItemPageDto,
  DeletionBatchItemsQuery,
  toItemDto,
} from './batch-item.dto.js';
import { contradictionsOf, DeletionBatchQuery, DeletionBatchRequestDto } from './batch-request.dto.js';
import {
  BatchPath,
  DeletionBatchDto,
  DeletionBatchesQuery,
  DeletionBatchEventsDto,
  DeletionBatchPageDto,
  toBatchDto,
} from './deletion-batch.dto.js';
import { EventStreams, MOST_OUTCOMES } from './event.streams.js';
import { ListUploads } from './list.uploads.js';
import { BATCH, BATCH_ITEM, BATCH_REQUEST, pageExample } from '../http/examples.js';
import { IdempotencyKey } from '../http/idempotency-key.js';
import { ListReads } from '../http/list.reads.js';
import { Operation } from '../http/operation.decorator.js';
import { type Page, pageOf } from '../http/page.dto.js';
import type { Plain } from '../http/plain.js';
import { type FieldError, ValidationFailed } from '../http/request.errors.js';
import { requestIdOf } from '../http/request.log.js';
import { Nothing, requestValidation } from '../http/request.validation.js';

const READERS = ['system-admin', 'privacy-officer', 'auditor'] as const;
const EVENT_ID = /^\d{1,15}$/;

const TAKEN = {
  status: 202,
  type: DeletionBatchDto,
  example: BATCH,
  description: 'The batch is stored and will be worked at; nothing of it is lost from here on.',
  headers: {
    Location: { description: 'Path of the batch.', required: true, schema: { type: 'string' } as const },
    'Idempotency-Replayed': {
      description: '`true` where an earlier request has made this batch.',
      schema: { type: 'string' } as const,
    },
  },
};
const KEY = {
  name: 'Idempotency-Key',
  required: false,
  description: 'Recommended: a repeat gets the batch that is there. Any 1 to 255 visible ASCII characters.',
  schema: { type: 'string', pattern: '^[!-~]{1,255}$' },
};

/** Deletes many patients, each one atomic for itself. */
@ApiTags('deletion batches')
@Controller(BATCHES_PATH)
export class DeletionBatchesController {
  private readonly lists = new ListReads();

  private readonly validation = requestValidation();

  constructor(
    private readonly batches: DeletionBatches,
    private readonly streams: EventStreams,
    private readonly uploads: ListUploads,
  ) {}

  @Post()
  @Operation({
    id: 'createDeletionBatch',
    summary: 'Delete many patients, or see what that would do',
    description:
      'Takes a list of patients: in JSON up to 10,000, as `text/csv` up to 1,000,000, with `reason`, `legalBasis` and ' +
      '`dryRun` in the query, two at a time of one caller. They are named by their ids, or in a hospital’s own tables by its ' +
      'keys, which are stored nowhere. Every patient is an atomic deletion with an audit event of its own; unusable lines are ' +
      'reported by their number. Unless `dryRun` is `false`, every patient is only previewed.',
    roles: ['system-admin'],
    answers: [TAKEN],
    problems: ['BATCH_LIST_UNREADABLE', 'IDEMPOTENCY_KEY_REUSED', 'REQUEST_IN_PROGRESS'],
  })
  @ApiHeader(KEY)
  @ApiExtraModels(DeletionBatchRequestDto)
  @ApiBody({
    schema: { $ref: getSchemaPath(DeletionBatchRequestDto) },
    examples: { request: { summary: 'A dry run', value: BATCH_REQUEST } },
  })
  async create(
    @Query() query: DeletionBatchQuery,
    @IdempotencyKey() idempotencyKey: string | undefined,
    @AskedBy() requester: Requester,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Plain<DeletionBatchDto>> {
    const by = { ...requester, requestId: requestIdOf(request), idempotencyKey };
    const isCsv = isCsvUpload(request);
    const leave = isCsv ? this.uploads.enter(requester.requestedBy) : undefined;
    try {
      const { list, ...asked } = await (isCsv ? csvOf(request, query) : this.jsonOf(request, query));
      return answer(response, await this.batches.create({ ...asked, ...by }, list));
    } finally {
      leave?.();
    }
  }

  @Get()
  @Operation({
    id: 'listDeletionBatches',
    summary: 'List the batches of deletions',
    description: 'Batches, newest first.',
    roles: READERS,
    answers: [{ description: 'A page of batches.', type: DeletionBatchPageDto, example: pageExample(BATCH) }],
  })
  async list(
    @Query() { state, cursor, limit }: DeletionBatchesQuery,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Page<Plain<DeletionBatchDto>>> {
    const filter = {
      ...(state !== undefined && { state }),
      ...(cursor !== undefined && { before: cursor }),
      limit: limit + 1,
    };
    const found = await this.lists.read(response, () => this.batches.page(filter));
    return pageOf(found.map(toBatchDto), limit, ({ batchId }) => batchId);
  }

  @Get(':batchId')
  @Operation({
    id: 'getDeletionBatch',
    summary: 'Show how a batch goes',
    description:
      'State, counts, rate and the time left. A batch is removed with its list `BATCH_RETENTION_DAYS` (90) days after ' +
      'its end; from then on it is answered as one that there never was. The records and audit events of its deletions stay.',
    roles: READERS,
    answers: [{ description: 'The batch.', type: DeletionBatchDto, example: BATCH }],
    problems: ['BATCH_NOT_FOUND'],
  })
  async get(@Param() { batchId }: BatchPath, @Query() _: Nothing): Promise<Plain<DeletionBatchDto>> {
    return toBatchDto(await this.batches.get(batchId));
  }

  @Get(':batchId/items')
  @Operation({
    id: 'listDeletionBatchItems',
    summary: 'List what became of every patient of a batch',
    description: 'The lines of the list in their order, each with its own outcome.',
    roles: READERS,
    answers: [
      { description: 'A page of lines.', type: DeletionBatchItemPageDto, example: pageExample(BATCH_ITEM) },
    ],
    problems: ['BATCH_NOT_FOUND'],
  })
  async items(
    @Param() { batchId }: BatchPath,
    @Query() { state, cursor, limit }: DeletionBatchItemsQuery,
    @Res({ passthrough: true }) response: Response,
  ): Promise<{ items: Plain<DeletionBatchItemDto>[]; nextCursor: number | null }> {
    const filter = {
      ...(state !== undefined && { states: [state] }),
      ...(cursor !== undefined && { after: cursor }),
      limit: limit + 1,
    };
    const found = await this.lists.read(response, () => this.batches.items(batchId, filter));
    const items = found.slice(0, limit).map(toItemDto);
    return { items, nextCursor: found.length > limit ? (items.at(-1)?.line ?? null) : null };
  }

  @Get(':batchId/events')
  @Operation({
    id: 'getDeletionBatchEvents',
    summary: 'Watch a batch',
    description:
      'Asked for `text/event-stream`, server-sent events until the batch has ended: `outcome` for every line that ' +
      'ends, `progress` with the batch whenever it has changed. `Last-Event-ID` goes on where a listener was. ' +
      'Once the batch has ended, a listener that has seen its last outcome is answered 204 and need not come back. ' +
      'Otherwise what has happened since that event, at once.',
    roles: READERS,
    answers: [
      {
        description: 'What has happened.',
        type: DeletionBatchEventsDto,
        example: { lastEventId: 2_510, outcomes: [BATCH_ITEM], progress: BATCH },
        alsoAs: ['text/event-stream'],
      },
    ],
    problems: ['BATCH_NOT_FOUND'],
  })
  @ApiNoContentResponse({
    description:
      'The batch has ended, and the listener has seen its last outcome (server-sent events alone).',
  })
  @ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    description: 'Id of the last event that was received; without it, everything from the beginning.',
    schema: { type: 'string', pattern: EVENT_ID.source },
  })
  async events(
    @Param() { batchId }: BatchPath,
    @Query() _: Nothing,
    @AskedBy() { requestedBy }: Requester,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const given = request.get('Last-Event-ID') ?? '0';
    if (!EVENT_ID.test(given))
      throw new ValidationFailed([{ path: 'Last-Event-ID', message: 'must be the id of an event' }]);
    const wantsStream = request.accepts(['application/json', 'text/event-stream']) === 'text/event-stream';
    if (wantsStream && request.method !== 'HEAD') {
      await this.streams.send(batchId, Number(given), requestedBy, response);
      return;
    }
    const progress = toBatchDto(await this.batches.get(batchId));
    const outcomes = await this.batches.outcomesAfter(batchId, Number(given), MOST_OUTCOMES);
    const lastEventId = Number(outcomes.at(-1)?.seq ?? given);
    response.json({ lastEventId, outcomes: outcomes.map(toItemDto), progress });
  }

  @Post(':batchId/execution')
  @Operation({
    id: 'executeDeletionBatch',
    summary: 'Carry out a dry run',
    description:
      'Makes the batch that deletes the patients of a completed dry run: the same list, reason and legal basis. A dry ' +
      'run is carried out once; asked again, the answer is the batch that is there.',
    roles: ['system-admin'],
    answers: [TAKEN],
    problems: ['BATCH_NOT_FOUND', 'BATCH_STATE_CONFLICT'],
  })
  async execute(
    @Param() { batchId }: BatchPath,
    @Query() _: Nothing,
    @AskedBy() requester: Requester,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Plain<DeletionBatchDto>> {
    const by = { ...requester, requestId: requestIdOf(request) };
    return answer(response, await this.batches.execute(batchId, by));
  }

  private async jsonOf(request: Request, query: DeletionBatchQuery): Promise<Asked> {
    const body = (await this.validation.transform(request.body, {
      type: 'body',
      metatype: DeletionBatchRequestDto,
    })) as DeletionBatchRequestDto;
    const contradictions = contradictionsOf(body, query);
    if (contradictions.length > 0) throw new ValidationFailed(contradictions);
    const { reason, legalBasis, dryRun } = body;
    return { list: PatientList.of(body), reason, legalBasis, dryRun };
  }
}

function answer(response: Response, { batchId, replayed, batch }: Taken): Plain<DeletionBatchDto> {
  response.location(`${response.req.baseUrl}/${BATCHES_PATH}/${batchId}`);
  if (replayed) response.set('Idempotency-Replayed', 'true');
  return toBatchDto(batch);
}

type Asked = Pick<BatchOrder, 'reason' | 'legalBasis' | 'dryRun'> & { readonly list: PatientList };

/** The list is read to its end before anything is stored: a slow sender holds no transaction open. */
async function csvOf(
  request: Request,
  { reason, legalBasis, dryRun = true }: DeletionBatchQuery,
): Promise<Asked> {
  const missing = Object.entries({ reason, legalBasis }).filter(([, value]) => value === undefined);
  if (reason === undefined || legalBasis === undefined)
    throw new ValidationFailed(
      missing.map(([path]): FieldError => ({ path, message: 'must stand in the query of a request in CSV' })),
    );
  // Not destroyed where it is refused half-way: the answer goes the same way back.
  const list = await readCsvList(request.iterator({ destroyOnReturn: false }));
  return { list, reason, legalBasis, dryRun };
}
