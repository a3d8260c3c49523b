import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { Request, Response } from 'express';
import { EntityManager } from 'typeorm';
import { isOpen } from '../../postgres/index.js';
import type { ErrorCode } from './problem.catalogue.js';
import { type Problem, type ProblemAnswer, problemOf } from './problem.js';
import { DatabaseUnavailable, MethodNotAllowed } from '../http/request.errors.js';
import { PROBLEM_CODE, requestIdOf } from '../http/request.log.js';
import { methodsOf } from '../http/route.methods.js';

/**
 * What a request of a wrong method is refused for before the router: mending it would lead to no call. OPTIONS stays
 * as it is, a question of another site's page that gets no answer.
 */
const WITHOUT_A_ROUTE: ReadonlySet<string> = new Set<ErrorCode>(['ROUTE_NOT_FOUND', 'VALIDATION_FAILED']);

const READS = new Set(['GET', 'HEAD']);

/** Every error that leaves the service leaves through here, as problem details. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly log = new Logger('Problem');

  constructor(private readonly manager: EntityManager) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const response = http.getResponse<Response>();
    const request = http.getRequest<Request>();
    const { problem, headers } = this.answerTo(error, request);
    this.note(problem, error);
    response.locals[PROBLEM_CODE] = problem.code;
    response
      .status(problem.status)
      .set(headers)
      .type('application/problem+json')
      .json(below(request, problem));
  }

  private answerTo(error: unknown, request: Request): ProblemAnswer {
    const requestId = requestIdOf(request);
    const call = READS.has(request.method) ? 'read' : 'write';
    const answer = problemOf(error, requestId, call);
    const { code, status } = answer.problem;
    const refusal = WITHOUT_A_ROUTE.has(code) ? methodRefusal(request) : undefined;
    if (refusal !== undefined) return problemOf(refusal, requestId);
    // Until the database is first opened, TypeORM fails in many ways that all mean the same.
    if (status !== 500 || isOpen(this.manager)) return answer;
    return problemOf(new DatabaseUnavailable(error, 'DATABASE_NOT_OPENED'), requestId, call);
  }

  /** What the caller can mend is in the line of the request; what we have to is logged with all behind it. */
  private note({ status, code, instance: requestId }: Problem, error: unknown): void {
    if (status === 503) this.log.warn(code, { requestId, err: error });
    else if (status >= 500) this.log.error(code, { requestId, err: error });
  }
}

/** The service may be a part of another application, below a path of that one. */
function below({ baseUrl }: Request, { deletion, ...problem }: Problem): Problem {
  if (deletion === undefined) return problem;
  return { ...problem, deletion: deletion === null ? null : baseUrl + deletion };
}

/** Undefined where the path has the method, or is no path at all. */
function methodRefusal(request: Request): MethodNotAllowed | undefined {
  const methods = methodsOf(request);
  const isRefused = methods.length > 0 && ![...methods, 'OPTIONS'].includes(request.method);
  return isRefused ? new MethodNotAllowed(methods) : undefined;
}
