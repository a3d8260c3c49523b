import type { PatientBundle } from '../orchestrator/index.js';
import { MAPPINGS } from './mappings.js';
import { occurrenceId } from './row.id.js';
import type { EntityRow } from './row.reader.js';
import type { SpilledRow } from './scan.js';
import type { Spill } from './spill.js';

/** All rows of one patient, and what is wrong with them only when seen together. */
export interface PatientRows {
  readonly bundle: PatientBundle;
  readonly rowCount: number;
  /** Place and reason of every row whose Id another row of the same patient and file has, too. */
  readonly clashes: readonly (readonly [place: string, reason: string])[];
}

const HAS_OWN_ID = new Set(
  MAPPINGS.filter(({ rowId }) => rowId === 'column').map(({ resourceType }) => resourceType),
);

/** Reads a spill back patient by patient. Memory holds the rows of one bucket. */
export function* patientsOf(spill: Spill<SpilledRow>): Generator<PatientRows> {
  for (const bucket of spill.read()) {
    const byPatient = new Map<string, SpilledRow[]>();
    for (const spilled of bucket) {
      const rows = byPatient.get(spilled.patientId);
      if (rows === undefined) byPatient.set(spilled.patientId, [spilled]);
      else rows.push(spilled);
    }
    for (const [patientId, rows] of byPatient) yield gather(patientId, rows);
  }
}

/** Counts rows of equal content, so that each has an id of its own; equal Ids of the file's own are an error. */
function gather(patientId: string, spilled: readonly SpilledRow[]): PatientRows {
  const resources: Record<string, (EntityRow & { patientId: string })[]> = {};
  const seen = new Map<string, number>();
  const clashes: [string, string][] = [];
  for (const { resourceType, file, line, row } of spilled) {
    const rows = (resources[resourceType] ??= []);
    if (row.id === undefined) {
      rows.push(Object.assign(row, { patientId }));
      continue;
    }
    const key = `${resourceType} ${row.id}`;
    const occurrence = seen.get(key) ?? 0;
    seen.set(key, occurrence + 1);
    if (occurrence > 0 && HAS_OWN_ID.has(resourceType))
      clashes.push([`${file}:${line}`, 'ID: another row of this patient has the same']);
    rows.push(Object.assign(row, { patientId, id: occurrenceId(row.id, occurrence) }));
  }
  return { bundle: { patientId, resources }, rowCount: spilled.length, clashes };
}
