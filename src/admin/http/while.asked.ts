import type { Response } from 'express';
import { ScanEnded } from './request.errors.js';

/**
 * Runs a read that ends when whoever asked has gone, or for its time (RELIABILITY rule 32).
 *
 * @param what it is, as a sentence begins: `An integrity scan`
 * @throws ScanEnded where it was ended; what the work throws
 */
export async function whileAsked<Result>(
  response: Response,
  { what, withinMs, instead }: { what: string; withinMs: number; instead: string },
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const ending = new AbortController();
  const gone = () => {
    ending.abort(new ScanEnded(what, 'the caller has closed the connection'));
  };
  const limit = setTimeout(() => {
    const time = withinMs < 60_000 ? `${withinMs / 1_000} seconds` : `${withinMs / 60_000} minutes`;
    ending.abort(new ScanEnded(what, `it took longer than ${time}; ${instead}`));
  }, withinMs);
  response.once('close', gone);
  if (response.closed) gone();
  try {
    return await work(ending.signal);
  } finally {
    clearTimeout(limit);
    response.off('close', gone);
  }
}
