import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createHash } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AuditLogKey } from '../../src/transparency-log/index.js';
import type { Certificate } from '../../src/certificate/index.js';
import { verifyCertificateCommand } from '../../src/cli/verify-certificate.command.js';
import { readEnvironment } from '../../src/config/index.js';
import { ProductProcess } from '../admin/service.process.js';
import { temporaryFolder } from '../support/run.folder.js';
import { CertificateStage } from './certificate.stage.js';
import { exampleDraft, newSigner, signDraft } from './example.js';

let stage: CertificateStage;

beforeAll(async () => {
  stage = await CertificateStage.open();
});

afterAll(() => stage.close());

describe('npx silgi verify-certificate', () => {
  let folder: string;
  let json: string;
  let text: string;

  beforeAll(async () => {
    folder = await temporaryFolder();
    json = join(folder, 'certificate.json');
    ({ text } = await stage.certificateOf(stage.deleted).expect(200));
    await writeFile(json, text);
  });

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  /** The command in a process of its own, without a database to find. */
  async function verify(...args: string[]) {
    const command = new ProductProcess(['cli/main.ts', 'verify-certificate', ...args], { DATA_DIR: folder });
    const code = await command.ends();
    return { code, stdout: command.stdout, stderr: command.stderr };
  }

  /** The command in this process. */
  async function run(...args: string[]): Promise<string> {
    const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    try {
      await verifyCertificateCommand().exitOverride().parseAsync(args, { from: 'user' });
      return write.mock.calls.map(([line]) => String(line)).join('');
    } finally {
      write.mockRestore();
    }
  }

  it('tells the genuine from the changed by its exit code', async () => {
    const changed = join(folder, 'changed.json');
    await writeFile(changed, text.replace('"totalRows":29', '"totalRows":28'));
    const [genuine, refused] = await Promise.all([
      verify(json, '--key', stage.key),
      verify(changed, '--key', stage.key),
    ]);
    expect(genuine).toMatchObject({ code: 0, stderr: '' });
    expect(genuine.stdout).toMatch(/^GENUINE: this is a deletion certificate/);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(/^REFUSED\. The signature does not fit/);
  });

  it('sums up what is certain, from the JSON and from the PDF', async () => {
    const [pdf, keyFile] = [join(folder, 'certificate.pdf'), join(folder, 'key')];
    await writeFile(pdf, (await stage.asPdf(stage.deleted).expect(200)).body as Buffer);
    await writeFile(keyFile, `${stage.key}\n`);
    const { log, subject } = JSON.parse(text) as Certificate;
    const summary = await run(json, '--key', stage.key);
    for (const part of [
      stage.deleted.deletionId,
      subject,
      'clinical.sharded_tani',
      'Soft delete is not erasure',
      `${stage.key} (from --key)`,
      `leaf ${log.leafIndex} of ${log.treeSize}`,
      createHash('sha256').update(text).digest('hex'),
    ])
      expect(summary).toContain(part);
    expect(await run(pdf, '--key-file', keyFile)).toMatch(/^GENUINE: this PDF is/);
  });

  it('takes the key of this installation where none is given, and refuses where there is none', async () => {
    const { DATA_DIR } = process.env;
    try {
      process.env['DATA_DIR'] = folder;
      await expect(run(json)).rejects.toMatchObject({ exitCode: 2 });
      const own = await AuditLogKey.open(readEnvironment().auditLog);
      await expect(run(json)).rejects.toMatchObject({ exitCode: 1 });
      const other = join(folder, 'other.json');
      await writeFile(other, signDraft(exampleDraft(own.signer), own.signer));
      expect(await run(other)).toContain(`${own.verifierKey} (from this installation)`);
    } finally {
      if (DATA_DIR === undefined) delete process.env['DATA_DIR'];
      else process.env['DATA_DIR'] = DATA_DIR;
    }
  });

  it.each([
    ['a forged key', 1, /^REFUSED/, () => [json, '--key', newSigner().verifierKey]],
    [
      'no such file',
      2,
      /none\.json cannot be read \(ENOENT\)/,
      () => [join(folder, 'none.json'), '--key', stage.key],
    ],
    ['a folder', 2, /cannot be read \(EISDIR\)/, () => [folder, '--key', stage.key]],
    ['a malformed key', 2, /verifier key/, () => [json, '--key', 'none']],
    ['no such key file', 2, /cannot be read/, () => [json, '--key-file', join(folder, 'none')]],
    ['two keys', 2, /not both/, () => [json, '--key', stage.key, '--key-file', json]],
  ])('refuses %s', async (_, exitCode, message, args) => {
    const failure = await run(...args()).catch((error: unknown) => error);
    expect(failure).toMatchObject({ exitCode });
    expect((failure as Error).message).toMatch(message);
  });
});
