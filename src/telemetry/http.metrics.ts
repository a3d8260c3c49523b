import { Injectable } from '@nestjs/common';
import { Counter, Histogram } from 'prom-client';
import { MetricsRegistry } from './metrics.registry.js';

/** One answered request. */
export interface AnsweredRequest {
  readonly method: string;
  /** The template of the route, never a path with an id in it; undefined where no route matched. */
  readonly route: string | undefined;
  /** undefined where the caller went away before the answer. */
  readonly status: number | undefined;
  readonly milliseconds: number;
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Counts and times requests, and counts failed sign-ins. Its labels come from fixed lists: no caller can add a value to them. */
@Injectable()
export class HttpMetrics {
  private readonly durations: Histogram<'method' | 'route' | 'status'>;
  private readonly failedSignIns: Counter;

  constructor(registry: MetricsRegistry) {
    this.durations = new Histogram({
      name: 'silgi_http_request_duration_seconds',
      help: 'Time from a request to its answer, by method, route template and status ("aborted" where the caller left).',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
      registers: [registry],
    });
    this.failedSignIns = new Counter({
      name: 'silgi_failed_sign_ins_total',
      help: 'Requests with a token that does not hold, whether they were answered 401 or, beyond the limit, 429.',
      registers: [registry],
    });
  }

  answered({ method, route, status, milliseconds }: AnsweredRequest): void {
    const labels = {
      method: METHODS.has(method) ? method : 'other',
      route: route ?? '(no route)',
      status: status === undefined ? 'aborted' : String(status),
    };
    this.durations.observe(labels, milliseconds / 1000);
  }

  signInFailed(): void {
    this.failedSignIns.inc();
  }
}
