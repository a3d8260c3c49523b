import { createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { link, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { privateFolder, readSecret, readTrusted } from '../common/index.js';
import { type AuditLogSettings, ConfigurationError } from '../config/index.js';
import { NoteSigner } from './signed.note.js';
import { syncFolder } from './sync-folder.js';

/** The Ed25519 key that signs the checkpoints of the log, and whatever else is to be checked with its public half. */
export class AuditLogKey {
  private constructor(
    /** Signs notes under the log's origin. */
    readonly signer: NoteSigner,
  ) {}

  /**
   * Reads the key. Where none was named and there is none yet, it is made for its owner's eyes alone: the file
   * appears whole or not at all, and of two concurrent first starts the slower takes the key of the faster.
   *
   * @throws ConfigurationError naming the variable and what is wrong with the file
   */
  static async open(settings: AuditLogSettings): Promise<AuditLogKey> {
    const existing = await AuditLogKey.openExisting(settings);
    if (existing !== undefined) return existing;
    await makeKey(settings.keyFile).catch((cause: unknown) => {
      throw refused(settings, cause);
    });
    const made = await AuditLogKey.openExisting(settings);
    if (made === undefined) throw refused(settings, new Error('it was removed as soon as it was made'));
    return made;
  }

  /**
   * The same, but a key that is not there is not made.
   *
   * @returns undefined where none was named and there is none
   * @throws ConfigurationError where there is one that cannot be used
   */
  static async openExisting(settings: AuditLogSettings): Promise<AuditLogKey | undefined> {
    const { keyFile, keyIsGiven, origin } = settings;
    if (origin === undefined)
      throw new ConfigurationError('AUDIT_LOG_ORIGIN must be set in production: the name of this audit log.');
    // A key that the operator names may be a secret of a container; ours lies in a folder of ours.
    const read = keyIsGiven ? readTrusted : readSecret;
    try {
      return new AuditLogKey(new NoteSigner(origin, createPrivateKey(await read(keyFile))));
    } catch (cause) {
      if (!keyIsGiven && (cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw refused(settings, cause);
    }
  }

  /** What whoever checks needs to have from a trusted source: `name+hexid+base64` (C2SP signed-note). */
  get verifierKey(): string {
    return this.signer.verifierKey;
  }

  /**
   * The Ed25519 signature, 64 bytes.
   *
   * @param bytes of a form that cannot be taken for the text of a note: begin with a word of their own kind
   */
  sign(bytes: Uint8Array): Uint8Array {
    return this.signer.signBytes(bytes);
  }
}

function refused({ keyFile }: AuditLogSettings, cause: unknown): ConfigurationError {
  return new ConfigurationError(
    `AUDIT_LOG_KEY must be the path of a PEM file (PKCS #8) with an Ed25519 private key; ${keyFile} cannot be used: ` +
      (cause as Error).message,
    { cause },
  );
}

/** Written under another name and linked: `link` fails where another start was faster, and nothing is half written. */
async function makeKey(file: string): Promise<void> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const draft = `${file}.${randomBytes(4).toString('hex')}`;
  await privateFolder(dirname(file));
  try {
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
    await writeFile(draft, pem, { mode: 0o600, flag: 'wx', flush: true });
    await link(draft, file).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    });
    // What it signs is of no use without it.
    await syncFolder(dirname(file));
  } finally {
    await rm(draft, { force: true });
  }
}
