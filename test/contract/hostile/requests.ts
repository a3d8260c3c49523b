import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { ApiDocument, Parameter, Route } from '../document.js';
import { hostileText, spoiled, valueOf } from './values.js';

/** Whose token comes with a request. */
export const CREDENTIALS = [
  'everyone',
  'system-admin',
  'privacy-officer',
  'auditor',
  'nobody',
  'none',
  'garbage',
  'expired',
  'forged',
] as const;
export type Credential = (typeof CREDENTIALS)[number];

/** A request as it is drawn from the document; ids that only the run knows are filled in when it is sent. */
export interface HostileRequest {
  readonly route: Route;
  /** As it is sent; mostly the route's own. */
  readonly method: string;
  /** Which of the known objects gives its ids to the path. */
  readonly known: number;
  /** Values of path parameters that stand in their place, percent-encoded. */
  readonly instead: Readonly<Record<string, string>>;
  /** Put behind the path, percent-encoded. */
  readonly tail: string;
  /** Names and values, percent-encoded. */
  readonly query: readonly string[];
  readonly credential: Credential;
  readonly garbage: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY'];
const NAMES = [
  'limit',
  'search',
  '__proto__',
  'constructor[prototype][a]',
  'a[]',
  'cursor[0]',
  'état',
  '$where',
];
/** Ten megabytes of nothing, in ten kilobytes. */
const BOMB = gzipSync(Buffer.alloc(10_000_000));

/** Requests to every call of the document, and to some that are none. */
export function hostileRequests(
  document: ApiDocument,
  routes: readonly Route[],
): fc.Arbitrary<HostileRequest> {
  // Calls with a body have more ways to go wrong, and they change something.
  const weighted = routes.map((route) => ({
    weight: route.operation.requestBody === undefined ? 2 : 7,
    arbitrary: requestsTo(route, document),
  }));
  return fc.oneof(...weighted);
}

function requestsTo(route: Route, document: ApiDocument): fc.Arbitrary<HostileRequest> {
  const parameters = route.operation.parameters ?? [];
  const inPath = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
  return fc.record({
    route: fc.constant(route),
    method: fc.oneof(
      { weight: 19, arbitrary: fc.constant(route.method.toUpperCase()) },
      { weight: 1, arbitrary: fc.constantFrom(...METHODS) },
    ),
    known: fc.nat(),
    instead: fc.oneof(
      { weight: 5, arbitrary: fc.constant({}) },
      { weight: 1, arbitrary: insteadOf(inPath, fc.uuid()) },
      { weight: 1, arbitrary: insteadOf(inPath, hostileText.map(percent)) },
      {
        weight: 1,
        arbitrary: insteadOf(inPath, fc.constantFrom('%', '%zz', '%ff', '%00', '..', '.', ';a=b')),
      },
    ),
    tail: fc.oneof(
      { weight: 30, arbitrary: fc.constant('') },
      { weight: 1, arbitrary: fc.constantFrom('/', '//', '/x', '%20', '/..', ';', '.json', '/%2e%2e/') },
    ),
    query: queryOf(parameters, document),
    credential: fc.oneof(
      { weight: 12, arbitrary: fc.constant<Credential>('everyone') },
      { weight: 8, arbitrary: fc.constantFrom(...CREDENTIALS) },
    ),
    garbage: hostileText,
    headers: headersOf(parameters, document),
    body: bodyOf(route, document),
  });
}

function insteadOf(
  names: readonly string[],
  value: fc.Arbitrary<string>,
): fc.Arbitrary<Record<string, string>> {
  const fields = Object.fromEntries(names.map((name) => [name, value])) as Record<
    string,
    fc.Arbitrary<string>
  >;
  return fc.record(fields, { requiredKeys: [] }) as fc.Arbitrary<Record<string, string>>;
}

/** Percent-encoded, lone surrogates included. */
function percent(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString()) || '%20';
}

