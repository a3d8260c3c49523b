import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { UnfencedTable } from '../../shards/index.js';
import { UNFENCED } from './examples.js';

/** A table without a fence. */
@ApiSchema({
  name: 'UnfencedTable',
  description: 'A table of a hospital’s own in which no key keeps out rows of a deleted patient.',
})
export class UnfencedTableDto implements UnfencedTable {
  @ApiProperty({ description: 'Schema and name.', example: UNFENCED.table })
  table: string;

  @ApiProperty({
    description: 'Why that is accepted, in the words of the declaration.',
    example: UNFENCED.why,
  })
  why: string;
}
