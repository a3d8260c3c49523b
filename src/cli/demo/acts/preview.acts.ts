import { patientOwnedTables } from '../../../shards/index.js';
import { brief } from '../attempt.js';
import { figure } from '../narrator.js';
import type { Stage } from '../stage.js';

/** One patient, and every table that has rows of that patient. */
export async function showPatient({ narrator, records, patient, proofs }: Stage): Promise<void> {
  narrator.act('One patient, many tables');
  narrator.says(
    'Patient',
    `${patient.name}, born ${patient.birthDate}, record ${patient.recordNumber} (invented)`,
  );
  const { tables, rows, live } = await records.of(patient.patientId);
  const types = new Map(patientOwnedTables().map((owned) => [`${owned.shard}.${owned.table}`, owned]));
  narrator.table(
    [
      { heading: 'Shard' },
      { heading: 'Resource type' },
      { heading: 'Table' },
      { heading: 'Rows', figures: true },
    ],
    tables.map((table) => [
      table.schema,
      types.get(`${table.schema}.${table.table}`)?.resourceType ?? '',
      table.table,
      figure(table.rows),
    ]),
    ['', '', `${tables.length} tables`, figure(rows)],
  );
  if (live < rows)
    narrator.says(
      '',
      `${rows - live} of them were withdrawn by the hospital earlier and are hidden already.`,
    );
  proofs.that(
    'There are rows in every table that the shards declare.',
    tables.length === types.size && tables.every((table) => table.rows > 0),
  );
}

/** What a deletion would do: the same Prepare, rolled back. */
export async function preview(stage: Stage): Promise<void> {
  const { narrator, proofs, records, patient } = stage;
  narrator.act('Preview: what would a deletion do?');
  const before = await records.of(patient.patientId);
  narrator.says('Asked', 'a preview: every shard votes under the lock, then all is rolled back');
  const answer = await stage.orchestrator.previewDeletion(stage.command);
  stage.preview = answer;
  const shards = answer.shards.map(
    ({ shard, resources }) => `${shard} ${figure(resources.reduce((sum, { rows }) => sum + rows, 0))}`,
  );
  narrator.says(
    'Answered',
    `${answer.ready ? 'ready' : 'not ready'}: ${figure(answer.totalRows)} rows (${shards.join(', ')})`,
  );
  const after = await records.of(patient.patientId);
  proofs.that(
    `It counts what SQL counts on another connection: ${figure(before.live)} live rows.`,
    answer.ready && answer.totalRows === before.live,
    answer.totalRows,
  );
  proofs.that(
    `Looking changed nothing: fingerprint ${brief(before)} before, ${brief(after)} after.`,
    before.digest === after.digest,
  );
}
