/** What became of the rows of one resource type. */
export interface RowTally {
  read: number;
  added: number;
  /** In the database already, left as they are. */
  present: number;
  /** Of patients that are deleted in the database, left alone. */
  deleted: number;
  rejected: number;
}

/** What became of the patients of a folder. */
export type PatientTally = Omit<RowTally, 'read'>;

/** Counts what an import does, by resource type. */
export class Tally {
  readonly patients: PatientTally = { added: 0, present: 0, deleted: 0, rejected: 0 };
  private readonly byType = new Map<string, RowTally>();

  /** The counts of one resource type, to be read and to be added to. */
  rows(resourceType: string): RowTally {
    const known = this.byType.get(resourceType);
    if (known !== undefined) return known;
    const fresh = { read: 0, added: 0, present: 0, deleted: 0, rejected: 0 };
    this.byType.set(resourceType, fresh);
    return fresh;
  }

  /** Whether everything that the files hold is where it belongs. */
  get isClean(): boolean {
    return this.patients.rejected === 0 && [...this.byType.values()].every(({ rejected }) => rejected === 0);
  }
}
