import { describe, expect, it } from '@jest/globals';
import { readDeclaration } from '../../src/declaration/index.js';
import { adoptedTablesOf, NotBuilt } from '../../src/adoption/adopted.tables.js';

const declared = (tables: string, patient = '') =>
  readDeclaration(
    `
silgi: 1
database: { schemas: [his, '"Özel"'] }
patient:
  table: his.person
  key: { column: '"No"', type: text }
  shard: patient
  resource: Person
  directory: { recordNumber: file, birthDate: 'born::date' }
${patient}
tables:
${tables}
kept:
  his.staff: { reason: no patients }
reference: [his.ward]
`,
    'silgi.yaml',
  );
const adopted = (tables: string) => adoptedTablesOf(declared(tables));

/** What stands in the way, without the places. */
function refusalsOf(tables: string): string[] {
  try {
    adopted(tables);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(NotBuilt);
    return (error as NotBuilt).lines.map((line) => line.replace(/^silgi\.yaml:\d+:\d+: /, ''));
  }
}

const VISITS = `  his.visit: { shard: clinical, resource: Visit, key: person }`;
const NOTES = `  his.a_note: { shard: clinical, resource: Note, via: { visit: his.visit.id } }`;
const WORDS = `  '"Özel"."söz.cük"': { shard: clinical, resource: Word, via: { note: his.a_note.id } }`;

