import { setTimeout as pause } from 'node:timers/promises';
import { type Answer, ApiCalls, type DeletionBody, isDefinite } from './api.calls.js';
import type { Arena } from './arena.js';
import { firstUp, type ServiceProcess } from './service.process.js';
import { Stream } from './stream.js';

/** What a client does in one turn, by how often. */
const TURNS = {
  /** With an Idempotency-Key, repeated until the answer is definite. */
  keyed: 36,
  /** Without one: a repeat is another deletion, and finds the patient deleted where the first went through. */
  plain: 26,
  /** Held to what a preview showed. */
  previewed: 12,
  /** The same request twice at once, with one key. */
  twins: 9,
  /** Two requests of different people at once. */
  rivals: 9,
  /** Held to a preview of something else: must not go through. */
  outdated: 3,
  /** The same key for another request. */
  reused: 5,
  /** Undone, and at times deleted anew. */
  undone: 16,
} as const;
const OF_ANOTHER_CLIENT = 0.15;
const LOOKS_AFTERWARDS = 0.25;
const UNDONE_TWICE = 0.3;
const DELETED_ANEW = 0.5;

const REASONS = ['DATA_SUBJECT_REQUEST', 'CONSENT_WITHDRAWN', 'RETENTION_EXPIRED', 'COURT_ORDER'];
const LAWS = ['KVKK_ART_7', 'GDPR_ART_17_1_A', 'GDPR_ART_17_1_B', 'OTHER_LAW'];

/**
 * An administrator at work: turn after turn, a patient is deleted in one of the ways in which that is asked for.
 * What a turn does is drawn from the seed, the client's number and the turn's; not from how the last one ended.
 */
export class DeletionClient {
  private readonly calls: ApiCalls;

  constructor(
    private readonly arena: Arena,
    private readonly number: number,
  ) {
    this.calls = new ApiCalls(arena, `client-${number}`);
  }

  /** Works until the run stops, and then to the end of the turn. */
  async work(): Promise<void> {
    for (let turn = 0; !this.arena.stopping.aborted; turn++) {
      await this.take(turn, new Stream(this.arena.seed, 'client', this.number, turn));
    }
  }

  private async take(turn: number, stream: Stream): Promise<void> {
    const { clients, waves } = this.arena;
    const owner = stream.chance(OF_ANOTHER_CLIENT) ? stream.between(0, clients - 1) : this.number;
    const patient = await waves.patient(turn * clients + owner);
    const body = { reason: stream.pick(REASONS), legalBasis: stream.pick(LAWS) };
    const key = `${this.number}-${turn}-${stream.between(0, 1e6)}`;
    switch (stream.weighted(TURNS)) {
      case 'keyed':
        await this.delete(stream, patient, body, key);
        break;
      case 'plain':
        await this.delete(stream, patient, body);
        break;
      case 'previewed':
        await this.deleteAsPreviewed(stream, patient, body, key);
        break;
      case 'twins':
        await this.both(stream, (each) => this.delete(each, patient, body, key));
        break;
      case 'rivals':
        await this.both(stream, (each) =>
          this.delete(each, patient, body, each.chance(0.5) ? `${key}-${each.between(0, 1e6)}` : undefined),
        );
        break;
      case 'outdated':
        await this.delete(stream, patient, { ...body, previewDigest: '0'.repeat(64) }, key);
        break;
      case 'reused':
        await this.delete(stream, patient, body, key);
        await this.delete(stream, patient, { ...body, reason: 'DUPLICATE_RECORD' }, key);
        break;
      case 'undone':
        await this.deleteAndRestore(stream, patient, body, key);
        break;
    }
    if (stream.chance(LOOKS_AFTERWARDS)) await this.look(stream, patient);
  }

  private async deleteAsPreviewed(
    stream: Stream,
    patient: string,
    body: DeletionBody,
    key: string,
  ): Promise<void> {
    const shown = await this.insist(stream, patient, (service) => this.calls.preview(service, patient));
    if (shown?.digest === undefined) return;
    await this.delete(stream, patient, { ...body, previewDigest: shown.digest }, key);
  }

  private async deleteAndRestore(
    stream: Stream,
    patient: string,
    body: DeletionBody,
    key: string,
  ): Promise<void> {
    const { deletionId } = (await this.delete(stream, patient, body, key)) ?? {};
    // Also that of another client, who has deleted him first.
    if (deletionId === undefined) return;
    const restore = (each: Stream) =>
      this.insist(each, patient, (service) =>
        this.calls.restore(service, patient, deletionId, `${key}-undo`),
      );
    await (stream.chance(UNDONE_TWICE) ? this.both(stream, restore) : restore(stream));
    if (stream.chance(LOOKS_AFTERWARDS)) await this.look(stream, patient);
    if (stream.chance(DELETED_ANEW)) await this.delete(stream, patient, body, `${key}-anew`);
  }

  /** Two at once, each with random numbers of its own. */
  private async both(stream: Stream, work: (stream: Stream) => Promise<unknown>): Promise<void> {
    const streams = [stream.next(), stream.next()].map((drawn) => new Stream('one of two', drawn));
    await Promise.all(streams.map(work));
  }

  private async look(stream: Stream, patient: string): Promise<void> {
    const { services } = this.arena;
    const service = await firstUp(stream.pick(services), services);
    await (stream.chance(0.7) ? this.calls.read(service, patient) : this.calls.preview(service, patient));
  }

  private delete(
    stream: Stream,
    patient: string,
    body: DeletionBody,
    key?: string,
  ): Promise<Answer | undefined> {
    return this.insist(stream, patient, (service) => this.calls.delete(service, patient, body, key));
  }

  /** Asks again, of any service, until the answer is definite; undefined where the run ended before. */
  private async insist(
    stream: Stream,
    patient: string,
    ask: (service: ServiceProcess) => Promise<Answer>,
  ): Promise<Answer | undefined> {
    const { services } = this.arena;
    for (;;) {
      const answer = await ask(await firstUp(stream.pick(services), services));
      if (isDefinite(answer)) return answer;
      if (this.arena.givenUp.aborted) {
        this.arena.history.append({ kind: 'gave-up', actor: `client-${this.number}`, patient });
        return undefined;
      }
      await pause(stream.between(10, 200));
    }
  }
}
