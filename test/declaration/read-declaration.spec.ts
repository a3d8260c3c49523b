import { describe, expect, it } from '@jest/globals';
import { type Declaration, DeclarationRefused, readDeclaration } from '../../src/declaration/index.js';
import { WHOLE } from './examples.js';

/** What is said of a file, line by line. */
function refusalOf(text: string): readonly string[] {
  try {
    readDeclaration(text, 'silgi.yaml');
  } catch (error) {
    if (error instanceof DeclarationRefused) return error.lines;
    throw error;
  }
  return [];
}

/** The whole example with some of its text put right or wrong. */
function changed(...edits: [from: string, to: string][]): string {
  return edits.reduce((text, [from, to]) => {
    expect(text.split(from)).toHaveLength(2);
    return text.replace(from, to);
  }, WHOLE);
}

const find = (declaration: Declaration, name: string) =>
  declaration.tables.find(({ name: { table } }) => table === name);

describe('a declaration', () => {
  it('may hold one way for some rows only, show what SQL makes of a row, and say where keys get their uuid', () => {
    const declaration = readDeclaration(
      changed(
        ['key: person_id, rowIdentity: none', 'key: person_id, when: "kind = 1", rowIdentity: none'],
        ['recordNumber: mrn', 'recordNumber: "\'H-\' || mrn"'],
        [
          'defaults: { strategy: mark }',
          'defaults: { strategy: mark, onCoverage: { nullKey: refuse, orphan: report } }',
        ],
        ['  resource: Person\n', '  resource: Person\n  pseudonym: silgi.patient_anchor\n'],
      ),
      'silgi.yaml',
    );
    expect(find(declaration, 'death')?.links).toMatchObject([{ key: 'person_id', when: 'kind = 1' }]);
    expect(declaration.patient.directory).toMatchObject({ recordNumber: { sql: "'H-' || mrn" } });
  });

  it('is read whole, in names as the catalogue has them', () => {
    const declaration = readDeclaration(WHOLE, 'silgi.yaml');
    expect(declaration).toMatchObject({
      schemas: ['cdm', 'Hasta_Kayıt'],
      fingerprint: `sha256:${'0'.repeat(64)}`,
      patient: {
        name: { schema: 'cdm', table: 'person' },
        key: { column: 'person_id', type: 'integer' },
        directory: { recordNumber: { column: 'mrn' }, birthDate: { column: 'Doğum' } },
      },
      kept: [{ name: { schema: 'cdm', table: 'location' }, reason: 'shared by households' }],
      reference: [{ name: { table: 'concept' } }, { name: { table: 'domain' } }],
      undecided: [],
    });
    expect(declaration.tables.map(({ name }) => name.table)).toEqual([
      'death',
      'visit',
      'note',
      'İşlem.Satırı',
      'cost',
      'audit_details',
    ]);
    expect(find(declaration, 'İşlem.Satırı')).toMatchObject({
      name: { schema: 'Hasta_Kayıt' },
      shard: 'finance',
      links: [{ key: 'HastaNo' }],
      agree: [{ column: 'visit_id', target: { schema: 'cdm', table: 'visit' } }],
      derived: true,
      fence: 'existing',
    });
    expect(find(declaration, 'cost')).toMatchObject({
      links: [
        { when: "domain = 'Visit'", via: [{ column: 'event_id', target: { table: 'visit', column: 'id' } }] },
        { key: 'person_id' },
      ],
      shared: 'leavesWithFirst',
    });
    expect(find(declaration, 'audit_details')).toMatchObject({ upstream: true, hasRowIdentity: true });
    expect(find(declaration, 'death')).toMatchObject({ hasRowIdentity: false });
  });

  it('hides rows by the strategy of its table, else by that of the defaults, else by moving them', () => {
    const strategies = (text: string) =>
      ['visit', 'note'].map((name) => find(readDeclaration(text, 'silgi.yaml'), name)?.strategy);
    expect(strategies(WHOLE)).toEqual(['move', 'mark']);
    expect(strategies(changed(['defaults: { strategy: mark }\n', '']))).toEqual(['move', 'move']);
  });

  it('names what has still to be decided, wherever a mark stands, with its place', () => {
    const text = changed(
      ['schemas: [cdm', 'decide: which schemas?\n  schemas: [cdm'],
      [
        '  shard: patient\n  resource: Person',
        '  review: [the key?, the shard?]\n  shard: patient\n  resource: Person',
      ],
      ['resource: Death,', 'resource: Death, decide: hers alone?,'],
      ['reason: shared by households', 'reason: shared by households, review: an address?'],
      ['{ table: cdm.domain }', '{ table: cdm.domain, decide: nothing of patients? }'],
    );
    const found = readDeclaration(text, 'silgi.yaml').undecided;
    expect(found.map(({ subject, question, place }) => `${place.line} ${subject}: ${question}`)).toEqual([
      '3 database: which schemas?',
      '7 patient: the key?',
      '7 patient: the shard?',
      '16 tables / cdm.death: hers alone?',
      '41 kept / cdm.location: an address?',
      '42 reference / 1: nothing of patients?',
    ]);
  });
});

