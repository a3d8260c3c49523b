import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import {
  type Blocker,
  type ResourceCount,
  type ShardCount,
  SHARDS,
  type ShardName,
} from '../../shards/index.js';
import { BLOCKER, SHARDS as EXAMPLE } from '../http/examples.js';

/** Rows of one table. */
@ApiSchema({ name: 'ResourceCount', description: 'Rows of one patient in one table.' })
export class ResourceCountDto implements ResourceCount {
  @ApiProperty({ description: 'What the table holds.', example: 'Examination' })
  resourceType: string;

  @ApiProperty({ description: 'Physical name of the table, without its schema.', example: 'sharded_muayene' })
  table: string;

  @ApiProperty({ description: 'Number of rows.', type: 'integer', minimum: 0, example: 14 })
  rows: number;
}

/** Rows of one shard. */
@ApiSchema({ name: 'ShardCount', description: 'Rows of one patient in one shard, table by table.' })
export class ShardCountDto implements ShardCount {
  @ApiProperty({
    description: 'The shard: a schema of the database.',
    enum: SHARDS,
    enumName: 'Shard',
    example: 'clinical',
  })
  shard: ShardName;

  @ApiProperty({ description: 'Its tables.', type: [ResourceCountDto], example: EXAMPLE[1]?.resources })
  resources: readonly ResourceCountDto[];
}

/** A veto. */
@ApiSchema({ name: 'Blocker', description: 'Why a shard refuses the deletion, or its restoration.' })
export class BlockerDto implements Blocker {
  @ApiProperty({
    description: 'The shard that refuses.',
    enum: SHARDS,
    enumName: 'Shard',
    example: BLOCKER.shard,
  })
  shard: ShardName;

  @ApiProperty({
    description:
      'Stable code: `LEGAL_HOLD`, `UNDECLARED_TABLE`, `FOREIGN_KEYS_OFF`, `ROWS_WITHOUT_KEY`, `AUDIT_NOT_WRITABLE`, `ERASURE_REQUEST_NOT_OPEN`, `ROWS_DIFFER` (of a ' +
      'restoration: a table does not hold the rows that the record tells of), and where it is switched on ' +
      '(`DELETION_VETOES`) `OPEN_EXAMINATION` and `UNPAID_BALANCE`.',
    example: BLOCKER.code,
  })
  code: string;

  @ApiProperty({ description: 'The reason for people.', example: BLOCKER.detail })
  detail: string;
}
