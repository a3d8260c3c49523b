import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { type Answer, type ApiDocument, type Header, type Route, routesOf, type Schema } from './document.js';

/** One answer as it came over the wire. */
export interface Received {
  /** Capital letters. */
  readonly method: string;
  /** Request target: path and query as they were sent. */
  readonly target: string;
  readonly status: number;
  /** Names in small letters. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The body as text; empty where none came. */
  readonly text: string;
}

/** An answer is not what the document promises; the message says which call, which answer, and what differs. */
export class ContractViolation extends Error {
  override readonly name = 'ContractViolation';
}

const DOCUMENT = 'openapi';
const BASE = '/api/v1';
const PROBLEM = 'application/problem+json';
/** Problems that a request meets before, or instead of, a handler of its own. */
const WITHOUT_A_ROUTE = ['ROUTE_NOT_FOUND', 'METHOD_NOT_ALLOWED', 'VALIDATION_FAILED', 'RATE_LIMITED'];
/** What is served and is no call of the contract: the documents themselves, and the text for Prometheus. */
const BESIDES = /^(?:\/docs(?:-json|\/.*)?|(?:\/api\/v1)?\/metrics)\/?$/i;
/** The same probes at the root, where orchestrators look by habit. */
const PROBES = /^\/health\/(?:live|ready)\/?$/i;

/** Holds answers against the OpenAPI document. */
export class Contract {
  readonly routes: readonly Route[];
  private readonly ajv: Ajv2020;
  private readonly compiled = new Map<string, ValidateFunction>();

  constructor(readonly document: ApiDocument) {
    this.routes = routesOf(document);
    this.ajv = new Ajv2020({ allErrors: true, strict: true, strictTypes: false, strictRequired: false });
    (addFormats as unknown as typeof addFormats.default)(this.ajv);
    this.ajv.addVocabulary(['example', 'openapi', 'paths', 'info', 'tags', 'servers', 'components']);
    this.ajv.addSchema(document, DOCUMENT);
  }

  /** @throws ContractViolation where the document does not promise this answer */
  check(received: Received): void {
    const path = pathOf(received.target);
    if (BESIDES.test(path) && received.status === 200) return;
    if (path === '/' && received.status === 302 && received.headers['location'] === '/docs') return;
    const route = this.routeOf(received.method, probeOf(path));
    const fault =
      route === undefined
        ? this.faultWithoutRoute(received)
        : this.faultOf(received, route.operation.responses);
    if (fault === undefined) return;
    const call = route === undefined ? path : `${route.path} (${route.operation.operationId})`;
    const body = received.text.length > 500 ? `${received.text.slice(0, 500)}…` : received.text;
    throw new ContractViolation(
      `${received.method} ${call} answered ${received.status}: ${fault}\nThe answer was: ${body || '(empty)'}`,
    );
  }

  /** The call of the document that a request is; what stands there word by word comes before a parameter. */
  routeOf(method: string, path: string): Route | undefined {
    const wanted = method === 'HEAD' ? 'get' : method.toLowerCase();
    return this.routes
      .filter((route) => route.method === wanted && patternOf(route.path).test(path))
      .sort((a, b) => a.path.split('{').length - b.path.split('{').length)[0];
  }

  /** What is wrong with a value by a schema of the document; undefined where nothing is. */
  faultIn(value: unknown, schema: Schema): string | undefined {
    const validate = this.validatorOf(schema);
    if (validate(value)) return undefined;
    const errors = (validate.errors ?? []).map(({ instancePath, message, params }) =>
      `${instancePath || 'it'} ${message ?? ''} ${JSON.stringify(params)}`.trim(),
    );
    return errors.join('; ');
  }

  private faultWithoutRoute(received: Received): string | undefined {
    const { Problem } = this.document.components.schemas;
    if (Problem === undefined) return 'the document has no schema of problems.';
    const content = { [PROBLEM]: { schema: { $ref: '#/components/schemas/Problem' } } };
    const fault = this.faultOf(received, { [received.status]: { description: '', content } });
    if (fault !== undefined) return `the document has no such route, and the answer is no problem: ${fault}`;
    // An answer to HEAD has no body that could say more than its status.
    if (received.method === 'HEAD')
      return [400, 404, 405, 413, 429].includes(received.status)
        ? undefined
        : 'the document has no such route.';
    const { code } = JSON.parse(received.text) as { code: string };
    if (WITHOUT_A_ROUTE.includes(code)) return this.faultInMethods(received, code);
    return `the document has no such route, so that ${code} is none of its answers.`;
  }

