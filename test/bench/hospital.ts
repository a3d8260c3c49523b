import { BenchService } from './bench.service.js';
import { fillHospital, type Model, ROWS_OF_A_PATIENT } from './hospital.fill.js';
import { patientIdOf, Population } from './population.js';
import type { Bench } from './section.js';
import { type Answer, SoakClient } from './soak.client.js';

const ORDER = { reason: 'DATA_SUBJECT_REQUEST', legalBasis: 'KVKK_ART_7' };
/** Nothing here is ended because the hospital is large. */
const SETTINGS = { REQUEST_TIMEOUT_MS: '600000' };

/** One deletion, by all the ids that it has. */
export interface KnownDeletion {
  readonly patientId: string;
  readonly deletionId: string;
  readonly auditEventId: string;
}

/**
 * A hospital with so many live patients and as many deleted ones, and its service. Patients are known by their numbers:
 * those of odd ones live, those of even ones are deleted.
 */
export class Hospital {
  /** The first number is that of the patient whom the others are made after. */
  private nextLive = 3;
  private served: { service: BenchService; client: SoakClient };

  private constructor(
    private readonly bench: Bench,
    /** Live ones, and as many deleted ones. */
    readonly patients: number,
    readonly url: string,
    readonly population: Population,
    service: BenchService,
  ) {
    this.served = { service, client: new SoakClient(service) };
  }

  /** A new one, with its service, and nobody in it. */
  static async open(bench: Bench, patients: number): Promise<Hospital> {
    const name = nameOf(patients);
    const url = await bench.cluster.createDatabase(name);
    const population = await Population.in(url);
    const service = await BenchService.start(url, bench.cluster.path(name), bench.issuer, SETTINGS);
    return new Hospital(bench, patients, url, population, service);
  }

  get service(): BenchService {
    return this.served.service;
  }

  /** Makes patients, rows and deletions, all but the audit events of the deletions. @returns what their events are to be like */
  async fill(): Promise<Model> {
    const model = await this.population.addOneWith(ROWS_OF_A_PATIENT);
    const [id = ''] = model.ids;
    await this.delete(id);
    return fillHospital(this.population, id, this.patients);
  }

  /** @returns the id of a live patient that nobody was given before */
  livePatient(): string {
    if (this.nextLive > 2 * this.patients + 1) throw new Error('No live patient is left.');
    const id = patientIdOf(this.nextLive);
    this.nextLive += 2;
    return id;
  }

  /** @returns the id of one that nobody is told to delete: the last ones are left */
  stayingPatient(turn: number): string {
    return patientIdOf(2 * this.patients + 1 - 2 * turn);
  }

  /** Deletions, evenly spread over all there are. */
  deletions(count: number): Promise<KnownDeletion[]> {
    const every = Math.max(1, Math.floor(this.patients / count));
    return this.population.query<KnownDeletion>(
      `SELECT patient_id AS "patientId", deletion_id AS "deletionId", audit_event_id AS "auditEventId"
       FROM (SELECT *, row_number() OVER (ORDER BY md5(deletion_id::text)) AS at FROM patient.sharded_patient_deletion) AS d
       WHERE at % ${every} = 0 ORDER BY at LIMIT ${count}`,
    );
  }

  /** @throws Error where it was not deleted */
  async delete(patientId: string): Promise<void> {
    await this.ask(`/patients/${patientId}/deletions`, { status: 201, sent: ORDER });
  }

  /** @throws Error where it was answered with another status */
  async ask(path: string, { status = 200, sent }: { status?: number; sent?: object } = {}): Promise<unknown> {
    const answer: Answer = await this.served.client.ask(path, sent);
    if (answer.status !== status)
      throw new Error(`${path} was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** Ends the service, and starts it again. @returns after how many milliseconds it was ready */
  async restart(): Promise<number> {
    this.served.client.close();
    await this.service.stop();
    const { cluster, issuer } = this.bench;
    const folder = cluster.path(nameOf(this.patients));
    const service = await BenchService.start(this.url, folder, issuer, SETTINGS);
    this.served = { service, client: new SoakClient(service) };
    return service.readyAfterMs;
  }

  async close(): Promise<void> {
    this.served.client.close();
    await this.population.close();
    await this.service.stop();
    await this.bench.cluster.dropDatabase(nameOf(this.patients));
  }
}

const nameOf = (patients: number) => `bench_hospital_${patients}`;
