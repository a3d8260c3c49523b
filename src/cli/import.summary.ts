import { MAPPINGS, type PatientTally, type SyntheaFolder, type Tally } from '../import/index.js';

const HEADINGS = [
  'resource type',
  'file',
  'rows read',
  'added',
  'already there',
  'deleted: left alone',
  'rejected',
];
/** Columns from here on are numbers. */
const FIRST_NUMBER = 2;

/** The table that an import ends with: one line for every file that Synthea may write, with a heading. */
export function importTable(folder: SyntheaFolder, tally: Tally): string {
  const rows = MAPPINGS.map(({ file, resourceType }) => {
    const found = folder.files.find(({ mapping }) => mapping.file === file);
    if (found === undefined) return [resourceType, `${file}.csv: absent`];
    const { read, added, present, deleted, rejected } = tally.rows(resourceType);
    return [resourceType, found.name, ...[read, added, present, deleted, rejected].map(String)];
  });
  for (const name of folder.skipped) rows.push(['-', `${name}: left out, it is not about patients`]);
  for (const name of folder.leftOut) rows.push(['-', `${name}: is about patients and is left out`]);
  for (const name of folder.unknown) rows.push(['-', `${name}: left out, Synthea writes no such file`]);
  return table([HEADINGS, ...rows]);
}

/** The patients in one line. @param milliseconds that the import took */
export function patientLine(patients: PatientTally, milliseconds: number): string {
  const { added, present, deleted, rejected } = patients;
  return (
    `patients: ${added} added, ${present} already there, ${deleted} deleted: left alone, ${rejected} rejected; ` +
    `${(milliseconds / 1000).toFixed(1)} s`
  );
}

/** Right-aligned numbers, and no width spent on what stands in a line's last column. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = HEADINGS.map((_, column) =>
    Math.max(...rows.filter((row) => row.length > FIRST_NUMBER).map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column < FIRST_NUMBER ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
