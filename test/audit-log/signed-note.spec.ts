import { describe, expect, it } from '@jest/globals';
import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createRequire } from 'node:module';
import * as noble from '@noble/ed25519';
import {
  assertVerifierKey,
  checkpointText,
  NoteSigner,
  openCheckpoint,
  openNote,
  rootOf,
  SignedNoteRefused,
  verifyBytes,
} from '../../src/transparency-log/index.js';

// The example of the specification itself: https://c2sp.org/signed-note
const PETER = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const TEXT =
  "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const LINE =
  '\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';
const NOTE = `${TEXT}\n${LINE}`;

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const signer = new NoteSigner('hospital.example/audit-log', privateKey);
const root = rootOf([]);
const text = checkpointText({ origin: signer.name, size: 7, root });

describe('a signed note', () => {
  it('of the specification is opened with its key', () => {
    expect(openNote(NOTE, PETER)).toBe(TEXT);
  });

  it('is opened where others have signed it too', () => {
    const stranger = '\u2014 example.com/witness AAAAAAAAAAAAAAAAAAAAAAAA\n';
    expect(openNote(`${NOTE}${stranger}`, PETER)).toBe(TEXT);
    expect(openNote(`${TEXT}\n${stranger}${LINE}`, PETER)).toBe(TEXT);
  });

  it.each([
    ['a changed text', NOTE.replace('answer', 'Answer')],
    ['a changed signature', NOTE.replace('x08go/Z', 'x08go/Y')],
    ['another key id', NOTE.replace('x08go', 'x18go')],
    ['another name', NOTE.replace('PeterNeumann x', 'PeterPan x')],
    ['no signature', `${TEXT}\n`],
    ['no empty line', `${TEXT}${LINE}`],
    ['no last newline', NOTE.slice(0, -1)],
    ['a hyphen for the dash', NOTE.replace('\u2014', '-')],
    ['text behind the signature', `${NOTE}more\n`],
    ['base64 without padding', NOTE.replace('nAM=', 'nAM')],
    ['a shorter signature', `${TEXT}\n\u2014 PeterNeumann x08goAAA\n`],
    ['a control character', NOTE.replace('If', 'I\u0007f')],
    ['a carriage return', NOTE.replace(',\n', ',\r\n')],
    ['a second signature that is wrong', `${NOTE}${LINE.replace('/ZJ', '/ZK')}`],
    ['more signatures than anybody reads', `${NOTE}${'\u2014 other AAAAAAAA\n'.repeat(100)}`],
    ['nothing', ''],
  ])('is refused with %s', (_, note) => {
    expect(() => openNote(note, PETER)).toThrow(SignedNoteRefused);
  });

  it.each([
    ['another name', PETER.replace('PeterNeumann', 'PeterPan')],
    ['another id', PETER.replace('c74f20a3', 'c74f20a4')],
    ['another algorithm', PETER.replace('+ARpc', '+Ahpc')],
    ['a shorter key', PETER.slice(0, -4)],
    ['a space in the name', PETER.replace('PeterNeumann', 'Peter Neumann')],
    ['nothing', ''],
  ])('is not opened with a key that has %s', (_, key) => {
    expect(() => openNote(NOTE, key)).toThrow(SignedNoteRefused);
    expect(() => {
      assertVerifierKey(key);
    }).toThrow(SignedNoteRefused);
  });

  it('is not signed over a text that is none, nor under a name or with a key that are none', () => {
    for (const bad of ['', 'no newline', 'a\u0000b\n', 'a\tb\n', '\ud800\n'])
      expect(() => signer.sign(bad)).toThrow(SignedNoteRefused);
    for (const name of ['', 'a b', 'a+b'])
      expect(() => new NoteSigner(name, privateKey)).toThrow(SignedNoteRefused);
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    expect(() => new NoteSigner('name', rsa)).toThrow(SignedNoteRefused);
    expect(() => new NoteSigner('name', publicKey)).toThrow(SignedNoteRefused);
  });
});

