import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { Request, Response } from 'express';
import { EntityManager } from 'typeorm';
import { isOpen } from '../../postgres/index.js';
import { type Problem, type ProblemAnswer, problemOf } from './problem.js';
import { DatabaseUnavailable } from '../http/request.errors.js';
import { PROBLEM_CODE, requestIdOf } from '../http/request.log.js';

/** Every error that leaves the service leaves through here, as problem details. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly log = new Logger('Problem');

  constructor(private readonly manager: EntityManager) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const response = http.getResponse<Response>();
    const { problem, headers } = this.answerTo(error, requestIdOf(http.getRequest<Request>()));
    this.note(problem, error);
    response.locals[PROBLEM_CODE] = problem.code;
    response.status(problem.status).set(headers).type('application/problem+json').json(problem);
  }

  /** Until the database is first opened, TypeORM fails in many ways that all mean the same. */
  private answerTo(error: unknown, requestId: string): ProblemAnswer {
    const answer = problemOf(error, requestId);
    if (answer.problem.status !== 500 || isOpen(this.manager)) return answer;
    return problemOf(new DatabaseUnavailable(error), requestId);
  }

  /** What the caller can mend is in the line of the request; what we have to is logged with all behind it. */
  private note({ status, code, instance: requestId }: Problem, error: unknown): void {
    if (status === 503) this.log.warn(code, { requestId, err: error });
    else if (status >= 500) this.log.error(code, { requestId, err: error });
  }
}
