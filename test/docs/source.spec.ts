import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow } from '../supply-chain/imports.js';
import { ROOT } from './evidence.js';

const source = filesBelow('src')
  .filter((file) => !file.endsWith('.spec.ts'))
  .map((file) => ({ file, text: readFileSync(join(ROOT, file), 'utf8') }));

/** The files in which a pattern occurs. */
function filesWith(pattern: RegExp): string[] {
  return source.filter(({ text }) => pattern.test(text)).map(({ file }) => file);
}

describe('the source of the product', () => {
  it('evaluates no text as code', () => {
    expect(source.length).toBeGreaterThan(150);
    expect(filesWith(/\beval\s*\(|\bnew Function\b|\bnode:vm\b|['"]vm['"]/)).toEqual([]);
  });

  it('starts processes for the embedded database alone, and never through a shell', () => {
    const files = filesWith(/child_process/);
    expect(files.filter((file) => !file.startsWith('src/embedded-postgres/'))).toEqual([]);
    expect(files.length).toBeGreaterThan(0);
    expect(filesWith(/\bexec(?:Sync)?\s*[(,}].*child_process|\bshell:\s*true/)).toEqual([]);
  });

  it('hashes with SHA-256 alone', () => {
    const named = source.flatMap(({ text }) => [...text.matchAll(/\bcreate(?:Hash|Hmac)\(\s*([^,)]*)/g)]);
    expect(named.length).toBeGreaterThan(5);
    expect(named.map(([, algorithm]) => algorithm).filter((algorithm) => algorithm !== "'sha256'")).toEqual(
      [],
    );
  });

  it('encrypts nothing, and turns no check of certificates off', () => {
    expect(filesWith(/createCipheriv|createDecipheriv|CompactEncrypt|EncryptJWT/)).toEqual([]);
    expect(filesWith(/rejectUnauthorized|NODE_TLS_REJECT_UNAUTHORIZED\W*=(?!==)/)).toEqual([]);
    // Named where it is refused, and nowhere else.
    expect(filesWith(/NODE_TLS_REJECT_UNAUTHORIZED/)).toEqual(['src/config/certificate.checks.ts']);
  });

  it('follows no redirect of an address that it asks', () => {
    const asking = source.filter(({ text }) =>
      /(?<![.\w])fetch\(\s*(?!\))/.test(text.replace(/private async fetch\(/g, '')),
    );
    expect(asking.map(({ file }) => file)).toEqual(['src/auth/issuer.keys.ts']);
    for (const { text } of asking) expect(text).toContain("redirect: 'error'");
  });
});

describe('every file of src, test and bin', () => {
  it('has at most 300 lines, fixtures aside', () => {
    const files = ['src', 'test', 'bin'].flatMap(filesBelow);
    expect(files.length).toBeGreaterThan(400);
    const linesOf = (file: string) => readFileSync(join(ROOT, file), 'utf8').trimEnd().split('\n').length;
    expect(files.filter((file) => linesOf(file) > 300)).toEqual([]);
  });
});
