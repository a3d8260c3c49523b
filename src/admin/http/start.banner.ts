import type { INestApplicationContext } from '@nestjs/common';
import { ROLES } from '../../auth/index.js';
import { PatientDirectory } from '../../patient/index.js';
import { BASE_PATH } from './api.path.js';

/** What a developer needs to know of a service that has just started. */
export interface StartedService {
  /** Address of the service, without a slash at the end. */
  readonly url: string;
  /** What it works on, without secrets. */
  readonly database: string;
  readonly swaggerUi: boolean;
  /** A token of every role; undefined where tokens come from an issuer. */
  readonly token: string | undefined;
  /** Whether the output goes to somebody who sits before it, and not into a file or a log. */
  readonly isTerminal: boolean;
}

const NO_PATIENT = 'PATIENT_ID';
const REQUEST = '{"reason":"DATA_SUBJECT_REQUEST","legalBasis":"KVKK_ART_7"}';

/** What a start ends with: what runs where, and three calls to copy, on a patient who is there. */
export async function startBanner(app: INestApplicationContext, service: StartedService): Promise<string> {
  const [patient] = await app.get(PatientDirectory, { strict: false }).page({ state: 'live', limit: 1 });
  return bannerText(service, patient?.patientId);
}

function bannerText(service: StartedService, patientId = NO_PATIENT): string {
  const { url, database, swaggerUi } = service;
  const patients = `${url}/${BASE_PATH}/patients`;
  const authorised = 'curl -sS -H "Authorization: Bearer $TOKEN"';
  return [
    '',
    `Silgi is running at ${url}`,
    `  Database    ${database}`,
    ...(swaggerUi ? [`  Swagger UI  ${url}/docs`] : []),
    `  Readiness   ${url}/${BASE_PATH}/health/ready`,
    '',
    ...signIn(service),
    '',
    '# List patients',
    `${authorised} '${patients}?limit=1'`,
    '# Preview the deletion of one: nothing is changed',
    `${authorised} -X POST '${patients}/${patientId}/deletion-preview'`,
    '# Delete this patient',
    `${authorised} -H 'Content-Type: application/json' -d '${REQUEST}' '${patients}/${patientId}/deletions'`,
    '',
    ...(patientId === NO_PATIENT
      ? ['There is no live patient yet: `npx silgi import FOLDER` brings some; put an id for PATIENT_ID.', '']
      : []),
  ].join('\n');
}

function signIn({ token, isTerminal }: StartedService): string[] {
  if (token === undefined)
    return ['# Sign in: a token of your issuer with the role system-admin', "TOKEN='…'"];
  return [
    `# Sign in: ${ROLES.join(', ')} for 12 hours, signed with a key of its own, for this machine only.`,
    '# Fewer roles: npx silgi token --subject NAME --roles auditor',
    ...(isTerminal
      ? []
      : ['# This output goes to a file or a program: the token is a secret, so keep it from others.']),
    `TOKEN='${token}'`,
  ];
}