describe('a checkpoint', () => {
  const note = signer.sign(text);

  it('says origin, size and root', () => {
    expect(text).toBe('hospital.example/audit-log\n7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n');
    expect(openCheckpoint(note, signer.verifierKey)).toEqual({ origin: signer.name, size: 7, root });
  });

  it('is opened with lines that are not known yet', () => {
    expect(openCheckpoint(signer.sign(`${text}extension 1\n`), signer.verifierKey).size).toBe(7);
  });

  it.each([
    ['no root', 'hospital.example/audit-log\n7\n'],
    ['a size with a zero in front', text.replace('\n7\n', '\n07\n')],
    ['a negative size', text.replace('\n7\n', '\n-7\n')],
    ['a size that no number holds', text.replace('\n7\n', '\n9007199254740993\n')],
    ['a shorter root', text.replace('47DEQpj8', '')],
    ['a root that is not base64', text.replace('47DE', '4!DE')],
    ['no origin', text.replace(signer.name, '')],
  ])('is refused with %s, however well it is signed', (_, bad) => {
    expect(() => openCheckpoint(signer.sign(bad), signer.verifierKey)).toThrow(SignedNoteRefused);
  });

  it('of another log is refused, be it signed by this key', () => {
    const other = signer.sign(text.replace(signer.name, 'hospital.example/other-log'));
    expect(() => openCheckpoint(other, signer.verifierKey)).toThrow(
      'belongs to the log hospital.example/other-log',
    );
  });

  it('is refused with the key of another log', () => {
    const other = new NoteSigner(signer.name, generateKeyPairSync('ed25519').privateKey);
    expect(() => openCheckpoint(note, other.verifierKey)).toThrow(/no signature/);
  });

  it('is read and verified by sigstore’s implementation', () => {
    // Its entry point does not export the checkpoint alone, and its package has no exports map that hides it.
    const { verifyCheckpoint } = createRequire(import.meta.url)(
      '@sigstore/verify/dist/tlog/checkpoint.js',
    ) as {
      verifyCheckpoint: (
        entry: object,
        logs: object[],
      ) => { origin: string; logSize: bigint; logHash: Buffer };
    };
    const keyId = Buffer.from(signer.verifierKey.split('+')[1] ?? '', 'hex');
    const log = (key: KeyObject) => ({ logID: keyId, baseURL: `https://${signer.name}`, publicKey: key });
    const entry = (envelope: string) => ({ inclusionProof: { checkpoint: { envelope } } });
    expect(verifyCheckpoint(entry(note), [log(publicKey)])).toMatchObject({
      origin: signer.name,
      logSize: 7n,
      logHash: Buffer.from(root),
    });
    expect(() => verifyCheckpoint(entry(note.replace('\n7\n', '\n8\n')), [log(publicKey)])).toThrow(
      /signature/,
    );
    expect(() => verifyCheckpoint(entry(note), [log(generateKeyPairSync('ed25519').publicKey)])).toThrow(
      /signature/,
    );
  });

  it('carries a signature and a key id that another implementation of Ed25519 and SHA-256 agrees with', async () => {
    const [name = '', id = '', ...encoded] = signer.verifierKey.split('+');
    const typed = Buffer.from(encoded.join('+'), 'base64');
    expect(publicKey.export({ type: 'spki', format: 'der' }).subarray(-32)).toEqual(typed.subarray(1));
    expect(
      createHash('sha256')
        .update(Buffer.concat([Buffer.from(`${name}\n`), typed]))
        .digest('hex')
        .slice(0, 8),
    ).toBe(id);
    const signature = Buffer.from(/ (\S+)\n$/.exec(note)?.[1] ?? '', 'base64').subarray(4);
    expect(await noble.verifyAsync(signature, Buffer.from(text), typed.subarray(1))).toBe(true);
    expect(await noble.verifyAsync(signature, Buffer.from(text.replace('7', '8')), typed.subarray(1))).toBe(
      false,
    );
  });
});

describe('a bare signature', () => {
  it('holds for its bytes and its key alone', () => {
    const bytes = Buffer.from('certificate');
    const signature = signer.signBytes(bytes);
    expect(verifyBytes(bytes, signature, signer.verifierKey)).toBe(true);
    expect(verifyBytes(Buffer.from('Certificate'), signature, signer.verifierKey)).toBe(false);
    expect(verifyBytes(bytes, signature.subarray(1), signer.verifierKey)).toBe(false);
    expect(verifyBytes(bytes, signature, PETER)).toBe(false);
  });
});
