import { Injectable } from '@nestjs/common';
import { ClinicalRepository } from '../../clinical/index.js';
import { FinanceRepository } from '../../finance/index.js';
import { PatientRepository } from '../../patient/index.js';
import { type Action, declareSteps, ShardUnavailable, Transactions } from '../../protocol/index.js';
import { type DeletableRow, patientOwnedTables } from '../../shards/index.js';

/** The one step in which patients are taken in. */
const INTAKE_STEPS = declareSteps({ admit: { phase: 'EXECUTE', shard: 'patient' } });

/** Rows of one patient as an import brings them, by resource type, in the code's own property names. */
export interface PatientBundle {
  readonly patientId: string;
  readonly resources: Readonly<Record<string, readonly Partial<DeletableRow>[]>>;
}

/** Rows added per resource type; `deleted` where the patient is deleted and was left alone. */
export interface Intake {
  readonly deleted: boolean;
  readonly added: Readonly<Record<string, number>>;
}

/** Takes whole patients in, each or a batch in one transaction, for imports and demo data. */
@Injectable()
export class PatientIntake {
  constructor(
    private readonly patient: PatientRepository,
    private readonly clinical: ClinicalRepository,
    private readonly finance: FinanceRepository,
    private readonly transactions: Transactions,
  ) {}

  /**
   * Adds what is not there yet of these patients, all of them or none. Rows that are there already stay as they
   * are, and a deleted patient is never brought back.
   *
   * @param bundles patients with their PatientDemographics row among the resources, each patient once
   * @returns one intake per bundle, in order
   * @throws SilgiError after which nothing of these patients was added
   */
  async admit(bundles: readonly PatientBundle[]): Promise<Intake[]> {
    const tables = [this.patient, this.clinical, this.finance].flatMap((repository) =>
      patientOwnedTables(repository.shard).map(({ resourceType }) => ({ repository, resourceType })),
    );
    // Whoever adds the same patients at the same time adds them in this order, too: nobody waits for each other.
    const inOrder = [...bundles].sort((a, b) => (a.patientId < b.patientId ? -1 : 1));
    const intake: Action<Intake[], keyof typeof INTAKE_STEPS> = {
      name: 'intake',
      ids: {},
      home: 'patient',
      steps: INTAKE_STEPS,
      hasCommitted: () => Promise.resolve(false),
      work: (tx) =>
        tx.step('admit', async (manager) => {
          const ids = bundles.map(({ patientId }) => patientId);
          const deleted = await this.patient.deletedAmong(manager, ids);
          const taken = inOrder.filter(({ patientId }) => !deleted.has(patientId));
          const counts = new Map<string, Map<string, number>>();
          for (const { repository, resourceType } of tables) {
            const rows = taken.flatMap(({ resources }) => resources[resourceType] ?? []);
            if (rows.length > 0) counts.set(resourceType, await repository.add(manager, resourceType, rows));
          }
          return bundles.map((bundle) =>
            deleted.has(bundle.patientId)
              ? { deleted: true, added: {} }
              : { deleted: false, added: addedOf(bundle, counts) },
          );
        }),
    };
    try {
      return await this.transactions.commit(intake);
    } catch (error) {
      // Adding is idempotent: where the acknowledgement of COMMIT was lost, it is done once more.
      if (error instanceof ShardUnavailable && error.point.step === 'commit')
        return this.transactions.commit(intake);
      throw error;
    }
  }
}

/** What was added of one patient, of the resource types that it brings. */
function addedOf(
  { patientId, resources }: PatientBundle,
  counts: ReadonlyMap<string, ReadonlyMap<string, number>>,
): Record<string, number> {
  const types = Object.keys(resources).filter((type) => counts.has(type) && resources[type]?.length !== 0);
  return Object.fromEntries(types.map((type) => [type, counts.get(type)?.get(patientId) ?? 0]));
}
