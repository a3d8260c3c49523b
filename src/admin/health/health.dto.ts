import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import type { UndeclaredTable } from '../../catalogue/index.js';
import { NOT_READY, READY } from '../http/examples.js';

/** The process answers. */
@ApiSchema({ name: 'Liveness', description: 'The process answers.' })
export class LivenessDto {
  @ApiProperty({ description: 'Always `live`.', enum: ['live'], example: 'live' })
  status: 'live';
}

/** A table in the way of every deletion. */
@ApiSchema({ name: 'UndeclaredTable', description: 'A table that stands in the way of every deletion.' })
export class UndeclaredTableDto implements UndeclaredTable {
  @ApiProperty({ description: 'Schema and name.', example: NOT_READY.undeclaredTables[0]?.table })
  table: string;

  @ApiProperty({ description: 'Why.', example: NOT_READY.undeclaredTables[0]?.why })
  why: string;
}

/** Whether the service can do its work. */
@ApiSchema({ name: 'Readiness', description: 'Whether the service can delete patients now.' })
export class ReadinessDto {
  @ApiProperty({
    description: 'Ready only where all below is well.',
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
    description: 'Whether every table linked to patients is declared by a shard.',
    enum: ['complete', 'incomplete', 'unknown'],
    example: READY.catalogue,
  })
  catalogue: 'complete' | 'incomplete' | 'unknown';

  @ApiProperty({ description: 'The tables that are not.', type: [UndeclaredTableDto], example: [] })
  undeclaredTables: readonly UndeclaredTable[];

  @ApiPropertyOptional({ description: 'What is wrong, for people.', example: NOT_READY.problem })
  problem?: string;
}
