import { z } from 'zod';
import { assertName, RequesterRefused } from '../common/index.js';
import { ConfigurationError } from './configuration.error.js';

/**
 * The controller (veri sorumlusu; KVKK 3(1)(ı), GDPR 4(7)) in whose name patients are deleted, as every certificate
 * names it.
 */
export interface Controller {
  readonly name: string;
  /** Its number in a register of controllers, such as VERBİS (KVKK 16). */
  readonly registration: string | null;
  /** How a data subject reaches it (GDPR 13(1)(a)): an e-mail or KEP address, a postal one, a number. */
  readonly contact: string | null;
}

const line = z.string().refine(isLine, {
  error: 'must be one line of at most 255 characters, all of them visible',
});

/** The variables that name the controller. */
export const CONTROLLER_VARIABLES = {
  CONTROLLER_NAME: line.optional(),
  CONTROLLER_REGISTRATION: line.optional(),
  CONTROLLER_CONTACT: line.optional(),
};

/** The controller that the variables name; undefined where they name none. */
export function controllerOf(values: {
  readonly [name in keyof typeof CONTROLLER_VARIABLES]?: string | undefined;
}): Controller | undefined {
  const {
    CONTROLLER_NAME: name,
    CONTROLLER_REGISTRATION: registration,
    CONTROLLER_CONTACT: contact,
  } = values;
  if (name === undefined) return undefined;
  return Object.freeze({ name, registration: registration ?? null, contact: contact ?? null });
}

/**
 * Refuses to serve in production under a name that is nobody's: checkpoints carry the name of the log, certificates
 * that of the controller, and both are relied on for years.
 *
 * @throws ConfigurationError one line that names every variable that is missing
 */
export function assertIsNamed({
  nodeEnv,
  auditLog,
  controller,
}: {
  readonly nodeEnv: string;
  readonly auditLog: { readonly origin: string | undefined };
  readonly controller: Controller | undefined;
}): void {
  if (nodeEnv !== 'production') return;
  const missing = [
    ...(auditLog.origin === undefined ? ['AUDIT_LOG_ORIGIN (the name of this audit log)'] : []),
    ...(controller === undefined ? ['CONTROLLER_NAME (the controller, whom certificates name)'] : []),
  ];
  if (missing.length === 0) return;
  throw new ConfigurationError(`${missing.join(' and ')} must be set in production; .env.example says how.`);
}

function isLine(text: string): boolean {
  try {
    assertName(text, 'It');
    return true;
  } catch (error) {
    if (error instanceof RequesterRefused) return false;
    throw error;
  }
}
