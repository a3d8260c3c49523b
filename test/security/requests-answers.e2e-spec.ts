import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Api, expectProblem, openApi } from '../admin/api.js';
import { readEnvironment } from '../../src/config/index.js';
import { UntouchedPatient } from './requests.stage.js';

let patient: UntouchedPatient;

beforeAll(async () => {
  patient = await UntouchedPatient.open();
});

afterEach(() => patient.assertUntouched());

afterAll(() => patient.close());

describe('another site’s page', () => {
  const origin = 'https://evil.example';

  it('is told nothing that would let it read an answer', async () => {
    const responses = [
      await patient.api.call('get', '/patients', 'system-admin').set('Origin', origin).expect(200),
      await patient.api.call('get', '/patients').set('Origin', origin).expect(401),
      await patient.api.raw('get', '/health/live').set('Origin', 'null').expect(200),
    ];
    for (const { headers } of responses) {
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
      expect(headers).toHaveProperty('cross-origin-resource-policy', 'same-origin');
    }
  });

  it('gets no leave to ask', async () => {
    const response = await patient.api
      .raw('options', `/api/v1${patient.deletions}`)
      .set({ Origin: origin, 'Access-Control-Request-Method': 'POST' });
    expectProblem(response, 404, 'ROUTE_NOT_FOUND');
    expect(JSON.stringify(response.headers)).not.toMatch(/access-control|"allow"/i);
  });
});

describe('every answer', () => {
  const HEADERS = {
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'x-frame-options': 'DENY',
    'cache-control': 'no-store',
    'content-security-policy': expect.stringMatching(
      /default-src 'none'.*base-uri 'none'.*frame-ancestors 'none'.*sandbox/,
    ),
  };

  it('tells browsers to do nothing with it, success or failure', async () => {
    for (const response of [
      await patient.api.call('get', '/patients', 'system-admin').expect(200),
      await patient.api.call('get', '/patients').expect(401),
      await patient.api.raw('get', '/nothing').expect(404),
      await patient.api.raw('get', '/metrics').expect(200),
      await patient.remove().send('{').expect(400),
    ]) {
      expect(response.headers).toMatchObject(HEADERS);
      expect(response.headers).not.toHaveProperty('strict-transport-security');
      expect(response.headers['content-type']).toMatch(/; charset=utf-8/);
    }
  });

  it('demands TLS from then on where it came over TLS, and believes nobody of that but the proxy', async () => {
    const behind = await openApi(patient.database.url, { env: { TRUST_PROXY: '127.0.0.1' } });
    const over = (from: Api, proto: string) =>
      from.raw('get', '/health/live').set('X-Forwarded-Proto', proto).expect(200);
    expect((await over(behind, 'https')).headers).toHaveProperty(
      'strict-transport-security',
      'max-age=63072000; includeSubDomains',
    );
    for (const { headers } of [await over(behind, 'http'), await over(patient.api, 'https')])
      expect(headers).not.toHaveProperty('strict-transport-security');
    await behind.close();
  });
});

describe('Swagger UI', () => {
  it('may load its own files and call this service, and no more', async () => {
    for (const path of ['/docs', '/docs/swagger-ui-init.js', '/docs/swagger-ui-bundle.js']) {
      const { headers } = await patient.api.raw('get', path).expect(200);
      const policy = String(headers['content-security-policy']);
      expect(policy).toMatch(/default-src 'none'.*script-src 'self';.*connect-src 'self'/);
      expect(policy).toMatch(/frame-ancestors 'none'/);
      expect(policy).not.toMatch(/script-src[^;]*unsafe|sandbox|https?:/);
      expect(headers).toHaveProperty('x-content-type-options', 'nosniff');
    }
  });

  it('is not there in production, nor is the document, unless asked for', async () => {
    const inProduction = (SWAGGER_UI: string) => {
      const { swaggerUi } = readEnvironment({ NODE_ENV: 'production', SWAGGER_UI });
      return openApi(patient.database.url, { env: { SWAGGER_UI: String(swaggerUi) } });
    };
    const bare = await inProduction('');
    for (const path of ['/docs', '/docs/', '/docs-json', '/docs-yaml', '/docs/swagger-ui-bundle.js'])
      expectProblem(await bare.raw('get', path), 404, 'ROUTE_NOT_FOUND');
    await bare.close();
    const wanted = await inProduction('true');
    for (const path of ['/docs', '/docs-json']) await wanted.raw('get', path).expect(200);
    await wanted.close();
  });
});
