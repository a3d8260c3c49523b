import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { RETENTION_GROUNDS, type RetentionGround } from '../../common/index.js';
import {
  RETENTION_STARTS,
  type RetentionPolicy,
  type RetentionRule,
  type RetentionStart,
  type SignOff,
} from '../../retention/index.js';
import { SHARDS, type ShardName } from '../../shards/index.js';
import type { Plain } from '../http/plain.js';
import { POLICY, RULES, SIGN_OFF } from './retention.examples.js';

const SOURCES = ['DEFAULT', 'FILE'] as const;
const [, EXAMINATIONS] = RULES;

/** Who has signed a policy off. */
@ApiSchema({
  name: 'RetentionSignOff',
  description: 'Who has signed the policy off for the controller, and when.',
})
export class SignOffDto implements SignOff {
  @ApiProperty({ description: 'Who, as the file says.', maxLength: 200, example: SIGN_OFF.by })
  by: string;

  @ApiProperty({ description: 'On which day.', format: 'date', example: SIGN_OFF.on })
  on: string;
}

/** How long the rows of one table are kept. */
@ApiSchema({
  name: 'RetentionRule',
  description: 'How long rows of one table are kept after they were deleted.',
})
export class RetentionRuleDto implements RetentionRule {
  @ApiProperty({ description: 'What the table holds.', example: EXAMINATIONS?.resourceType })
  resourceType: string;

  @ApiProperty({
    description: 'The shard: a schema of the database.',
    enum: SHARDS,
    enumName: 'Shard',
    example: EXAMINATIONS?.shard,
  })
  shard: ShardName;

  @ApiProperty({
    description: 'Physical name of the table, without its schema.',
    example: EXAMINATIONS?.table,
  })
  table: string;

  @ApiProperty({
    description: 'For how long: whole years, months and days, as ISO 8601 writes them shortest.',
    pattern: '^P(?:\\d+Y)?(?:\\d+M)?(?:\\d+D)?$',
    example: EXAMINATIONS?.keep,
  })
  keep: string;

  @ApiProperty({
    description:
      'Where that begins. `ROW`: at the latest of the row’s own dates. `END_OF_YEAR`: at the end of the calendar year of ' +
      'that day. `LAST_CONTACT`: at the latest date of all rows of the patient whose rule says so.',
    enum: RETENTION_STARTS,
    enumName: 'RetentionStart',
    example: EXAMINATIONS?.from,
  })
  from: RetentionStart;

  @ApiProperty({
    description: 'Columns of the table: the latest of them counts.',
    type: [String],
    example: EXAMINATIONS?.dates,
  })
  dates: readonly string[];

  @ApiProperty({
    description: 'On what ground; a code.',
    enum: RETENTION_GROUNDS,
    enumName: 'RetentionGround',
    example: EXAMINATIONS?.ground,
  })
  ground: RetentionGround;
}

/** The policy that is in force. */
@ApiSchema({
  name: 'RetentionPolicy',
  description: 'How long what was deleted is kept, table by table, and who has signed that off.',
})
export class RetentionPolicyDto {
  @ApiProperty({
    description: 'Whether a file was named (`RETENTION_POLICY`).',
    enum: SOURCES,
    enumName: 'RetentionPolicySource',
    example: POLICY.source,
  })
  source: (typeof SOURCES)[number];

  @ApiProperty({
    description:
      'SHA-256 of sign-off and rules, of their canonical JSON (RFC 8785): two files that say the same have the same.',
    pattern: '^[0-9a-f]{64}$',
    example: POLICY.digest,
  })
  digest: string;

  @ApiProperty({
    description: 'Null of a policy that nobody has signed off: by such a one nothing may be destroyed.',
    type: SignOffDto,
    nullable: true,
    example: SIGN_OFF,
  })
  signedOff: Plain<SignOffDto> | null;

  @ApiProperty({
    description:
      'A rule for each table with rows about patients but the patient’s own, which goes last. Rows of a table without a rule ' +
      'are kept. None where the hospital has declared its own tables, about which no policy is so far.',
    type: [RetentionRuleDto],
    example: RULES,
  })
  rules: readonly Plain<RetentionRuleDto>[];
}

export function toRetentionPolicyDto(policy: RetentionPolicy): Plain<RetentionPolicyDto> {
  const { isDefault, digest, signedOff, rules } = policy;
  return { source: isDefault ? 'DEFAULT' : 'FILE', digest, signedOff, rules };
}
