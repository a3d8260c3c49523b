import { expect, it } from '@jest/globals';
import { DestructionOrchestrator } from '../../src/orchestrator/index.js';
import { adoptTables, type AdoptedTables } from '../../src/shards/index.js';
import { retentionOf } from './destruction.stage.js';

it('a destruction, and its preview, is refused where patients stand in a hospital’s own tables', async () => {
  adoptTables({} as AdoptedTables);
  const nobody = undefined as never;
  // Nothing of a database is asked for.
  const orchestrator = new DestructionOrchestrator(nobody, nobody, nobody, nobody);
  const command = {
    patientId: '00000000-0000-4000-8000-000000000001',
    deletionId: '00000000-0000-7000-8000-000000000001',
    dueBefore: '2026-11-01',
    requestedBy: 'officer@hospital.example',
    requestedRole: 'privacy-officer',
    requestedVia: { kind: 'TOKEN', issuer: 'https://id.hospital.example' },
    requestId: 'a request',
  } as const;
  const refused = { code: 'DESTRUCTION_REFUSED', refusal: 'NOT_OFFERED' };
  await expect(orchestrator.destroyPatient(command, retentionOf())).rejects.toMatchObject(refused);
  await expect(orchestrator.previewDestruction(command, retentionOf())).rejects.toMatchObject(refused);
});