function queryOf(parameters: readonly Parameter[], document: ApiDocument): fc.Arbitrary<string[]> {
  const valid = parameters
    .filter((parameter) => parameter.in === 'query')
    .map(({ name, required, schema }) => {
      const pair = valueOf(schema, document).map((value) => [`${name}=${percent(String(value))}`]);
      return required === true ? pair : fc.oneof(fc.constant<string[]>([]), pair);
    });
  const names = [...parameters.map(({ name }) => name), ...NAMES];
  const hostile = fc
    .tuple(fc.constantFrom(...names), hostileText)
    .map(([name, value]) => `${encodeURIComponent(name)}=${percent(value)}`);
  return fc
    .tuple(
      fc.tuple(...valid),
      fc.oneof(
        { weight: 4, arbitrary: fc.constant<string[]>([]) },
        { weight: 1, arbitrary: fc.array(hostile, { minLength: 1, maxLength: 3 }) },
        { weight: 1, arbitrary: fc.constantFrom(['&&&'], ['%'], ['a=%zz'], ['='], ['limit=1', 'limit=2']) },
      ),
    )
    .map(([own, others]) => [...own.flat(), ...others]);
}

/** Latin-1 without control characters: what a client can send in a header and a server lets pass. */
const headerText = hostileText.map((text) => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '').slice(0, 2_000));

function headersOf(
  parameters: readonly Parameter[],
  document: ApiDocument,
): fc.Arbitrary<Record<string, string>> {
  const own = parameters
    .filter((parameter) => parameter.in === 'header')
    .map(({ name, schema }): [string, fc.Arbitrary<string>] => [name, valueOf(schema, document).map(String)]);
  const sometimes: [string, fc.Arbitrary<string>][] = [
    ...own,
    ['Idempotency-Key', fc.oneof(fc.constantFrom('k1', 'k2', 'k3'), headerText)],
    ['X-Request-Id', fc.oneof(fc.constantFrom('r-1', 'a/b', 'x'.repeat(65)), headerText)],
    [
      'Accept',
      fc.oneof(
        fc.constantFrom(
          '*/*',
          'application/pdf',
          'application/json',
          'text/plain',
          'text/html;q=0',
          '*/*;q=0',
        ),
        headerText,
      ),
    ],
    ['Accept-Language', fc.oneof(fc.constantFrom('tr', 'en', 'tr-TR,en;q=0.5', '*', 'xx'), headerText)],
    [
      'Content-Type',
      fc.oneof(
        fc.constantFrom('text/plain', 'application/json; charset=utf-16', 'multipart/form-data'),
        headerText,
      ),
    ],
    ['Content-Encoding', fc.constantFrom('gzip', 'br', 'identity', 'deflate', 'x')],
    ['X-Forwarded-For', headerText],
    ['X-HTTP-Method-Override', fc.constantFrom('DELETE', 'GET')],
    ['Origin', fc.constantFrom('null', 'https://evil.example')],
    ['traceparent', headerText],
    ['If-None-Match', fc.constantFrom('*', '"a"')],
    ['Range', fc.constantFrom('bytes=0-1', 'bytes=-1')],
    ['Cookie', headerText],
  ];
  const rare = fc
    .tuple(fc.nat({ max: 7 }), fc.record(Object.fromEntries(sometimes), { requiredKeys: [] }))
    .map(([dice, headers]) =>
      // Most requests have two of them at most, so that some come through.
      Object.fromEntries(Object.entries(headers).filter((_, index) => index % 8 === dice)),
    );
  return rare.map((headers) => ({ 'Content-Type': 'application/json', ...headers }));
}

function bodyOf({ operation }: Route, document: ApiDocument): fc.Arbitrary<Buffer | undefined> {
  const media = operation.requestBody?.content['application/json'];
  const schema = media?.schema;
  const valid = valueOf(schema ?? { type: 'object' }, document);
  const written = valid.map((value) => Buffer.from(JSON.stringify(value)));
  const [right, none] = schema === undefined ? [0, 12] : [8, 1];
  const shown = Object.values(media?.examples ?? {}).map(({ value }) => Buffer.from(JSON.stringify(value)));
  return fc.oneof(
    { weight: right, arbitrary: shown.length === 0 ? written : fc.oneof(written, fc.constantFrom(...shown)) },
    { weight: none, arbitrary: fc.constant(undefined) },
    { weight: schema === undefined ? 1 : 8, arbitrary: spoiled(valid) },
    { weight: schema === undefined ? 0 : 1, arbitrary: fc.constant(BOMB) },
  );
}
