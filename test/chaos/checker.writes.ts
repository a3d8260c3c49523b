import type { Facts } from './checker.facts.js';

/**
 * What the hospital's own system was told of its writes, and what is there: nothing acknowledged is lost, nothing
 * refused has stayed, and a row without a deletion's mark was hidden by the hospital itself.
 *
 * @returns how many transactions there are
 */
export function checkWrites(facts: Facts): number {
  const hidden = new Map<string, number>();
  const added = new Map<string, { certain: number; possible: number }>();
  for (const { ended } of facts.writes) {
    const { outcome, changes, patient, transaction } = ended;
    for (const { act, table, row } of changes) {
      const place = `${patient}/${table}`;
      if (act === 'hide' && outcome !== 'fail') hidden.set(place, (hidden.get(place) ?? 0) + 1);
      if (act !== 'insert') continue;
      const counts = added.get(place) ?? { certain: 0, possible: 0 };
      if (outcome === 'ok') counts.certain += 1;
      if (outcome !== 'fail') counts.possible += 1;
      added.set(place, counts);
      const found = facts.writtenRows.get(`${table}/${row}`);
      if (outcome === 'ok' && found?.patient !== patient)
        facts.report(
          'WRITES',
          patient,
          `${transaction} was acknowledged; its row ${row} of ${table} is not there`,
        );
      if (outcome === 'fail' && found !== undefined)
        facts.report('WRITES', patient, `${transaction} failed, and its row ${row} of ${table} is there`);
      const deletionId = facts.deletionOf(patient);
      if (found?.live === true && deletionId !== undefined)
        facts.report(
          'N4',
          patient,
          `${transaction} added row ${row} of ${table}, live in spite of ${deletionId}`,
        );
    }
  }
  checkHidden(facts, hidden);
  checkNothingLost(facts, added);
  return facts.writes.length;
}

/** A row that is hidden by no deletion was hidden by the hospital: else a deletion has forgotten its mark. */
function checkHidden(facts: Facts, hidden: ReadonlyMap<string, number>): void {
  for (const { table, patient, live, deletionId, rows } of facts.snapshot.groups) {
    if (live || deletionId !== null || table === facts.snapshot.demographics) continue;
    const known = hidden.get(`${patient}/${table}`) ?? 0;
    if (rows > known)
      facts.report(
        'N1',
        patient,
        `${rows} rows of ${table} are hidden by no deletion; the hospital hid ${known}`,
      );
  }
}

/** Rows are only ever added: as many are there as were made and added. */
function checkNothingLost(
  facts: Facts,
  added: ReadonlyMap<string, { readonly certain: number; readonly possible: number }>,
): void {
  const present = new Map<string, number>();
  for (const { table, patient, rows } of facts.snapshot.groups) {
    const place = `${patient}/${table}`;
    present.set(place, (present.get(place) ?? 0) + rows);
  }
  const made = new Map<string, number>();
  for (const line of facts.history) {
    if (line.kind !== 'wave') continue;
    for (const patient of line.patients) {
      for (const [table, rows] of Object.entries(line.rows)) made.set(`${patient}/${table}`, rows);
    }
  }
  for (const place of new Set([...made.keys(), ...added.keys()])) {
    const [patient = '', table = ''] = place.split('/');
    const { certain = 0, possible = 0 } = added.get(place) ?? {};
    const least = (made.get(place) ?? 0) + certain;
    const most = (made.get(place) ?? 0) + possible;
    const there = present.get(place) ?? 0;
    if (there < least || there > most)
      facts.report('WRITES', patient, `${there} rows in ${table}, where ${least} to ${most} were stored`);
  }
}
