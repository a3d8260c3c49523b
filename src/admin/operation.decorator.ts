import { applyDecorators, HttpCode, type Type } from '@nestjs/common';
import { ApiBearerAuth, ApiExtraModels, ApiOperation, ApiResponse } from '@nestjs/swagger';
import { Public, type Role, Roles } from '../auth/index.js';
import type { ErrorCode } from '../common/index.js';
import { problemResponses } from './problem.documentation.js';
import { ProblemDto } from './problem.dto.js';

/** Name of the security scheme in the OpenAPI document. */
export const BEARER = 'bearer';

/** A successful answer. */
export interface AnswerDescription {
  readonly status?: number;
  readonly description: string;
  readonly type: Type;
  readonly example: object;
  readonly headers?: Readonly<
    Record<string, { description: string; schema: { type: 'string' | 'integer' } }>
  >;
}

/** A call of the API: who may make it and everything that it may answer. */
export interface OperationDescription {
  /** The `operationId`: the name of the call in generated clients. */
  readonly id: string;
  readonly summary: string;
  readonly description: string;
  /** Whoever has one of these roles may make the call. */
  readonly roles: readonly Role[] | 'public';
  readonly answers: readonly [AnswerDescription, ...AnswerDescription[]];
  /** Whether a body comes with the call. */
  readonly hasBody?: true;
  /** The codes that belong to this call; those of every call are added. */
  readonly problems?: readonly ErrorCode[];
}

/** Problems of every call that needs sign-in. */
const COMMON: readonly ErrorCode[] = [
  'VALIDATION_FAILED',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'INTERNAL_ERROR',
  'SHARD_UNAVAILABLE',
];

/** Declares a call: its roles and its documentation come from the same lines and cannot drift apart. */
export function Operation(operation: OperationDescription): MethodDecorator {
  const { id, summary, description, roles, answers, hasBody, problems = [] } = operation;
  const access =
    roles === 'public'
      ? [Public(true)]
      : [
          Roles(roles),
          ApiBearerAuth(BEARER),
          ...problemResponses([...COMMON, ...problems], hasBody === true),
        ];
  const who = roles === 'public' ? 'Needs no sign-in.' : `Roles: ${roles.join(', ')}.`;
  return applyDecorators(
    HttpCode(answers[0].status ?? 200),
    ApiOperation({
      ...{ operationId: id, summary, description: `${description}\n\n${who}` },
      ...(roles === 'public' && { security: [] }),
    }),
    ApiExtraModels(ProblemDto),
    ...answers.map((answer) => ApiResponse({ status: 200, ...answer })),
    ...access,
  );
}
