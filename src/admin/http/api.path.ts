/** Below this path lies the contract (API.md). */
export const BASE_PATH = 'api/v1';

/** Where batches of deletions are made. */
export const BATCHES_PATH = `${BASE_PATH}/deletion-batches`;

/** Where the requests of data subjects are. */
export const REQUESTS_PATH = `${BASE_PATH}/erasure-requests`;

/** Where the record of a deletion is found. */
export function deletionPath(patientId: string, deletionId: string): string {
  return `/${BASE_PATH}/patients/${patientId}/deletions/${deletionId}`;
}
