import type { ErrorCode } from '../problems/problem.catalogue.js';
import { applyDecorators, HttpCode, type Type } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiExtraModels,
  ApiOperation,
  ApiResponse,
  type ApiResponseOptions,
  getSchemaPath,
} from '@nestjs/swagger';
import { Public, type Role, Roles } from '../../auth/index.js';
import { problemResponses } from '../problems/problem.documentation.js';
import { ProblemDto } from '../problems/problem.dto.js';

/** Name of the security scheme in the OpenAPI document. */
export const BEARER = 'bearer';

/** A successful answer. */
export interface AnswerDescription {
  readonly status?: number;
  readonly description: string;
  /** Class of the JSON, or its JSON Schema; none of a file, whose media type is the first of `alsoAs`. */
  readonly type?: Type | Readonly<Record<string, unknown>>;
  readonly example?: object;
  /** Media types that the answer has besides, by the Accept of the request. */
  readonly alsoAs?: readonly string[];
  readonly headers?: Readonly<
    Record<string, { description: string; required?: boolean; schema: { type: 'string' | 'integer' } }>
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
  /** The codes that belong to this call; those of every call are added. */
  readonly problems?: readonly ErrorCode[];
}

/** Problems of every call: a request that cannot be read never reaches its handler. */
const ALWAYS: readonly ErrorCode[] = ['VALIDATION_FAILED', 'INTERNAL_ERROR'];
/** Problems of every call that needs sign-in, besides those. */
const SIGNED_IN: readonly ErrorCode[] = [
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'RATE_LIMITED',
  'SHARD_UNAVAILABLE',
  'SIGN_IN_UNAVAILABLE',
];

/** Declares a call: its roles and its documentation come from the same lines and cannot drift apart. */
export function Operation(operation: OperationDescription): MethodDecorator {
  const { id, summary, description, roles, answers, problems = [] } = operation;
  const access =
    roles === 'public'
      ? [Public(true), ...problemResponses([...ALWAYS, ...problems])]
      : [Roles(roles), ApiBearerAuth(BEARER), ...problemResponses([...ALWAYS, ...SIGNED_IN, ...problems])];
  const who = roles === 'public' ? 'Needs no sign-in.' : `Roles: ${roles.join(', ')}.`;
  return applyDecorators(
    HttpCode(answers[0].status ?? 200),
    ApiOperation({
      operationId: id,
      summary,
      description: `${description}\n\n${who}`,
      ...(roles === 'public' && { security: [] }),
    }),
    ApiExtraModels(ProblemDto),
    ...answers.map(responseOf),
    ...access,
  );
}

function responseOf({ type, example, alsoAs = [], ...answer }: AnswerDescription): MethodDecorator {
  const isClass = typeof type === 'function';
  if (isClass && alsoAs.length === 0) return ApiResponse({ status: 200, ...answer, type, example });
  const others = alsoAs.map((media) => [
    media,
    { schema: { type: 'string', ...(!media.startsWith('text/') && { format: 'binary' }) } },
  ]);
  const schema = isClass ? { $ref: getSchemaPath(type) } : type;
  const json = schema === undefined ? {} : { 'application/json': { schema, example } };
  const content: unknown = { ...json, ...Object.fromEntries(others) };
  const described = ApiResponse({ status: 200, ...answer, content } as ApiResponseOptions);
  return isClass ? applyDecorators(ApiExtraModels(type), described) : described;
}