describe('a file is refused, with file, line and column, where', () => {
  it.each<[string, [string, string][], string]>([
    ['a key is not known', [['silgi: 1', 'silgi: 1\nsilgy: 1']], '3:1: silgy: is not known here'],
    [
      'a key of a table is not known',
      [['resource: Death,', 'resource: Death, frence: none,']],
      '14:49: tables / cdm.death / frence: is not known here',
    ],
    ['a key stands twice', [['silgi: 1', 'silgi: 1\nsilgi: 1']], '3:1: Map keys must be unique'],
    ['it is of another version', [['silgi: 1', 'silgi: 2']], '2:8: silgi: must be 1'],
    [
      'a key is missing',
      [['  key: { column: person_id, type: integer }\n', '']],
      '6:1: patient / key: is missing',
    ],
    [
      'the key is of another type',
      [['type: integer', 'type: date']],
      '8:35: patient / key / type: expected one of "integer"|"bigint"|"uuid"|"text"|"numeric"',
    ],
    [
      'the key has several columns',
      [['column: person_id', 'column: [hospital, person_id]']],
      '8:18: patient / key / column: is a composite key, which is refused: Silgi finds all rows of a patient',
    ],
    [
      'a name has capitals without quotes',
      [['cdm.death:', 'cdm.Death:']],
      '14:3: tables / cdm.Death: has capitals without quotes',
    ],
    [
      'one table stands in two places, however it is written',
      [['kept:\n', 'kept:\n  \'"cdm"."death"\': { reason: twice }\n']],
      '39:3: cdm.death: stands in two places: in line 14 already',
    ],
    [
      'the table of patients stands in another place, too',
      [['[cdm.concept,', '[cdm.person,']],
      '40:13: cdm.person: stands in two places: in line 7 already',
    ],
    [
      'a table is in a schema that is not watched',
      [['[cdm.concept,', '[pay.tariff,']],
      '40:13: pay.tariff: its schema is not watched: name pay in database / schemas, too',
    ],
    [
      'two tables have one resource',
      [['resource: Death', 'resource: Person']],
      '14:42: Person: is the resource of the table in line 10, too',
    ],
    [
      'a resource is no word',
      [['resource: Death', 'resource: lab result']],
      '14:42: tables / cdm.death / resource: must be a word such as LabResult',
    ],
    [
      'a table has no way to the patient',
      [['resource: Death, key: person_id,', 'resource: Death,']],
      '14:3: tables / cdm.death: must have exactly one of key, via and anyOf, and has none',
    ],
    [
      'a table has two ways without anyOf',
      [['via: { visit_id: cdm.visit.id }', 'via: { visit_id: cdm.visit.id }\n    key: person_id']],
      'tables / cdm.note: must have exactly one of key, via and anyOf, and has key and via',
    ],
    [
      'a condition stands beside several ways',
      [['    accepted: written by the billing alone\n', '    accepted: x\n    when: "true"\n']],
      'tables / cdm.cost: has when beside anyOf: say it in each way',
    ],
    [
      'one of several ways is none',
      [['- { key: person_id }', "- { when: 'true' }"]],
      '36:9: tables / cdm.cost: must have exactly one of key and via, and has none',
    ],
    [
      'there is no fence and no reason',
      [['    accepted: written by the billing alone\n', '']],
      '31:5: tables / cdm.cost: must say in accepted why there is no fence',
    ],
    [
      'there is a reason for no fence, and a fence',
      [['fence: none', 'fence: add']],
      '32:5: tables / cdm.cost: has accepted without fence: none',
    ],
    [
      'a table upstream is found by a key',
      [['via: { id: cdm.visit.audit_id }', 'key: person_id']],
      'is upstream and must name by via, and by nothing else, the tables that point to it',
    ],
    [
      'via leads to a table that is not declared',
      [['via: { visit_id: cdm.visit.id }', 'via: { visit_id: cdm.location.id }']],
      '19:5: tables / cdm.note: via leads to cdm.location, which is neither the patient nor one of tables',
    ],
    [
      'via names no column of the table that it leads to',
      [['via: { visit_id: cdm.visit.id }', 'via: { visit_id: cdm.visit }']],
      '19:22: tables / cdm.note / via / visit_id: must be schema.table.column and has 2 parts',
    ],
    [
      'one via leads to two tables',
      [
        [
          'via: { visit_id: cdm.visit.id }',
          'via: { visit_id: cdm.visit.id, person_id: cdm.person.person_id }',
        ],
      ],
      'the columns of one via must lead to one table: cdm.visit, cdm.person',
    ],
    [
      'a table must agree with one that is not declared',
      [['agree: { visit_id: cdm.visit }', 'agree: { visit_id: cdm.location }']],
      'agree names cdm.location, which is not one of tables',
    ],
    [
      'ways lead in a circle and never to the patient',
      [['resource: Visit, key: person_id,', 'resource: Visit, via: { id: cdm.note.visit_id },']],
      '15:3: tables / cdm.visit: never reaches the patient: cdm.visit → cdm.note → cdm.visit',
    ],
    [
      'something stands there by an alias',
      [
        [
          '{ shard: patient, resource: Death, key: person_id, rowIdentity: none }',
          '&one { shard: patient, resource: Death, key: person_id }',
        ],
        ['[cdm.concept,', '[*one,'],
      ],
      '40:13: an alias is not followed here',
    ],
    [
      'a mark asks nothing',
      [['resource: Death,', 'resource: Death, decide: " ",']],
      '14:57: tables / cdm.death / decide: must not be empty',
    ],
  ])('%s', (_, edits, line) => {
    const lines = refusalOf(changed(...edits));
    expect(lines).toContainEqual(expect.stringContaining(line));
    for (const one of lines) expect(one).toMatch(/^silgi\.yaml:\d+:\d+: \S/);
  });

  it('it is no YAML, or nothing at all', () => {
    expect(refusalOf('silgi: [1')[0]).toMatch(/^silgi\.yaml:1:\d+: /);
    expect(refusalOf('')).toEqual(['silgi.yaml:1:1: the file: expected object, received null']);
    expect(refusalOf('a: 1\n---\nb: 1')[0]).toMatch(/^silgi\.yaml:\d+:\d+: .*multiple documents/);
    expect(refusalOf('silgi: !odd 1')[0]).toMatch(/^silgi\.yaml:1:8: Unresolved tag/);
  });

  it('several things are wrong: every one has its line, in the order of the file', () => {
    const lines = refusalOf(
      changed(
        ['silgi: 1', 'silgi: 2\nsilgi: 2'],
        ['resource: Death, key: person_id', 'resource: death'],
        ['fence: add', 'fence: maybe'],
        ['    accepted: written by the billing alone\n', ''],
        ['{ table: cdm.domain }', 'cdm.death'],
      ),
    );
    expect(lines.map((line) => /:(\d+):\d+:/.exec(line)?.[1])).toEqual([
      '2',
      '3',
      '15',
      '15',
      '21',
      '32',
      '40',
    ]);
  });
});
