import { expect, it } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { adoptDeclaration } from '../../src/adoption/index.js';
import '../../src/app.module.js';
import { ConfigurationError } from '../../src/config/index.js';
import { retentionPolicyOf } from '../../src/retention/index.js';
import { DECLARATION } from '../adopted/hospital.stage.js';
import { temporaryFolder } from '../support/run.folder.js';
import { WHOLE } from './examples.js';

it('where a hospital has declared its own tables, a policy is refused in one line, and the default one has no rule', async () => {
  // One resource has the name of one of Silgi's own: its columns are not those of the entity.
  const declaration = parse(DECLARATION.replace('resource: Visit', 'resource: Examination')) as object;
  await adoptDeclaration(declaration);
  const path = join(await temporaryFolder(), 'policy.yaml');
  await writeFile(path, WHOLE);
  const refused = retentionPolicyOf({ retentionPolicy: path, timeZone: 'Europe/Istanbul' });
  await expect(refused).rejects.toThrow(ConfigurationError);
  await expect(refused).rejects.toThrow(
    /^RETENTION_POLICY must not be set where a declaration is in force: retention policies are for Silgi’s own tables so far\.$/,
  );
  const policy = await retentionPolicyOf({ retentionPolicy: undefined, timeZone: 'Europe/Istanbul' });
  expect(policy).toMatchObject({ rules: [], signedOff: null, isDefault: true });
});
