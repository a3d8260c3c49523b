import { describe, expect, it } from '@jest/globals';
import { DeclarationRefused, readDeclaration } from '../../src/declaration/index.js';
import { WHOLE } from './examples.js';

const WAY = 'via: { id: cdm.visit.audit_id }, upstream: true';

/** The example with other ways to what lies upstream; what is said of it, without the places. */
function saidOf(ways: string): string[] {
  expect(WHOLE.split(WAY)).toHaveLength(2);
  try {
    readDeclaration(WHOLE.replace(WAY, ways), 'silgi.yaml');
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(DeclarationRefused);
    return (error as DeclarationRefused).lines.map((line) => line.replace(/^silgi\.yaml:\d+:\d+: /, ''));
  }
}

describe('the ways of a table upstream', () => {
  it.each([
    ['a table that is kept', 'cdm.location.audit_id'],
    ['a table of reference', 'cdm.concept.audit_id'],
  ])('may lead to %s, beside one that is declared', (_, column) => {
    const ways = `anyOf: [{ via: { id: cdm.visit.audit_id } }, { via: { id: ${column} } }]`;
    expect(saidOf(`${ways}, upstream: true`)).toEqual([]);
    expect(saidOf(ways)).toEqual([
      `tables / cdm.audit_details: via leads to ${column.replace('.audit_id', '')}, which is neither the patient nor one of tables`,
    ]);
  });

  it('have to lead to a declared one', () => {
    expect(saidOf('via: { id: cdm.location.audit_id }, upstream: true')).toEqual([
      expect.stringMatching(/^tables \/ cdm\.audit_details: never reaches the patient/),
    ]);
  });

  it('have no key beside them', () => {
    expect(
      saidOf('anyOf: [{ via: { id: cdm.visit.audit_id } }, { key: person_id }], upstream: true'),
    ).toEqual([
      'tables / cdm.audit_details: is upstream and must name by via, and by nothing else, the tables that point to it',
    ]);
  });

  it.each([
    ['when: "true"', 'has when: a key leads to whatever row it names'],
    ['fence: add', 'has fence beside upstream'],
    ['shared: { rule: leavesWithFirst }', 'has shared beside upstream'],
  ])('have nothing beside them that would not hold: %s', (more, why) => {
    const said = saidOf(`${WAY}, ${more}`);
    expect(said.filter((line) => line.includes(why))).toHaveLength(1);
  });

  it('hold for every row, in each of several ways', () => {
    const ways = `anyOf: [{ via: { id: cdm.visit.audit_id } }, { when: a, via: { id: cdm.location.audit_id } }], upstream: true`;
    expect(saidOf(ways)).toEqual([expect.stringContaining('is upstream and has when')]);
  });
});
