import { describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { type DatabaseSource, urlOf } from '../../src/postgres/index.js';

const of = (options: object): DatabaseSource => ({
  dataSource: new DataSource({ type: 'postgres', ...options }),
});

describe('the URL of a data source', () => {
  it.each<[string, object, string]>([
    [
      'its own, untouched',
      { url: 'postgres://u:p@h/d?sslmode=verify-full' },
      'postgres://u:p@h/d?sslmode=verify-full',
    ],
    [
      'made of its parts, whatever stands in them',
      { host: 'db.example', port: 5433, username: 'a@b', password: 'p:/?#', database: 'hasta' },
      'postgres://a%40b:p%3A%2F%3F%23@db.example:5433/hasta',
    ],
    [
      'that of the master',
      { replication: { master: { url: 'postgres://m/d' }, slaves: [{ url: 'postgres://s/d' }] } },
      'postgres://m/d',
    ],
    ['with checked certificates', { url: 'postgres://h/d', ssl: true }, 'postgres://h/d?sslmode=verify-full'],
  ])('is %s', (_, options, url) => {
    expect(urlOf(of(options))).toBe(url);
  });

  it.each<[string, object, string]>([
    ['certificates in memory', { url: 'postgres://h/d', ssl: { ca: '…' } }, 'has an object as its ssl'],
    ['a password by a function', { host: 'h', password: () => 'p' }, 'makes its password by a function'],
    ['another place in extra', { url: 'postgres://h/d', extra: { host: 'other' } }, 'says host in its extra'],
  ])('is refused where the options have %s', (_, options, why) => {
    expect(() => urlOf(of(options))).toThrow(why);
  });
});