  /** A path of the document without this method is 405 and names those that it has (RFC 9110, section 15.5.6). */
  private faultInMethods({ method, target, headers }: Received, code: string): string | undefined {
    const path = probeOf(pathOf(target));
    const methods = this.routes
      .filter((route) => patternOf(route.path).test(path))
      .flatMap((route) => (route.method === 'get' ? ['GET', 'HEAD'] : [route.method.toUpperCase()]));
    const known = [...new Set(BESIDES.test(path) || path === '/' ? ['GET', 'HEAD'] : methods)]
      .sort()
      .join(', ');
    if (code === 'METHOD_NOT_ALLOWED' && headers['allow'] !== known)
      return `Allow says ${String(headers['allow'])}, and the document ${known || 'has no such path'}.`;
    if (code === 'ROUTE_NOT_FOUND' && method !== 'OPTIONS' && methods.length > 0)
      return `the document has this path, with ${known}.`;
    return undefined;
  }

  private faultOf(received: Received, answers: Readonly<Record<string, Answer>>): string | undefined {
    const answer = answers[received.status];
    if (answer === undefined) return `this status is not documented; ${Object.keys(answers).join(', ')} are.`;
    return this.faultInHeaders(received, answer.headers ?? {}) ?? this.faultInBody(received, answer);
  }

  private faultInHeaders(received: Received, headers: Readonly<Record<string, Header>>): string | undefined {
    for (const [name, given] of Object.entries(headers)) {
      const { required, schema } = this.resolved(given);
      const value = received.headers[name.toLowerCase()];
      if (value === undefined && required === true) return `the header ${name} is missing.`;
      if (value === undefined || schema === undefined) continue;
      const isNumber = schema.type === 'integer' || schema.type === 'number';
      const fault = this.faultIn(isNumber ? Number(value) : value, schema);
      if (fault !== undefined) return `the header ${name} does not match its schema: ${fault}.`;
    }
    return undefined;
  }

  private faultInBody(received: Received, { content }: Answer): string | undefined {
    const sent = String(received.headers['content-type'] ?? '');
    const type = sent.split(';', 1)[0]?.trim().toLowerCase() ?? '';
    if (content === undefined) return received.text === '' ? undefined : 'no body is documented.';
    const media = content[type];
    if (media === undefined)
      return `the content type ${sent || '(none)'} is not documented; ${Object.keys(content).join(', ')} is.`;
    if (received.method === 'HEAD' || !type.endsWith('json') || media.schema === undefined) return undefined;
    let body: unknown;
    try {
      body = JSON.parse(received.text);
    } catch {
      return 'the body is not JSON.';
    }
    const fault = this.faultIn(body, media.schema);
    if (fault !== undefined) return `the body does not match its schema: ${fault}.`;
    return type === PROBLEM ? faultInProblem(body as ProblemBody, received, media.examples) : undefined;
  }

  private resolved(header: Header): Header {
    const name = header.$ref?.replace('#/components/headers/', '');
    return name === undefined ? header : (this.document.components.headers[name] ?? {});
  }

  private validatorOf(schema: Schema): ValidateFunction {
    const text = JSON.stringify(schema).replaceAll('"#/', `"${DOCUMENT}#/`);
    let validate = this.compiled.get(text);
    if (validate === undefined)
      this.compiled.set(text, (validate = this.ajv.compile(JSON.parse(text) as Schema)));
    return validate;
  }
}

interface ProblemBody {
  readonly status: number;
  readonly code: string;
  readonly instance: string;
}

/** The code is one of those that the document lists under this status, and the members say what the head says. */
function faultInProblem(
  { status, code, instance }: ProblemBody,
  received: Received,
  examples: object | undefined,
): string | undefined {
  if (examples !== undefined && !(code in examples))
    return `${code} is not documented under this status; ${Object.keys(examples).join(', ')} is.`;
  if (status !== received.status) return `the member status says ${status}.`;
  if (instance !== received.headers['x-request-id']) return `the instance is not the request id.`;
  return undefined;
}

/** Path of a request target, without its query. */
function pathOf(target: string): string {
  return target.replace(/[?#].*$/s, '');
}

/** The path under which the document has a probe at the root. */
function probeOf(path: string): string {
  return PROBES.test(path) ? `${BASE}${path}` : path;
}

const patterns = new Map<string, RegExp>();

/** As the router reads a path: in any case, and with or without a slash at its end. */
function patternOf(path: string): RegExp {
  let pattern = patterns.get(path);
  if (pattern === undefined) {
    const parts = path.split(/\{\w+\}/).map((part) => part.replace(/[.*+?^$()|[\]\\]/g, '\\$&'));
    patterns.set(path, (pattern = new RegExp(`^${parts.join('[^/]+')}/?$`, 'i')));
  }
  return pattern;
}
