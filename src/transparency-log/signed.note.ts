import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

/** The algorithm byte of Ed25519 in the key id and before the public key (C2SP signed-note). */
const ED25519 = 1;
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
const KEY_ID_BYTES = 4;
const MOST_SIGNATURES = 100;
const EM_DASH = '\u2014';
/** DER of a SubjectPublicKeyInfo of Ed25519 up to the key itself (RFC 8410). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** A signed note, a key of one or a checkpoint cannot be taken for what it claims to be; the message says why. */
export class SignedNoteRefused extends Error {
  override readonly name = 'SignedNoteRefused';
}

/** The note is well formed and carries no signature of this key: nothing is known of what it says. */
export class SignedByAnotherKey extends SignedNoteRefused {}

/** A verifier key, taken apart: C2SP signed-note's `name+hexid+base64`. */
interface VerifierKey {
  readonly name: string;
  readonly id: Buffer;
  readonly key: KeyObject;
}

/** Signs notes with an Ed25519 key under a name (C2SP signed-note). */
export class NoteSigner {
  /** The public half, to be handed to whoever checks: `name+hexid+base64`. */
  readonly verifierKey: string;
  private readonly id: Buffer;

  /**
   * @param name who signs: not empty, without spaces and `+`
   * @param privateKey an Ed25519 private key
   * @throws SignedNoteRefused where name or key are of another kind
   */
  constructor(
    readonly name: string,
    private readonly privateKey: KeyObject,
  ) {
    assertName(name);
    if (privateKey.type !== 'private' || privateKey.asymmetricKeyType !== 'ed25519')
      throw new SignedNoteRefused('The key that signs is not an Ed25519 private key.');
    const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
    const typed = Buffer.concat([Buffer.of(ED25519), spki.subarray(SPKI_PREFIX.length)]);
    this.id = keyId(name, typed);
    this.verifierKey = `${name}+${this.id.toString('hex')}+${typed.toString('base64')}`;
  }

  /** @param text ends in a newline, and has no control characters but newlines. @throws SignedNoteRefused */
  sign(text: string): string {
    assertText(text);
    const signature = sign(null, Buffer.from(text), this.privateKey);
    return `${text}\n${EM_DASH} ${this.name} ${Buffer.concat([this.id, signature]).toString('base64')}\n`;
  }

  /** The bare Ed25519 signature, 64 bytes, of any bytes. */
  signBytes(bytes: Uint8Array): Uint8Array {
    return sign(null, bytes, this.privateKey);
  }
}

/**
 * The text of a note that this key has signed. Signatures of other keys are passed over, as C2SP asks.
 *
 * @returns the text with its last newline
 * @throws SignedNoteRefused where the note or the key is malformed, or the signature is missing or wrong
 */
export function openNote(note: string, verifierKey: string): string {
  const trusted = parseVerifierKey(verifierKey);
  const end = note.lastIndexOf('\n\n');
  if (end < 0 || !note.endsWith('\n')) throw new SignedNoteRefused('It is no signed note.');
  const text = note.slice(0, end + 1);
  assertText(text);
  const lines = note.slice(end + 2, -1).split('\n');
  if (lines.length > MOST_SIGNATURES) throw new SignedNoteRefused('The note has too many signatures.');
  const own = lines
    .map(parseSignature)
    .filter(({ name, id }) => name === trusted.name && id.equals(trusted.id));
  if (own.length === 0)
    throw new SignedByAnotherKey(`The note carries no signature of ${trusted.name}'s key.`);
  for (const { signature } of own) {
    if (signature.length !== SIGNATURE_BYTES || !verify(null, Buffer.from(text), trusted.key, signature))
      throw new SignedNoteRefused(`The signature of ${trusted.name} does not fit the note.`);
  }
  return text;
}

/**
 * Checks a bare Ed25519 signature with a verifier key.
 *
 * @throws SignedNoteRefused where the key is malformed
 */
export function verifyBytes(bytes: Uint8Array, signature: Uint8Array, verifierKey: string): boolean {
  return (
    signature.length === SIGNATURE_BYTES && verify(null, bytes, parseVerifierKey(verifierKey).key, signature)
  );
}

/** @throws SignedNoteRefused where the verifier key is malformed */
export function assertVerifierKey(verifierKey: string): void {
  parseVerifierKey(verifierKey);
}

/** The name in a verifier key. @throws SignedNoteRefused where the key is malformed */
export function nameOf(verifierKey: string): string {
  return parseVerifierKey(verifierKey).name;
}

/** The key that was taken apart last: a check of a log asks for the same one for every checkpoint. */
let lastParsed: { readonly text: string; readonly key: VerifierKey } | undefined;

function parseVerifierKey(text: string): VerifierKey {
  if (lastParsed?.text !== text) lastParsed = { text, key: readVerifierKey(text) };
  return lastParsed.key;
}

function readVerifierKey(text: string): VerifierKey {
  const parts = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/su.exec(text);
  const [, name, id, encoded] = parts ?? [];
  const typed = encoded === undefined ? undefined : bytesOf(encoded);
  if (name === undefined || id === undefined || typed?.[0] !== ED25519 || typed.length !== 1 + KEY_BYTES)
    throw new SignedNoteRefused('The verifier key is no Ed25519 key in the form name+hexid+base64.');
  assertName(name);
  if (keyId(name, typed).toString('hex') !== id)
    throw new SignedNoteRefused('The id in the verifier key does not belong to its name and key.');
  const der = Buffer.concat([SPKI_PREFIX, typed.subarray(1)]);
  return {
    name,
    id: Buffer.from(id, 'hex'),
    key: createPublicKey({ key: der, type: 'spki', format: 'der' }),
  };
}

function parseSignature(line: string): { name: string; id: Buffer; signature: Buffer } {
  const [, name, encoded] = /^\u2014 (\S+) (\S+)$/u.exec(line) ?? [];
  const bytes = encoded === undefined ? undefined : bytesOf(encoded);
  if (name === undefined || bytes === undefined || bytes.length <= KEY_ID_BYTES)
    throw new SignedNoteRefused('A signature line of the note is malformed.');
  assertName(name);
  return { name, id: bytes.subarray(0, KEY_ID_BYTES), signature: bytes.subarray(KEY_ID_BYTES) };
}

/** First four bytes of SHA-256 over the name, a newline, and the algorithm with the key. */
function keyId(name: string, typedKey: Uint8Array): Buffer {
  return createHash('sha256').update(`${name}\n`).update(typedKey).digest().subarray(0, KEY_ID_BYTES);
}

function assertName(name: string): void {
  if (!/^[^\s+\p{Cs}]+$/u.test(name))
    throw new SignedNoteRefused('The name of a signer must not be empty nor hold spaces or a plus sign.');
}

function assertText(text: string): void {
  if (!text.endsWith('\n') || /[\u0000-\u0009\u000b-\u001f\ufffd\p{Cs}]/u.test(text))
    throw new SignedNoteRefused(
      'The text of a note must end in a newline and hold no other control characters.',
    );
}

/** Base64 with padding, and nothing that a lenient reader would pass over; undefined for anything else. */
function bytesOf(base64: string): Buffer | undefined {
  const bytes = Buffer.from(base64, 'base64');
  return bytes.toString('base64') === base64 ? bytes : undefined;
}
