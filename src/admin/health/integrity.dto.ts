import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { SHARDS, type ShardName } from '../../shards/index.js';
import type { IntegrityReport, Mismatch, Orphans } from '../../catalogue/index.js';
import { HEALTHY } from '../http/examples.js';
import { UndeclaredTableDto } from './health.dto.js';

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
@ApiSchema({ name: 'Mismatch', description: 'Deletion records and audit events without their other half.' })
export class MismatchDto implements Mismatch {
  @ApiProperty({
    description: 'What is missing.',
    enum: ['DELETION_WITHOUT_AUDIT_EVENT', 'AUDIT_EVENT_WITHOUT_DELETION', 'HALF_DELETION'],
    example: 'DELETION_WITHOUT_AUDIT_EVENT',
  })
  what: Mismatch['what'];

  @ApiProperty({ description: 'How many.', type: 'integer', minimum: 1, example: 1 })
  rows: number;
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
    description: 'Tables whose generated column, privileges or row-level security were changed.',
    type: [UndeclaredTableDto],
    example: [],
  })
  drift: readonly UndeclaredTableDto[];

  @ApiProperty({ description: 'Records that do not match.', type: [MismatchDto], example: [] })
  mismatches: readonly Mismatch[];

  @ApiProperty({ description: 'True where every list is empty.', example: true })
  healthy: boolean;
}
