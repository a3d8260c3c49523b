import 'reflect-metadata';
import { Logger } from '@nestjs/common';
import { adoptDeclaration } from './adoption/index.js';
import { TokenVerifier } from './auth/index.js';
import {
  assertIsNamed,
  assertSignInIsSafe,
  ConfigurationError,
  loadEnvironmentFile,
  readEnvironment,
} from './config/index.js';
import { retentionPolicyOf } from './retention/index.js';
import { endInOrder, EXIT_FAILED, explanationOf, Service } from './service/index.js';

const EXIT_CONFIGURATION = 2;

async function main(): Promise<void> {
  loadEnvironmentFile();
  const environment = readEnvironment();
  assertSignInIsSafe(environment);
  assertIsNamed(environment);
  if (environment.declaration !== undefined) await adoptDeclaration(environment.declaration);
  const policy = await retentionPolicyOf(environment);
  const service = new Service(environment, await TokenVerifier.of(environment), policy);
  endInOrder(service);
  try {
    await service.start();
  } catch (error) {
    const explanation = explanationOf(error, environment);
    if (explanation === undefined) new Logger('Service').fatal('The service could not be started', error);
    else process.stderr.write(`${explanation}\n`);
    await service.stop();
    process.exit(EXIT_FAILED);
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(EXIT_CONFIGURATION);
}
