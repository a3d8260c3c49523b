import { describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { PipelinedClient } from './pipelined.client.js';

describe('a client of the pool', () => {
  it('whose session is ended while nobody listens does not end the process', () => {
    expect(() => new PipelinedClient().emit('error', new Error('terminated'))).not.toThrow();
    expect(() => new pg.Client().emit('error', new Error('terminated'))).toThrow('terminated');
  });

  it('prepares a text with parameters under one name, and leaves everything else as it is', () => {
    const sent = jest.spyOn(pg.Client.prototype, 'query').mockReturnValue(undefined);
    const client = new PipelinedClient() as unknown as { query: (...args: unknown[]) => unknown };
    client.query('SELECT $1', [1]);
    client.query('SELECT $1', [2]);
    client.query('BEGIN');
    const [first, second, third] = sent.mock.calls as unknown[][];
    expect(first).toEqual([
      { name: expect.stringMatching(/^silgi_[0-9a-f]{32}$/), text: 'SELECT $1', values: [1] },
    ]);
    expect((second?.[0] as { name: string }).name).toBe((first?.[0] as { name: string }).name);
    expect(third).toEqual(['BEGIN']);
    sent.mockRestore();
  });
});
