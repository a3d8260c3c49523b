import { createReadStream } from 'node:fs';

/** Characters of a line that nothing of ours comes near; reading on would only fill the memory. */
const LONGEST_LINE = 64 * 1024 * 1024;
/** Bytes read at a time. */
const CHUNK = 1024 * 1024;
/** Stands for a longer one: neither JSON nor a checkpoint begins so. */
const TOO_LONG = '!';

/** The lines of a file, each with the newline that ends it; the last one may have none. */
export async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of createReadStream(path, {
    encoding: 'utf8',
    highWaterMark: CHUNK,
  }) as AsyncIterable<string>) {
    const [first = '', ...others] = chunk.split('\n');
    const lines = [rest + first, ...others];
    rest = lines.pop() ?? '';
    for (const one of lines) yield `${one}\n`;
    if (rest.length > LONGEST_LINE) rest = TOO_LONG;
  }
  if (rest !== '') yield rest;
}
