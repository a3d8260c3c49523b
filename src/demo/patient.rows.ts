import { v5 as uuidv5 } from 'uuid';
import type { PatientBundle } from '../orchestrator/index.js';

/** The namespace of every id of the demo data: a version 4 UUID, drawn once. */
const NAMESPACE = '5b8a3c1e-7d42-4f6b-9a0e-2c64d1f7b935';

/** A row in the code's own property names. */
export type Row = Record<string, unknown>;

/** The same id for the same name, always: ids do not depend on chance, nor on the version of faker. */
export function demoId(...name: (string | number)[]): string {
  return uuidv5(name.join('/'), NAMESPACE);
}

/** The rows of one patient as they are made, each with an id of its own. */
export class PatientRows {
  private readonly resources: Record<string, Row[]> = {};

  constructor(readonly patientId: string) {}

  /** Adds a row and returns it with its id, for what is known of it only later. */
  add<R extends Row>(resourceType: string, row: R): R & { readonly id: string } {
    const rows = (this.resources[resourceType] ??= []);
    const added = {
      ...row,
      patientId: this.patientId,
      id: demoId(this.patientId, resourceType, rows.length),
    };
    rows.push(added);
    return added;
  }

  /** The bundle with its one demographics row, which has no id but the patient's. */
  bundle(demographics: Row): PatientBundle {
    return {
      patientId: this.patientId,
      resources: {
        PatientDemographics: [{ ...demographics, patientId: this.patientId }],
        ...this.resources,
      },
    };
  }
}
