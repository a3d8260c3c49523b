import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import type { UndeclaredTable, UnwatchedSchema } from '../../catalogue/index.js';
import type { UnfencedTable } from '../../shards/index.js';
import { DEGRADED, NOT_READY, READY, UNFENCED, UNWATCHED } from '../http/examples.js';
import { UnfencedTableDto } from '../http/unfenced.dto.js';
import { type Cause, CAUSES, type Degraded, DEGRADATIONS } from './readiness.causes.js';

/** The process answers. */
@ApiSchema({ name: 'Liveness', description: 'The process answers.' })
export class LivenessDto {
  @ApiProperty({ description: 'Always `live`.', enum: ['live'], example: 'live' })
  status: 'live';
}

/** A table in the way of every deletion. */
@ApiSchema({ name: 'UndeclaredTable', description: 'A table that stands in the way of every deletion.' })
export class UndeclaredTableDto implements UndeclaredTable {
  @ApiProperty({
    description: 'Schema and name; `*` where every table is concerned.',
    example: NOT_READY.undeclaredTables[0]?.table,
  })
  table: string;

  @ApiProperty({ description: 'Why.', example: NOT_READY.undeclaredTables[0]?.why })
  why: string;
}

/** A schema of which nothing is known. */
@ApiSchema({
  name: 'UnwatchedSchema',
  description: 'A schema that holds tables and belongs to no shard: nobody says whether they hold patients.',
})
export class UnwatchedSchemaDto implements UnwatchedSchema {
  @ApiProperty({ description: 'Its name.', example: UNWATCHED.schema })
  schema: string;

  @ApiProperty({
    description: 'How many tables it has; of a partitioned one the parent alone.',
    type: 'integer',
    minimum: 1,
    example: UNWATCHED.tables,
  })
  tables: number;
}

/** What is wrong although deletions go through. */
@ApiSchema({ name: 'Degraded', description: 'What is wrong although patients can be deleted.' })
export class DegradedDto implements Degraded {
  @ApiProperty({ description: 'What it is.', enum: DEGRADATIONS, example: DEGRADED.code })
  code: Degraded['code'];

  @ApiProperty({ description: 'The same for people.', example: DEGRADED.problem })
  problem: string;
}

/** Whether the service can do its work. */
@ApiSchema({ name: 'Readiness', description: 'Whether the service can delete patients now.' })
export class ReadinessDto {
  @ApiProperty({
    description: 'Ready where a deletion goes through now: one of nobody is tried, and taken back.',
    enum: ['ready', 'not-ready'],
    example: READY.status,
  })
  status: 'ready' | 'not-ready';

  @ApiProperty({
    description: 'Whether the database answers.',
    enum: ['up', 'down'],
    example: READY.database,
  })
  database: 'up' | 'down';

  @ApiProperty({
    description: 'Whether its schema is of this release.',
    enum: ['applied', 'pending', 'unknown'],
    example: READY.migrations,
  })
  migrations: 'applied' | 'pending' | 'unknown';

  @ApiProperty({
    description:
      'Whether every table of the shards, and every other that a column or a foreign key links to patients, is ' +
      'declared. It says nothing of what lies unlinked in `unwatchedSchemas`.',
    enum: ['complete', 'incomplete', 'unknown'],
    example: READY.catalogue,
  })
  catalogue: 'complete' | 'incomplete' | 'unknown';

  @ApiProperty({ description: 'The tables that are not.', type: [UndeclaredTableDto], example: [] })
  undeclaredTables: readonly UndeclaredTable[];

  @ApiProperty({
    description: 'Schemas that hold tables and belong to no shard.',
    type: [UnwatchedSchemaDto],
    example: READY.unwatchedSchemas,
  })
  unwatchedSchemas: readonly UnwatchedSchema[];

  @ApiPropertyOptional({
    description:
      'Tables of a hospital’s own in which no key keeps out rows of a deleted patient, as its declaration accepts; there ' +
      'where one is in force (docs/adopting.md). The integrity scan finds such rows.',
    type: [UnfencedTableDto],
    example: [UNFENCED],
  })
  unfencedTables?: readonly UnfencedTable[];

  @ApiProperty({
    description: 'What is wrong although deletions go through.',
    type: [DegradedDto],
    example: READY.degraded,
  })
  degraded: readonly Degraded[];

  @ApiPropertyOptional({
    description: 'Why patients cannot be deleted; there where it is not ready.',
    enum: CAUSES,
    example: NOT_READY.code,
  })
  code?: Cause;

  @ApiPropertyOptional({ description: 'The same for people.', example: NOT_READY.problem })
  problem?: string;
}
