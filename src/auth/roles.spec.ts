import { describe, expect, it } from '@jest/globals';
import { rolesIn } from './roles.js';

describe('rolesIn', () => {
  it.each([
    [
      ['auditor', 'system-admin'],
      ['system-admin', 'auditor'],
    ],
    ['system-admin auditor', ['system-admin', 'auditor']],
    ['  auditor \n', ['auditor']],
    [['auditor', 'auditor'], ['auditor']],
  ])('reads %j', (claim, roles) => {
    expect(rolesIn(claim)).toEqual(roles);
  });

  it.each([
    [undefined],
    [null],
    [''],
    [[]],
    [{ 'system-admin': true }],
    [['SYSTEM-ADMIN', 'root', 7, null, ['system-admin']]],
    ['system-admin,auditor'],
    [42],
  ])('finds no role in %j', (claim) => {
    expect(rolesIn(claim)).toEqual([]);
  });
});
