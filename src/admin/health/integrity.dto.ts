import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { SHARDS, type ShardName } from '../../shards/index.js';
import type {
  IntegrityReport,
  Mismatch,
  Orphans,
  RowsOfNobody,
  UnwatchedSchema,
} from '../../catalogue/index.js';
import { HEALTHY } from '../http/examples.js';
import { UndeclaredTableDto, UnwatchedSchemaDto } from './health.dto.js';

/** Rows that no deletion may leave behind. */
@ApiSchema({ name: 'Orphans', description: 'Live rows of deleted patients, and rows without a patient.' })
export class OrphansDto implements Orphans {
  @ApiProperty({ description: 'The shard.', enum: SHARDS, enumName: 'Shard', example: 'clinical' })
  shard: ShardName;

  @ApiProperty({ description: 'Its table.', example: 'sharded_muayene' })
  table: string;

  @ApiProperty({ description: 'How many.', type: 'integer', minimum: 1, example: 1 })
  rows: number;
}

/** Records and events that do not stand for each other. */
@ApiSchema({
  name: 'Mismatch',
  description:
    'Records of deletions and destructions, legal holds, erasure requests, audit events and rows that do not stand for each other.',
})
export class MismatchDto implements Mismatch {
  @ApiProperty({
    description: 'What does not match.',
    enum: [
      'DELETION_WITHOUT_AUDIT_EVENT',
      'AUDIT_EVENT_WITHOUT_DELETION',
      'HALF_DELETION',
      'RESTORATION_WITHOUT_AUDIT_EVENT',
      'AUDIT_EVENT_WITHOUT_RESTORATION',
      'LEGAL_HOLD_WITHOUT_AUDIT_EVENT',
      'AUDIT_EVENT_WITHOUT_LEGAL_HOLD',
      'ERASURE_REQUEST_WITHOUT_AUDIT_EVENT',
      'AUDIT_EVENT_WITHOUT_ERASURE_REQUEST',
      'DESTRUCTION_WITHOUT_AUDIT_EVENT',
      'AUDIT_EVENT_WITHOUT_DESTRUCTION',
      'DESTRUCTION_CONTRADICTS_DELETION',
      'RECORD_CONTRADICTS_AUDIT_EVENT',
      'RECORD_NOT_DELETED',
      'RECORD_DIFFERS_FROM_ROWS',
      'MARK_WITHOUT_RECORD',
      'MARK_OF_RESTORED_DELETION',
      'MARK_WITH_ANOTHER_TIME',
      'LIVE_ROW_WITH_MARK',
    ],
    example: 'DELETION_WITHOUT_AUDIT_EVENT',
  })
  what: Mismatch['what'];

  @ApiPropertyOptional({
    description: 'Schema and name of the table, where rows of one are meant.',
    example: 'clinical.sharded_muayene',
  })
  table?: string;

  @ApiProperty({ description: 'How many.', type: 'integer', minimum: 1, example: 1 })
  rows: number;

  @ApiPropertyOptional({
    description: 'Of records that contradict their audit events: the fields in which they do.',
    type: [String],
    example: ['requestedBy'],
  })
  fields?: readonly string[];
}

/** Rows that no patient has. */
@ApiSchema({
  name: 'RowsOfNobody',
  description:
    'Rows of a hospital’s own tables that name no patient, or one who was never there: no deletion takes them along.',
})
export class RowsOfNobodyDto implements RowsOfNobody {
  @ApiProperty({ description: 'The shard.', enum: SHARDS, enumName: 'Shard', example: 'finance' })
  shard: ShardName;

  @ApiProperty({ description: 'Schema and name of the table.', example: 'his.bill' })
  table: string;

  @ApiProperty({ description: 'How many.', type: 'integer', minimum: 1, example: 3 })
  rows: number;

  @ApiProperty({ description: 'How many of them name nobody.', type: 'integer', minimum: 0, example: 1 })
  withoutKey: number;
}

/** What a scan of the whole database found. */
@ApiSchema({ name: 'IntegrityReport', description: 'What a scan of the whole database found.' })
export class IntegrityReportDto implements IntegrityReport {
  @ApiProperty({ description: 'When the scan ended, UTC.', format: 'date-time', example: HEALTHY.checkedAt })
  checkedAt: string;

  @ApiProperty({ description: 'Tables that hold orphans.', type: [OrphansDto], example: [] })
  orphans: readonly Orphans[];

  @ApiProperty({
    description: 'Tables that no shard declares, or whose live foreign key is missing or off.',
    type: [UndeclaredTableDto],
    example: [],
  })
  undeclaredTables: readonly UndeclaredTableDto[];

  @ApiProperty({
    description:
      'Tables whose generated column, owner, privileges, row-level security or triggers were changed; `*`: roles.',
    type: [UndeclaredTableDto],
    example: [],
  })
  drift: readonly UndeclaredTableDto[];

  @ApiProperty({ description: 'Records that do not match.', type: [MismatchDto], example: [] })
  mismatches: readonly Mismatch[];

  @ApiProperty({
    description:
      'Tables of a hospital’s own with rows that no patient has; `healthy` says nothing of these rows.',
    type: [RowsOfNobodyDto],
    example: [],
  })
  rowsOfNobody: readonly RowsOfNobody[];

  @ApiProperty({
    description:
      'Schemas that hold tables and belong to no shard; `healthy` says nothing of what lies unlinked there.',
    type: [UnwatchedSchemaDto],
    example: HEALTHY.unwatchedSchemas,
  })
  unwatchedSchemas: readonly UnwatchedSchema[];

  @ApiProperty({
    description: 'True where every other list is empty but `rowsOfNobody` and `unwatchedSchemas`.',
    example: true,
  })
  healthy: boolean;
}
