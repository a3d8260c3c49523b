import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { AUDIT_ACTIONS } from '../../src/admin/audit/audit-event.dto.js';
import { verifyCertificate } from '../../src/certificate/index.js';
import { signer, vectorFiles } from './vectors.js';
import * as verifier from './verifier.js';

const FOLDER = new URL('../../docs/vectors/', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, FOLDER));
const page = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
const key = signer.verifierKey;
const bytes = (text: string) => Buffer.from(text, 'base64');

interface Vectors {
  leaves: { canonical: string; leafHash: string; inclusionProof: string[] }[];
  treeSize: number;
  root: string;
  consistencyProof: { from: number; to: number; proof: string[] };
  checkpoints: string[];
}
const vectors = JSON.parse(read('vectors.json').toString()) as Vectors;
const lines = read('export.jsonl').toString().trimEnd().split('\n');

describe('the test vectors', () => {
  it('are what the product makes today; test/docs/write.vectors.ts renews them', () => {
    for (const [name, text] of Object.entries(vectorFiles())) expect(read(name).toString()).toBe(text);
  });

  it('are of every action that an event may have, and the page names each of them', () => {
    const actions = lines.map((line) => (JSON.parse(line) as { action: string }).action);
    expect(new Set(actions)).toEqual(new Set(AUDIT_ACTIONS));
    const row = page('audit-log.md')
      .split('\n')
      .find((one) => one.startsWith('| `action` |'));
    expect([...(row ?? '').matchAll(/`([A-Z_]+)`/g)].map(([, action]) => action)).toEqual(AUDIT_ACTIONS);
  });

  it('are linked from the pages that they belong to, and every file is told of', () => {
    for (const name of ['audit-log.md', 'certificate.md']) expect(page(name)).toContain('](vectors/');
    const told = read('README.md').toString();
    for (const name of readdirSync(FOLDER).filter((one) => one !== 'README.md'))
      expect(told).toContain(`\`${name}\``);
  });
});

describe('a verifier written from the pages alone', () => {
  it('has every import from Node', () => {
    const source = readFileSync(new URL('verifier.ts', import.meta.url), 'utf8');
    expect([...source.matchAll(/from '([^']+)'/g)].map(([, from]) => from)).toEqual(['node:crypto']);
  });

  it('makes the leaves, hashes, root and proofs of the vectors', () => {
    const hashes = lines.map((line, index) => {
      const leaf = verifier.leafOf(JSON.parse(line) as Parameters<typeof verifier.leafOf>[0]);
      expect(verifier.canonical(leaf)).toBe(vectors.leaves[index]?.canonical);
      return verifier.hashOf(leaf);
    });
    expect(hashes.map((hash) => hash.toString('base64'))).toEqual(
      vectors.leaves.map(({ leafHash }) => leafHash),
    );
    expect(verifier.rootOf(hashes).toString('base64')).toBe(vectors.root);
    for (const [index, { inclusionProof }] of vectors.leaves.entries()) {
      const path = inclusionProof.map(bytes);
      const hash = hashes[index] ?? Buffer.alloc(0);
      expect(verifier.rootByPath(hash, index, vectors.treeSize, path).toString('base64')).toBe(vectors.root);
    }
    const [small = '', large = ''] = vectors.checkpoints;
    const { from, to, proof } = vectors.consistencyProof;
    const [old, grown] = verifier.rootsByProof(
      [from, to],
      verifier.openCheckpoint(small, key).root,
      proof.map(bytes),
    );
    expect(old.equals(verifier.openCheckpoint(small, key).root)).toBe(true);
    expect(grown.equals(verifier.openCheckpoint(large, key).root)).toBe(true);
  });

  it('takes the export, and finds every value of it that was changed', () => {
    expect(verifier.checkExport(lines, vectors.checkpoints, key)).toBe(12);
    for (const [at, line] of lines.entries())
      for (const [name, value] of Object.entries(JSON.parse(line) as Record<string, unknown>)) {
        const other = typeof value === 'number' ? value + 1 : value === null ? 'x' : null;
        const changed = JSON.stringify({ ...(JSON.parse(line) as object), [name]: other });
        const edited = lines.map((one, index) => (index === at ? changed : one));
        expect(() => verifier.checkExport(edited, vectors.checkpoints, key)).toThrow();
      }
    expect(() => verifier.checkExport(lines.slice(0, 5), vectors.checkpoints, key)).toThrow('covers 12');
  });

  it.each(['certificate-v1.json', 'certificate-v2.json', 'certificate-v3.json'])(
    'takes %s as the product does, and no changed byte',
    (name) => {
      const file = read(name);
      expect(verifier.checkCertificate(file, key)).toEqual(verifyCertificate(file, key).certificate);
      for (let at = 0; at < file.length; at += 7) {
        const changed = Buffer.from(file);
        changed[at] = (changed[at] ?? 0) ^ 1;
        expect(() => verifier.checkCertificate(changed, key)).toThrow();
      }
    },
  );

  it('takes the PDF of an older release as the product does, and no changed byte', () => {
    const pdf = read('certificate-v1.pdf');
    verifier.checkPdf(pdf, key);
    expect(verifyCertificate(pdf, key)).toMatchObject({ format: 'PDF', certificate: { version: 1 } });
    for (let at = 0; at < pdf.length; at += 997) {
      const changed = Buffer.from(pdf);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => {
        verifier.checkPdf(changed, key);
      }).toThrow();
    }
  });
});
