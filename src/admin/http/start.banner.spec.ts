import type { INestApplicationContext } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';
import { startBanner } from './start.banner.js';

const app = { get: () => ({ page: () => Promise.resolve([]) }) } as unknown as INestApplicationContext;
const service = { url: 'http://127.0.0.1:3000', database: 'x', swaggerUi: true, token: 'abc' };
const SECRET = /the token is a secret/;

describe('what a start ends with', () => {
  it('says that its token is a secret where nobody sits before the output', async () => {
    expect(await startBanner(app, { ...service, isTerminal: false })).toMatch(SECRET);
    expect(await startBanner(app, { ...service, isTerminal: true })).not.toMatch(SECRET);
  });

  it('names the roles of its token', async () => {
    const banner = await startBanner(app, { ...service, isTerminal: true });
    expect(banner).toContain('# Sign in: system-admin, privacy-officer, auditor for 12 hours');
    expect(banner).toContain("\nTOKEN='abc'\n");
  });

  it('has no token, and no word of one, where an issuer signs them', async () => {
    const banner = await startBanner(app, { ...service, token: undefined, isTerminal: false });
    expect(banner).not.toMatch(SECRET);
    expect(banner).toContain("TOKEN='…'");
  });
});
