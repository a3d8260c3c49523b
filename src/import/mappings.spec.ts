import { describe, expect, it } from '@jest/globals';
import { getMetadataArgsStorage } from 'typeorm';
// Importing the application is what declares the entities.
import { AppModule } from '../app.module.js';
import { patientOwnedTables, PatientOwnedRow } from '../shards/index.js';
import { type CombinedCells, combinationOf } from './file.mapping.js';
import { MAPPINGS } from './mappings.js';

/** Columns for which Synthea has nothing. */
const NOT_IN_SYNTHEA: Record<string, string[]> = { PatientDemographics: ['phone', 'email'] };

function columnsOf(entity: unknown): string[] {
  return getMetadataArgsStorage()
    .columns.filter(({ target }) => target === entity)
    .map(({ propertyName }) => propertyName);
}

describe('the mappings', () => {
  it('cover every patient-owned table once', () => {
    expect(AppModule).toBeDefined();
    const types = patientOwnedTables().map(({ resourceType }) => resourceType);
    expect(MAPPINGS.map(({ resourceType }) => resourceType).sort()).toEqual(types.sort());
  });

  it.each(MAPPINGS.map((mapping) => [mapping.file, mapping] as const))(
    '%s fills every column of its entity and no other',
    (_, { resourceType, properties }) => {
      const owned = patientOwnedTables().find((table) => table.resourceType === resourceType);
      const own = columnsOf(owned?.intake?.entity);
      const left = NOT_IN_SYNTHEA[resourceType] ?? [];
      expect([...Object.keys(properties), ...left].sort()).toEqual(own.sort());
    },
  );

  it('give every row of a child table an id, and the patient none', () => {
    for (const { resourceType, rowId } of MAPPINGS) {
      const owned = patientOwnedTables().find((table) => table.resourceType === resourceType);
      const isChild = owned?.intake?.entity.prototype instanceof PatientOwnedRow;
      expect([resourceType, rowId !== 'patient']).toEqual([resourceType, isChild]);
    }
  });

  it('look for headers in capitals only, as headers are compared', () => {
    const headers = MAPPINGS.flatMap(({ properties, patient }) => [
      patient,
      ...Object.values(properties).flatMap((source) =>
        combinationOf(source).cells.map(({ header }) => header),
      ),
    ]);
    expect(headers).toEqual(headers.map((header) => header.toUpperCase()));
  });

  it.each([0, 1, 2])(
    'take the last time at which a claim was billed, also where it is in place %i',
    (last) => {
      const source = MAPPINGS.find(({ file }) => file === 'claims')?.properties['lastBilledAt'];
      const { combine } = combinationOf(source as CombinedCells);
      const times = [1, 2, 3].map((day) => `2024-01-0${day}T00:00:00Z`);
      times[last] = '2024-02-01T00:00:00Z';
      expect(combine(times)).toBe(times[last]);
      expect(combine(times.map((time, index) => (index === last ? time : null)))).toBe(times[last]);
    },
  );
});