describe('the tables of a declaration', () => {
  it('are hidden from the farthest to the nearest, as they were declared where they are as far, and the patients last', () => {
    const bills = `  his.bill: { shard: finance, resource: Bill, key: person }`;
    const { owned, root } = adopted([VISITS, NOTES, bills, WORDS].join('\n'));
    expect(owned.map(({ name }) => name)).toEqual([
      'Özel.söz.cük',
      'his.a_note',
      'his.visit',
      'his.bill',
      'his.person',
    ]);
    expect(owned.at(-1)).toBe(root);
  });

  it('of one shard are hidden by one statement, which needs no order, and a shard without any has none', () => {
    const { hide } = adopted([VISITS, NOTES].join('\n'));
    expect(Object.keys(hide)).toEqual(['patient', 'clinical']);
    expect(hide.clinical?.match(/DELETE FROM/g)).toHaveLength(2);
    expect(hide.clinical).not.toContain('UPDATE silgi.patient_anchor');
    expect(hide.patient).toContain('UPDATE silgi.patient_anchor');
  });

  it('have rows that are locked where others hang on them, and the patients’ own lock is theirs', () => {
    const { owned } = adopted([VISITS, NOTES, WORDS].join('\n'));
    const locked = owned.filter(({ strategy }) => strategy.lockRows !== undefined);
    expect(locked.map(({ table }) => table)).toEqual(['a_note', 'visit']);
    for (const { strategy } of locked)
      expect(strategy.lockRows?.({ schema: '', table: '' })).toMatch(/FOR UPDATE$/);
  });

  it('have rows that are locked where the declaration asks for it', () => {
    const { owned } = adopted(VISITS.replace('}', ', lockRows: true }'));
    expect(owned.map(({ strategy }) => strategy.lockRows !== undefined)).toEqual([true, false]);
  });

  it('have a fence for each way that holds for every row, and none where that was accepted', () => {
    const contacts = `  his.contact: { shard: finance, resource: Contact, anyOf: [{ key: person }, { when: a > 1, via: { visit: his.visit.id } }] }`;
    const open = `  his.open: { shard: finance, resource: Open, key: person, fence: none, accepted: by the board }`;
    const { owned } = adopted([VISITS, NOTES, contacts, open].join('\n'));
    const of = (name: string) => owned.find(({ table }) => table === name);
    expect(of('contact')?.fences).toEqual([
      { columns: ['person'], target: { schema: 'his', table: 'person' }, targetColumns: ['No'] },
    ]);
    expect(of('a_note')?.fences).toEqual([
      { columns: ['visit'], target: { schema: 'his', table: 'visit' }, targetColumns: ['id'] },
    ]);
    expect(of('open')).toMatchObject({ fences: [], unfenced: 'by the board' });
    expect(of('person')?.fences).toEqual([]);
  });

  it('upstream are locked, leave after what uses them, and have the keys of those who do in the place of a fence', () => {
    const names = `  his.name: { shard: patient, resource: Name, upstream: true, anyOf: [{ via: { id: his.visit.name } }, { via: { id: his.staff.name } }] }`;
    const { owned } = adopted([VISITS, names].join('\n'));
    expect(owned.map(({ name }) => name)).toEqual(['his.name', 'his.visit', 'his.person']);
    expect(owned[0]).toMatchObject({
      fences: [],
      users: [
        { from: { schema: 'his', table: 'visit' }, columns: ['name'], targetColumns: ['id'] },
        { from: { schema: 'his', table: 'staff' }, columns: ['name'], targetColumns: ['id'] },
      ],
      moved: { leavesWithLast: true, isParent: true },
    });
    expect(owned[1]).toMatchObject({ users: [], moved: { leavesWithLast: false } });
  });

  it('leave with the last of several where nothing fences them', () => {
    const shared = VISITS.replace('}', ', fence: none, accepted: a, shared: { rule: leavesWithLast } }');
    expect(adopted(shared).owned[0]).toMatchObject({ moved: { leavesWithLast: true, isParent: true } });
  });

  it('name what is kept with its reason: the hospital’s, the pseudonyms, and where rows leave for', () => {
    const { kept, shown, keyColumn, keyType } = adopted(VISITS);
    expect(kept.map(({ schema, table, reason }) => `${schema}.${table}: ${reason}`)).toEqual([
      'his.staff: no patients',
      'his.ward: nothing about patients',
      'silgi.patient_anchor: the pseudonym of each patient',
      'silgi_vault.his__visit: rows of deleted patients',
      'silgi_vault.his__person: rows of deleted patients',
    ]);
    expect({ keyColumn, keyType, shown }).toEqual({
      keyColumn: 'No',
      keyType: 'text',
      shown: { recordNumber: '"file"', birthDate: 'born::date' },
    });
  });

  it.each([
    [
      'the strategy mark',
      VISITS.replace('}', ', strategy: mark }'),
      /^his\.visit: the strategy mark is not built/,
    ],
    [
      'rows that stay behind a key',
      VISITS.replace('}', ', shared: { rule: leavesWithLast } }'),
      /^his\.visit: leavesWithLast lets rows stay that name somebody who is deleted, which a foreign key forbids/,
    ],
    [
      'ways that lead in a circle',
      VISITS.replace('key: person', 'anyOf: [{ key: person }, { via: { previous: his.visit.id } }]'),
      /^his\.visit: its ways lead in a circle/,
    ],
  ])('are refused, with their place, for %s', (_, tables, why) => {
    expect(refusalsOf(tables)).toEqual([expect.stringMatching(why)]);
  });

  it('are refused where the ways of several lead in a circle, each of them by name', () => {
    const tables = [
      VISITS.replace('key: person', 'anyOf: [{ key: person }, { via: { note: his.a_note.id } }]'),
      NOTES,
      WORDS,
    ];
    expect(refusalsOf(tables.join('\n')).map((line) => line.split(':')[0])).toEqual([
      'his.visit',
      'his.a_note',
    ]);
  });

  it('are refused where rows that name somebody who was never there are to refuse deletions', () => {
    const defaults = (orphan: string) =>
      readDeclaration(
        `silgi: 1
database: { schemas: [his] }
patient: { table: his.person, key: { column: id, type: uuid }, shard: patient, resource: Person }
defaults: { onCoverage: { orphan: ${orphan} } }
`,
        'silgi.yaml',
      );
    expect(() => adoptedTablesOf(defaults('refuse'))).toThrow(
      /^silgi\.yaml:4:\d+: onCoverage: orphan: refuse is not built/,
    );
    expect(adoptedTablesOf(defaults('report')).refusesRowsWithoutKey).toBe(true);
    expect(adopted(VISITS).refusesRowsWithoutKey).toBe(false);
  });

  it('are refused where two would leave for the same', () => {
    const tables = [
      '  his."a__b": { shard: clinical, resource: A, key: person }',
      `  '"his__a".b': { shard: clinical, resource: B, key: person }`,
    ];
    const text = tables.join('\n').replace('his."a__b"', `'his."a__b"'`);
    const declaration = readDeclaration(
      `silgi: 1
database: { schemas: [his, '"his__a"'] }
patient: { table: his.person, key: { column: id, type: uuid }, shard: patient, resource: Person, directory: { recordNumber: file } }
tables:
${text}
`,
      'silgi.yaml',
    );
    expect(() => adoptedTablesOf(declaration)).toThrow(/its rows would leave for the same table as those of/);
  });

  it('are refused where the patients are not of the shard that is hidden last', () => {
    const declaration = {
      ...declared(VISITS),
      patient: { ...declared(VISITS).patient, shard: 'clinical' as const },
    };
    expect(() => adoptedTablesOf(declaration)).toThrow(
      /the table of patients is of the shard patient, which is hidden last/,
    );
  });
});
