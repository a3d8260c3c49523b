import { describe, expect, it } from '@jest/globals';
import { claimAt, rolesIn } from './roles.js';

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

describe('claimAt', () => {
  const claims = {
    roles: 'by name',
    'realm_access.roles': 'of that very name',
    realm_access: { roles: 'by path' },
    resource_access: { silgi: { roles: 'of a client' }, 'silgi.api': { roles: 'of a client with a dot' } },
    'https://hospital.example/roles': 'of a URL',
    'https://hospital.example/silgi': { roles: 'below a URL' },
    words: 'auditor',
    list: [{ roles: 'in a list' }],
  };

  it.each([
    ['roles', 'by name'],
    ['realm_access.roles', 'of that very name'],
    ['resource_access.silgi.roles', 'of a client'],
    ['resource_access.silgi.api.roles', 'of a client with a dot'],
    ['https://hospital.example/roles', 'of a URL'],
    ['https://hospital.example/silgi.roles', 'below a URL'],
  ])('finds %s', (path, found) => {
    expect(claimAt(claims, path)).toBe(found);
  });

  it('follows a path where no claim has that very name', () => {
    expect(claimAt({ realm_access: { roles: 'by path' } }, 'realm_access.roles')).toBe('by path');
  });

  it.each([
    ['groups'],
    ['realm_access.groups'],
    ['words.length'],
    ['list.0.roles'],
    ['list.length'],
    ['constructor.name'],
    ['__proto__.constructor'],
    ['realm_access.constructor.name'],
    ['.roles'],
    ['roles.'],
    ['.'],
    [''],
  ])('finds nothing at “%s”', (path) => {
    expect(claimAt(claims, path)).toBeUndefined();
  });
});
