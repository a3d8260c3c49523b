import { setTimeout as pause } from 'node:timers/promises';
import type { Population } from './population.js';
import type { SoakClient } from './soak.client.js';

const REQUEST = { reason: 'DATA_SUBJECT_REQUEST', legalBasis: 'KVKK_ART_7' };
const ROWS = 5;
const BATCH = 200;
const REMEMBERED = 1_000;
const WRONG_KEPT = 20;
const INTEGRITY_EVERY_MS = 5_000;

/** A deletion has to be sealed before it can be attested, which takes a second. */
const SEALED_AFTER_MS = 5_000;

interface Deleted {
  readonly patientId: string;
  readonly deletionId: string;
  readonly at: number;
}

/** What the clients do, and how often in a hundred. */
const MIX = { preview: 35, deletion: 30, patient: 10, patients: 5, records: 8, events: 8, certificate: 4 };
export type Operation = keyof typeof MIX | 'integrity';

export interface LoadOptions {
  readonly clients: number;
  /** Requests per second, of all clients together. */
  readonly rate: number;
  readonly draw: () => number;
}

/** Previews, deletions, reads and integrity calls, until it is told to stop. New patients are supplied as it goes. */
export class SoakLoad {
  /** Answered requests by operation. */
  readonly done: Partial<Record<Operation, number>> = {};
  /** What was answered otherwise than it should have been; the first ones. */
  readonly wrong: string[] = [];
  private readonly live: string[] = [];
  private readonly deleted: Deleted[] = [];
  private stopped = false;
  private running: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly client: SoakClient,
    private readonly population: Population,
    private readonly options: LoadOptions,
  ) {}

  async start(): Promise<void> {
    await this.supply();
    const { clients } = this.options;
    this.running = Promise.all([
      ...Array.from({ length: clients }, () => this.work()),
      this.keepSupplied(),
      this.watchIntegrity(),
    ]);
    this.running.catch(() => undefined);
  }

  /** Resolves when the last request is answered. @throws Error of the load itself */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
  }

  private get isStopped(): boolean {
    return this.stopped;
  }

  private async work(): Promise<void> {
    const { clients, rate, draw } = this.options;
    const turnMs = (clients * 1000) / rate;
    let next = performance.now() + draw() * turnMs;
    while (!this.isStopped) {
      await pause(Math.max(0, next - performance.now()));
      next = Math.max(next + turnMs, performance.now());
      await this.perform(drawn(draw()));
    }
  }

  private async perform(operation: Operation): Promise<void> {
    const sealed = this.deleted.find(({ at }) => performance.now() - at > SEALED_AFTER_MS);
    switch (operation) {
      case 'preview':
        // Far from those that are deleted next.
        await this.ask(operation, 200, `/patients/${this.live.at(-1) ?? ''}/deletion-preview`, {});
        return;
      case 'deletion':
        await this.remove();
        return;
      case 'patients':
        await this.ask(operation, 200, '/patients?limit=20');
        return;
      case 'records':
        await this.ask(operation, 200, '/deletions?limit=20');
        return;
      case 'events':
        await this.ask(operation, 200, '/audit-events?limit=20');
        return;
      case 'integrity':
        await this.ask(operation, 200, '/integrity');
        return;
      case 'patient':
        if (sealed !== undefined) await this.ask(operation, 410, `/patients/${sealed.patientId}`);
        return;
      case 'certificate':
        if (sealed === undefined) return;
        await this.ask(
          operation,
          200,
          `/patients/${sealed.patientId}/deletions/${sealed.deletionId}/certificate`,
        );
    }
  }

  private async remove(): Promise<void> {
    const patientId = this.live.shift();
    if (patientId === undefined) throw new Error('No patient was left: they are deleted faster than made.');
    const body = await this.ask('deletion', 201, `/patients/${patientId}/deletions`, REQUEST);
    const { deletionId } = body as { deletionId?: string };
    if (deletionId !== undefined) this.deleted.push({ patientId, deletionId, at: performance.now() });
    if (this.deleted.length > 2 * REMEMBERED) this.deleted.splice(0, REMEMBERED);
  }

  /** An integrity report that finds something is as wrong as another status. @returns the body of the answer */
  private async ask(operation: Operation, wanted: number, path: string, sent?: object): Promise<unknown> {
    const { status, body } = await this.client.ask(path, sent);
    this.done[operation] = (this.done[operation] ?? 0) + 1;
    const isHealthy = operation !== 'integrity' || (body as { healthy?: boolean }).healthy === true;
    if ((status !== wanted || !isHealthy) && this.wrong.length < WRONG_KEPT)
      this.wrong.push(`${operation} was answered ${status}, not ${wanted}: ${JSON.stringify(body)}`);
    return body ?? {};
  }

  private async watchIntegrity(): Promise<void> {
    while (!this.isStopped) {
      await this.perform('integrity');
      await pause(INTEGRITY_EVERY_MS);
    }
  }

  private async keepSupplied(): Promise<void> {
    while (!this.isStopped) {
      if (this.live.length < BATCH) await this.supply();
      await pause(100);
    }
  }

  private async supply(): Promise<void> {
    this.live.push(...(await this.population.add(BATCH, ROWS)).ids);
  }
}

function drawn(draw: number): Operation {
  let left = draw * 100;
  for (const [operation, share] of Object.entries(MIX) as [Operation, number][]) {
    left -= share;
    if (left < 0) return operation;
  }
  return 'patients';
}
